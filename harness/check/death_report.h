#ifndef SLOTPROOF_HARNESS_CHECK_DEATH_REPORT_H_
#define SLOTPROOF_HARNESS_CHECK_DEATH_REPORT_H_

#include <optional>
#include <string>
#include <string_view>

#include "harness/subject/verdict.h"

// What a dying process wrote to its standard error, as a verdict. The law is stable, so that equal
// causes have equal signatures: no address, number, line or template argument is part of it.
//
//   ==9==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x60..
//       #0 0x55.. in std::vector<int>::operator[](unsigned long) /usr/include/...      not ours
//       #1 0x55.. in slotproof::core::Map<int, int>::Grow(int) core/map.cc:12:3        ours
//
//   outcome kSanitizer, law "heap-buffer-overflow Map::Grow"

namespace slotproof {

// The first report of AddressSanitizer, LeakSanitizer, ThreadSanitizer or
// UndefinedBehaviorSanitizer in the text: outcome, law, and its one-line summary as `actual`.
std::optional<Verdict> FindSanitizerReport(std::string_view errors);

// The first failed assert() or libstdc++ assertion in the text, as a sentence to read. What the
// library writes names one of its own functions, with all its template arguments, and its own line;
// who called it is known where a stack follows.
//
//   text   stl_vector.h:1123: vector::operator[]: __n < this->size(); called by Ring::At, ring.h:32
//   law    __n < this->size() Ring::At
struct Assertion {
  std::string law;
  std::string text;
};
std::optional<Assertion> FindAssertion(std::string_view errors);

// The last line that is no stack frame.
std::string LastWords(std::string_view errors);

// "slotproof::(anonymous namespace)::Map<int, Less<int>>::Grow(int) const" -> "Map::Grow"
std::string ShortFunctionName(std::string_view name);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CHECK_DEATH_REPORT_H_
