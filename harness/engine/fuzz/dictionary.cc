#include "harness/engine/fuzz/dictionary.h"

#include <array>
#include <ostream>
#include <string>

namespace slotproof {
namespace {

std::string HexEscapes(const Op& op) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::array<std::uint8_t, kOpBytes> bytes = {op.code, op.b, static_cast<std::uint8_t>(op.a),
                                                    static_cast<std::uint8_t>(op.a >> 8)};
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "\\x";
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

// A keyword: libFuzzer wants letters, digits and underscores.
std::string Keyword(std::string_view name, std::string_view suffix) {
  std::string keyword;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    keyword += plain ? c : '_';
  }
  return keyword.append(suffix);
}

}  // namespace

void WriteDictionary(const Vocabulary& vocabulary, std::ostream& out) {
  out << "# The operations of the vocabulary \"" << vocabulary.name << "\", version "
      << vocabulary.version << ", for libFuzzer's -dict. Generated; do not edit.\n";
  for (std::size_t code = 0; code < vocabulary.ops.size(); ++code) {
    const OpSpec& spec = vocabulary.ops[code];
    const Op plain = {.code = static_cast<std::uint8_t>(code)};
    const Op most = {.code = plain.code,
                     .b = static_cast<std::uint8_t>(spec.b.limit - 1),
                     .a = static_cast<std::uint16_t>(spec.a.limit - 1)};
    out << Keyword(spec.name, "") << "=\"" << HexEscapes(plain) << "\"\n";
    if (most != plain) out << Keyword(spec.name, "_most") << "=\"" << HexEscapes(most) << "\"\n";
  }
}

}  // namespace slotproof
