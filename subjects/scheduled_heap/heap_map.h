#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_MAP_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_MAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "core/heap/collected_map.h"
#include "core/heap/concurrent/parked_lock.h"
#include "core/heap/concurrent/thread_use.h"
#include "core/heap/frame.h"
#include "core/heap/heap_pointer.h"
#include "core/heap/root_table.h"
#include "core/heap/running.h"
#include "core/map/events.h"
#include "core/map/hash_map.h"
#include "core/map/random.h"
#include "subjects/scheduled_heap/heap_objects.h"
#include "subjects/scheduled_heap/map_walk.h"

namespace slotproof::heap_objects {

// A map that is a part of the heap, as are its keys and elements. Threads use it one after the
// other, and park while they wait for their turn. What is in it is compared with a model.
//
// Buckets have two slots, so that a few entries make it grow, and have overflow buckets.
class HeapMap {
 public:
  explicit HeapMap(Heap& heap) { heap.AddGlobals(global_); }

  // When no other thread uses the heap. Without memory there is no map.
  void Make(Heap::Thread& thread) {
    const Scope scope(thread);
    try {
      thread.Store(global_.data(),
                   core::NewMap<Map, SharedPolicy>(std::int64_t{0}, kRandom, NumberHash{},
                                                   GrowthProbe{&same_size_growth_}));
    } catch (const std::bad_alloc&) {
      return;
    }
  }

  void Do(std::uint32_t number, Heap::Thread& thread, core::Frame& registers,
          const HeapStep& step) {
    if (global_[0] == nullptr) return;
    const core::ParkedLock turn(thread, mutex_);
    const Scope scope(thread);
    if (step.kind == HeapStepKind::kMapNext) return Walk(number, thread, registers[step.a]);
    const bool marking = thread.is_marking();
    const core::MapVitals before = map().Vitals();
    const bool done = DoneInMemory(thread, registers, step);
    if (std::exchange(same_size_growth_, false) || model_.empty()) Excuse();
    if (!done) return;
    const core::MapVitals after = map().Vitals();
    if (!marking || !thread.is_marking()) return;
    if (!before.growing && after.growing) Report(HeapGoal::kMapGrown);
    const bool moved = !after.growing || after.nevacuate != before.nevacuate;
    if (step.kind != HeapStepKind::kMapClear && before.growing && moved) {
      Report(HeapGoal::kMapEvacuated);
    }
  }

  // The thread is about to end.
  void Leave(std::uint32_t number, Heap::Thread& thread) {
    if (!walks_[number]) return;
    const core::ParkedLock turn(thread, mutex_);
    walks_[number].reset();
  }

  // When no thread uses it.

  // Empty, or what is wrong with what is in it.
  std::string BrokenLaw() const {
    if (global_[0] == nullptr || !broken_.empty()) return broken_;
    if (const auto violation = map().CheckInvariants()) {
      return "map: " + std::string(violation->law) + ": " + violation->message;
    }
    MapContents found;
    map().VisitEntries(
        [&](const Ref& key, const Ref& elem) { found[NumberOf(key)] = NumberOf(elem); });
    return found == model_ ? "" : "contents: the map has " + Text(found) + ", not " + Text(model_);
  }
  // Calls f for each key and each element.
  template <class F>
  void ForEachReference(const F& f) const {
    if (global_[0] == nullptr) return;
    map().VisitEntries([&](const Ref& key, const Ref& elem) {
      f(key);
      f(elem);
    });
  }
  // How many objects it consists of: itself, the header of each array, its buckets, and those that
  // overflow.
  std::size_t Parts() const {
    if (global_[0] == nullptr) return 0;
    const core::MapShape shape = map().Shape();
    std::size_t parts = 1 + (shape.has_buckets ? 2 : 0) + (shape.growing ? 2 : 0);
    map().VisitBuckets([&](const Map::View& bucket) {
      parts += bucket.position() != 0 && !bucket.preallocated() ? 1 : 0;
    });
    return parts;
  }
  // Whether spare buckets of an old array may keep what they had.
  bool MayKeepMore() const {
    constexpr int kLogBucketsWithSpares = 4;
    const core::MapVitals vitals = map().Vitals();
    return vitals.growing && vitals.b >= kLogBucketsWithSpares;
  }

  std::string Draw() const { return "map   " + Text(model_) + "\n"; }

 private:
  using Ref = core::HeapPointer<Node, SharedPolicy>;
  struct NumberHash {
    std::uint64_t operator()(const Ref& node) const { return node->number * 0x9e3779b97f4a7c15; }
  };
  struct GrowthProbe {
    void operator()(core::MapEvent event) const {
      if (event == core::MapEvent::kSameSizeGrowthBegun) *same_size_growth = true;
    }
    bool* same_size_growth = nullptr;
  };
  struct Policy : core::CollectedMapPolicy<Ref, SharedPolicy> {
    using Hash = NumberHash;
    using Probe = GrowthProbe;
    static constexpr int kBucketWidth = 2;
    static constexpr std::size_t kLoadFactorNumerator = 3;
    static constexpr std::size_t kLoadFactorDenominator = 2;
    static constexpr bool kAssertions = true;
    [[noreturn]] static void Fatal(core::FailureKind kind, std::string_view message) {
      SharedPolicy::Fatal(kind, message);
    }
  };
  using Map = core::HashMap<Ref, Ref, Policy>;
  static constexpr std::uint64_t kSeed = 1;
  inline static const core::WyRand kRandom{kSeed};

  struct Entry {
    void* key = nullptr;
    void* elem = nullptr;
  };
  struct Scope {
    explicit Scope(Heap::Thread& thread) : roots(thread), running(thread, roots) {}

    core::RootTable<SharedPolicy> roots;
    core::Running<SharedPolicy> running;
  };

  // False: there was no memory, and the contents are what they were.
  bool DoneInMemory(Heap::Thread& thread, core::Frame& registers, const HeapStep& step) {
    try {
      Do(thread, registers, step, step.kind);
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }
  void Do(Heap::Thread& thread, core::Frame& registers, const HeapStep& step, HeapStepKind kind) {
    void*& a = registers[step.a];
    void* const b = kind == HeapStepKind::kMapFill ? nullptr : registers[step.b];
    switch (kind) {
      case HeapStepKind::kMapPut:
        if (a != nullptr) Put(a, b);
        return;
      case HeapStepKind::kMapGet:
        a = b == nullptr ? nullptr : Get(b);
        return;
      case HeapStepKind::kMapDelete:
        if (a != nullptr) Delete(a);
        return;
      case HeapStepKind::kMapTake:
        return Take(a);
      case HeapStepKind::kMapFill:
        return Fill(thread, step);
      case HeapStepKind::kMapClear:
        a = First().elem;
        map().Clear();
        model_.clear();
        return;
      default:
        return;
    }
  }
  void Put(void* key, void* elem) {
    map().InsertOrAssign(Ref(NodeOf(key)), Ref(NodeOf(elem)));
    model_[NumberOf(key)] = NumberOf(elem);
  }
  void* Get(void* key) {
    const Ref* const elem = map().Find(NodeOf(key));
    const auto at = model_.find(NumberOf(key));
    Expect((elem != nullptr) == (at != model_.end()), key);
    if (elem == nullptr || at == model_.end()) return nullptr;
    Expect(NumberOf(*elem) == at->second, key);
    return static_cast<Node*>(*elem);
  }
  void Delete(void* key) {
    const bool there = map().Erase(NodeOf(key));
    Expect(there == (model_.erase(NumberOf(key)) != 0), key);
    for (auto& walk : walks_) {
      if (walk) walk->OnDeleted(NumberOf(key));
    }
  }
  void Take(void*& a) {
    const Entry first = First();
    a = first.elem;
    if (first.key != nullptr) Delete(first.key);
  }
  // In the order of the table; nulls if there is none.
  Entry First() const {
    Entry first;
    map().VisitEntries([&](const Ref& key, const Ref& elem) {
      if (first.key == nullptr) first = {static_cast<Node*>(key), static_cast<Node*>(elem)};
    });
    return first;
  }
  void Fill(Heap::Thread& thread, const HeapStep& step) {
    core::Frame frame(thread.mutator(), 2);
    for (std::uint32_t i = 0; i < step.b; ++i) {
      for (std::size_t slot = 0; slot < 2; ++slot) {
        frame[slot] = thread.New(kNode);
        if (frame[slot] == nullptr) return;
        NodeOf(frame[slot])->number = step.number + 2 * i + slot;
      }
      Put(frame[0], frame[1]);
    }
  }

  void Walk(std::uint32_t number, Heap::Thread& thread, void*& a) {
    std::optional<MapWalk<Map>>& walk = walks_[number];
    if (!walk) walk.emplace(thread);
    a = walk->Next(thread, map(), model_);
    if (broken_.empty()) broken_ = walk->broken();
  }
  void Excuse() {
    for (auto& walk : walks_) {
      if (walk) walk->Excuse();
    }
  }

  void Expect(bool right, void* key) {
    if (right || !broken_.empty()) return;
    broken_ = "contents: the map did not have what it should under " + NameOf(key);
  }
  static std::string Text(const MapContents& entries) {
    std::string text = "{";
    for (const auto& [key, elem] : entries) {
      text += (text.size() == 1 ? "n" : ", n") + std::to_string(key) + ": " +
              (elem == 0 ? "nil" : "n" + std::to_string(elem));
    }
    return text + "}";
  }
  Map& map() const { return *static_cast<Map*>(global_[0]); }

  std::array<void*, 1> global_{};
  std::mutex mutex_;
  MapContents model_;
  bool same_size_growth_ = false;  // has begun in this step
  std::array<std::optional<MapWalk<Map>>, kHeapThreads> walks_;
  std::string broken_;
};

}  // namespace slotproof::heap_objects

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_HEAP_MAP_H_
