#include "subjects/scheduled_map/scheduled_map_session.h"

#include <algorithm>
#include <optional>

#include "harness/sched/runtime.h"
#include "harness/sched/unobserved.h"
#include "subjects/scheduled_map/call_goals.h"
#include "subjects/scheduled_map/call_text.h"

namespace slotproof {
namespace {

using linear::Code;
using linear::kFalse;
using linear::kNil;
using linear::kTrue;

}  // namespace

ScheduledMapSession::ScheduledMapSession(NewMap new_map)
    : ScheduledSession(
          kScheduledMapSchedule,
          {.points = 200'000, .points_of_task = 0, .spin_reads = 8, .usual_steps = 48}),
      new_map_(new_map),
      checker_(&model_, &limits_) {}

void ScheduledMapSession::Reset(const Header& header) {
  header_ = ScheduledMapHeader::From(header);
  ResetSchedule(header_.volume, header_.memory);
  map_ = nullptr;
  values_ = 0;
  contents_.fill(kNil);
  for (Memory& memory : memories_) memory.last_seen.fill(kNil);
}

void ScheduledMapSession::BeginPhase() {
  history_.Clear();
  for (Memory& memory : memories_) memory.visits.clear();
  broken_.clear();
  for (std::uint32_t key = 0; key < header_.universe; ++key) {
    if (contents_[key] == kNil) continue;
    history_.Begin(kKeeper, {.code = Code::kWrite, .key = key, .b = contents_[key]});
    history_.End(kKeeper, linear::kAnyResult);
  }
}

void ScheduledMapSession::Prepare() {
  if (map_ == nullptr) map_ = new_map_(header_.seed).release();
}

void ScheduledMapSession::Do(std::uint32_t thread, const Task& task) {
  if (static_cast<ScheduledMapOp>(task.op.code) == ScheduledMapOp::kRange) {
    Visit(thread);
    return;
  }
  Operation operation;
  {
    const sched::Unobserved unobserved;
    operation = OperationOf(memories_[thread], task.op);
    memories_[thread].visits.emplace_back();
    history_.Begin(thread, operation);
  }
  const linear::Value newest = values_;
  const linear::Result result = Call(operation);
  const sched::Unobserved unobserved;
  CountGoal(operation, result, newest);
  Answer(thread, operation, result);
}

// A visit of all keys is a look-up of each, and they overlap: of the processes behind the keeper.
void ScheduledMapSession::Visit(std::uint32_t thread) {
  const auto process_of = [&](linear::Value key) {
    return kKeeper + 1 + thread * kScheduledMapKeys + key;
  };
  std::array<linear::Value, kScheduledMapKeys> seen{};
  bool twice = false;
  {
    const sched::Unobserved unobserved;
    for (std::uint32_t key = 0; key < header_.universe; ++key) {
      history_.Begin(process_of(key), {.code = Code::kRead, .key = key});
    }
    memories_[thread].visits.emplace_back("");
  }
  const linear::Value newest = values_;
  map_->Range([&](ConcurrentMap::Key key, ConcurrentMap::Value value) {
    twice = twice || seen[key] != kNil;
    seen[key] = value;
  });
  const sched::Unobserved unobserved;
  std::string& text = *memories_[thread].visits.back();
  for (std::uint32_t key = 0; key < header_.universe; ++key) {
    history_.End(process_of(key), seen[key]);
    if (seen[key] != kNil) {
      text += (text.empty() ? "k" : " k") + std::to_string(key) + ": v" + std::to_string(seen[key]);
    }
    memories_[thread].last_seen[key] = seen[key];
  }
  if (text.empty()) text = "saw none";
  if (std::ranges::any_of(seen, [&](linear::Value value) { return value > newest; })) {
    goals_.Hit(static_cast<std::size_t>(CallGoal::kVisitedNewer));
  }
  sched::Runtime::Get().EndOperation();
  if (twice) broken_ = "range-visits-once: a key was visited twice";
}

ScheduledMapSession::Operation ScheduledMapSession::OperationOf(const Memory& memory,
                                                                const Op& op) {
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
      operation.a = memory.last_seen[operation.key];
      // Nothing is ever stored as what stands for an absent key.
      if (operation.a == kNil) operation.code = Code::kRead;
      break;
    case ScheduledMapOp::kSwap:
      operation.code = Code::kSwap;
      break;
    case ScheduledMapOp::kCompareAndDelete:
      operation.code = Code::kCas;
      operation.a = memory.last_seen[operation.key];
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

void ScheduledMapSession::Answer(std::uint32_t thread, const Operation& operation,
                                 linear::Result result) {
  history_.End(thread, result);
  sched::Runtime::Get().EndOperation();
  linear::Value& seen = memories_[thread].last_seen[operation.key];
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

bool ScheduledMapSession::JudgePhase() {
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

Target ScheduledMapTarget(std::string_view name, std::string_view help,
                          std::unique_ptr<Session> (*new_session)(),
                          std::span<const GoalSpec> goals) {
  Target target = ScheduledTarget(name, help, ScheduledMapVocabulary(), new_session);
  target.profiles = ScheduledMapProfiles();
  target.goals = goals;
  return target;
}

}  // namespace slotproof
