#include "harness/trace/codec.h"

#include <bit>
#include <cstring>

namespace slotproof {

static_assert(std::endian::native == std::endian::little,
              "operations are copied as they lie in memory");

Codec::Codec(const Vocabulary& vocabulary)
    : vocabulary_(&vocabulary), header_bytes_(vocabulary.HeaderBytes()) {}

std::array<Codec::Masks, 256> Codec::MasksFor(const Header& header) const {
  std::array<Masks, 256> masks;
  const std::size_t op_count = vocabulary_->ops.size();
  for (std::size_t byte = 0; byte < op_count; ++byte) {
    const OpSpec& op = vocabulary_->ops[byte];
    masks[byte] = {
        .a = static_cast<std::uint16_t>(OperandLimit(*vocabulary_, op.a, header) - 1),
        .b = static_cast<std::uint8_t>(OperandLimit(*vocabulary_, op.b, header) - 1),
        .code = static_cast<std::uint8_t>(byte),
    };
  }
  for (std::size_t byte = op_count; byte < masks.size(); ++byte) {
    masks[byte] = masks[byte - op_count];
  }
  return masks;
}

void Codec::DecodeHeader(std::span<const std::uint8_t> bytes, Header* header) const {
  *header = Header{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < vocabulary_->fields.size(); ++i) {
    const FieldSpec& field = vocabulary_->fields[i];
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < field.width; ++k, ++at) {
      if (at < bytes.size()) value |= std::uint32_t{bytes[at]} << (8 * k);
    }
    const std::uint32_t limit = FieldLimit(field);
    header->field[i] = limit == 0 ? value : value % limit;
  }
}

void Codec::Decode(std::span<const std::uint8_t> bytes, Trace* trace) const {
  DecodeHeader(bytes, &trace->header);
  const std::size_t body = bytes.size() > header_bytes_ ? bytes.size() - header_bytes_ : 0;
  const std::size_t count = body / kOpBytes;
  trace->ops.resize(count);
  if (count == 0) return;
  std::memcpy(trace->ops.data(), bytes.data() + header_bytes_, count * kOpBytes);
  const std::array<Masks, 256> masks = MasksFor(trace->header);
  for (Op& op : trace->ops) {
    const Masks& mask = masks[op.code];
    op = {.code = mask.code,
          .b = static_cast<std::uint8_t>(op.b & mask.b),
          .a = static_cast<std::uint16_t>(op.a & mask.a)};
  }
}

Trace Codec::Decode(std::span<const std::uint8_t> bytes) const {
  Trace trace;
  Decode(bytes, &trace);
  return trace;
}

void Codec::Encode(const Trace& trace, std::vector<std::uint8_t>* bytes) const {
  bytes->resize(header_bytes_ + trace.ops.size() * kOpBytes);
  std::size_t at = 0;
  for (std::size_t i = 0; i < vocabulary_->fields.size(); ++i) {
    for (std::size_t k = 0; k < vocabulary_->fields[i].width; ++k) {
      (*bytes)[at++] = static_cast<std::uint8_t>(trace.header.field[i] >> (8 * k));
    }
  }
  if (!trace.ops.empty()) {
    std::memcpy(bytes->data() + at, trace.ops.data(), trace.ops.size() * kOpBytes);
  }
}

std::vector<std::uint8_t> Codec::Encode(const Trace& trace) const {
  std::vector<std::uint8_t> bytes;
  Encode(trace, &bytes);
  return bytes;
}

void Codec::Canonicalize(Trace* trace) const { *trace = Decode(Encode(*trace)); }

}  // namespace slotproof
