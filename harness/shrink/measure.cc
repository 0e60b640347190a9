#include "harness/shrink/measure.h"

#include <algorithm>
#include <span>
#include <utility>

namespace slotproof {
namespace {

// The things that operations name, each once. There are few, so a list will do.
class NameSet {
 public:
  explicit NameSet(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  void Add(const Op& op) {
    for (const Operand& operand : vocabulary_.ops[op.code].operands) {
      if (!IsName(operand)) continue;
      names_.emplace_back(SortOf(operand), OperandValue(op, operand));
    }
  }

  std::size_t Count() {
    std::ranges::sort(names_);
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    return names_.size();
  }

 private:
  std::size_t SortOf(const Operand& operand) {
    const auto same = [&](const Operand* sort) { return SameMeaning(*sort, operand); };
    const auto it = std::ranges::find_if(sorts_, same);
    if (it != sorts_.end()) return static_cast<std::size_t>(it - sorts_.begin());
    sorts_.push_back(&operand);
    return sorts_.size() - 1;
  }

  const Vocabulary& vocabulary_;
  std::vector<const Operand*> sorts_;
  std::vector<std::pair<std::size_t, std::uint32_t>> names_;
};

}  // namespace

bool IsName(const Operand& operand) {
  return operand.kind == OperandKind::kKey || operand.kind == OperandKind::kHandle ||
         operand.kind == OperandKind::kThread;
}

Measure MeasureOf(const Vocabulary& vocabulary, const Trace& trace, std::size_t failed_at,
                  const TraceSteps* steps) {
  Measure measure;
  NameSet names(vocabulary);
  const std::size_t ran = failed_at < trace.ops.size() ? failed_at + 1 : trace.ops.size();
  for (std::size_t i = 0; i < ran; ++i) {
    const bool known = steps != nullptr && i < steps->of.size();
    const std::span<const Op> parts =
        known ? std::span<const Op>(steps->of[i]) : std::span<const Op>(&trace.ops[i], 1);
    measure.steps += parts.size();
    for (const Op& op : parts) names.Add(op);
  }
  if (steps != nullptr && !steps->complete) measure.steps = steps->count;
  measure.names = names.Count();
  measure.fields = trace.header.field;
  measure.fields_set = measure.fields.size() - static_cast<std::size_t>(std::ranges::count(
                                                   measure.fields, std::uint32_t{0}));
  measure.lines = trace.ops.size();
  measure.text.reserve(trace.ops.size());
  for (const Op& op : trace.ops) {
    measure.text.push_back(std::uint32_t{op.code} << kPayloadBits | Payload(op));
  }
  return measure;
}

}  // namespace slotproof
