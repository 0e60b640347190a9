#ifndef SLOTPROOF_SUBJECTS_ELEMENTS_ELEMENTS_H_
#define SLOTPROOF_SUBJECTS_ELEMENTS_ELEMENTS_H_

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

// What containers under test hold. An element carries a token, the number of the write that stored
// it, and enough redundancy that a torn, stale or half-copied one is recognised. The zero value
// T{} is token 0.
//
//   uint8      the token's low byte
//   uint64     the token in both halves
//   empty      nothing: every token reads as 0
//   bytes<N>   N bytes that all follow from the token; held indirectly by a map from 129 bytes on
//   string     "v" and the token in digits; every third one 40 characters long, so on the heap

namespace slotproof {

using Token = std::uint32_t;
inline constexpr Token kDamaged = std::numeric_limits<Token>::max() - 1;

struct Empty {
  friend bool operator==(const Empty&, const Empty&) = default;
};

// A pointer-free value of N bytes, alignment 1 unless N is a multiple of 8.
template <std::size_t N>
struct Bytes {
  using Word = std::conditional_t<N % 8 == 0, std::uint64_t, std::uint8_t>;
  static constexpr std::size_t kWords = N / sizeof(Word);
  static constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
  static constexpr std::uint64_t kInverse = 0xf1de83e19937733d;

  // As a key of core's map (core/map/key_traits.h): bytes are all that == looks at.
  static constexpr bool kComparesAsBytes = true;

  std::array<Word, kWords> word;

  // The zero value for 0.
  static Bytes Of(std::uint64_t number) {
    Bytes bytes{};
    if (number == 0) return bytes;
    for (std::size_t i = 0; i < kWords; ++i) {
      bytes.word[i] =
          static_cast<Word>(sizeof(Word) == 1 ? number >> (8 * (i % 4)) : (number + i) * kFactor);
    }
    return bytes;
  }
  // The number it was made of, or ~0 when some word is damaged.
  std::uint64_t Number() const {
    std::uint64_t number = 0;
    if constexpr (sizeof(Word) == 8) {
      number = word[0] * kInverse;
    } else {
      for (std::size_t i = 0; i < kWords && i < 4; ++i) number |= std::uint64_t{word[i]} << (8 * i);
    }
    return *this == Of(number) ? number : ~std::uint64_t{0};
  }
  // Not memcmp, which libFuzzer intercepts at a cost.
  friend bool operator==(const Bytes& a, const Bytes& b) {
    Word differing = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      differing = static_cast<Word>(differing | (a.word[i] ^ b.word[i]));
    }
    return differing == 0;
  }
};

// Make and Read are inverse but for what the type cannot hold; Readable(token) is what Read gives
// for Make(token).
template <class Elem>
struct ElementTraits;

template <>
struct ElementTraits<std::uint8_t> {
  static std::uint8_t Make(Token token) { return static_cast<std::uint8_t>(token); }
  static Token Read(std::uint8_t elem) { return elem; }
};

template <>
struct ElementTraits<std::uint64_t> {
  static std::uint64_t Make(Token token) { return std::uint64_t{token} << 32 | token; }
  static Token Read(std::uint64_t elem) {
    const auto token = static_cast<Token>(elem);
    return elem == Make(token) ? token : kDamaged;
  }
};

template <>
struct ElementTraits<Empty> {
  static Empty Make(Token) { return {}; }
  static Token Read(const Empty&) { return 0; }
};

template <std::size_t N>
struct ElementTraits<Bytes<N>> {
  static Bytes<N> Make(Token token) { return Bytes<N>::Of(token); }
  static Token Read(const Bytes<N>& elem) {
    const std::uint64_t token = elem.Number();
    return token >> 32 == 0 ? static_cast<Token>(token) : kDamaged;
  }
};

template <>
struct ElementTraits<std::string> {
  static std::string Make(Token token) {
    if (token == 0) return {};
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
    if (elem.empty()) return 0;
    if (elem[0] != 'v') return kDamaged;
    Token token = 0;
    const char* end = elem.data() + elem.size();
    const auto [at, error] = std::from_chars(elem.data() + 1, end, token);
    const bool whole = token % 3 == 0 ? elem.size() == 40 : at == end;
    return error == std::errc() && whole ? token : kDamaged;
  }
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_ELEMENTS_ELEMENTS_H_
