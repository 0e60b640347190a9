#include "harness/subject/vocabulary.h"

#include <algorithm>
#include <bit>

namespace slotproof {
namespace {

// The values of a universe's field: 8 << 20 is half of what a payload can hold.
constexpr std::uint32_t kMostUniverses = 21;

// Such words survive the text form, which splits at blanks and ends a line at #.
bool IsWord(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != '#'; });
}

bool IsLetters(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::optional<std::string> CheckChoices(std::span<const std::string_view> choices) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!IsWord(choices[i])) {
      return "the choice \"" + std::string(choices[i]) + "\" is not one word";
    }
    if (std::ranges::count(choices.first(i), choices[i]) != 0) {
      return "the choice \"" + std::string(choices[i]) + "\" appears twice";
    }
  }
  return std::nullopt;
}

std::optional<std::string> CheckOperand(const Operand& operand) {
  if (!std::has_single_bit(operand.limit)) return "an operand's limit is a power of two";
  if (operand.shift + std::bit_width(operand.limit - 1) > kPayloadBits) {
    return "an operand lies in the payload's " + std::to_string(kPayloadBits) + " bits";
  }
  if (operand.kind == OperandKind::kHandle && !IsLetters(operand.prefix)) {
    return "a handle has a prefix of letters";
  }
  if (operand.kind == OperandKind::kChoice && operand.choices.size() != operand.limit) {
    return "a choice has as many names as values";
  }
  return CheckChoices(operand.choices);
}

std::optional<std::string> CheckOperands(const OperandList& operands) {
  std::uint32_t taken = 0;
  for (const Operand& operand : operands) {
    if (auto broken = CheckOperand(operand)) return broken;
    const std::uint32_t bits = (operand.limit - 1) << operand.shift;
    if ((taken & bits) != 0) return "two operands share a bit of the payload";
    taken |= bits;
  }
  return std::nullopt;
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

std::uint32_t PayloadMask(const Vocabulary& vocabulary, const OpSpec& op, const Header& header) {
  std::uint32_t mask = 0;
  for (const Operand& operand : op.operands) {
    mask |= (OperandLimit(vocabulary, operand, header) - 1) << operand.shift;
  }
  return mask;
}

bool SameMeaning(const Operand& one, const Operand& other) {
  return one.kind == other.kind && one.prefix == other.prefix &&
         std::ranges::equal(one.choices, other.choices);
}

Op LargestOp(const Vocabulary& vocabulary, std::size_t code) {
  Op op = {.code = static_cast<std::uint8_t>(code)};
  for (const Operand& operand : vocabulary.ops[code].operands) {
    SetOperandValue(&op, operand, operand.limit - 1);
  }
  return op;
}

std::optional<std::string> CheckVocabulary(const Vocabulary& vocabulary) {
  if (vocabulary.ops.empty()) return "a vocabulary has at least one operation";
  if (auto broken = CheckNames(vocabulary.ops, kMaxOps)) return broken;
  if (auto broken = CheckNames(vocabulary.fields, kMaxFields)) return broken;
  for (const OpSpec& op : vocabulary.ops) {
    if (op.name == "header" || op.name == "target") {
      return std::string(op.name) + ": the text form gives this word another meaning";
    }
    if (auto broken = CheckOperands(op.operands)) return std::string(op.name) + ": " + *broken;
  }
  for (const FieldSpec& field : vocabulary.fields) {
    if (field.width != 1 && field.width != 2 && field.width != 4) {
      return std::string(field.name) + ": a field is 1, 2 or 4 bytes wide";
    }
  }
  if (vocabulary.universe) {
    const std::size_t field = vocabulary.universe->field;
    if (field >= vocabulary.fields.size()) return "the field of the universe is missing";
    if (!std::has_single_bit(vocabulary.universe->least)) {
      return "the least universe is a power of two";
    }
    const std::uint32_t limit = FieldLimit(vocabulary.fields[field]);
    if (limit == 0 || limit > kMostUniverses) {
      return std::string(vocabulary.fields[field].name) + ": a universe has at most " +
             std::to_string(kMostUniverses) + " sizes";
    }
  }
  return std::nullopt;
}

}  // namespace slotproof
