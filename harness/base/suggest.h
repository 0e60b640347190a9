#ifndef SLOTPROOF_HARNESS_BASE_SUGGEST_H_
#define SLOTPROOF_HARNESS_BASE_SUGGEST_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace slotproof {

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
std::size_t EditDistance(std::string_view a, std::string_view b);

// What follows `unknown operation "inser"`: the nearest known word when one is near, else the whole
// list when it is short.
//
//   ; did you mean "insert"?        ; known: insert, erase, find        (nothing)
std::string Suggestion(std::string_view word, std::span<const std::string_view> known);

// The word in quotes, with unprintable bytes escaped and a long tail cut.
std::string Quoted(std::string_view word);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_SUGGEST_H_
