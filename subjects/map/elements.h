#ifndef SLOTPROOF_SUBJECTS_MAP_ELEMENTS_H_
#define SLOTPROOF_SUBJECTS_MAP_ELEMENTS_H_

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "subjects/map/keys.h"

// Elements carry a token, the number of the write that stored them, and enough redundancy that a
// torn, stale or half-copied one is recognised.
//
//   uint64     token times an odd constant
//   empty      nothing: every token reads as 0
//   bytes136   17 words that all follow from the token
//   string     "v" and the token in digits; every third one 40 characters long, so on the heap

namespace slotproof {

using Token = std::uint32_t;
inline constexpr Token kDamaged = std::numeric_limits<Token>::max() - 1;

struct Empty {
  friend bool operator==(const Empty&, const Empty&) = default;
};

template <class Elem>
struct ElementTraits;

template <>
struct ElementTraits<std::uint64_t> {
  static std::uint64_t Make(Token token) { return token * std::uint64_t{0x9e3779b97f4a7c15}; }
  static Token Read(const std::uint64_t& elem) {
    const std::uint64_t token = elem * 0xf1de83e19937733d;
    return token >> 32 == 0 ? static_cast<Token>(token) : kDamaged;
  }
};

template <>
struct ElementTraits<Empty> {
  static Empty Make(Token) { return {}; }
  static Token Read(const Empty&) { return 0; }
};

template <>
struct ElementTraits<Bytes136> {
  static Bytes136 Make(Token token) { return Bytes136::Of(token); }
  static Token Read(const Bytes136& elem) {
    const std::uint64_t token = elem.Number();
    return token >> 32 == 0 ? static_cast<Token>(token) : kDamaged;
  }
};

template <>
struct ElementTraits<std::string> {
  static std::string Make(Token token) {
    constexpr std::size_t kLong = 40;
    char text[kLong];
    text[0] = 'v';
    char* end = std::to_chars(text + 1, text + sizeof(text), token).ptr;
    if (token % 3 == 0) {
      while (end != text + sizeof(text)) *end++ = '.';
    }
    return std::string(text, end);
  }
  static Token Read(const std::string& elem) {
    if (elem.empty() || elem[0] != 'v') return kDamaged;
    Token token = 0;
    const char* end = elem.data() + elem.size();
    const auto [at, error] = std::from_chars(elem.data() + 1, end, token);
    const bool whole = token % 3 == 0 ? elem.size() == 40 : at == end;
    return error == std::errc() && whole ? token : kDamaged;
  }
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_ELEMENTS_H_
