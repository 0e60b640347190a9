#include "subjects/scheduled_map/scheduled_map_session.h"

#include <pthread.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/sched/choices.h"
#include "harness/sched/crash.h"
#include "harness/sched/fail.h"
#include "harness/sched/pct.h"
#include "harness/sched/pos.h"
#include "harness/sched/random_walk.h"
#include "harness/sched/replay.h"
#include "harness/sched/stale_reads.h"
#include "harness/sched/unobserved.h"
#include "subjects/scheduled_map/call_goals.h"
#include "subjects/scheduled_map/phase_drawing.h"

namespace slotproof {
namespace {

using linear::Code;
using linear::kFalse;
using linear::kNil;
using linear::kTrue;

constexpr std::uint64_t kMostPointsOfPhase = 200'000;
// What a phase of a few operations has; a strategy that needs to know is told so.
constexpr std::uint32_t kUsualSteps = 48;

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

ScheduledMapSession::ScheduledMapSession(NewMap new_map)
    : new_map_(new_map), checker_(&model_, &limits_) {
  sched::CatchCrashes();
  for (std::uint32_t i = 0; i < kScheduledThreads; ++i) {
    workers_[i].session = this;
    workers_[i].number = i;
  }
}

void ScheduledMapSession::Reset(const Header& header) {
  ResetBase();
  sched::Runtime::Get().Forget();
  header_ = ScheduledMapHeader::From(header);
  map_ = nullptr;
  started_ = false;
  op_index_ = 0;
  values_ = 0;
  contents_.fill(kNil);
  switches_.clear();
  trail_.Clear();
  missed_.clear();
  for (Worker& worker : workers_) {
    worker.tasks.clear();
    worker.last_seen.fill(kNil);
  }
}

StepResult ScheduledMapSession::Step(const Op& op) {
  const std::uint32_t index = op_index_++;
  switch (static_cast<ScheduledMapOp>(op.code)) {
    case ScheduledMapOp::kRun:
      return RunAsWritten() ? StepResult::kOk : StepResult::kFailed;
    case ScheduledMapOp::kExplore:
      return Explore(ExploringOf(op), ScheduleSeedOf(op)) ? StepResult::kOk : StepResult::kFailed;
    case ScheduledMapOp::kSwitch:
    case ScheduledMapOp::kStale:
      switches_.push_back(
          {.op = op,
           .op_index = index,
           .operation = static_cast<std::uint32_t>(workers_[ThreadOf(op)].tasks.size())});
      return StepResult::kOk;
    default:
      workers_[ThreadOf(op)].tasks.push_back({.op = op, .op_index = index});
      return StepResult::kOk;
  }
}

bool ScheduledMapSession::Finish() {
  const bool work_left = std::any_of(workers_.begin(), workers_.end(),
                                     [](const Worker& worker) { return !worker.tasks.empty(); });
  return !work_left || RunAsWritten();
}

void ScheduledMapSession::NumberThreads() {
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

sched::Schedule ScheduledMapSession::WrittenSchedule(std::vector<std::size_t>* places) const {
  sched::Schedule schedule;
  for (std::size_t i = 0; i < switches_.size(); ++i) {
    const WrittenSwitch& written = switches_[i];
    const std::uint32_t from = fiber_of_[ThreadOf(written.op)];
    const bool stale = static_cast<ScheduledMapOp>(written.op.code) == ScheduledMapOp::kStale;
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

bool ScheduledMapSession::RunAsWritten() {
  NumberThreads();
  std::vector<std::size_t> places;
  sched::Replay written(WrittenSchedule(&places));
  const sched::RunResult& result = RunPhase(written);
  NoteAllMissed(written, places);
  return JudgePhase(result);
}

bool ScheduledMapSession::Explore(Exploring how, std::uint32_t seed) {
  NumberThreads();
  sched::Choices choices(seed);
  sched::RandomWalk walk(choices);
  sched::Pos pos(choices);
  sched::Pct pct(choices, how == Exploring::kPct2 ? 2 : 3);
  pct.ExpectSteps(kUsualSteps);
  sched::Strategy* const strategies[] = {&walk, &pos, &pct, &pct};
  sched::StaleReads strategy(*strategies[static_cast<std::size_t>(how)], choices);
  const sched::RunResult& result = RunPhase(strategy);
  RecordSwitches(result.schedule);
  RecordStep(RunOp());
  return JudgePhase(result);
}

const sched::RunResult& ScheduledMapSession::RunPhase(sched::Strategy& strategy) {
  history_.Clear();
  trail_.Clear();
  for (Worker& worker : workers_) worker.visits.clear();
  broken_.clear();
  for (std::uint32_t key = 0; key < header_.universe; ++key) {
    if (contents_[key] == kNil) continue;
    history_.Begin(kKeeper, {.code = Code::kWrite, .key = key, .b = contents_[key]});
    history_.End(kKeeper, linear::kAnyResult);
  }
  const sched::RunOptions options = {.continues = std::exchange(started_, true),
                                     .volume = header_.volume,
                                     .memory = header_.memory,
                                     .max_points = kMostPointsOfPhase,
                                     .shown_as = thread_of_.data(),
                                     .trail = &trail_};
  watcher_.Watch(strategy);
  sched::Strategy& chosen = sched::IsFuzzed() ? watcher_ : strategy;
  return sched::Runtime::Get().Run(
      [](void* self) { static_cast<ScheduledMapSession*>(self)->RunThreads(); }, this, chosen,
      options);
}

bool ScheduledMapSession::JudgePhase(const sched::RunResult& result) {
  goals_.Add(TakeReportedGoals());
  for (Worker& worker : workers_) worker.tasks.clear();
  switches_.clear();
  return JudgeRun(result) && JudgeHistory();
}

// The first fiber's body: t3.
void ScheduledMapSession::RunThreads() {
  if (map_ == nullptr) map_ = new_map_(header_.seed).release();
  std::array<pthread_t, kScheduledThreads> threads{};
  for (Worker& worker : workers_) {
    if (worker.number == kStartingThread || worker.tasks.empty()) continue;
    pthread_create(&threads[worker.number], nullptr, &ScheduledMapSession::RunWorker, &worker);
  }
  Work(workers_[kStartingThread]);
  for (Worker& worker : workers_) {
    if (worker.number == kStartingThread || worker.tasks.empty()) continue;
    pthread_join(threads[worker.number], nullptr);
  }
  LookAtAll();
}

void* ScheduledMapSession::RunWorker(void* worker) {
  auto* const self = static_cast<Worker*>(worker);
  self->session->Work(*self);
  return nullptr;
}

void ScheduledMapSession::Work(Worker& worker) {
  for (const Task& task : worker.tasks) {
    sched::BeginOperation();
    if (static_cast<ScheduledMapOp>(task.op.code) == ScheduledMapOp::kRange) {
      Visit(worker);
      continue;
    }
    Operation operation;
    {
      const sched::Unobserved unobserved;
      operation = OperationOf(worker, task.op);
      worker.visits.emplace_back();
      history_.Begin(worker.number, operation);
    }
    const linear::Value newest = values_;
    const linear::Result result = Call(operation);
    const sched::Unobserved unobserved;
    CountGoal(operation, result, newest);
    Answer(worker, operation, result);
  }
}

// A visit of all keys is a look-up of each, and they overlap: of the processes behind the keeper.
void ScheduledMapSession::Visit(Worker& worker) {
  const auto process_of = [&](linear::Value key) {
    return kKeeper + 1 + worker.number * kScheduledMapKeys + key;
  };
  std::array<linear::Value, kScheduledMapKeys> seen{};
  bool twice = false;
  {
    const sched::Unobserved unobserved;
    for (std::uint32_t key = 0; key < header_.universe; ++key) {
      history_.Begin(process_of(key), {.code = Code::kRead, .key = key});
    }
    worker.visits.emplace_back("");
  }
  const linear::Value newest = values_;
  map_->Range([&](ConcurrentMap::Key key, ConcurrentMap::Value value) {
    twice = twice || seen[key] != kNil;
    seen[key] = value;
  });
  const sched::Unobserved unobserved;
  std::string& text = *worker.visits.back();
  for (std::uint32_t key = 0; key < header_.universe; ++key) {
    history_.End(process_of(key), seen[key]);
    if (seen[key] != kNil) {
      text += (text.empty() ? "k" : " k") + std::to_string(key) + ": v" + std::to_string(seen[key]);
    }
    worker.last_seen[key] = seen[key];
  }
  if (text.empty()) text = "saw none";
  if (std::ranges::any_of(seen, [&](linear::Value value) { return value > newest; })) {
    goals_.Hit(static_cast<std::size_t>(CallGoal::kVisitedNewer));
  }
  sched::Runtime::Get().EndOperation();
  if (twice) broken_ = "range-visits-once: a key was visited twice";
}

ScheduledMapSession::Operation ScheduledMapSession::OperationOf(Worker& worker, const Op& op) {
  Operation operation;
  operation.key = KeyOf(op) & (header_.universe - 1);
  switch (static_cast<ScheduledMapOp>(op.code)) {
    case ScheduledMapOp::kInsert:
      operation.code = Code::kInsert;
      break;
    case ScheduledMapOp::kDelete:
      operation.code = Code::kDelete;
      return operation;
    case ScheduledMapOp::kLoadOrStore:
      operation.code = Code::kLoadOrStore;
      break;
    case ScheduledMapOp::kGetAndDelete:
      operation.code = Code::kGetAndDelete;
      return operation;
    case ScheduledMapOp::kCompareAndSwap:
      operation.code = Code::kCas;
      operation.a = worker.last_seen[operation.key];
      // Nothing is ever stored as what stands for an absent key.
      if (operation.a == kNil) operation.code = Code::kRead;
      break;
    case ScheduledMapOp::kSwap:
      operation.code = Code::kSwap;
      break;
    case ScheduledMapOp::kCompareAndDelete:
      operation.code = Code::kCas;
      operation.a = worker.last_seen[operation.key];
      if (operation.a == kNil) operation.code = Code::kRead;
      return operation;
    default:
      operation.code = Code::kRead;
  }
  if (operation.code != Code::kRead) operation.b = ++values_;
  return operation;
}

linear::Result ScheduledMapSession::Call(const Operation& operation) {
  const auto whether = [](bool it_is) { return it_is ? kTrue : kFalse; };
  switch (operation.code) {
    case Code::kInsert:
      return whether(map_->Insert(operation.key, operation.b));
    case Code::kDelete:
      return whether(map_->Delete(operation.key));
    case Code::kLoadOrStore:
      return map_->LoadOrStore(operation.key, operation.b);
    case Code::kGetAndDelete:
      return map_->GetAndDelete(operation.key);
    case Code::kSwap:
      return map_->Swap(operation.key, operation.b);
    case Code::kCas:
      if (operation.b == kNil) {
        return whether(map_->CompareAndDelete(operation.key, operation.a));
      }
      return whether(map_->CompareAndSwap(operation.key, operation.a, operation.b));
    default:
      return map_->Find(operation.key);
  }
}

// Values count up: what is above the newest one of its beginning came during the call.
void ScheduledMapSession::CountGoal(const Operation& operation, linear::Result result,
                                    linear::Value newest) {
  const auto hit = [this](CallGoal goal) { goals_.Hit(static_cast<std::size_t>(goal)); };
  switch (operation.code) {
    case Code::kRead:
      if (result > newest) hit(CallGoal::kFoundNewer);
      break;
    case Code::kLoadOrStore:
    case Code::kGetAndDelete:
    case Code::kSwap:
      if (result > newest) hit(CallGoal::kReplacedNewer);
      break;
    case Code::kCas:
      if (result == kFalse) hit(CallGoal::kComparedInVain);
      break;
    default:
      break;
  }
}

void ScheduledMapSession::Answer(Worker& worker, const Operation& operation,
                                 linear::Result result) {
  history_.End(worker.number, result);
  sched::Runtime::Get().EndOperation();
  linear::Value& seen = worker.last_seen[operation.key];
  switch (operation.code) {
    case Code::kInsert:
    case Code::kSwap:
      seen = operation.b;
      break;
    case Code::kCas:
      if (result == kTrue) seen = operation.b;
      break;
    case Code::kLoadOrStore:
      seen = result == kNil ? operation.b : result;
      break;
    case Code::kRead:
      seen = result;
      break;
    default:
      seen = kNil;
  }
}

// What each key has once all threads have ended.
void ScheduledMapSession::LookAtAll() {
  for (std::uint32_t key = 0; key < header_.universe; ++key) {
    const linear::Value value = map_->Find(key);
    const sched::Unobserved unobserved;
    history_.Begin(kKeeper, {.code = Code::kRead, .key = key});
    history_.End(kKeeper, value);
    contents_[key] = value;
  }
  const std::string broken = map_->BrokenInvariant();
  const sched::Unobserved unobserved;
  if (broken_.empty()) broken_.assign(broken.begin(), broken.end());
}

// A switch stands behind the operation in which it happened, or, of a thread that had none, before
// the run.
void ScheduledMapSession::RecordSwitches(const sched::Schedule& schedule) {
  for (const sched::Switch& change : schedule) {
    const Worker& worker = workers_[thread_of_[change.from]];
    const auto at = static_cast<std::uint32_t>(std::min<std::uint64_t>(change.at, kMostPoints - 1));
    const Op op = change.back == 0 ? SwitchOp(worker.number, thread_of_[change.to], at)
                                   : StaleOp(worker.number, at, change.back);
    if (change.operation == 0 || change.operation > worker.tasks.size()) {
      RecordStep(op);
    } else {
      RecordStepOf(worker.tasks[change.operation - 1].op_index, op);
    }
  }
}

bool ScheduledMapSession::JudgeRun(const sched::RunResult& result) {
  Observe(DigestOf(result));
  failure_of_run_ = NameOfFailure(result);
  if (!result.failed()) return true;
  return Fail(OutcomeOf(result.ending), std::string(sched::EndingName(result.ending)), "",
              result.message);
}

bool ScheduledMapSession::JudgeHistory() {
  for (const auto& call : history_.calls()) Observe(call.result);
  if (!broken_.empty()) return Fail(Outcome::kInvariant, LawOfMessage(broken_), "", broken_);
  if (checker_.CheckParts(history_.calls()) != linear::Answer::kNot) return true;
  std::string calls;
  for (const auto& call : history_.calls()) {
    if (call.op.key != checker_.part() || call.op.code == Code::kWrite) continue;
    const std::string who = call.process == kKeeper
                                ? "at the end"
                                : "t" + std::to_string(ThreadOfProcess(call.process));
    calls += (calls.empty() ? "" : ", ") + who + " " +
             (call.process > kKeeper ? "range" : DescribeOperation(call.op)) + ": " +
             DescribeResult(call.op, call.result);
  }
  return Fail(Outcome::kNotLinearizable, "calls",
              "answers of some order of the calls on k" + std::to_string(checker_.part()), calls);
}

std::string ScheduledMapSession::Annotate(const Op&) const { return ""; }

void ScheduledMapSession::StructuralState(std::span<std::uint8_t> features) const {
  std::fill(features.begin(), features.end(), std::uint8_t{0});
}

Target ScheduledMapTarget(std::string_view name, std::string_view help,
                          std::unique_ptr<Session> (*new_session)(),
                          std::span<const GoalSpec> goals) {
  Target target;
  target.name = name;
  target.help = help;
  target.vocabulary = &ScheduledMapVocabulary();
  target.profiles = ScheduledMapProfiles();
  target.new_session = new_session;
  target.points = sched::kPointsVersion;
  target.goals = goals;
  return target;
}

}  // namespace slotproof
