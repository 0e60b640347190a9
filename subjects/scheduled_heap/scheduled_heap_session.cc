#include "subjects/scheduled_heap/scheduled_heap_session.h"

#include <algorithm>
#include <cstdint>

#include "harness/sched/fail.h"
#include "harness/sched/runtime.h"
#include "harness/sched/unobserved.h"
#include "harness/subject/verdict.h"

namespace slotproof {
namespace {

static_assert(kHeapThreads == kScheduledThreads);

// Of eight objects each. The parts of a map are of many sizes, and each takes a page.
constexpr std::uint32_t kPages = 8;
constexpr std::uint32_t kPagesWithMap = 32;

// Steps of a map are long, and so is a collection of one that has grown.
struct Points {
  std::uint64_t phase;
  std::uint64_t task;
  std::uint64_t object;  // of those made before
};
constexpr Points kPoints = {.phase = 20'000, .task = 10'000, .object = 0};
constexpr Points kPointsWithMap = {.phase = 50'000, .task = 20'000, .object = 1'000};

std::string Register(std::uint8_t number) { return "r" + std::to_string(number); }

std::string DescribeStep(const HeapStep& step) {
  const std::string a = Register(step.a);
  const std::string b = Register(step.b);
  switch (step.kind) {
    case HeapStepKind::kLoadGlobal:
      return a + " = g" + std::to_string(step.b);
    case HeapStepKind::kStoreGlobal:
      return "g" + std::to_string(step.b) + " = " + a;
    case HeapStepKind::kLoad:
      return a + " = " + b + ".next";
    case HeapStepKind::kStore:
      return a + ".next = " + b;
    case HeapStepKind::kExchange:
      return a + ".next = " + b + " by exchange";
    case HeapStepKind::kDetach:
      return a + " = detach " + b + ".next";
    case HeapStepKind::kDrop:
      return a + " = nil";
    case HeapStepKind::kNew:
      return a + " = new";
    case HeapStepKind::kWait:
      return "wait";
    case HeapStepKind::kMark:
      return "mark";
    case HeapStepKind::kCollect:
      return "collect";
    case HeapStepKind::kSweep:
      return "sweep";
    case HeapStepKind::kStay:
      return "stay";
    case HeapStepKind::kScavenge:
      return "scavenge";
    case HeapStepKind::kMapPut:
      return "map[" + a + "] = " + b;
    case HeapStepKind::kMapGet:
      return a + " = map[" + b + "]";
    case HeapStepKind::kMapDelete:
      return "delete map[" + a + "]";
    case HeapStepKind::kMapTake:
      return a + " = the first of map";
    case HeapStepKind::kMapFill:
      return "fill map with " + std::to_string(step.b);
    case HeapStepKind::kMapClear:
      return a + " = the first of map, which is cleared";
    case HeapStepKind::kMapNext:
      return a + " = the next of map";
  }
  return "";
}

// Whether a step is what others stay for. It needs no thread of the heap.
bool Collects(HeapStepKind kind) {
  return kind == HeapStepKind::kCollect || kind == HeapStepKind::kSweep ||
         kind == HeapStepKind::kScavenge;
}

// Whether the step leaves another object in its register.
bool SetsRegister(HeapStepKind kind) {
  return kind == HeapStepKind::kLoadGlobal || kind == HeapStepKind::kLoad ||
         kind == HeapStepKind::kDetach || kind == HeapStepKind::kNew ||
         kind == HeapStepKind::kMapGet || kind == HeapStepKind::kMapTake ||
         kind == HeapStepKind::kMapClear || kind == HeapStepKind::kMapNext;
}

}  // namespace

// No phase has so many points; a cycle takes some thousands. A sweep reads a word of mark bits for
// each of its objects, and waits for nobody.
ScheduledHeapSession::ScheduledHeapSession(const core::BarrierRules& rules)
    : ScheduledSession(kScheduledHeapSchedule, {.points = kPoints.phase,
                                                .points_of_task = kPoints.task,
                                                .spin_reads = 200,
                                                .usual_steps = 200}),
      rules_(rules) {}

void ScheduledHeapSession::Reset(const Header& header) {
  header_ = ScheduledHeapHeader::From(header);
  ResetSchedule(header_.volume, header_.memory);
  heap_ = nullptr;
  has_map_ = false;
  objects_ = header_.objects;
  for (std::vector<Done>& done : done_) done.clear();
}

StepResult ScheduledHeapSession::Step(const Op& op) {
  Op folded = op;
  if (IsHeapStep(op) && !Collects(StepOf(op).kind)) {
    SetOperandValue(&folded, schedule_words::kThread, ThreadOf(op) & (header_.threads - 1));
  }
  return ScheduledSession::Step(folded);
}

void ScheduledHeapSession::BeginPhase() {
  has_map_ = has_map_ || UsesMap();
  const Points& points = has_map_ ? kPointsWithMap : kPoints;
  SetPoints(points.phase + objects_ * points.object, points.task);
  for (std::vector<Done>& done : done_) done.clear();
  broken_.clear();
}

void ScheduledHeapSession::Prepare() {
  if (heap_ == nullptr) {
    heap_ = NewSharedHeap({.rules = rules_,
                           .objects = header_.objects,
                           .arena_pages = has_map_ ? kPagesWithMap : kPages,
                           .fail = &sched::Fail})
                .release();
  }
  if (has_map_) heap_->MakeMap();
  heap_->Forget();
}

bool ScheduledHeapSession::UsesMap() const {
  const auto on_map = [](const Task& task) { return IsMapStep(StepOf(task.op).kind); };
  for (std::uint32_t thread = 0; thread < kHeapThreads; ++thread) {
    if (std::ranges::any_of(TasksOf(thread), on_map)) return true;
  }
  return false;
}

std::uint32_t ScheduledHeapSession::CollectionsBefore(std::uint32_t op_index) const {
  std::uint32_t count = 0;
  for (std::uint32_t thread = 0; thread < kHeapThreads; ++thread) {
    for (const Task& task : TasksOf(thread)) {
      count += task.op_index < op_index && Collects(StepOf(task.op).kind);
    }
  }
  return count;
}

void ScheduledHeapSession::Do(std::uint32_t thread, const Task& task) {
  HeapStep step;
  {
    const sched::Unobserved unobserved;
    step = StepOf(task.op);
    if (step.kind == HeapStepKind::kNew) step.number = ++objects_;
    if (step.kind == HeapStepKind::kMapFill) {
      step.number = objects_ + 1;
      objects_ += 2 * step.b;
    }
    if (step.kind == HeapStepKind::kStay) step.number = CollectionsBefore(task.op_index);
    done_[thread].push_back({.step = step});
  }
  heap_->Do(thread, step);
  const sched::Unobserved unobserved;
  Done& done = done_[thread].back();
  done.ended = true;
  done.number = heap_->NumberIn(thread, step.a);
  if (SetsRegister(step.kind)) Observe(done.number);
  sched::Runtime::Get().EndOperation();
}

void ScheduledHeapSession::LookAtAll() {
  const std::string broken = heap_->BrokenLaw();
  const sched::Unobserved unobserved;
  broken_.assign(broken.begin(), broken.end());
}

bool ScheduledHeapSession::JudgePhase() {
  return broken_.empty() || Fail(Outcome::kInvariant, LawOfMessage(broken_), "", broken_);
}

const ScheduledHeapSession::Done* ScheduledHeapSession::DoneBy(std::uint32_t thread,
                                                               std::uint32_t operation) const {
  const std::vector<Done>& done = done_[thread];
  return operation == 0 || operation > done.size() ? nullptr : &done[operation - 1];
}

std::string ScheduledHeapSession::OperationText(std::uint32_t thread,
                                                std::uint32_t operation) const {
  const Done* const done = DoneBy(thread, operation);
  return done == nullptr ? "" : DescribeStep(done->step);
}

std::string ScheduledHeapSession::AnswerText(std::uint32_t thread, std::uint32_t operation) const {
  const Done* const done = DoneBy(thread, operation);
  if (done == nullptr || !done->ended) return "";
  if (!SetsRegister(done->step.kind)) return "done";
  return done->number == 0 ? "nil" : "n" + std::to_string(done->number);
}

ScheduledSession::PageNotes ScheduledHeapSession::NotesOfPage() const {
  return {.legend = "", .place = [](std::uint32_t, std::uint32_t) { return std::size_t{0}; }};
}

Target ScheduledHeapTargetOf(std::string_view name, std::string_view help,
                             std::unique_ptr<Session> (*new_session)()) {
  // In the order of HeapGoal.
  static constexpr GoalSpec kGoals[] = {
      {"shaded-old", "a store greyed what its slot had"},
      {"shaded-new", "a store greyed what it stored"},
      {"shaded-by-grey-stack", "and its thread's stack was still to be scanned"},
      {"shaded-by-black-stack", "a store greyed what its slot had, its thread's stack scanned"},
      {"barrier-flushed", "a thread's buffer of such pointers was full, or had to be empty"},
      {"span-freed", "a span without objects went back to the pages"},
      {"span-taken", "a cache took a span that was swept before"},
      {"span-swept", "a cache swept a span and took it"},
      {"exchange-lost", "a slot changed before it was exchanged"},
      {"span-scavenged", "a span took pages that had been given back to the system"},
      {"map-grown", "the map began to grow while somebody marked"},
      {"map-evacuated", "entries of the map moved while somebody marked"},
  };
  Target target = ScheduledTarget(name, help, ScheduledHeapVocabulary(), new_session);
  target.profiles = ScheduledHeapProfiles();
  target.goals = kGoals;
  return target;
}

}  // namespace slotproof
