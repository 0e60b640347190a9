#ifndef SLOTPROOF_HARNESS_SCHED_SURW_H_
#define SLOTPROOF_HARNESS_SCHED_SURW_H_

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "harness/sched/choices.h"
#include "harness/sched/strategy.h"

namespace slotproof::sched {

// A selectively uniform random walk (Zhao et al., ASPLOS 2025): each schedule selects one object,
// by its share of all accesses so far, and samples the orders of its accesses uniformly:
//
//   - whose access comes next is drawn beforehand, with the weights of how many are still to come
//     of each thread (a thread that is not there yet counts with the one that will create it);
//   - a thread that stands before an access of the object waits until it is the one that was drawn;
//   - all else goes by random priorities of the threads, or, every other time, by a uniform walk:
//     with priorities alone some orders of two objects' accesses never come.
//
// How many accesses each thread makes is taken from the schedules before, the mean over those in
// which it made any.
class Surw final : public Strategy {
 public:
  explicit Surw(Choices& choices) : choices_(choices) {}

  // Another program comes.
  void Forget();

  void Begin() override;
  void Created(ThreadId parent, ThreadId child) override;
  ThreadId Pick(const View& view) override;
  void Executes(ThreadId thread, const View& view) override;
  void End() override;

 private:
  using Object = std::uintptr_t;

  struct Counts {
    std::uint64_t total = 0;
    std::array<std::uint32_t, kMaxThreads> of{};         // in all schedules
    std::array<std::uint32_t, kMaxThreads> schedules{};  // that had any
    std::array<std::uint32_t, kMaxThreads> now{};        // in this one
    std::uint32_t threads() const;
  };

  static Object ObjectOf(const Event& event);
  void Select();
  void Draw(const ThreadSet& among);

  Choices& choices_;
  std::unordered_map<Object, Counts> counts_;
  std::vector<Object> objects_;  // in the order of their first access
  std::array<ThreadId, kMaxThreads> parent_{};
  std::uint32_t threads_ = 0;  // the most that a schedule had

  Object selected_ = 0;
  bool by_priority_ = true;
  ThreadId intended_ = kNoThread;
  std::array<std::uint32_t, kMaxThreads> left_{};
  std::array<std::uint64_t, kMaxThreads> priority_{};
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_SURW_H_
