#ifndef SLOTPROOF_HARNESS_SCHED_RARE_STATES_H_
#define SLOTPROOF_HARNESS_SCHED_RARE_STATES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/sched/choices.h"
#include "harness/sched/epoch_map.h"
#include "harness/sched/pos.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// "Go back to where few have been, and go on from there at random": for bugs that need many
// preemptions, each of which must be in its place, so that chance alone seldom meets all of them.
//
//   a state        where each thread stands, and the values of all memory at which threads decide
//   a group        of states: those with the same values
//   a schedule     goes the way that first led to some state, of a group to which few went so far,
//                  and from there on at random: by partial-order sampling or by a walk
//   new states     are kept with the way to them
//
// So combinations of values that hardly ever come about are as often gone on from as common ones.
// This is Go-Explore (Ecoffet et al., Nature 2021: return first, then explore) with the states of a
// program in place of a game's. A state is only told by its hash; what the strategy cannot see of
// it (memory that no two threads use, what a thread has read) makes two states one, which may cost
// schedules and nothing else.
class RareStates final : public Strategy {
 public:
  explicit RareStates(Choices& choices) : choices_(choices), order_(choices) {}

  // Another program comes.
  void Forget();

  // States that are kept.
  std::size_t kept() const { return states_.size(); }

  void Begin() override;
  void Created(ThreadId parent, ThreadId child) override;
  void Arrived(ThreadId thread, const View& view) override;
  ThreadId Pick(const View& view) override;
  void Executes(ThreadId thread, const View& view) override;
  void End() override;

 private:
  struct State {
    std::uint32_t way = 0;    // of ways_
    std::uint32_t steps = 0;  // of the way
    std::uint32_t chosen = 0;
  };
  struct Group {
    std::vector<std::uint32_t> states;
    std::uint32_t chosen = 0;
  };
  struct Value {
    std::uint64_t hash = 0;
    void Reset() { hash = 0; }
  };
  struct Index {
    std::uint32_t place = 0;  // one more than the index
    void Reset() {}
  };
  struct Standing {
    std::uint64_t hash = 0;  // of all below
    std::uintptr_t pc = 0;
    std::uintptr_t address = 0;
  };

  void ChooseWay();
  void Note();
  void Place(ThreadId thread);
  void FinishStep();
  ThreadId Walk(const View& view);
  Group& GroupOf(std::uint64_t values);

  Choices& choices_;
  Pos order_;
  std::vector<State> states_;
  std::vector<Group> groups_;
  EpochMap<Index> state_of_;  // by hash
  EpochMap<Index> group_of_;
  std::vector<std::vector<std::uint8_t>> ways_;  // who was picked, at each decision

  std::size_t way_bytes_ = 0;

  const std::vector<std::uint8_t>* way_ = nullptr;  // to go
  std::uint32_t way_steps_ = 0;
  std::vector<std::uint8_t> picked_;
  bool found_new_ = false;
  std::uint32_t new_at_ = 0;  // steps to the last new state
  std::uint32_t one_in_ = 0;  // switches of the walk; 0: by partial-order sampling

  EpochMap<Value> values_;
  std::uint64_t values_hash_ = 0;
  std::uint64_t standing_hash_ = 0;
  std::array<Standing, kMaxThreads> standing_{};
  ThreadId stepped_ = kNoThread;  // whose step may have changed
  std::uintptr_t object_ = 0;     // this memory, of 8 bytes
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_RARE_STATES_H_
