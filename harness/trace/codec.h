#ifndef SLOTPROOF_HARNESS_TRACE_CODEC_H_
#define SLOTPROOF_HARNESS_TRACE_CODEC_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

// Bytes to traces and back. The layout is drawn in vocabulary.h.
//
// Decoding is total: missing header bytes read as zero, a field is reduced modulo its limit, an
// opcode modulo the number of operations, operands are masked, and up to three bytes that do not
// fill an operation are dropped. Encoding is canonical:
//
//   Decode(Encode(t)) == t                       for every trace within its limits
//   Decode(Encode(Decode(b))) == Decode(b)       for every byte string
//
// Operations have a fixed width, so that a mutated byte changes one operation. Decoding one is
// three instructions on its 32-bit word: the masks for each first byte are made beforehand, a table
// for each size of the key universe. No allocation once the vector has grown.

namespace slotproof {

class Codec {
 public:
  // The vocabulary must outlive the codec.
  explicit Codec(const Vocabulary& vocabulary);

  const Vocabulary& vocabulary() const { return *vocabulary_; }
  std::size_t header_bytes() const { return header_bytes_; }

  // Replaces *trace, reusing its memory.
  void Decode(std::span<const std::uint8_t> bytes, Trace* trace) const;
  Trace Decode(std::span<const std::uint8_t> bytes) const;

  // Replaces *bytes, reusing its memory.
  void Encode(const Trace& trace, std::vector<std::uint8_t>* bytes) const;
  std::vector<std::uint8_t> Encode(const Trace& trace) const;

  // The nearest valid trace: what decoding the encoded trace would give.
  void Canonicalize(Trace* trace) const;

 private:
  // By an operation's first byte: the code that it stands for, then the payload's mask.
  using Masks = std::array<std::uint32_t, 256>;

  // What decoding needs to know of a field.
  struct FieldShape {
    std::uint32_t width;
    std::uint32_t mask;   // of `width` bytes
    std::uint32_t limit;  // 0: none
  };
  using HeaderBuffer = std::array<std::uint8_t, kMaxFields * sizeof(std::uint32_t)>;

  Masks MasksFor(const Header& header) const;
  void DecodeHeader(std::span<const std::uint8_t> bytes, Header* header) const;
  void EncodeHeader(const Header& header, HeaderBuffer* buffer) const;

  const Vocabulary* vocabulary_;
  std::size_t header_bytes_;
  std::array<FieldShape, kMaxFields> fields_{};
  std::vector<Masks> masks_;  // by the value of the key universe field, if there is one
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_TRACE_CODEC_H_
