#ifndef SLOTPROOF_MUTANTS_PLANT_STATEMENTS_H_
#define SLOTPROOF_MUTANTS_PLANT_STATEMENTS_H_

// The functions of a source as trees of statements, and the regions of one that can be switched at
// run time, between the text as it is and another one:
//
//   kCondition     if (HERE), while (HERE), for (;HERE;)
//   kInitializer   T x = HERE;    Constructor() : member_(HERE) {}
//   kStatements    { ... HERE HERE ... }: such as declare nothing that the rest would miss, or else
//                  all up to the end of the compound statement
//
// This is no compiler: what is a declaration is guessed from its first words. A wrong guess makes a
// region too large, or one that does not compile.

#include <cstdint>
#include <vector>

#include "mutants/plant/tokens.h"

namespace slotproof::mutants {

struct Region {
  enum class Kind : std::uint8_t { kCondition, kInitializer, kStatements };

  Kind kind;
  Span tokens;

  friend bool operator==(const Region&, const Region&) = default;
};

struct Statement {
  enum class Kind : std::uint8_t { kCompound, kDeclaration, kOther };

  Kind kind = Kind::kOther;
  bool labelled = false;  // case, default or a name stands before it
  Span tokens;            // without labels and attributes
  std::vector<Region> expressions;
  std::vector<Statement> parts;  // of a compound one its statements; bodies, also of lambdas
};

struct Function {
  bool is_consteval = false;
  std::vector<Region> expressions;  // of its member initializers
  Statement body;
};

std::vector<Function> FunctionsOf(const Source& source);

// Those that contain these tokens, the smallest first; none outside of a function.
std::vector<Region> RegionsAround(const Function& function, Span tokens);

}  // namespace slotproof::mutants

#endif  // SLOTPROOF_MUTANTS_PLANT_STATEMENTS_H_
