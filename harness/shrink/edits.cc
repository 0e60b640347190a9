#include "harness/shrink/edits.h"

#include <algorithm>
#include <numeric>

#include "harness/shrink/measure.h"

namespace slotproof {

std::vector<std::uint32_t> Simpler(std::uint32_t value) {
  std::vector<std::uint32_t> values;
  if (value == 0) return values;
  values.push_back(0);
  if (value / 2 != 0) values.push_back(value / 2);
  if (value - 1 != 0 && value - 1 != value / 2) values.push_back(value - 1);
  return values;
}

std::vector<std::uint32_t> Simpler(const Operand& operand, std::uint32_t value) {
  if (operand.kind != OperandKind::kChoice) return Simpler(value);
  std::vector<std::uint32_t> values(value);
  std::iota(values.begin(), values.end(), 0u);
  return values;
}

std::vector<std::uint32_t> Simpler(const FieldSpec& field, std::uint32_t value) {
  constexpr std::uint32_t kFirst = 4;
  const bool choice = !field.choices.empty();
  std::vector<std::uint32_t> values(choice ? value : std::min(value, kFirst));
  std::iota(values.begin(), values.end(), 0u);
  if (choice || value <= kFirst) return values;
  if (value / 2 > kFirst) values.push_back(value / 2);
  if (value - 1 != value / 2) values.push_back(value - 1);
  return values;
}

std::vector<std::uint32_t> Neighbours(const Operand& count, std::uint32_t value) {
  constexpr std::uint32_t kFirst = 3;
  std::vector<std::uint32_t> values;
  for (std::uint32_t other = 0; other < std::min(kFirst, count.limit); ++other) {
    if (other != value) values.push_back(other);
  }
  if (value > kFirst) values.push_back(value - 1);
  if (value + 1 >= kFirst && value + 1 < count.limit) values.push_back(value + 1);
  return values;
}

std::vector<const Operand*> NameSorts(const Vocabulary& vocabulary) {
  std::vector<const Operand*> sorts;
  for (const OpSpec& spec : vocabulary.ops) {
    for (const Operand& operand : spec.operands) {
      const auto same = [&](const Operand* sort) { return SameMeaning(*sort, operand); };
      if (IsName(operand) && std::ranges::none_of(sorts, same)) sorts.push_back(&operand);
    }
  }
  return sorts;
}

void ClampToHeader(const Vocabulary& vocabulary, Trace* trace) {
  for (Op& op : trace->ops) {
    const OpSpec& spec = vocabulary.ops[op.code];
    SetPayload(&op, Payload(op) & PayloadMask(vocabulary, spec, trace->header));
  }
}

std::vector<std::uint32_t> NamesIn(const Vocabulary& vocabulary, const Operand& sort,
                                   const Trace& trace) {
  std::vector<std::uint32_t> names;
  for (const Op& op : trace.ops) {
    for (const Operand& operand : vocabulary.ops[op.code].operands) {
      if (SameMeaning(operand, sort)) names.push_back(OperandValue(op, operand));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  constexpr std::size_t kMost = 64;  // the number of pairs grows with its square
  if (names.size() > kMost) names.resize(kMost);
  return names;
}

void Rename(const Vocabulary& vocabulary, const Operand& sort, std::uint32_t from, std::uint32_t to,
            Trace* trace) {
  for (Op& op : trace->ops) {
    for (const Operand& operand : vocabulary.ops[op.code].operands) {
      if (!SameMeaning(operand, sort) || OperandValue(op, operand) != from) continue;
      SetOperandValue(&op, operand, to);
    }
  }
}

void ExchangeNames(const Vocabulary& vocabulary, const Operand& sort, std::uint32_t one,
                   std::uint32_t other, std::span<Op> ops) {
  for (Op& op : ops) {
    for (const Operand& operand : vocabulary.ops[op.code].operands) {
      if (!SameMeaning(operand, sort)) continue;
      const std::uint32_t name = OperandValue(op, operand);
      if (name == one || name == other) SetOperandValue(&op, operand, name == one ? other : one);
    }
  }
}

Trace Without(const Trace& trace, std::size_t begin, std::size_t count) {
  return Replaced(trace, begin, count, {});
}

Trace Replaced(const Trace& trace, std::size_t begin, std::size_t count, std::span<const Op> by) {
  Trace result = {.header = trace.header, .ops = {}};
  const auto first = trace.ops.begin() + static_cast<std::ptrdiff_t>(begin);
  result.ops.reserve(trace.ops.size() - count + by.size());
  result.ops.assign(trace.ops.begin(), first);
  result.ops.insert(result.ops.end(), by.begin(), by.end());
  result.ops.insert(result.ops.end(), first + static_cast<std::ptrdiff_t>(count), trace.ops.end());
  return result;
}

std::optional<Op> BurstOf(const Vocabulary& vocabulary, std::uint8_t code, const Op& first,
                          std::size_t count) {
  if (!vocabulary.ops[code].burst) return std::nullopt;
  Op burst = {.code = code};
  bool counts = false;
  for (const Operand& operand : vocabulary.ops[code].operands) {
    if (operand.kind == OperandKind::kCount) {
      if (counts || count > operand.limit) return std::nullopt;
      SetOperandValue(&burst, operand, static_cast<std::uint32_t>(count - 1));
      counts = true;
      continue;
    }
    const OperandList& names = vocabulary.ops[first.code].operands;
    const auto same = std::ranges::find_if(
        names, [&](const Operand& name) { return IsName(name) && SameMeaning(name, operand); });
    if (same == names.end()) return std::nullopt;
    SetOperandValue(&burst, operand, OperandValue(first, *same));
  }
  return counts ? std::optional(burst) : std::nullopt;
}

bool LowerCount(const Vocabulary& vocabulary, Op* op) {
  for (const Operand& operand : vocabulary.ops[op->code].operands) {
    const std::uint32_t value = OperandValue(*op, operand);
    if (operand.kind != OperandKind::kCount || value == 0) continue;
    SetOperandValue(op, operand, value - 1);
    return true;
  }
  return false;
}

}  // namespace slotproof
