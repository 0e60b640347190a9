#ifndef SLOTPROOF_HARNESS_SCHED_SURW_H_
#define SLOTPROOF_HARNESS_SCHED_SURW_H_

#include <array>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "harness/sched/choices.h"
#include "harness/sched/epoch_map.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// A selectively uniform random walk (Zhao et al., ASPLOS 2025): each schedule selects one object,
// which is an address, by its share of all accesses so far, and samples the orders of its accesses
// uniformly:
//
//   - the order, a thread for each access, is drawn beforehand from all that have as many accesses
//     of each thread as there were so far: the mean over the schedules in which it made any, or,
//     every other time, the most;
//   - a thread that stands before an access of the object waits until it is its turn;
//   - all else goes by random priorities of the threads, or, every other time, by a uniform walk:
//     with priorities alone some orders of two objects' accesses never come.
//
// An order that was seen before, in whatever schedule, is drawn anew a few times, and so is the
// object: a small program's orders are gone through without repetition. That is not in the paper.
// Where the drawn order cannot be, since a thread ends or is not made yet, its turns are passed on.
class Surw final : public Strategy {
 public:
  explicit Surw(Choices& choices) : choices_(choices) {}

  // Another program comes.
  void Forget();

  // Whether schedules are steered; otherwise this one only learns.
  void Steer(bool steer) { steer_ = steer; }

  void Begin() override;
  void Created(ThreadId parent, ThreadId child) override;
  ThreadId Pick(const View& view) override;
  void Executes(ThreadId thread, const View& view) override;
  void End() override;

 private:
  static constexpr std::uint32_t kDraws = 16;
  struct Object {
    std::uintptr_t address = 0;
    std::uint64_t total = 0;                             // accesses in all schedules
    std::uint32_t sharers = 0;                           // threads that made any
    std::array<std::uint32_t, kMaxThreads> of{};         // each thread's
    std::array<std::uint32_t, kMaxThreads> schedules{};  // in which it made any
    std::array<std::uint32_t, kMaxThreads> most{};       // in one schedule
    std::array<std::uint32_t, kMaxThreads> now{};        // while they are counted
    std::vector<ThreadId> order;                         // who made them in this schedule
  };
  struct Index {
    std::uint32_t object = 0;  // one more than its index
    bool touched = false;      // in this schedule
    void Reset() { touched = false; }
  };

  static std::uintptr_t ObjectOf(const Event& event);
  // Of a short order; 0 of a long one, which never comes twice.
  static std::uint64_t Hash(std::uintptr_t object, const std::vector<ThreadId>& order);
  const Object* Select();
  void DrawOrder(const Object& object);
  bool IsNew(const Object& object);
  ThreadId Turn(const View& view);

  Choices& choices_;
  std::vector<Object> objects_;  // in the order of their first access
  EpochMap<Index> index_;
  std::vector<std::uint32_t> touched_;      // of objects_, in this schedule
  std::unordered_set<std::uint64_t> seen_;  // orders
  std::uint32_t draws_ = kDraws;  // to find a new order with; the fewer, the fewer there were
  std::uint32_t created_ = 0;
  std::uint32_t threads_ = 0;  // the most that a schedule had

  bool steer_ = true;
  std::uintptr_t selected_ = 0;
  bool by_priority_ = true;
  std::vector<ThreadId> turns_;
  std::size_t next_turn_ = 0;
  std::array<std::uint64_t, kMaxThreads> priority_{};
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_SURW_H_
