#ifndef SLOTPROOF_HARNESS_SCHED_READS_FROM_H_
#define SLOTPROOF_HARNESS_SCHED_READS_FROM_H_

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "harness/sched/choices.h"
#include "harness/sched/epoch_map.h"
#include "harness/sched/pos.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// "Let this read see that write" (after the reads-from fuzzing of Wolff et al., ASPLOS 2024).
//
//   kept: sets of pairs    { (read of b at line 9 <- the initial value), (read of a <- line 4) }
//   a schedule             takes a set that was used least, changes what one read sees, and tries
//                          to bring that about: a read waits for its write, and a write that would
//                          come between waits for the read
//   at its end             the set of what the reads saw is kept, if it is a new one
//
// Events are told apart by their place in the code, so that a hundred threads that run the same
// lines are as easy as two. Taking a mutex reads who had it before and writes who has it. Where the
// wishes leave a choice, partial-order sampling makes it.
class ReadsFrom final : public Strategy {
 public:
  explicit ReadsFrom(Choices& choices) : choices_(choices), order_(choices) {}

  // Another program comes.
  void Forget();

  // Whether schedules are steered; otherwise this one only learns.
  void Steer(bool steer) { steer_ = steer; }

  // Sets of pairs that were seen.
  std::size_t kept() const { return kept_.size(); }

  void Begin() override;
  void Arrived(ThreadId thread, const View& view) override;
  ThreadId Pick(const View& view) override;
  void Executes(ThreadId thread, const View& view) override;
  void End() override;

 private:
  using Place = std::uintptr_t;  // in the code; 0 writes the initial value

  struct Pair {
    Place read = 0;
    Place write = 0;

    friend auto operator<=>(const Pair&, const Pair&) = default;
  };
  struct Kept {
    std::vector<Pair> pairs;  // sorted, each read once
    std::uint32_t uses = 0;
  };
  struct Wish {
    Pair pair;
    bool open = true;  // its read has not come yet
  };
  struct Learnt {
    bool learnt = false;
    void Reset() { learnt = false; }
  };
  struct LastWrite {
    Place place = 0;
    void Reset() { place = 0; }
  };
  // A read's place, and all whose writes it could see.
  struct Read {
    Place place = 0;
    std::vector<Place> writes;
    std::vector<Place> seen;  // of writes: those that it saw
    std::vector<std::uintptr_t> objects;
  };
  struct Object {
    std::uintptr_t address = 0;
    std::vector<Place> writes;
  };

  static std::uintptr_t ObjectOf(const Event& event);
  static bool Reads(const Event& event);
  static bool Writes(const Event& event);

  Read& ReadAt(Place place);
  Object& ObjectAt(std::uintptr_t address);
  void Learn(const Event& event, std::uintptr_t object, Place seen);
  void NoteSeen(const Event& event, Place seen);
  Kept& ChooseKept();
  void MakeWishes();
  bool Waits(const Event& event);

  Choices& choices_;
  Pos order_;
  bool steer_ = true;
  std::vector<Kept> kept_;
  std::unordered_set<std::uint64_t> known_;
  std::vector<Read> reads_;
  std::vector<Object> objects_;
  EpochMap<Learnt> learnt_;  // triples of a place, an object and what it saw there
  EpochMap<LastWrite> last_;
  std::vector<Wish> wishes_;
  std::uint32_t patience_ = 0;  // picks that wishes may still steer
  std::vector<Pair> changes_;   // that MakeWishes() may make
  std::vector<Pair> seen_;      // by each read's place, the last time
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_READS_FROM_H_
