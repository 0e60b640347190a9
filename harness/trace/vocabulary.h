#ifndef SLOTPROOF_HARNESS_TRACE_VOCABULARY_H_
#define SLOTPROOF_HARNESS_TRACE_VOCABULARY_H_

#include <array>
#include <cstddef>
#include <cstdint>
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
//                                       | code | b | a (16 bits, little-endian) |
//
// Invariants of a vocabulary, checked by CheckVocabulary():
//   - the limit of each operand is a power of two, so that decoding is a mask;
//   - at most 64 operations and 8 header fields; names are unique.

namespace slotproof {

inline constexpr std::size_t kMaxFields = 8;
inline constexpr std::size_t kMaxOps = 64;
inline constexpr std::size_t kOpBytes = 4;

// One operation: what it does, and two small operands.
struct Op {
  std::uint8_t code = 0;
  std::uint8_t b = 0;
  std::uint16_t a = 0;

  friend bool operator==(const Op&, const Op&) = default;
};
static_assert(sizeof(Op) == kOpBytes);

// What an operand stands for decides how it is written, generated and simplified.
enum class OperandKind : std::uint8_t {
  kNone,    // absent
  kKey,     // an index into the key table, written k7; different operations may share it
  kHandle,  // one of a few live objects (an iterator, a slice), written i0
  kThread,  // which thread runs the operation, written t0
  kCount,   // how often, at least 1, written x12 (stored less one)
  kNumber,  // a plain number, written 12
};

struct Operand {
  OperandKind kind = OperandKind::kNone;
  std::uint32_t limit = 1;  // values are below it; a power of two, at most 65,536 (a) or 256 (b)
};

struct OpSpec {
  std::string_view name;
  Operand a;
  Operand b;
  std::string_view help;
};

// A field of the header: a choice among names, or a number below limit (0: the whole width).
struct FieldSpec {
  std::string_view name;
  std::uint8_t width = 1;  // bytes: 1, 2 or 4
  std::uint32_t limit = 0;
  std::span<const std::string_view> choices = {};
  std::string_view help;
};

struct Vocabulary {
  std::string_view name;
  std::uint16_t version = 1;
  std::span<const FieldSpec> fields;
  std::span<const OpSpec> ops;
  // The field whose value v bounds key operands by 8 << v, if there is one.
  std::optional<std::size_t> key_universe_field = std::nullopt;

  std::size_t HeaderBytes() const;
  std::optional<std::size_t> FindOp(std::string_view op_name) const;
  std::optional<std::size_t> FindField(std::string_view field_name) const;
};

struct Header {
  std::array<std::uint32_t, kMaxFields> field{};

  friend bool operator==(const Header&, const Header&) = default;
};

// Exclusive bound of the operand under this header.
std::uint32_t OperandLimit(const Vocabulary& vocabulary, const Operand& operand,
                           const Header& header);

// Exclusive bound of the field's values; 0 stands for 2^32.
std::uint32_t FieldLimit(const FieldSpec& field);

// The first broken rule of the tables, in words; nothing when they are sound.
std::optional<std::string> CheckVocabulary(const Vocabulary& vocabulary);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_TRACE_VOCABULARY_H_
