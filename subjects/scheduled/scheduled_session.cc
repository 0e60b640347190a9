#include "subjects/scheduled/scheduled_session.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "harness/sched/choices.h"
#include "harness/sched/crash.h"
#include "harness/sched/fail.h"
#include "harness/sched/pct.h"
#include "harness/sched/pos.h"
#include "harness/sched/random_walk.h"
#include "harness/sched/stale_reads.h"
#include "subjects/scheduled/reported_goals.h"

namespace slotproof {
namespace {

// How a verdict of the scheduler's is called here.
Outcome OutcomeOf(sched::Ending ending) {
  switch (ending) {
    case sched::Ending::kRace:
      return Outcome::kDataRace;
    case sched::Ending::kDeadlock:
    case sched::Ending::kLostWakeup:
    case sched::Ending::kLivelock:
      return Outcome::kDeadlock;
    case sched::Ending::kNondeterminism:
      return Outcome::kNondeterminism;
    default:
      return Outcome::kFatal;
  }
}

// Of how the threads took turns. Which points were decisions is the strategy's affair, and the same
// switches are the same run whoever made them.
std::uint64_t DigestOf(const sched::RunResult& result) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  std::uint64_t digest = result.points;
  for (const sched::Switch& change : result.schedule) {
    for (const std::uint64_t part : {std::uint64_t{change.from}, std::uint64_t{change.operation},
                                     change.at, std::uint64_t{change.to}}) {
      digest = (digest ^ part) * kOdd;
    }
  }
  return digest;
}

// To be said where the run ends; empty where who waits for whom is said in its place.
std::string NameOfFailure(const sched::RunResult& result) {
  return !result.failed() || OutcomeOf(result.ending) == Outcome::kDeadlock
             ? ""
             : std::string(sched::EndingName(result.ending));
}

}  // namespace

ScheduledSession::ScheduledSession(const ScheduleCodes& codes, const Limits& limits)
    : codes_(codes), limits_(limits) {
  sched::CatchCrashes();
  for (std::uint32_t i = 0; i < kScheduledThreads; ++i) {
    workers_[i].session = this;
    workers_[i].number = i;
  }
}

void ScheduledSession::ResetSchedule(sched::Volume volume, sched::Memory memory) {
  ResetBase();
  sched::Runtime::Get().Forget();
  volume_ = volume;
  memory_ = memory;
  started_ = false;
  op_index_ = 0;
  switches_.clear();
  trail_.Clear();
  missed_.clear();
  for (Worker& worker : workers_) worker.tasks.clear();
}

StepResult ScheduledSession::Step(const Op& op) {
  const std::uint32_t index = op_index_++;
  if (op.code == codes_.run) return RunAsWritten() ? StepResult::kOk : StepResult::kFailed;
  if (op.code == codes_.explore) {
    return Explore(ExploringOf(op), ScheduleSeedOf(op)) ? StepResult::kOk : StepResult::kFailed;
  }
  std::vector<Task>& tasks = workers_[ThreadOf(op)].tasks;
  if (op.code == codes_.to_switch || op.code == codes_.stale) {
    switches_.push_back(
        {.op = op, .op_index = index, .operation = static_cast<std::uint32_t>(tasks.size())});
  } else {
    tasks.push_back({.op = op, .op_index = index});
  }
  return StepResult::kOk;
}

bool ScheduledSession::Finish() {
  const bool work_left = std::any_of(workers_.begin(), workers_.end(),
                                     [](const Worker& worker) { return !worker.tasks.empty(); });
  return !work_left || RunAsWritten();
}

void ScheduledSession::NumberThreads() {
  std::uint32_t fibers = 1;
  for (std::uint32_t i = 0; i < kScheduledThreads; ++i) {
    fiber_of_[i] = sched::kNoThread;
    if (i == kStartingThread) {
      fiber_of_[i] = 0;
    } else if (!workers_[i].tasks.empty()) {
      fiber_of_[i] = fibers++;
    }
    if (fiber_of_[i] != sched::kNoThread) thread_of_[fiber_of_[i]] = i;
  }
}

sched::Schedule ScheduledSession::WrittenSchedule(std::vector<std::size_t>* places) const {
  sched::Schedule schedule;
  for (std::size_t i = 0; i < switches_.size(); ++i) {
    const WrittenSwitch& written = switches_[i];
    const std::uint32_t from = fiber_of_[ThreadOf(written.op)];
    const bool stale = written.op.code == codes_.stale;
    const std::uint32_t to = stale ? from : fiber_of_[ToThreadOf(written.op)];
    if (from == sched::kNoThread || to == sched::kNoThread) continue;
    if (stale && BackOf(written.op) == 0) continue;
    schedule.push_back({.from = from,
                        .operation = written.operation,
                        .at = PointOf(written.op),
                        .to = to,
                        .back = stale ? BackOf(written.op) : 0});
    places->push_back(i);
  }
  return schedule;
}

bool ScheduledSession::RunAsWritten() {
  NumberThreads();
  std::vector<std::size_t> places;
  sched::Replay written(WrittenSchedule(&places));
  const sched::RunResult& result = RunPhase(written);
  NoteAllMissed(written, places);
  explored_.reset();
  return EndPhase(result);
}

bool ScheduledSession::Explore(Exploring how, std::uint32_t seed) {
  NumberThreads();
  sched::Choices choices(seed);
  sched::RandomWalk walk(choices);
  sched::Pos pos(choices);
  sched::Pct pct(choices, how == Exploring::kPct2 ? 2 : 3);
  pct.ExpectSteps(limits_.usual_steps);
  sched::Strategy* const strategies[] = {&walk, &pos, &pct, &pct};
  sched::StaleReads strategy(*strategies[static_cast<std::size_t>(how)], choices);
  const sched::RunResult& result = RunPhase(strategy);
  RecordSwitches(result.schedule);
  RecordStep({.code = codes_.run});
  explored_ = op_index_ - 1;
  return EndPhase(result);
}

std::uint64_t ScheduledSession::MostPoints() const {
  std::uint64_t points = limits_.points;
  for (const Worker& worker : workers_) points += worker.tasks.size() * limits_.points_of_task;
  return points;
}

const sched::RunResult& ScheduledSession::RunPhase(sched::Strategy& strategy) {
  trail_.Clear();
  BeginPhase();
  const sched::RunOptions options = {.continues = std::exchange(started_, true),
                                     .volume = volume_,
                                     .memory = memory_,
                                     .max_points = MostPoints(),
                                     .spin_reads = limits_.spin_reads,
                                     .shown_as = thread_of_.data(),
                                     .trail = &trail_};
  watcher_.Watch(strategy);
  sched::Strategy& chosen = sched::IsFuzzed() ? watcher_ : strategy;
  return sched::Runtime::Get().Run(
      [](void* self) { static_cast<ScheduledSession*>(self)->RunThreads(); }, this, chosen,
      options);
}

bool ScheduledSession::EndPhase(const sched::RunResult& result) {
  goals_.Add(TakeReportedGoals());
  for (Worker& worker : workers_) {
    std::vector<std::uint32_t>& ran = ran_[worker.number];
    ran.clear();
    for (const Task& task : worker.tasks) ran.push_back(task.op_index);
    worker.tasks.clear();
  }
  switches_.clear();
  return JudgeRun(result) && JudgePhase();
}

// The first fiber's body: t3.
void ScheduledSession::RunThreads() {
  Prepare();
  std::array<pthread_t, kScheduledThreads> threads{};
  for (Worker& worker : workers_) {
    if (worker.number == kStartingThread || worker.tasks.empty()) continue;
    pthread_create(&threads[worker.number], nullptr, &ScheduledSession::RunWorker, &worker);
  }
  Work(workers_[kStartingThread]);
  for (const Worker& worker : workers_) {
    if (worker.number == kStartingThread || worker.tasks.empty()) continue;
    pthread_join(threads[worker.number], nullptr);
  }
  LookAtAll();
}

void* ScheduledSession::RunWorker(void* worker) {
  const auto* const self = static_cast<const Worker*>(worker);
  self->session->Work(*self);
  return nullptr;
}

void ScheduledSession::Work(const Worker& worker) {
  for (const Task& task : worker.tasks) {
    sched::BeginOperation();
    Do(worker.number, task);
  }
  LeaveThread(worker.number);
}

Op ScheduledSession::SwitchOf(std::uint32_t from, std::uint32_t to, std::uint64_t point) const {
  Op op = {.code = codes_.to_switch};
  SetOperandValue(&op, schedule_words::kThread, from);
  SetOperandValue(&op, schedule_words::kTo, to);
  SetOperandValue(&op, schedule_words::kPoint,
                  static_cast<std::uint32_t>(std::min<std::uint64_t>(point, kMostPoints - 1)));
  return op;
}

Op ScheduledSession::StaleLoadOf(std::uint32_t thread, std::uint64_t point,
                                 std::uint32_t back) const {
  Op op = SwitchOf(thread, 0, point);
  op.code = codes_.stale;
  SetOperandValue(&op, schedule_words::kBack, back);
  return op;
}

// A switch stands behind the operation in which it happened, or, of a thread that had none, before
// the run.
void ScheduledSession::RecordSwitches(const sched::Schedule& schedule) {
  for (const sched::Switch& change : schedule) {
    const Worker& worker = workers_[thread_of_[change.from]];
    const Op op = change.back == 0 ? SwitchOf(worker.number, thread_of_[change.to], change.at)
                                   : StaleLoadOf(worker.number, change.at, change.back);
    if (change.operation == 0 || change.operation > worker.tasks.size()) {
      RecordStep(op);
    } else {
      RecordStepOf(worker.tasks[change.operation - 1].op_index, op);
    }
  }
}

bool ScheduledSession::JudgeRun(const sched::RunResult& result) {
  Observe(DigestOf(result));
  failure_of_run_ = NameOfFailure(result);
  if (!result.failed()) return true;
  return Fail(OutcomeOf(result.ending), std::string(sched::EndingName(result.ending)), "",
              result.message);
}

std::string ScheduledSession::Annotate(const Op&) const { return ""; }

void ScheduledSession::StructuralState(std::span<std::uint8_t> features) const {
  std::fill(features.begin(), features.end(), std::uint8_t{0});
}

Target ScheduledTarget(std::string_view name, std::string_view help, const Vocabulary& vocabulary,
                       std::unique_ptr<Session> (*new_session)()) {
  Target target;
  target.name = name;
  target.help = help;
  target.vocabulary = &vocabulary;
  target.new_session = new_session;
  target.points = sched::kPointsVersion;
  return target;
}

}  // namespace slotproof
