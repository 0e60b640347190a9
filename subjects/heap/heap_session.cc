#include "subjects/heap/heap_session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "harness/subject/graveyard.h"
#include "models/block_sizes.h"

namespace slotproof {
namespace {

constexpr std::array<GoalSpec, kHeapSessionGoals> kGoals = {{
    {"loaded_while_marking", "a pointer went from a white or grey object to a register"},
    {"stored_while_marking", "a store replaced a pointer during marking"},
    {"bulk_while_marking", "a copy or a clear replaced pointers during marking"},
    {"floated", "an object became unreachable during marking"},
    {"garbage_freed", "a sweep freed objects"},
    {"finalizer_ran", "a finalizer ran"},
    {"finalized_object_freed", "an object was freed after its finalizer had run"},
    {"finalizer_waited", "a finalizer waited for another whose object refers to its own"},
    {"weak_had", "a weak handle gave its object"},
    {"weak_gone", "a weak handle's object was gone"},
    {"pool_returned", "the pool gave an object back"},
    {"pool_survived_cycle", "it gave one back that went in before the last cycle"},
    {"refused", "an allocation was refused"},
    {"allocated_after_refusal", "a later one was not"},
    {"cycle_inside_allocation", "an allocation began or ended a cycle"},
    {"address_reused", "a new object lies where another did"},
    {"interior_kept", "only a pointer into an object kept it through a cycle"},
    {"entry_read_while_marking", "a pointer went from a map or a slice to a register"},
    {"cycle_inside_container", "a cycle began while a map or a slice was half made"},
    {"container_refused", "a map or a slice did not get what it wanted to allocate"},
    {"iterated_after_clear", "an iteration yielded an entry after its map was cleared"},
}};

constexpr std::size_t kPair = 0;
constexpr std::size_t kRow = 9;
static_assert(kHeapShapes[kPair].name == "pair" && kHeapShapes[kRow].name == "row");
constexpr std::size_t kMostObjects = 3000;
constexpr std::size_t kMostBytes = std::size_t{6} << 20;
constexpr std::size_t kMostOfLarge = 4;  // by one burst, of objects over kLargeBytes
constexpr std::size_t kLargeBytes = 2048;

}  // namespace

std::span<const GoalSpec> HeapSessionGoalSpecs() { return kGoals; }

void HeapSession::Reset(const Header& header) {
  ResetBase();
  header_ = HeapHeader::From(header);
  subject_.reset();
  model_.Reset(
      header_.mutators, kHeapGlobals, kHeapHandles,
      [](std::size_t shape, std::size_t field) { return 8 * kHeapShapes[shape].WordOf(field); });
  for (std::size_t i = 0; i < header_.mutators; ++i) model_.stack(i).resize(kHeapFirstFrame);
  subject_ = make_(header_, this, &goals_);
  mutator_ = 0;
  places_.assign(1, Place{});
  at_address_.clear();
  weak_.fill(Pointer{});
  contained_.clear();
  maps_.clear();
  numbers_.clear();
  slices_.clear();
  iterating_.fill(Iterating{});
  temporary_slots_ = 0;
  freed_ = 0;
  cycles_ended_ = 0;
  forced_ = 0;
  last_stamp_ = 0;
  was_swept_ = true;
  percent_ = 100;
  page_limit_ = kHeapPageLimits[0];
  was_refused_ = false;
  failed_ = false;
}

void HeapSession::Abandon() { Bury(std::move(subject_)); }

StepResult HeapSession::Step(const Op& op) {
  structural_ = false;
  if (!Run(op)) return StepResult::kFailed;
  return structural_ ? StepResult::kStructural : StepResult::kOk;
}

bool HeapSession::Run(const Op& op) {
  const auto code = static_cast<HeapOp>(op.code);
  if (!Dispatch(code, HeapOperands(op)) || failed_ || !Sync()) return false;
  Observe(std::uint64_t{model_.last()} << 32 ^ model_.objects_alive());
  return true;
}

bool HeapSession::Dispatch(HeapOp code, const HeapOperands& at) {
  if (code >= HeapOp::kMake) return Container(code, at);
  if (code >= HeapOp::kList) return Burst(code, at);
  if (code >= HeapOp::kBeginCycle) return Collector(code, at);
  if (code >= HeapOp::kSetFinalizer) return Special(code, at);
  if (code >= HeapOp::kCopy) return Bulk(code, at);
  return Graph(code, at);
}

bool HeapSession::Graph(HeapOp code, const HeapOperands& at) {
  switch (code) {
    case HeapOp::kAlloc:
      return Alloc(at.d, at.shape);
    case HeapOp::kLoad:
      Load(at);
      return true;
    case HeapOp::kStore:
      Store(at.a, at.field, Registers()[Register(at.b)]);
      return true;
    case HeapOp::kStoreNil:
      Store(at.a, at.field, Pointer{});
      return true;
    case HeapOp::kMove:
      SetRegister(at.d, Registers()[Register(at.a)]);
      return true;
    case HeapOp::kNil:
      SetRegister(at.d, Pointer{});
      return true;
    case HeapOp::kSetGlobal:
      model_.globals()[at.table] = Registers()[Register(at.b)];
      subject_->Store(mutator_, &subject_->Globals()[at.table],
                      AddressOf(model_.globals()[at.table]));
      return true;
    case HeapOp::kGetGlobal:
      SetRegister(at.d, model_.globals()[at.table]);
      return true;
    case HeapOp::kPush:
      if (Registers().size() == kHeapRegisters) return true;
      subject_->Push(mutator_, kHeapFrame);
      Registers().resize(Registers().size() + kHeapFrame);
      return true;
    case HeapOp::kPop:
      if (Registers().size() == kHeapFirstFrame) return true;
      subject_->Pop(mutator_);
      Registers().resize(Registers().size() - kHeapFrame);
      return true;
    case HeapOp::kMutator:
      mutator_ = at.mutator % header_.mutators;
      return true;
    default:
      Interior(at);
      return true;
  }
}

std::optional<std::size_t> HeapSession::ObjectRegister(std::size_t number) const {
  return RegisterWith(number, [](Id) { return true; });
}
std::optional<std::size_t> HeapSession::FieldsRegister(std::size_t number) const {
  return RegisterWith(number, [this](Id id) { return ShapeOf(id).Fields() != 0; });
}

void HeapSession::SetRegister(std::size_t number, const Pointer& value) {
  const std::size_t at = Register(number);
  Registers()[at] = value;
  subject_->Stack(mutator_)[at] = AddressOf(value);
}

bool HeapSession::IsFull() const {
  return model_.objects_alive() >= kMostObjects || model_.bytes_alive() >= kMostBytes;
}

bool HeapSession::Alloc(std::size_t d, std::size_t shape_number) {
  if (IsFull()) return true;
  const HeapShape& shape = kHeapShapes[shape_number];
  const std::uint64_t cycles = model_.cycles() + cycles_ended_;
  auto* const address = static_cast<std::byte*>(subject_->New(mutator_, shape));
  if (failed_) return false;
  const bool has_collected = model_.cycles() + cycles_ended_ != cycles;
  if (has_collected) Goal(HeapGoal::kCycleInsideAllocation);
  if (address == nullptr) {
    SetRegister(d, Pointer{});
    return Refused(shape, has_collected);
  }
  if (was_refused_) Goal(HeapGoal::kAllocatedAfterRefusal);
  was_refused_ = false;
  Pointer made;
  if (shape.IsTiny()) {
    const HeapModel::Tiny tiny = model_.PlaceTiny(mutator_, shape.bytes());
    if (tiny.shared && address != places_[tiny.block].address + tiny.offset) {
      return Mismatch("tiny.place", NameOf({tiny.block, tiny.offset}), NameOfAddress(address));
    }
    made = model_.AddTiny(mutator_, shape.bytes(), shape_number);
  } else {
    made.object = model_.Add(BlockSize(shape.bytes()), shape_number, shape.Fields());
  }
  if (made.object == places_.size() && !Settle(made.object, address)) return false;
  if (!Furnish(made, shape_number)) return false;
  SetRegister(d, made);
  return true;
}

// A new object at the address: whatever was there must have gone.
bool HeapSession::Settle(Id id, std::byte* address) {
  const std::size_t bytes = model_.object(id).bytes;
  const std::size_t actual = subject_->SizeOf(address);
  if (actual != bytes) {
    return Mismatch("alloc.size", std::to_string(bytes), std::to_string(actual));
  }
  auto next = at_address_.lower_bound(address);
  if (next != at_address_.begin()) {
    const auto before = std::prev(next);
    if (before->first + model_.object(before->second).bytes > address) next = before;
  }
  while (next != at_address_.end() && next->first < address + bytes) {
    const Id there = next->second;
    const std::string_view law = Gone(there);
    if (!law.empty()) {
      return Fail(Outcome::kInvariant, "alloc.overlap", "a free place",
                  NameOf({there}) + ", which may not go (" + std::string(law) + ")");
    }
    next = at_address_.erase(next);
    Goal(HeapGoal::kAddressReused);
  }
  places_.emplace_back().address = address;
  at_address_.emplace(address, id);
  return true;
}

// It is zero; now it is filled, so that a word that is overwritten later shows.
bool HeapSession::Furnish(const Pointer& made, std::size_t shape_number) {
  const HeapShape& shape = kHeapShapes[shape_number];
  std::byte* const memory = AddressOf(made);
  if (!IsZero(memory, shape.bytes())) {
    return Mismatch("alloc.zero", "zeroed memory", "something else in " + NameOf(made));
  }
  Place& place = places_[made.object];
  place.parts.push_back({.offset = made.offset,
                         .shape = static_cast<std::uint32_t>(shape_number),
                         .stamp = ++last_stamp_});
  FillPart(memory, place.parts.back());
  return true;
}

bool HeapSession::Refused(const HeapShape& shape, bool has_collected) {
  Goal(HeapGoal::kRefused);
  was_refused_ = true;
  structural_ = true;
  if (!has_collected) return Mismatch("alloc.refused", "a collection first", "out of memory");
  // A span of a size class has at most ten pages.
  const std::size_t pages = shape.bytes() > 32768 ? BlockSize(shape.bytes()) / 8192 : 10;
  if (page_limit_ < subject_->Numbers().pages_in_use + pages) return true;
  return Mismatch("alloc.refused", "an object", "out of memory");
}

void HeapSession::Load(const HeapOperands& at) {
  const std::optional<std::size_t> a = FieldsRegister(at.a);
  if (!a) return;
  const Id id = Registers()[*a].object;
  const std::vector<Pointer>& fields = model_.object(id).fields;
  const std::size_t field = at.field % fields.size();
  if (model_.is_marking() && subject_->ColourOf(places_[id].address) != HeapColour::kBlack) {
    Goal(HeapGoal::kLoadedWhileMarking);
  }
  const std::size_t d = Register(at.d);
  Registers()[d] = fields[field];
  // As the program would: out of memory, not out of the model.
  subject_->Stack(mutator_)[d] = *SlotOf(id, field);
}

void HeapSession::Store(std::size_t a, std::size_t field, const Pointer& value) {
  const std::optional<std::size_t> found = FieldsRegister(a);
  if (!found) return;
  const Id id = Registers()[*found].object;
  std::vector<Pointer>& fields = model_.object(id).fields;
  const std::size_t target = field % fields.size();
  if (model_.is_marking() && fields[target].object != 0) Goal(HeapGoal::kStoredWhileMarking);
  fields[target] = value;
  subject_->Store(mutator_, SlotOf(id, target), AddressOf(value));
}

void HeapSession::Interior(const HeapOperands& at) {
  const std::optional<std::size_t> a = ObjectRegister(at.a);
  if (!a) return;
  Pointer pointer = Registers()[*a];
  // A tiny one stays as it is: others share its block.
  if (!ShapeOf(pointer.object).IsTiny()) {
    const std::size_t words = model_.object(pointer.object).bytes / 8;
    pointer.offset = static_cast<std::uint32_t>(at.word % words * 8);
  }
  SetRegister(at.d, pointer);
}

bool HeapSession::Collector(HeapOp code, const HeapOperands& at) {
  structural_ = true;
  switch (code) {
    case HeapOp::kBeginCycle:
      subject_->StartCycle();
      break;
    case HeapOp::kMark:
      structural_ = false;
      subject_->Mark(at.few);
      break;
    case HeapOp::kFinishMarking:
      subject_->FinishMarking();
      break;
    case HeapOp::kSweep:
      subject_->Sweep(at.few);
      break;
    case HeapOp::kCollect:
      ++forced_;
      subject_->Collect();
      break;
    case HeapOp::kCollectAt:
      subject_->CollectAt(at.some);
      break;
    case HeapOp::kScavenge:
      subject_->Scavenge(at.some);
      break;
    case HeapOp::kGcPercent:
      percent_ = kHeapPercents[at.choice];
      subject_->SetGcPercent(percent_);
      break;
    case HeapOp::kMemoryLimit:
      subject_->SetMemoryLimit(kHeapMemoryLimits[at.choice]);
      break;
    default:
      page_limit_ = kHeapPageLimits[at.choice];
      subject_->SetPageLimit(page_limit_);
      break;
  }
  return !failed_;
}

bool HeapSession::Burst(HeapOp code, const HeapOperands& at) {
  if (code >= HeapOp::kDetach) return Idiom(code, at);
  const HeapShape& wanted = kHeapShapes[at.shape];
  const bool links = code != HeapOp::kGarbage;
  const std::size_t shape = links && wanted.Fields() == 0 ? kPair : at.shape;
  const std::size_t count =
      wanted.bytes() > kLargeBytes ? std::min(at.count, kMostOfLarge) : at.count;
  const std::size_t d = Register(at.d);
  if (code == HeapOp::kFan) return Fan(d, shape, count);
  // Beside d, two registers more: what came before, and the first or the one before that.
  const std::size_t last = Register(d + 1);
  const std::size_t other = Register(d + 2);
  for (std::size_t i = 0; i < count; ++i) {
    if (code == HeapOp::kWeb && !Perform(HeapMove(other, last))) return false;
    if (links && !Perform(HeapMove(last, d))) return false;
    if (code == HeapOp::kSieve && !Perform(HeapAlloc(d, shape))) return false;
    if (!Perform(HeapAlloc(d, shape))) return false;
    if (Registers()[d].object == 0) return true;  // refused
    if (links && !Perform(HeapStore(d, 0, last))) return false;
    if (code == HeapOp::kWeb && !Perform(HeapStore(d, 1, other))) return false;
    if (code == HeapOp::kRing && i == 0 && !Perform(HeapMove(other, d))) return false;
  }
  if (code == HeapOp::kRing) return Perform(HeapStore(other, 0, d));
  return true;
}

// What programs do to lists and queues: take something out, put something in.
bool HeapSession::Idiom(HeapOp code, const HeapOperands& at) {
  if (code == HeapOp::kAttach) {
    return Perform(HeapStore(at.a, at.field, at.b)) && Perform(HeapNil(at.b));
  }
  if (code == HeapOp::kRenew) {
    const std::optional<std::size_t> a = FieldsRegister(at.a);
    const std::size_t d = Register(at.d);
    if (!a || *a == d) return true;
    const std::size_t shape = model_.object(Registers()[*a].object).shape;
    return Perform(HeapAlloc(d, shape)) && Perform(HeapCopy(d, *a)) && Perform(HeapNil(*a));
  }
  if (!Perform(HeapLoad(at.d, at.a, at.field))) return false;
  if (code == HeapOp::kDetach) return Perform(HeapStoreNil(at.a, at.field));
  return Perform(code == HeapOp::kEmpty ? HeapClear(at.a) : HeapCopy(at.a, at.b));
}

bool HeapSession::Fan(std::size_t d, std::size_t shape, std::size_t count) {
  const auto room = [this, d] {
    const Pointer row = Registers()[d];
    const std::vector<Pointer>& fields = model_.object(row.object).fields;
    const auto nil = std::ranges::find(fields, Pointer{});
    const bool none = row.object == 0 || IsContainer(row.object) || nil == fields.end();
    return none ? std::nullopt : std::optional(nil - fields.begin());
  };
  if (!room() && !Perform(HeapAlloc(d, kRow))) return false;
  const std::size_t child = Register(d + 1);
  for (std::size_t i = 0; i < count && room(); ++i) {
    if (!Perform(HeapAlloc(child, shape))) return false;
    // Without one the row would be no fuller for it.
    if (Registers()[child].object == 0 || !room()) return true;
    if (!Perform(HeapStore(d, static_cast<std::size_t>(*room()), child))) return false;
  }
  return true;
}

bool HeapSession::Perform(const Op& op) {
  RecordStep(op);
  return Run(op);
}

void HeapSession::StructuralState(std::span<std::uint8_t> features) const {
  const auto log = [](std::size_t n) { return static_cast<std::uint8_t>(std::bit_width(n)); };
  const std::array<std::uint8_t, 5> state = {static_cast<std::uint8_t>(model_.is_marking() ? 1
                                                                       : was_swept_        ? 0
                                                                                           : 2),
                                             log(model_.objects_alive()), log(model_.due().size()),
                                             log(model_.cycles()),
                                             log(Registers().size() + mutator_)};
  std::ranges::fill(features, std::uint8_t{0});
  std::copy_n(state.begin(), std::min(state.size(), features.size()), features.begin());
}

}  // namespace slotproof
