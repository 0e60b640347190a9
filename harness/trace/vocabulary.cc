#include "harness/trace/vocabulary.h"

#include <algorithm>
#include <bit>

namespace slotproof {
namespace {

std::optional<std::string> CheckOperand(const OpSpec& op, const Operand& operand,
                                        std::uint32_t most) {
  if (operand.kind == OperandKind::kNone) {
    if (operand.limit == 1) return std::nullopt;
    return std::string(op.name) + ": an absent operand has limit 1";
  }
  if (std::has_single_bit(operand.limit) && operand.limit <= most) return std::nullopt;
  return std::string(op.name) + ": an operand's limit is a power of two, at most " +
         std::to_string(most);
}

template <class Specs>
std::optional<std::string> CheckNames(const Specs& specs, std::size_t most) {
  if (specs.size() > most) return "at most " + std::to_string(most) + " entries";
  for (std::size_t i = 0; i < specs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (specs[i].name == specs[j].name) return std::string(specs[i].name) + " appears twice";
    }
  }
  return std::nullopt;
}

}  // namespace

std::size_t Vocabulary::HeaderBytes() const {
  std::size_t bytes = 0;
  for (const FieldSpec& field : fields) bytes += field.width;
  return bytes;
}

std::optional<std::size_t> Vocabulary::FindOp(std::string_view op_name) const {
  const auto it =
      std::find_if(ops.begin(), ops.end(), [&](const OpSpec& op) { return op.name == op_name; });
  if (it == ops.end()) return std::nullopt;
  return static_cast<std::size_t>(it - ops.begin());
}

std::optional<std::size_t> Vocabulary::FindField(std::string_view field_name) const {
  const auto it = std::find_if(fields.begin(), fields.end(),
                               [&](const FieldSpec& field) { return field.name == field_name; });
  if (it == fields.end()) return std::nullopt;
  return static_cast<std::size_t>(it - fields.begin());
}

std::uint32_t FieldLimit(const FieldSpec& field) {
  if (!field.choices.empty()) return static_cast<std::uint32_t>(field.choices.size());
  if (field.limit != 0) return field.limit;
  return field.width >= 4 ? 0 : std::uint32_t{1} << (8 * field.width);
}

std::uint32_t OperandLimit(const Vocabulary& vocabulary, const Operand& operand,
                           const Header& header) {
  if (operand.kind != OperandKind::kKey || !vocabulary.key_universe_field) return operand.limit;
  const std::uint32_t universe = 8u << header.field[*vocabulary.key_universe_field];
  return std::min(universe, operand.limit);
}

std::optional<std::string> CheckVocabulary(const Vocabulary& vocabulary) {
  if (vocabulary.ops.empty()) return "a vocabulary has at least one operation";
  if (auto broken = CheckNames(vocabulary.ops, kMaxOps)) return broken;
  if (auto broken = CheckNames(vocabulary.fields, kMaxFields)) return broken;
  for (const OpSpec& op : vocabulary.ops) {
    if (op.name == "header" || op.name == "target") {
      return std::string(op.name) + ": the text form gives this word another meaning";
    }
    if (auto broken = CheckOperand(op, op.a, 65536)) return broken;
    if (auto broken = CheckOperand(op, op.b, 256)) return broken;
  }
  for (const FieldSpec& field : vocabulary.fields) {
    if (field.width != 1 && field.width != 2 && field.width != 4) {
      return std::string(field.name) + ": a field is 1, 2 or 4 bytes wide";
    }
  }
  return std::nullopt;
}

}  // namespace slotproof
