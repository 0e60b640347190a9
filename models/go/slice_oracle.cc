#include "models/go/slice_oracle.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "models/go/slice_abi.h"

namespace slotproof::go {
namespace {

// What is handed over at once: enough to make the call's cost vanish, and fits into the cache.
constexpr std::size_t kBatch = 1024;

// The numbers of the enumerations are those of the C headers.
static_assert(static_cast<int>(Status::kDone) == kSlotproofGoDone);
static_assert(static_cast<int>(Status::kPanicked) == kSlotproofGoPanicked);
static_assert(static_cast<int>(Status::kDeclined) == kSlotproofGoDeclined);
static_assert(static_cast<int>(BoundsCode::kNone) == kSlotproofGoNoCode);
static_assert(static_cast<int>(Operand::kSlice) == kSlotproofGoSlice);
static_assert(static_cast<int>(Operand::kString) == kSlotproofGoString);
static_assert(static_cast<int>(Form::kIndex) == kSlotproofGoIndex);
static_assert(static_cast<int>(Form::kLowHighMax) == kSlotproofGoLowHighMax);
static_assert(static_cast<int>(Form::kToArray) == kSlotproofGoToArray);

Answer ToAnswer(const SlotproofGoWindow& result) {
  Answer answer;
  answer.status = static_cast<Status>(result.outcome.status);
  if (answer.status == Status::kDone) {
    answer.window = {.offset = result.offset,
                     .len = result.len,
                     .cap = result.cap,
                     .is_nil = result.is_nil != 0};
    return answer;
  }
  answer.panic.message.assign(result.outcome.message,
                              static_cast<std::size_t>(result.outcome.message_bytes));
  if (answer.status == Status::kPanicked) {
    answer.panic.code = static_cast<BoundsCode>(result.outcome.code);
    answer.panic.x = result.outcome.x;
    answer.panic.y = result.outcome.y;
  }
  return answer;
}

SlotproofGoAppendCase ToAbi(const AppendCase& c) {
  return {.elem_bytes = c.elem_bytes,
          .old_cap = c.old_cap,
          .need = c.need,
          .sure_of_panic = c.sure_of_panic};
}

SlotproofGoMakeCase ToAbi(const MakeCase& c) {
  return {.elem_bytes = c.elem_bytes, .len = c.len, .cap = c.cap};
}

SlotproofGoExpression ToAbi(const Expression& c) {
  return {.operand = static_cast<std::int32_t>(c.operand),
          .form = static_cast<std::int32_t>(c.form),
          .elem_bytes = c.elem_bytes,
          .len = c.len,
          .cap = c.cap,
          .i = c.i,
          .j = c.j,
          .k = c.k};
}

template <class Case, class AbiCase>
std::vector<Answer> Ask(std::span<const Case> cases,
                        void (*ask)(AbiCase*, SlotproofGoWindow*, std::int64_t)) {
  std::vector<Answer> answers;
  answers.reserve(cases.size());
  std::vector<AbiCase> batch;
  std::vector<SlotproofGoWindow> results(std::min(kBatch, cases.size()));
  while (!cases.empty()) {
    const std::size_t count = std::min(kBatch, cases.size());
    batch.clear();
    for (const Case& c : cases.first(count)) batch.push_back(ToAbi(c));
    ask(batch.data(), results.data(), static_cast<std::int64_t>(count));
    for (std::size_t i = 0; i < count; ++i) answers.push_back(ToAnswer(results[i]));
    cases = cases.subspan(count);
  }
  return answers;
}

}  // namespace

const std::int64_t kMostElemBytes = kSlotproofGoMostElemBytes;
const std::int64_t kMostCells = kSlotproofGoMostCells;
const std::int64_t kArrayCells = kSlotproofGoArrayCells;

std::string RuntimeVersion() {
  std::array<char, 64> text{};
  SlotproofGoVersion(text.data(), text.size());
  return text.data();
}

std::vector<Answer> AppendCaps(std::span<const AppendCase> cases) {
  return Ask(cases, SlotproofGoAppend);
}

std::vector<std::uint64_t> RoundUpSizes(std::span<const std::uint64_t> bytes) {
  std::vector<std::uint64_t> sizes(bytes.begin(), bytes.end());
  if (!sizes.empty()) SlotproofGoRoundUp(sizes.data(), static_cast<std::int64_t>(sizes.size()));
  return sizes;
}

std::vector<Answer> Make(std::span<const MakeCase> cases) { return Ask(cases, SlotproofGoMake); }

std::vector<Answer> Evaluate(std::span<const Expression> cases) {
  return Ask(cases, SlotproofGoEvaluate);
}

std::ostream& operator<<(std::ostream& os, const AppendCase& c) {
  return os << "append to cap " << c.old_cap << ", need " << c.need << ", " << c.elem_bytes
            << "-byte elements";
}

std::ostream& operator<<(std::ostream& os, const MakeCase& c) {
  return os << "make([]T, " << c.len << ", " << c.cap << "), " << c.elem_bytes << "-byte elements";
}

std::ostream& operator<<(std::ostream& os, const Expression& c) {
  switch (c.form) {
    case Form::kIndex:
      os << "s[" << c.i << ']';
      break;
    case Form::kLow:
      os << "s[" << c.i << ":]";
      break;
    case Form::kHigh:
      os << "s[:" << c.j << ']';
      break;
    case Form::kLowHigh:
      os << "s[" << c.i << ':' << c.j << ']';
      break;
    case Form::kHighMax:
      os << "s[:" << c.j << ':' << c.k << ']';
      break;
    case Form::kLowHighMax:
      os << "s[" << c.i << ':' << c.j << ':' << c.k << ']';
      break;
    case Form::kToArray:
      os << "(*[" << c.i << "]T)(s)";
      break;
  }
  static constexpr std::array kNames = {"slice", "nil slice", "array pointer", "string"};
  return os << " of a " << kNames[static_cast<std::size_t>(c.operand)] << ", len " << c.len
            << ", cap " << c.cap << ", " << c.elem_bytes << "-byte elements";
}

std::ostream& operator<<(std::ostream& os, const Answer& answer) {
  if (answer.status == Status::kDeclined) return os << "declined: " << answer.panic.message;
  if (answer.status == Status::kPanicked) return os << answer.panic.message;
  const Window& window = answer.window;
  os << "{offset " << window.offset << ", len " << window.len << ", cap " << window.cap;
  return os << (window.is_nil ? ", nil}" : "}");
}

}  // namespace slotproof::go
