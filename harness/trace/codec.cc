#include "harness/trace/codec.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace slotproof {

static_assert(std::endian::native == std::endian::little,
              "operations are copied as they lie in memory");

namespace {

constexpr std::uint32_t kCodeBits = 8;
constexpr std::uint32_t kCodeMask = 0xff;

}  // namespace

Codec::Codec(const Vocabulary& vocabulary)
    : vocabulary_(&vocabulary), header_bytes_(vocabulary.HeaderBytes()) {
  for (std::size_t i = 0; i < vocabulary.fields.size(); ++i) {
    const FieldSpec& field = vocabulary.fields[i];
    fields_[i] = {.width = field.width,
                  .mask = ~std::uint32_t{0} >> (8 * (sizeof(std::uint32_t) - field.width)),
                  .limit = FieldLimit(field)};
  }
  Header header;
  if (!vocabulary.universe) {
    masks_.push_back(MasksFor(header));
    return;
  }
  const std::size_t field = vocabulary.universe->field;
  for (std::uint32_t value = 0; value < FieldLimit(vocabulary.fields[field]); ++value) {
    header.field[field] = value;
    masks_.push_back(MasksFor(header));
  }
}

Codec::Masks Codec::MasksFor(const Header& header) const {
  Masks masks;
  const std::size_t op_count = vocabulary_->ops.size();
  for (std::size_t byte = 0; byte < op_count; ++byte) {
    const std::uint32_t payload = PayloadMask(*vocabulary_, vocabulary_->ops[byte], header);
    masks[byte] = static_cast<std::uint32_t>(byte) | payload << kCodeBits;
  }
  for (std::size_t byte = op_count; byte < masks.size(); ++byte) {
    masks[byte] = masks[byte - op_count];
  }
  return masks;
}

// A field is read and written as four bytes, of which its width counts: those of the next field
// replace what was too much.
void Codec::DecodeHeader(std::span<const std::uint8_t> bytes, Header* header) const {
  HeaderBuffer buffer{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), header_bytes_), buffer.begin());
  *header = Header{};
  const std::uint8_t* at = buffer.data();
  for (std::size_t i = 0; i < vocabulary_->fields.size(); ++i) {
    const auto [width, mask, limit] = fields_[i];
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof(value));
    value &= mask;
    header->field[i] = limit == 0 ? value : value % limit;
    at += width;
  }
}

void Codec::EncodeHeader(const Header& header, HeaderBuffer* buffer) const {
  std::uint8_t* at = buffer->data();
  for (std::size_t i = 0; i < vocabulary_->fields.size(); ++i) {
    std::memcpy(at, &header.field[i], sizeof(header.field[i]));
    at += fields_[i].width;
  }
}

void Codec::Decode(std::span<const std::uint8_t> bytes, Trace* trace) const {
  DecodeHeader(bytes, &trace->header);
  const std::size_t body = bytes.size() > header_bytes_ ? bytes.size() - header_bytes_ : 0;
  const std::size_t count = body / kOpBytes;
  trace->ops.resize(count);
  if (count == 0) return;
  std::memcpy(trace->ops.data(), bytes.data() + header_bytes_, count * kOpBytes);
  const std::optional<Universe>& universe = vocabulary_->universe;
  const Masks& masks = masks_[universe ? trace->header.field[universe->field] : 0];
  for (Op& op : trace->ops) {
    const std::uint32_t all_of_code = std::bit_cast<std::uint32_t>(op) | kCodeMask;
    op = std::bit_cast<Op>(all_of_code & masks[op.code]);
  }
}

Trace Codec::Decode(std::span<const std::uint8_t> bytes) const {
  Trace trace;
  Decode(bytes, &trace);
  return trace;
}

void Codec::Encode(const Trace& trace, std::vector<std::uint8_t>* bytes) const {
  bytes->resize(header_bytes_ + trace.ops.size() * kOpBytes);
  HeaderBuffer header;
  EncodeHeader(trace.header, &header);
  std::copy_n(header.begin(), header_bytes_, bytes->begin());
  if (!trace.ops.empty()) {
    std::memcpy(bytes->data() + header_bytes_, trace.ops.data(), trace.ops.size() * kOpBytes);
  }
}

std::vector<std::uint8_t> Codec::Encode(const Trace& trace) const {
  std::vector<std::uint8_t> bytes;
  Encode(trace, &bytes);
  return bytes;
}

void Codec::Canonicalize(Trace* trace) const { *trace = Decode(Encode(*trace)); }

}  // namespace slotproof
