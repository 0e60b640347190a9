#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_SCHEDULED_SESSION_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_SCHEDULED_SESSION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/sched/replay.h"
#include "harness/sched/runtime.h"
#include "harness/sched/schedule.h"
#include "harness/sched/story.h"
#include "harness/sched/strategy.h"
#include "harness/sched/trail.h"
#include "harness/sched/watcher.h"
#include "harness/subject/session.h"
#include "harness/subject/target.h"
#include "subjects/scheduled/schedule_words.h"

namespace slotproof {

// Runs the threads of each phase of a trace under the scheduler, and tells how they took turns.
// What the threads do, and what is right, is the subject's session's affair:
//
//   collect operations -> BeginPhase -> t3: Prepare, starts the others -> LookAtAll -> JudgePhase
//                                       each: Do, Do, ..., LeaveThread
//
// The scheduler's own verdicts come first: data race, deadlock, lost wake-up, livelock, use after
// free ... Same trace, same verdict: what one trace teaches the scheduler it forgets for the next.
class ScheduledSession : public Session {
 public:
  StepResult Step(const Op& op) override;
  bool CheckFull() override { return true; }  // each phase is judged when it has run
  bool Finish() override;
  bool ActsAtEnd() const override { return true; }
  std::string Draw() const override;
  std::string DrawPage() const override;
  std::vector<Remark> Remarks() const override;
  std::string Annotate(const Op& op) const override;
  bool LetReadSeeWrite(std::uint64_t choice, Trace* trace) const override;
  void StructuralState(std::span<std::uint8_t> features) const override;

 protected:
  struct Limits {
    std::uint64_t points;          // of a phase, more is a livelock
    std::uint64_t points_of_task;  // and so many for each operation
    std::uint32_t spin_reads;      // sched::RunOptions::spin_reads
    std::uint32_t usual_steps;     // of a phase; a strategy that needs to know is told so
  };
  // What a page says of a phase beside its story.
  struct PageNotes {
    std::string legend;  // HTML
    // The place of an operation, from 1, in an order that explains all; 0: it has none.
    std::function<std::size_t(std::uint32_t thread, std::uint32_t operation)> place;
  };

  ScheduledSession(const ScheduleCodes& codes, const Limits& limits);

  // For BeginPhase(), where what it has to do needs more, or fewer.
  void SetPoints(std::uint64_t points, std::uint64_t points_of_task) {
    limits_.points = points;
    limits_.points_of_task = points_of_task;
  }

  // For Reset().
  void ResetSchedule(sched::Volume volume, sched::Memory memory);

  // An operation of a thread.
  struct Task {
    Op op;
    std::uint32_t op_index = 0;  // in the trace
  };
  // What the thread is given to do in this phase.
  std::span<const Task> TasksOf(std::uint32_t thread) const { return workers_[thread].tasks; }

  // Of the session, not scheduled.
  virtual void BeginPhase() = 0;
  // Of a phase that ended as the scheduler wants it. False: see Fail().
  virtual bool JudgePhase() = 0;
  // In the schedule. The first and last are t3's, before it starts the others and when it is alone
  // again; the rest is of each thread that has something to do, and of t3 always.
  virtual void Prepare() = 0;
  virtual void Do(std::uint32_t thread, const Task& task) = 0;
  virtual void LeaveThread(std::uint32_t /*thread*/) {}
  virtual void LookAtAll() = 0;

  // Of the last phase: an operation of a thread, counted from 1, and its answer. Empty: it has not
  // begun.
  virtual std::string OperationText(std::uint32_t thread, std::uint32_t operation) const = 0;
  virtual std::string AnswerText(std::uint32_t thread, std::uint32_t operation) const = 0;
  virtual std::string DrawSubject() const = 0;
  virtual PageNotes NotesOfPage() const = 0;

 private:
  struct Worker {
    ScheduledSession* session = nullptr;
    std::uint32_t number = 0;
    std::vector<Task> tasks;
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
    bool has_threads = false;  // both have something to do
    std::string during;        // empty: before the first operation
    std::uint64_t points = 0;  // that it has
  };

  bool RunAsWritten();
  bool Explore(Exploring how, std::uint32_t seed);
  std::uint64_t MostPoints() const;
  const sched::RunResult& RunPhase(sched::Strategy& strategy);
  bool EndPhase(const sched::RunResult& result);
  // Of the switches that are written, and their places among these.
  sched::Schedule WrittenSchedule(std::vector<std::size_t>* places) const;
  std::string NameOf(sched::ThreadId fiber) const {
    return "t" + std::to_string(thread_of_[fiber]);
  }
  sched::Teller NewTeller() const;
  void NoteMissed(const WrittenSwitch& written);
  void NoteAllMissed(const sched::Replay& run, const std::vector<std::size_t>& places);
  // Numbers of fibers: those of threads that have something to do, in their order.
  void NumberThreads();
  void RunThreads();
  static void* RunWorker(void* worker);
  void Work(const Worker& worker);
  Op SwitchOf(std::uint32_t from, std::uint32_t to, std::uint64_t point) const;
  Op StaleLoadOf(std::uint32_t thread, std::uint64_t point, std::uint32_t back) const;
  void RecordSwitches(const sched::Schedule& schedule);
  // Of the last phase: the place in the trace behind the operation; nothing when it is no task's.
  std::optional<std::size_t> BehindTask(const sched::Deed& deed) const;
  std::vector<const sched::Deed*> LaterWritesOf(const sched::Deed& read) const;
  void Reorder(const sched::Deed& read, const sched::Deed& write, Trace* trace) const;
  bool JudgeRun(const sched::RunResult& result);

  ScheduleCodes codes_;
  Limits limits_;
  sched::Volume volume_ = sched::Volume::kSync;
  sched::Memory memory_ = sched::Memory::kSequential;
  bool started_ = false;        // a phase has run
  std::uint32_t op_index_ = 0;  // of the step that is taken
  std::array<Worker, kScheduledThreads> workers_;
  std::vector<WrittenSwitch> switches_;
  sched::Watcher watcher_{sched::FuzzerCounters()};
  std::array<std::uint32_t, kScheduledThreads> fiber_of_{};
  std::array<std::uint32_t, kScheduledThreads> thread_of_{};
  // Of the last phase:
  sched::Trail trail_;
  std::array<std::vector<std::uint32_t>, kScheduledThreads> ran_;  // places of its tasks
  std::optional<std::uint32_t> explored_;                          // where its `explore` stands
  std::string failure_of_run_;
  std::vector<MissedSwitch> missed_;
};

// A target whose sessions are such; its traces say which version of the points they count.
Target ScheduledTarget(std::string_view name, std::string_view help, const Vocabulary& vocabulary,
                       std::unique_ptr<Session> (*new_session)());

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_SCHEDULED_SESSION_H_
