#include "subjects/slice/slice_session.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <string_view>
#include <utility>

#include "harness/subject/fuse.h"
#include "harness/subject/graveyard.h"
#include "subjects/elements/fragile.h"

namespace slotproof {
namespace {

constexpr std::array<GoalSpec, kSliceSessionGoals> kGoals = {{
    {"index_panic", "an index at or beyond the length"},
    {"index_negative", "a negative index"},
    {"slice_panic", "a slice expression out of bounds"},
    {"slice3_panic", "a full slice expression out of bounds"},
    {"make_panic", "a length or capacity that make refuses"},
    {"grow_panic", "an append beyond the largest integer"},
    {"convert_panic", "a slice too short for the array"},
    {"write_seen_through_another", "a write showed through another slice"},
    {"append_seen_through_another", "an append in place overwrote what another slice shows"},
    {"short_window_retains", "a window of at most half of an array alone kept it"},
    {"array_released", "the last window of an array went"},
    {"four_windows_on_one_array", "four slices shared an array"},
    {"copy_overlaps_itself", "a copy's source and target shared cells"},
    {"nil_appended_to", "an append to a nil slice"},
    {"empty_not_nil", "an empty slice that is not nil"},
    {"thousand_cells", "a slice of a thousand elements"},
    {"fuse_burnt", "an operation threw, and everything was compared"},
    {"written_in_part", "an operation threw after some of its writes and before others"},
    {"inserted_from_itself", "what was inserted lay in the array that it was inserted into"},
    {"inserted_from_left_array", "what was inserted lay in the array that the slice outgrew"},
    {"element_appended_from_left_array", "an append of one's own element outgrew the array"},
    {"element_set_to_itself", "s[i] = s[i]"},
}};

std::string Say(std::string_view panic) { return std::string(panic.empty() ? "no panic" : panic); }

bool Overlap(const SliceModel::Window& a, const SliceModel::Window& b) {
  return a.array != SliceModel::kNoArray && a.array == b.array && a.offset < b.offset + b.len &&
         b.offset < a.offset + a.len;
}

}  // namespace

std::span<const GoalSpec> SliceSessionGoalSpecs() { return kGoals; }

void SliceSession::Reset(const Header& header) {
  ResetBase();
  header_ = SliceHeader::From(header);
  subject_.reset();
  subject_ = make_(header_, &goals_);
  const auto rule =
      header_.growth == SliceGrowth::kGo118 ? SliceModel::Rule::kGo118 : SliceModel::Rule::kGo117;
  model_.Reset(rule, subject_->ElemBytes());
  windows_.fill(Window{});
  assigned_ = 0;
  touched_arrays_ = 0;
  unchecked_ = kAllSlots;
  addressed_ = 0;
  most_cells_ = std::min(kMostCells, kMostBytes / std::max<Int>(subject_->ElemBytes(), 1));
  last_token_ = 0;
  last_arrays_ = 0;
  last_allocations_ = 0;
  words_per_cell_ = static_cast<std::size_t>(std::max<Int>(subject_->ElemBytes() / 8, 1));
  words_paid_for_ = 0;
  cells_are_compared_ = false;
  threw_ = false;
  alive_before_ = Fragile::Alive();
  Fuse::Douse();
  SurveyAll();
}

void SliceSession::Abandon() { Bury(std::move(subject_)); }

SliceSession::Call SliceSession::Resolve(const Op& op) const {
  const SliceOperands operands(op);
  const auto code = static_cast<SliceOp>(op.code);
  const Slot s = code == SliceOp::kMake ? operands.d : operands.s;
  const PlaceNumbers number(windows_[s].len, windows_[s].cap);
  Call call = {.op = code,
               .d = operands.d,
               .s = s,
               .t = operands.t,
               .i = number[operands.i],
               .j = number[operands.j],
               .k = number[operands.k],
               .n = operands.few};
  if (code == SliceOp::kInsert || code == SliceOp::kSplit) call.n = operands.few_after_i;
  if (code == SliceOp::kInsertSlice) call.t = operands.t_after_i;
  if (code == SliceOp::kAppendEach || code == SliceOp::kAppendMany) call.n = operands.many;
  return call;
}

StepResult SliceSession::Step(const Op& op) {
  const Call call = Resolve(op);
  cells_are_compared_ = false;
  assigned_ = 0;
  threw_ = false;
  if (IsFuse(call.op)) {
    LightFuse(op);
  } else if (!Dispatch(call)) {
    return StepResult::kFailed;
  }
  const Window& d = windows_[call.d];
  Observe((static_cast<std::uint64_t>(d.len) << 32) ^ static_cast<std::uint64_t>(d.cap));
  const bool allocated = model_.allocations() != last_allocations_;
  last_allocations_ = model_.allocations();
  // An idiom that panics may have made an array that nobody got.
  if (assigned_ != 0 || allocated || threw_) Survey();
  if (!CompareWindows()) return StepResult::kFailed;
  if (!(threw_ ? CompareCells() : CompareCellsIfPaid())) return StepResult::kFailed;
  if (assigned_ != 0) {
    NoteState(call.d);
    subject_->GuardCells();
  }
  return allocated || threw_ ? StepResult::kStructural : StepResult::kOk;
}

bool SliceSession::Dispatch(const Call& call) {
  switch (call.op) {
    case SliceOp::kGet:
      return Read(call);
    case SliceOp::kSet:
      return Write(call);
    case SliceOp::kMake:
      return Make(call);
    case SliceOp::kAppend:
    case SliceOp::kAppendMany:
      return Append(call.d, call.s, call.n);
    case SliceOp::kAppendEach:
      return AppendEach(call);
    case SliceOp::kAppendSlice:
      return AppendSlice(call);
    case SliceOp::kCopy:
      return Copy(call);
    case SliceOp::kCopyWithin:
      return CopyWithin(call);
    case SliceOp::kSlice:
    case SliceOp::kSlice3:
    case SliceOp::kPopFront:
    case SliceOp::kPopBack:
    case SliceOp::kClip:
      return Cut(call);
    case SliceOp::kDelete:
    case SliceOp::kInsert:
    case SliceOp::kFilter:
    case SliceOp::kClone:
      return Rearrange(call);
    case SliceOp::kSplit:
      return Split(call);
    case SliceOp::kInsertSlice:
    case SliceOp::kAppendPart:
    case SliceOp::kAppendElem:
    case SliceOp::kSetElem:
      return FromItself(call);
    case SliceOp::kFuseAlloc:
    case SliceOp::kFuseCopy:
      return true;
    case SliceOp::kShare:
      subject_->Share(call.d, call.s);
      Assign(call.d, windows_[call.s]);
      return true;
    case SliceOp::kNil:
      subject_->SetNil(call.d);
      Assign(call.d, Window{});
      return true;
    case SliceOp::kClear:
      return Clear(call.s);
    case SliceOp::kToArray:
      if (call.i < 0) return true;  // there is no such type
      return SamePanic("to_array.panic", subject_->ToArray(call.s, call.i),
                       model_.ToArray(windows_[call.s], call.i));
  }
  return true;
}

bool SliceSession::SamePanic(std::string_view law, SlicePanic actual,
                             const SliceModel::Panic& expected) {
  if (expected) NotePanic(expected.about());
  if (actual == expected.text()) return true;
  return Mismatch(law, Say(expected.text()), Say(actual));
}

bool SliceSession::Settle(std::string_view law, Slot d, SlicePanic actual,
                          const SliceModel::Panic& expected, const Window& result) {
  if (!SamePanic(law, actual, expected)) return false;
  if (!expected) Assign(d, result);
  return true;
}

std::span<const Token> SliceSession::FreshTokens(std::size_t n) {
  // What the element type can hold of a token.
  const Token mask = header_.elem == SliceElem::kUint8 ? 0xff : 0xffffff;
  tokens_.resize(n);
  for (Token& token : tokens_) token = ++last_token_ & mask;
  return tokens_;
}

bool SliceSession::Read(const Call& call) {
  Token actual = 0;
  Token expected = 0;
  const SlicePanic panic = subject_->Get(call.s, call.i, &actual);
  if (!SamePanic("get.panic", panic, model_.Get(windows_[call.s], call.i, &expected))) return false;
  if (actual == expected) return true;
  return Mismatch("get.value", CellText(expected), CellText(actual));
}

bool SliceSession::Write(const Call& call) {
  const Token token = FreshTokens(1)[0];
  const auto on_model = [&] { return model_.Set(windows_[call.s], call.i, token); };
  const auto panic = Ask([&] { return subject_->Set(call.s, call.i, token); }, on_model);
  if (!panic) return AfterThrow(call.s);
  if (!SamePanic("set.panic", *panic, on_model())) return false;
  if (panic->empty()) NoteWrite(SliceSessionGoal::kWriteSeenThroughAnother, call.s, call.i, 1);
  return true;
}

bool SliceSession::Make(const Call& call) {
  if (model_.IsTooLarge(call.i, call.j, most_cells_)) return true;
  return Change(
      "make.panic", call.d, call.d, [&] { return subject_->Make(call.d, call.i, call.j); },
      [&](Window* made) { return model_.Make(call.i, call.j, made); });
}

bool SliceSession::Clear(Slot s) {
  const auto on_model = [&] { model_.Clear(windows_[s]); };
  const auto on_subject = [&] {
    subject_->Clear(s);
    return true;
  };
  if (!Ask(on_subject, on_model)) return AfterThrow(s);
  on_model();
  return true;
}

bool SliceSession::Append(Slot d, Slot s, std::size_t n) {
  const Window before = windows_[s];
  if (TooLarge(before.len, static_cast<Int>(n))) return true;
  const std::span<const Token> tokens = FreshTokens(n);
  Window grown;
  const auto on_model = [&] { return model_.Append(before, tokens, &grown); };
  const auto panic = Ask([&] { return subject_->Append(d, s, tokens); }, on_model);
  if (!panic) return AfterThrow(s);
  const SliceModel::Panic expected = on_model();
  if (before.nil && n != 0) Goal(SliceSessionGoal::kNilAppendedTo);
  if (!expected && grown.array == before.array) {
    NoteWrite(SliceSessionGoal::kAppendSeenThroughAnother, s, before.len, static_cast<Int>(n));
  }
  return Settle("append.panic", d, *panic, expected, grown);
}

bool SliceSession::AppendEach(const Call& call) {
  Slot from = call.s;
  for (std::size_t n = 0; n < call.n && !TooLarge(windows_[from].len, 1); ++n) {
    RecordStep(AppendOf(call.d, from, 1));
    if (!Append(call.d, from, 1)) return false;
    if (threw_) return true;  // the burst ends there
    from = call.d;
    const Window& grown = windows_[call.d];
    Observe(static_cast<std::uint64_t>(grown.cap));
    if (const SliceWindow actual = subject_->Window(call.d); actual.cap != grown.cap) {
      return Mismatch("window.capacity", std::to_string(grown.cap), std::to_string(actual.cap));
    }
  }
  return true;
}

bool SliceSession::AppendSlice(const Call& call) {
  const Window& s = windows_[call.s];
  const Window& t = windows_[call.t];
  if (TooLarge(s.len, t.len)) return true;
  return Change(
      "append_slice.panic", call.d, call.s,
      [&] { return subject_->AppendSlice(call.d, call.s, call.t); },
      [&](Window* grown) { return model_.AppendSlice(s, t, grown); });
}

bool SliceSession::Copy(const Call& call) {
  if (Overlap(windows_[call.d], windows_[call.s])) Goal(SliceSessionGoal::kCopyOverlapsItself);
  const auto on_model = [&] { return model_.Copy(windows_[call.d], windows_[call.s]); };
  const auto actual = Ask([&] { return subject_->Copy(call.d, call.s); }, on_model);
  if (!actual) return AfterThrow(call.d);
  const Int expected = on_model();
  if (*actual == expected) return true;
  return Mismatch("copy.count", std::to_string(expected), std::to_string(*actual));
}

bool SliceSession::CopyWithin(const Call& call) {
  const Window& s = windows_[call.s];
  Window to;
  Window from;
  SliceModel::Panic expected = model_.Sub(s, call.i, s.len, &to);
  if (!expected) expected = model_.Sub(s, call.j, s.len, &from);
  Int actual = 0;
  const auto panic = Ask([&] { return subject_->CopyWithin(call.s, call.i, call.j, &actual); },
                         [&] { model_.Copy(to, from); });
  if (!panic) return AfterThrow(call.s);
  if (!SamePanic("copy.panic", *panic, expected)) return false;
  if (expected) return true;
  if (Overlap(to, from)) Goal(SliceSessionGoal::kCopyOverlapsItself);
  const Int count = model_.Copy(to, from);
  if (actual == count) return true;
  return Mismatch("copy.count", std::to_string(count), std::to_string(actual));
}

bool SliceSession::Cut(const Call& call) {
  const Window& s = windows_[call.s];
  Window cut;
  switch (call.op) {
    case SliceOp::kSlice: {
      const SlicePanic panic = subject_->Sub(call.d, call.s, call.i, call.j);
      return Settle("slice.panic", call.d, panic, model_.Sub(s, call.i, call.j, &cut), cut);
    }
    case SliceOp::kSlice3: {
      const SlicePanic panic = subject_->Sub3(call.d, call.s, call.i, call.j, call.k);
      return Settle("slice3.panic", call.d, panic, model_.Sub3(s, call.i, call.j, call.k, &cut),
                    cut);
    }
    case SliceOp::kPopFront: {
      const SlicePanic panic = subject_->PopFront(call.d, call.s);
      return Settle("pop_front.panic", call.d, panic, model_.Sub(s, 1, s.len, &cut), cut);
    }
    case SliceOp::kPopBack: {
      const SlicePanic panic = subject_->PopBack(call.d, call.s);
      return Settle("pop_back.panic", call.d, panic, model_.Sub(s, 0, s.len - 1, &cut), cut);
    }
    default: {
      const SlicePanic panic = subject_->Clip(call.d, call.s);
      return Settle("clip.panic", call.d, panic, model_.Sub3(s, 0, s.len, s.len, &cut), cut);
    }
  }
}

bool SliceSession::Finish() {
  Fuse::Douse();
  last_state_ = State();
  if (!CheckInvariants(kAllSlots)) return false;
  for (Slot slot = 0; slot < header_.slices; ++slot) subject_->SetNil(slot);
  windows_.fill(Window{});
  SurveyAll();
  if (!CompareMemory(subject_->Memory())) return false;
  subject_.reset();  // so that a destructor that fails does so in this trace
  const std::ptrdiff_t more = Fragile::Alive() - alive_before_;
  if (more == 0) return true;
  return Fail(Outcome::kInvariant, more > 0 ? "objects.leaked" : "objects.destroyed_twice", "",
              std::to_string(more > 0 ? more : -more) + " elements");
}

// Whether another slice shows one of s's cells [first, first + n).
void SliceSession::NoteWrite(SliceSessionGoal goal, Slot s, Int first, Int n) {
  Window written = windows_[s];
  if (written.array == SliceModel::kNoArray) return;
  if (WindowsOn(written.array) == 1) return;
  written.offset += first;
  written.len = n;
  for (Slot other = 0; other < header_.slices; ++other) {
    if (other != s && Overlap(windows_[other], written)) return Goal(goal);
  }
}

void SliceSession::NotePanic(SliceModel::Refusal about) {
  using enum SliceModel::Refusal;
  switch (about) {
    case kNone:
      return;
    case kIndex:
      return Goal(SliceSessionGoal::kIndexPanic);
    case kNegativeIndex:
      return Goal(SliceSessionGoal::kIndexNegative);
    case kSlice:
      return Goal(SliceSessionGoal::kSlicePanic);
    case kSlice3:
      return Goal(SliceSessionGoal::kSlice3Panic);
    case kConvert:
      return Goal(SliceSessionGoal::kConvertPanic);
    case kMake:
      return Goal(SliceSessionGoal::kMakePanic);
    case kGrow:
      return Goal(SliceSessionGoal::kGrowPanic);
  }
}

void SliceSession::NoteState(Slot slot) {
  const Window& d = windows_[slot];
  if (d.len >= 1000) Goal(SliceSessionGoal::kThousandCells);
  if (d.len == 0 && !d.nil) Goal(SliceSessionGoal::kEmptyNotNil);
  if (d.array == SliceModel::kNoArray) return;
  const std::size_t shared_by = WindowsOn(d.array);
  if (shared_by >= 4) Goal(SliceSessionGoal::kFourWindowsOnOneArray);
  if (shared_by == 1 && static_cast<std::size_t>(d.cap) * 2 <= model_.ArrayCells(d).size()) {
    Goal(SliceSessionGoal::kShortWindowRetains);
  }
}

std::string SliceSession::Draw() const {
  if (!subject_) return "the slices were destroyed\n";
  std::array<DrawnSlice, kSlices> slices;
  for (Slot slot = 0; slot < header_.slices; ++slot) {
    slices[slot] = {.window = subject_->Window(slot), .cells = subject_->Cells(slot)};
  }
  return RenderSlices(std::span<const DrawnSlice>(slices).first(header_.slices));
}

// What the operation reads, and the numbers that its places stand for.
std::string SliceSession::Annotate(const Op& op) const {
  if (!subject_ || IsFuse(static_cast<SliceOp>(op.code))) return "";
  const Call call = Resolve(op);
  const Window& s = windows_[call.s];
  std::string text = SliceName(call.s) + " len " + std::to_string(s.len) + " cap " +
                     std::to_string(s.cap) + (s.nil ? " nil" : "");
  const auto add = [&](std::string_view name, Int value) {
    text += std::string(", ") + std::string(name) + "=" + std::to_string(value);
  };
  const std::size_t places = PlacesOf(call.op);
  if (places >= 1) add("i", call.i);
  if (places >= 2) add("j", call.j);
  if (places >= 3) add("k", call.k);
  return text;
}

std::array<std::uint8_t, 8> SliceSession::State() const {
  const auto width = [](std::size_t n) { return static_cast<std::uint8_t>(std::bit_width(n)); };
  std::size_t zero_capacity = 0;
  std::size_t nil = 0;
  Int longest = 0;
  Int most_offset = 0;
  std::size_t most_shared = 0;
  for (const Window& w : Live()) {
    nil += w.nil;
    zero_capacity += !w.nil && w.cap == 0;
    most_offset = std::max(most_offset, w.offset);
    if (w.array == SliceModel::kNoArray) continue;
    longest = std::max(longest, w.cap);
    most_shared = std::max(most_shared, WindowsOn(w.array));
  }
  return {static_cast<std::uint8_t>(reach_.arrays), width(reach_.cells),
          width(static_cast<std::size_t>(longest)), width(static_cast<std::size_t>(most_offset)),
          static_cast<std::uint8_t>(most_shared),   static_cast<std::uint8_t>(nil),
          static_cast<std::uint8_t>(zero_capacity), width(model_.allocations())};
}

void SliceSession::StructuralState(std::span<std::uint8_t> features) const {
  std::fill(features.begin(), features.end(), std::uint8_t{0});
  const auto state = subject_ ? State() : last_state_;
  std::copy_n(state.begin(), std::min(state.size(), features.size()), features.begin());
}

}  // namespace slotproof
