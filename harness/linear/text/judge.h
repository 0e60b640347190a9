#ifndef SLOTPROOF_HARNESS_LINEAR_TEXT_JUDGE_H_
#define SLOTPROOF_HARNESS_LINEAR_TEXT_JUDGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"
#include "harness/linear/checker.h"
#include "harness/linear/minimal.h"
#include "harness/linear/text/recorded.h"

// What is to be said of a recorded history: the checker's answer, and if it is no, why.

namespace slotproof::linear {

struct ReadOptions {
  std::string_view model = {};  // empty: the file says it
  bool is_keyed = false;        // as ReadJepsen has it
};

// Of either notation.
Expected<Recorded> ReadHistory(std::string_view file, std::string_view text,
                               const ReadOptions& options = {});

struct Judgement {
  Answer answer = Answer::kUnknown;
  Spent spent = Spent::kNothing;
  std::uint64_t configurations = 0;
  std::size_t parts = 0;
  // By call: its place in the order of its part, from 1; 0 when it has none. If the answer is no,
  // of the minimal part alone.
  std::vector<std::uint32_t> places;

  // If the answer is no. Calls are numbers.
  std::vector<std::uint32_t> part;     // those of the key that it is about, or all
  std::vector<std::uint32_t> minimal;  // of them, what cannot be explained together
  std::uint32_t stuck = 0;             // of those, the one that has no place
  // A few of the others that stored or took a value that is answered there: those that a reader
  // would look for.
  std::vector<std::uint32_t> related;
  std::string key;    // empty when it is about all
  std::string state;  // what the places lead to; empty when it is not known
  bool from_any_state = false;
  bool one_minimal = false;
};

Judgement JudgeHistory(const Recorded& recorded, const Limits& limits,
                       const MinimalLimits& minimal_limits);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_TEXT_JUDGE_H_
