#ifndef SLOTPROOF_HARNESS_LINEAR_TEXT_PICTURE_H_
#define SLOTPROOF_HARNESS_LINEAR_TEXT_PICTURE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "harness/linear/text/judge.h"
#include "harness/linear/text/recorded.h"

// Histories drawn: a line a process, time from left to right, a call from its invocation to its
// response. Before each call is its place in the order that explains most; X marks the one that has
// none, because of which the history is not linearizable.
//
//   0  (write 1) [1: write 2]
//   1                         [X: read -> 1]
//
// What is in round brackets is not part of the reason: no matter whether it took effect, it does
// not help.

namespace slotproof::linear {

// More calls are not drawn: nobody could read them.
inline constexpr std::size_t kMostInLanes = 40;
inline constexpr std::size_t kMostOnPage = 400;

// The minimal part of a history that is not linearizable, as text.
std::string DrawLanes(const Recorded& recorded, const Judgement& judgement);

// A page of its own: the whole history, or what lies around the minimal part.
std::string DrawPage(std::string_view file, const Recorded& recorded, const Judgement& judgement);

// What the page and the command say in words, for example "register, 6 calls of 3 processes".
std::string DescribeHistory(const Recorded& recorded);
// "the order that gets furthest; then there is 2"
std::string DescribeState(const Recorded& recorded, const Judgement& judgement);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_TEXT_PICTURE_H_
