#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_SESSION_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_SESSION_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/linear/checker.h"
#include "harness/linear/history.h"
#include "harness/linear/models/cell_model.h"
#include "harness/sched/replay.h"
#include "harness/sched/runtime.h"
#include "harness/sched/schedule.h"
#include "harness/sched/story.h"
#include "harness/sched/strategy.h"
#include "harness/sched/trail.h"
#include "harness/sched/watcher.h"
#include "harness/subject/session.h"
#include "harness/subject/target.h"
#include "subjects/scheduled_map/concurrent_map.h"
#include "subjects/scheduled_map/scheduled_map_vocabulary.h"

namespace slotproof {

// Runs the threads of each phase under the scheduler, and judges what came of it:
//
//   data race, deadlock, lost wake-up, livelock, use after free ...   the scheduler's verdicts
//   linearizable   what the calls of a phase answered, and what each key has after it, is what some
//                  order of them answers that keeps those apart that did not overlap
//   invariant      what the map says of its own structure between phases
//
// Same trace, same verdict: what one trace teaches the scheduler it forgets for the next.
class ScheduledMapSession : public Session {
 public:
  using NewMap = std::unique_ptr<ConcurrentMap> (*)(std::uint32_t seed);

  explicit ScheduledMapSession(NewMap new_map);

  void Reset(const Header& header) override;
  StepResult Step(const Op& op) override;
  bool CheckFull() override { return true; }  // each phase is judged when it has run
  bool Finish() override;
  bool ActsAtEnd() const override { return true; }
  void Abandon() override { map_ = nullptr; }
  std::string Draw() const override;
  std::string DrawPage() const override;
  std::vector<Remark> Remarks() const override;
  std::string Annotate(const Op& op) const override;
  void StructuralState(std::span<std::uint8_t> features) const override;

 private:
  using Operation = linear::Operation;
  using History = linear::History<Operation, linear::Result>;

  // An operation of a thread.
  struct Task {
    Op op;
    std::uint32_t op_index = 0;  // in the trace
  };
  struct WrittenSwitch {
    Op op;
    std::uint32_t op_index = 0;
    std::uint32_t operation = 0;  // of its first thread, in which it is to happen
  };
  // A written switch that did not happen, and what is there in its place.
  struct MissedSwitch {
    Op op;
    std::uint32_t op_index = 0;
    bool has_threads = false;         // both have something to do
    std::optional<Operation> during;  // nothing: before the first operation
    std::uint64_t points = 0;         // that it has
  };
  // What a thread of a phase has to do, and what it knows.
  struct Worker {
    ScheduledMapSession* session = nullptr;
    std::uint32_t number = 0;
    std::vector<Task> tasks;
    std::array<linear::Value, kScheduledMapKeys> last_seen{};
    // Of each of its operations in this phase: what a visit of all keys saw; nothing for a call.
    std::vector<std::optional<std::string>> visits;
  };
  static constexpr std::uint32_t kKeeper = kScheduledThreads;  // the process that looks in between
  static std::uint32_t ThreadOfProcess(std::uint32_t process) {
    return process < kKeeper ? process : (process - kKeeper - 1) / kScheduledMapKeys;
  }

  bool RunAsWritten();
  bool Explore(Exploring how, std::uint32_t seed);
  const sched::RunResult& RunPhase(sched::Strategy& strategy);
  bool JudgePhase(const sched::RunResult& result);
  // Of the switches that are written, and their places among these.
  sched::Schedule WrittenSchedule(std::vector<std::size_t>* places) const;
  std::string NameOf(sched::ThreadId fiber) const {
    return "t" + std::to_string(thread_of_[fiber]);
  }
  sched::Teller NewTeller() const;
  std::vector<std::size_t> PlacesOfCalls() const;
  void NoteMissed(const WrittenSwitch& written);
  void NoteAllMissed(const sched::Replay& run, const std::vector<std::size_t>& places);
  // The call of the phase that is the operation of this number of the thread; null if it has none.
  const History::Call* CallOf(std::uint32_t thread, std::uint32_t operation) const;
  // What it saw of the keys, if it was a visit of them all; null if it was none.
  const std::string* VisitOf(std::uint32_t thread, std::uint32_t operation) const;
  // Numbers of fibers: those of threads that have something to do, in their order.
  void NumberThreads();
  void RunThreads();
  static void* RunWorker(void* worker);
  void Work(Worker& worker);
  void Visit(Worker& worker);
  Operation OperationOf(Worker& worker, const Op& op);
  linear::Result Call(const Operation& operation);
  void CountGoal(const Operation& operation, linear::Result result, linear::Value newest);
  void Answer(Worker& worker, const Operation& operation, linear::Result result);
  void LookAtAll();
  void RecordSwitches(const sched::Schedule& schedule);
  bool JudgeRun(const sched::RunResult& result);
  bool JudgeHistory();

  NewMap new_map_;
  ScheduledMapHeader header_{};
  ConcurrentMap* map_ = nullptr;  // in the scheduler's memory, which it takes back
  bool started_ = false;          // a phase has run
  std::uint32_t op_index_ = 0;    // of the step that is taken
  std::array<Worker, kScheduledThreads> workers_;
  std::vector<WrittenSwitch> switches_;
  sched::Watcher watcher_{sched::FuzzerCounters()};
  std::array<std::uint32_t, kScheduledThreads> fiber_of_{};
  std::array<std::uint32_t, kScheduledThreads> thread_of_{};
  linear::Value values_ = 0;  // given out so far
  std::array<linear::Value, kScheduledMapKeys> contents_{};
  std::string broken_;
  History history_;
  linear::CellModel model_;
  linear::Limits limits_;
  linear::Checker<linear::CellModel> checker_;
  sched::Trail trail_;  // of the last phase
  std::string failure_of_run_;
  std::vector<MissedSwitch> missed_;
};

// A target of scheduled maps.
Target ScheduledMapTarget(std::string_view name, std::string_view help,
                          std::unique_ptr<Session> (*new_session)(),
                          std::span<const GoalSpec> goals = {});

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_SESSION_H_
