#include "harness/shrink/leaps.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <tuple>

#include "harness/shrink/edits.h"
#include "harness/shrink/measure.h"

namespace slotproof {
namespace {

// The number of candidates grows with the length, or with its square times that of the vocabulary.
constexpr std::size_t kMostWithCounts = 8;
constexpr std::size_t kMostForTwo = 8;

}  // namespace

bool TryOtherChoices(const Vocabulary& vocabulary, const Trace& trace, const Take& take) {
  std::set<std::tuple<std::uint8_t, std::size_t, std::uint32_t>> tried;
  for (const Op& op : trace.ops) {
    const OperandList& operands = vocabulary.ops[op.code].operands;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const Operand& operand = operands[i];
      const std::uint32_t present = OperandValue(op, operand);
      if (operand.kind != OperandKind::kChoice || !tried.insert({op.code, i, present}).second)
        continue;
      for (std::uint32_t value = 0; value < operand.limit; ++value) {
        if (value == present) continue;
        Trace candidate = trace;
        for (Op& other : candidate.ops) {
          if (other.code == op.code && OperandValue(other, operand) == present)
            SetOperandValue(&other, operand, value);
        }
        if (take(candidate)) return true;
      }
    }
  }
  return false;
}

bool TryWithoutMoves(const Vocabulary& vocabulary, const Trace& trace, const Take& take) {
  for (std::size_t i = 0; i < trace.ops.size(); ++i) {
    const Op& op = trace.ops[i];
    const OperandList& operands = vocabulary.ops[op.code].operands;
    if (operands.size() < 2 || !IsName(operands[0])) continue;
    if (!SameMeaning(operands[0], operands[1])) continue;
    const std::uint32_t to = OperandValue(op, operands[0]);
    const std::uint32_t from = OperandValue(op, operands[1]);
    if (to == from) continue;
    Trace candidate = Without(trace, i);
    ExchangeNames(vocabulary, operands[0], to, from, std::span(candidate.ops).subspan(i));
    if (take(candidate)) return true;
  }
  return false;
}

bool TryOneForTwo(const Vocabulary& vocabulary, const Trace& trace, const Take& take) {
  const std::size_t size = trace.ops.size();
  if (size > kMostForTwo) return false;
  for (std::size_t dropped = size; dropped-- > 0;) {
    for (std::size_t changed = 0; changed < size; ++changed) {
      if (changed == dropped) continue;
      for (std::size_t code = 0; code < vocabulary.ops.size(); ++code) {
        if (code == trace.ops[changed].code) continue;
        Trace candidate = trace;
        candidate.ops[changed].code = static_cast<std::uint8_t>(code);
        ClampToHeader(vocabulary, &candidate);
        if (take(Without(candidate, dropped))) return true;
      }
    }
  }
  return false;
}

bool TryHeadersWithCounts(const Vocabulary& vocabulary, const Trace& trace, const Take& take) {
  if (trace.ops.size() > kMostWithCounts) return false;
  for (std::size_t field = 0; field < vocabulary.fields.size(); ++field) {
    const auto choices = static_cast<std::uint32_t>(vocabulary.fields[field].choices.size());
    for (std::uint32_t choice = 0; choice < choices; ++choice) {
      if (trace.header.field[field] == choice) continue;
      for (std::size_t i = 0; i < trace.ops.size(); ++i) {
        for (const Operand& operand : vocabulary.ops[trace.ops[i].code].operands) {
          if (operand.kind != OperandKind::kCount) continue;
          const std::uint32_t present = OperandValue(trace.ops[i], operand);
          for (const std::uint32_t count : Neighbours(operand, present)) {
            Trace candidate = trace;
            candidate.header.field[field] = choice;
            SetOperandValue(&candidate.ops[i], operand, count);
            ClampToHeader(vocabulary, &candidate);
            if (take(candidate)) return true;
          }
        }
      }
    }
  }
  return false;
}

}  // namespace slotproof
