#include "harness/engine/fuzz/dictionary.h"

#include <array>
#include <bit>
#include <cstdint>
#include <ostream>
#include <string>

namespace slotproof {
namespace {

std::string HexEscapes(const Op& op) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t byte : std::bit_cast<std::array<std::uint8_t, kOpBytes>>(op)) {
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
    const Op most = LargestOp(vocabulary, code);
    out << Keyword(spec.name, "") << "=\"" << HexEscapes(plain) << "\"\n";
    if (most != plain) out << Keyword(spec.name, "_most") << "=\"" << HexEscapes(most) << "\"\n";
  }
}

}  // namespace slotproof
