#include "harness/sched/race_detector.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

// All accesses of a history, each with the set of those that happened before it. No clocks.
class Oracle {
 public:
  Oracle(std::size_t threads, std::size_t objects) : knows_(threads), holds_(objects) {}

  void Release(ThreadId thread, std::size_t object) { Add(knows_[thread], &holds_[object]); }
  void Acquire(ThreadId thread, std::size_t object) { Add(holds_[object], &knows_[thread]); }

  // The accesses that race with this one, which is kept.
  std::set<std::size_t> Access(ThreadId thread, const Event& event) {
    std::set<std::size_t> races;
    for (std::size_t i = 0; i < accesses_.size(); ++i) {
      const auto& [earlier_thread, earlier] = accesses_[i];
      const bool shares = earlier.address < event.address + event.size &&
                          event.address < earlier.address + earlier.size;
      if (!shares || earlier_thread == thread || (!earlier.may_write && !event.may_write)) continue;
      const bool atomics = IsAtomic(earlier.kind) && IsAtomic(event.kind);
      const bool unordered = !Knows(thread, i);
      if (unordered && !atomics) races.insert(i);
      // Contended is what races, or is an atomic of two threads; it need not be if all is ordered.
      const std::uintptr_t from = std::max(earlier.address, event.address) / 8;
      const std::uintptr_t to =
          (std::min(earlier.address + earlier.size, event.address + event.size) - 1) / 8;
      for (std::uintptr_t granule = from; granule <= to; ++granule) {
        if (unordered) must_be_contended_.insert(granule);
        if (unordered || atomics) may_be_contended_.insert(granule);
      }
    }
    std::vector<bool>& knows = knows_[thread];
    knows.resize(accesses_.size(), false);
    knows.push_back(true);
    accesses_.push_back({thread, event});
    return races;
  }

  std::size_t size() const { return accesses_.size(); }
  ThreadId ThreadOf(std::size_t access) const { return accesses_[access].thread; }
  const Event& EventOf(std::size_t access) const { return accesses_[access].event; }
  bool MustBeContended(std::uintptr_t granule) const {
    return must_be_contended_.contains(granule);
  }
  bool MayBeContended(std::uintptr_t granule) const { return may_be_contended_.contains(granule); }

 private:
  struct Kept {
    ThreadId thread;
    Event event;
  };

  bool Knows(ThreadId thread, std::size_t access) const {
    return access < knows_[thread].size() && knows_[thread][access];
  }
  static void Add(const std::vector<bool>& from, std::vector<bool>* to) {
    if (to->size() < from.size()) to->resize(from.size(), false);
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from[i]) (*to)[i] = true;
    }
  }

  std::vector<Kept> accesses_;
  std::vector<std::vector<bool>> knows_;
  std::vector<std::vector<bool>> holds_;
  std::set<std::uintptr_t> must_be_contended_;
  std::set<std::uintptr_t> may_be_contended_;
};

struct Shape {
  std::uint32_t threads;
  std::uint32_t objects;
  std::uint32_t bytes;   // of all memory
  std::uint32_t sync;    // of 100 steps
  std::uint32_t writes;  // of 100 accesses
  std::uint32_t atomics;
};

class History {
 public:
  History(const Shape& shape, unsigned seed)
      : shape_(shape),
        random_(seed),
        oracle_(shape.threads, shape.objects),
        clocks_(shape.threads),
        objects_(shape.objects) {
    for (ThreadId thread = 0; thread < shape.threads; ++thread) clocks_[thread].Advance(thread);
  }

  // One step, of which the detector must say what the oracle says.
  void Step(RaceDetector& detector) {
    const ThreadId thread = Below(shape_.threads);
    if (Below(100) < shape_.sync) {
      const std::uint32_t object = Below(shape_.objects);
      if (Below(2) == 0) {
        oracle_.Release(thread, object);
        objects_[object].Join(clocks_[thread]);
        clocks_[thread].Advance(thread);
      } else {
        oracle_.Acquire(thread, object);
        clocks_[thread].Join(objects_[object]);
      }
      return;
    }
    const bool writes = Below(100) < shape_.writes;
    const bool atomic = Below(100) < shape_.atomics;
    const std::uint32_t size = atomic ? 1U << Below(4) : 1 + Below(16);
    std::uint32_t at = Below(shape_.bytes);
    if (atomic) at -= at % size;
    EventKind kind = writes ? EventKind::kWrite : EventKind::kRead;
    if (atomic) kind = writes ? EventKind::kAtomicStore : EventKind::kAtomicLoad;
    const Event event{.kind = kind,
                      .may_write = writes,
                      .size = size,
                      .address = kMemoryAt + at,
                      .pc = oracle_.size() + 1};
    const std::set<std::size_t> races = oracle_.Access(thread, event);
    const std::optional<DataRace> found = detector.Access(thread, clocks_[thread], event);
    races_ += races.empty() ? 0 : 1;
    ASSERT_EQ(found.has_value(), !races.empty()) << "access " << oracle_.size();
    if (!found) return;
    EXPECT_EQ(found->later.thread, thread);
    EXPECT_EQ(found->later.event.pc, event.pc);
    const std::size_t earlier = found->earlier.event.pc - 1;
    ASSERT_TRUE(races.contains(earlier)) << "access " << oracle_.size();
    EXPECT_EQ(found->earlier.thread, oracle_.ThreadOf(earlier));
    EXPECT_EQ(found->earlier.event.may_write, oracle_.EventOf(earlier).may_write);
    EXPECT_EQ(IsAtomic(found->earlier.event.kind), IsAtomic(oracle_.EventOf(earlier).kind));
    // The part of it that lies in one granule, which has bytes of both.
    EXPECT_GE(found->earlier.event.address, oracle_.EventOf(earlier).address);
    EXPECT_LE(found->earlier.event.address + found->earlier.event.size,
              oracle_.EventOf(earlier).address + oracle_.EventOf(earlier).size);
    EXPECT_TRUE(Conflict(found->earlier.event, event));
  }

  void CheckContended(RaceDetector& detector) {
    std::uint64_t contended = 0;
    for (std::uintptr_t at = kMemoryAt; at < kMemoryAt + shape_.bytes + 16; at += 8) {
      const bool is = detector.IsContended({.kind = EventKind::kRead, .size = 1, .address = at});
      contended += is ? 1 : 0;
      if (oracle_.MustBeContended(at / 8)) {
        EXPECT_TRUE(is);
      }
      if (!oracle_.MayBeContended(at / 8)) {
        EXPECT_FALSE(is);
      }
    }
    EXPECT_EQ(detector.contended_count(), contended);
  }

  int races() const { return races_; }

 private:
  static constexpr std::uintptr_t kMemoryAt = 0x1000;

  std::uint32_t Below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  Shape shape_;
  std::mt19937 random_;
  Oracle oracle_;
  std::vector<VectorClock> clocks_;
  std::vector<VectorClock> objects_;
  int races_ = 0;
};

// Law: an access is in a race that is reported if and only if some earlier access races with it,
// and what is reported is one that does, however many threads, sizes and orders there are.
TEST(RaceDetectorTest, RacesAreThoseOfAllAccesses) {
  constexpr Shape kShapes[] = {
      {.threads = 2, .objects = 1, .bytes = 16, .sync = 40, .writes = 50, .atomics = 20},
      {.threads = 3, .objects = 2, .bytes = 24, .sync = 60, .writes = 20, .atomics = 30},
      {.threads = 6, .objects = 2, .bytes = 64, .sync = 80, .writes = 10, .atomics = 10},
      {.threads = 20, .objects = 3, .bytes = 40, .sync = 85, .writes = 5, .atomics = 50},
      {.threads = 20, .objects = 1, .bytes = 200, .sync = 60, .writes = 3, .atomics = 0},
      {.threads = 4, .objects = 1, .bytes = 8, .sync = 70, .writes = 50, .atomics = 90},
  };
  for (const Shape& shape : kShapes) {
    RaceDetector detector;
    int races = 0;
    int steps = 0;
    for (unsigned seed = 0; seed < 60; ++seed) {
      detector.Forget();
      History history(shape, seed);
      for (int step = 0; step < 120; ++step, ++steps) {
        history.Step(detector);
        if (testing::Test::HasFatalFailure()) return;
      }
      history.CheckContended(detector);
      races += history.races();
    }
    EXPECT_GT(races, 0);
    EXPECT_LT(races, steps / 2);
  }
}

Event Plain(bool writes, std::uintptr_t address = 0x1000, std::uint32_t size = 8) {
  return {.kind = writes ? EventKind::kWrite : EventKind::kRead,
          .may_write = writes,
          .size = size,
          .address = address,
          .pc = 1};
}

VectorClock OnlyOwn(ThreadId thread) {
  VectorClock clock;
  clock.Advance(thread);
  return clock;
}

// Law: each of many readers is remembered, so a write that one of them alone is not ordered before
// races.
TEST(RaceDetectorTest, NoReaderIsForgotten) {
  for (ThreadId forgotten = 0; forgotten < 40; ++forgotten) {
    RaceDetector detector;
    VectorClock writer = OnlyOwn(40);
    for (ThreadId reader = 0; reader < 40; ++reader) {
      const VectorClock clock = OnlyOwn(reader);
      EXPECT_FALSE(detector.Access(reader, clock, Plain(false)));
      if (reader != forgotten) writer.Join(clock);
    }
    const std::optional<DataRace> race = detector.Access(40, writer, Plain(true));
    ASSERT_TRUE(race);
    EXPECT_EQ(race->earlier.thread, forgotten);
  }
}

// Law: a new schedule knows of no accesses, but of what was contended; a new program of neither.
TEST(RaceDetectorTest, ContendedOutlivesSchedules) {
  RaceDetector detector;
  EXPECT_FALSE(detector.Access(0, OnlyOwn(0), Plain(true)));
  EXPECT_FALSE(detector.IsContended(Plain(false)));
  EXPECT_TRUE(detector.Access(1, OnlyOwn(1), Plain(true)));
  EXPECT_TRUE(detector.IsContended(Plain(false)));
  EXPECT_FALSE(detector.IsContended(Plain(false, 0x1008)));
  EXPECT_TRUE(detector.IsContended(Plain(false, 0x0ffc, 16)));
  detector.Begin();
  EXPECT_TRUE(detector.IsContended(Plain(false)));
  EXPECT_FALSE(detector.Access(2, OnlyOwn(2), Plain(true)));
  detector.Forget();
  EXPECT_FALSE(detector.IsContended(Plain(false)));
  EXPECT_EQ(detector.contended_count(), 0);
  EXPECT_FALSE(detector.Access(3, OnlyOwn(3), Plain(true)));
}

// Law: also where a schedule touches very much.
TEST(RaceDetectorTest, ContendedOutlivesLargeSchedules) {
  RaceDetector detector;
  detector.Access(0, OnlyOwn(0), Plain(true));
  EXPECT_TRUE(detector.Access(1, OnlyOwn(1), Plain(true)));
  for (int schedule = 0; schedule < 2; ++schedule) {
    detector.Access(1, OnlyOwn(1), Plain(true, 0x10'0000, (9U << 17)));
    detector.Begin();
    EXPECT_TRUE(detector.IsContended(Plain(false)));
    EXPECT_FALSE(detector.IsContended(Plain(false, 0x10'0000, (9U << 17))));
    EXPECT_EQ(detector.contended_count(), 1);
    EXPECT_FALSE(detector.Access(2, OnlyOwn(2), Plain(true, 0x10'0000, 64)));
    detector.Begin();
  }
}

}  // namespace
}  // namespace slotproof::sched
