#ifndef SLOTPROOF_HARNESS_SUBJECT_VOCABULARY_H_
#define SLOTPROOF_HARNESS_SUBJECT_VOCABULARY_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// A vocabulary says which operations a kind of subject has, as plain tables. Codec, text form,
// generator, mutator and shrinker are written once over these tables, so that a new kind of subject
// adds a description and no logic.
//
//   raw bytes of a trace (no magic: every byte string is a valid trace)
//
//   | header: each field little-endian, Field::width bytes | op 0 | op 1 | ...
//                                                          |
//                             | code, 8 bits | payload, 24 bits little-endian |
//
//   payload of "insert_fresh k3 x12"     | key, 12 bits at 8 |  | count, 6 bits at 0 |
//   payload of "slice3 s1 s0 1 len cap"  places, handles: fields of a few bits each, lowest first
//
// Invariants of a vocabulary, checked by CheckVocabulary():
//   - the limit of each operand is a power of two, so that decoding is a mask;
//   - the operands of one operation lie in the payload and do not overlap;
//   - a word of the text form means one value: names of choices and letters of handles are words;
//   - at most 64 operations and 8 header fields; names are unique.

namespace slotproof {

inline constexpr std::size_t kMaxFields = 8;
inline constexpr std::size_t kMaxOps = 64;
inline constexpr std::size_t kMaxOperands = 5;
inline constexpr std::size_t kOpBytes = 4;
inline constexpr std::uint32_t kPayloadBits = 24;

// One operation: what it does, and a payload that holds its operands.
struct Op {
  std::uint8_t code = 0;
  std::uint8_t b = 0;   // the payload's bits 0 to 7
  std::uint16_t a = 0;  // the payload's bits 8 to 23

  friend bool operator==(const Op&, const Op&) = default;
};
static_assert(sizeof(Op) == kOpBytes);

// What an operand stands for decides how it is written, generated and simplified.
enum class OperandKind : std::uint8_t {
  kKey,     // an index into the key table, written k7; different operations may share it
  kHandle,  // one of a few live objects, written with the letter of their sort: i0, s1
  kThread,  // which thread runs the operation, written t0
  kCount,   // how often, at least 1, written x12 (stored less one)
  kNumber,  // a plain number, written 12
  kChoice,  // one of a list of names, written as the name; the first is the simplest
};

struct Operand {
  OperandKind kind = OperandKind::kNumber;
  std::uint8_t shift = 0;                          // its lowest bit in the payload
  std::uint32_t limit = 1;                         // values are below it; a power of two
  std::string_view prefix = {};                    // of a handle: its letter
  std::span<const std::string_view> choices = {};  // of a choice: a name for each value
  std::string_view noun = {};  // what errors call it, "a slice"; when empty, after its kind
};

// The operands of an operation, in the order in which they are written. Destinations come first.
class OperandList {
 public:
  constexpr OperandList() = default;
  constexpr OperandList(std::initializer_list<Operand> operands) {
    for (const Operand& operand : operands) operands_.at(size_++) = operand;
  }

  constexpr OperandList(const std::array<Operand, kMaxOperands>& operands, std::size_t size)
      : operands_(operands), size_(size) {}

  constexpr const Operand* begin() const { return operands_.data(); }
  constexpr const Operand* end() const { return begin() + size_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const Operand& operator[](std::size_t i) const { return operands_[i]; }

 private:
  std::array<Operand, kMaxOperands> operands_{};
  std::size_t size_ = 0;
};

// The operand with its field in another place of the payload.
constexpr Operand At(std::uint8_t shift, Operand operand) {
  operand.shift = shift;
  return operand;
}

// The operands laid side by side in the payload, the first lowest.
constexpr OperandList Packed(std::initializer_list<Operand> operands) {
  std::array<Operand, kMaxOperands> placed{};
  std::size_t count = 0;
  std::uint8_t shift = 0;
  for (const Operand& operand : operands) {
    placed.at(count++) = At(shift, operand);
    shift = static_cast<std::uint8_t>(shift + std::bit_width(operand.limit - 1));
  }
  return OperandList(placed, count);
}

// One of these names.
constexpr Operand ChoiceOf(std::string_view noun, std::span<const std::string_view> choices) {
  return {.kind = OperandKind::kChoice,
          .limit = static_cast<std::uint32_t>(choices.size()),
          .choices = choices,
          .noun = noun};
}

inline std::uint32_t Payload(const Op& op) { return op.b | std::uint32_t{op.a} << 8; }

inline void SetPayload(Op* op, std::uint32_t payload) {
  op->b = static_cast<std::uint8_t>(payload);
  op->a = static_cast<std::uint16_t>(payload >> 8);
}

inline std::uint32_t OperandValue(const Op& op, const Operand& operand) {
  return Payload(op) >> operand.shift & (operand.limit - 1);
}

// Bits of the value beyond the operand's limit are dropped.
inline void SetOperandValue(Op* op, const Operand& operand, std::uint32_t value) {
  const std::uint32_t mask = (operand.limit - 1) << operand.shift;
  SetPayload(op, (Payload(*op) & ~mask) | (value << operand.shift & mask));
}

struct OpSpec {
  std::string_view name;
  OperandList operands;
  std::string_view help;
  // Stands for other operations of the vocabulary, which ones being known only when it runs. The
  // session records them then (Session::RecordStep).
  bool burst = false;
};
inline constexpr bool kBurst = true;

// A field of the header: a choice among names, of which each is simpler than those after it, or a
// number below limit (0: the whole width).
struct FieldSpec {
  std::string_view name;
  std::uint8_t width = 1;  // bytes: 1, 2 or 4
  std::uint32_t limit = 0;
  std::span<const std::string_view> choices = {};
  std::string_view help;
};

// How many keys or handles a trace may name, chosen by its header: least << the field's value.
struct Universe {
  OperandKind kind = OperandKind::kKey;
  std::size_t field = 0;  // a value of it is at most 20
  std::uint32_t least = 8;
};

struct Vocabulary {
  std::string_view name;
  std::uint16_t version = 1;
  // Traces from this version on mean the same still: later versions only added operations and
  // choices at the ends of their lists. 0: those of `version` alone.
  std::uint16_t oldest_version = 0;
  std::span<const FieldSpec> fields;
  std::span<const OpSpec> ops;
  std::optional<Universe> universe = std::nullopt;

  std::size_t HeaderBytes() const;
  std::optional<std::size_t> FindOp(std::string_view op_name) const;
  std::optional<std::size_t> FindField(std::string_view field_name) const;
};

struct Header {
  std::array<std::uint32_t, kMaxFields> field{};

  friend bool operator==(const Header&, const Header&) = default;
};

inline std::uint32_t UniverseSize(const Universe& universe, const Header& header) {
  return universe.least << header.field[universe.field];
}

// Exclusive bound of the operand under this header.
inline std::uint32_t OperandLimit(const Vocabulary& vocabulary, const Operand& operand,
                                  const Header& header) {
  const std::optional<Universe>& universe = vocabulary.universe;
  if (!universe || operand.kind != universe->kind) return operand.limit;
  return std::min(UniverseSize(*universe, header), operand.limit);
}

// The payload's bits that operands of this operation may set under this header.
std::uint32_t PayloadMask(const Vocabulary& vocabulary, const OpSpec& op, const Header& header);

// Whether equal values of the two stand for one thing: the same key, the same slice.
bool SameMeaning(const Operand& one, const Operand& other);

// The operation with the largest value of each operand.
Op LargestOp(const Vocabulary& vocabulary, std::size_t code);

// Exclusive bound of the field's values; 0 stands for 2^32.
std::uint32_t FieldLimit(const FieldSpec& field);

// The first broken rule of the tables, in words; nothing when they are sound.
std::optional<std::string> CheckVocabulary(const Vocabulary& vocabulary);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_VOCABULARY_H_
