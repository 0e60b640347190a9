#ifndef SLOTPROOF_MUTANTS_PLANT_CHOICE_H_
#define SLOTPROOF_MUTANTS_PLANT_CHOICE_H_

// Which of the bugs that are planted in a program it has when it runs: those that the environment
// variable SLOTPROOF_MUTANT names, separated by commas; none without it. Children inherit the
// choice.
//
// Each bug has a flag, set before any constructor of the program runs and never written to again. A
// program that is told to have a bug that it has not ends with exit code 2.

#include <initializer_list>
#include <span>
#include <type_traits>

namespace slotproof::mutants {

// constexpr, so that it may stand in such functions. While the compiler runs one, no bug is chosen:
// one whose text is run by the compiler alone would survive, and must be a build of its own.
[[gnu::always_inline]] constexpr bool Chosen(const bool& mutant) {
  if (std::is_constant_evaluated()) return false;
  return __builtin_expect(static_cast<long>(mutant), 0) != 0;
}

struct Flag {
  const char* mutant;
  bool* chosen;
};

// Called once. `catalogue` is the file that lists the mutants.
void Choose(std::span<const Flag> flags, const char* catalogue);

// All that the program has, for one that chooses by itself (chosen.bzl: choice_library).
std::span<const Flag> AllFlags();

// A text that several bugs change, or change a part of: one of those that change it can be chosen,
// and then none of those within it.
class OneText {
 public:
  OneText(const char* place, std::initializer_list<const bool*> instead,
          std::initializer_list<const bool*> within);
};

}  // namespace slotproof::mutants

#endif  // SLOTPROOF_MUTANTS_PLANT_CHOICE_H_
