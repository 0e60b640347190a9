#ifndef SLOTPROOF_MUTANTS_PLANT_TOKENS_H_
#define SLOTPROOF_MUTANTS_PLANT_TOKENS_H_

// A C++ source as tokens, which is what it takes to tell where a statement begins and ends.
//
// Comments are no tokens. Neither are preprocessor lines, which are kept apart. '>' is always a
// token of its own, as in A<B<C>>.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace slotproof::mutants {

// Half open: bytes of a text, or tokens.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  bool empty() const { return begin >= end; }
  bool Contains(Span other) const { return begin <= other.begin && other.end <= end; }
  bool Overlaps(Span other) const { return begin < other.end && other.begin < end; }
  friend bool operator==(Span, Span) = default;
};

struct Token {
  enum class Kind : std::uint8_t { kWord, kNumber, kText, kSign };

  Kind kind;
  Span bytes;
  std::size_t partner = 0;  // of a bracket: the index of the one that it belongs to
};

struct Source {
  std::string_view text;
  std::vector<Token> tokens;
  std::vector<Span> directives;  // bytes of the preprocessor's lines

  std::string_view At(std::size_t token) const {
    if (token >= tokens.size()) return {};
    const Span bytes = tokens[token].bytes;
    return text.substr(bytes.begin, bytes.end - bytes.begin);
  }
};

// Counted from 1.
std::size_t LineOf(std::string_view text, std::size_t byte);

// The source keeps a view of the text. The error says which bracket has no partner.
tl::expected<Source, std::string> Tokenize(std::string_view text);

}  // namespace slotproof::mutants

#endif  // SLOTPROOF_MUTANTS_PLANT_TOKENS_H_
