#include "harness/base/suggest.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace slotproof {
namespace {

constexpr std::size_t kLongestQuote = 40;
constexpr std::size_t kMostListed = 32;

}  // namespace

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({row[j - 1] + 1, last[j] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::string Suggestion(std::string_view word, std::span<const std::string_view> known) {
  word = word.substr(0, kLongestQuote);
  const std::size_t near = std::max<std::size_t>(1, word.size() / 3);
  std::string_view best;
  std::size_t best_distance = near + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = EditDistance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  // A word with no letter in common, "9" for "0", is no hint.
  if (best_distance <= near && best_distance < word.size())
    return fmt::format("; did you mean \"{}\"?", best);
  if (known.empty() || known.size() > kMostListed) return "";
  return fmt::format("; known: {}", fmt::join(known, ", "));
}

std::string Quoted(std::string_view word) {
  std::string text = "\"";
  for (const char c : word.substr(0, kLongestQuote)) {
    if (c >= ' ' && c <= '~') {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (word.size() > kLongestQuote) text += "...";
  return text + '"';
}

}  // namespace slotproof
