#ifndef SLOTPROOF_MUTANTS_PLANT_PLANT_H_
#define SLOTPROOF_MUTANTS_PLANT_PLANT_H_

// Copies of a source with planted bugs: with one in place of the text that it replaces, or with
// many of which each is chosen when the program starts (choice.h):
//
//   if (a < b) return;     {if (Chosen(x)) { if (a < b) return; else f(); } else { ... }}
//   if (a < b)             if ((Chosen(y) ? static_cast<bool>(a <= b) : static_cast<bool>(a < b)))
//
// What becomes another text is the smallest region around the replaced one (statements.h). Regions
// nest; what is within another one is as it is in the source when the outer one's bug is chosen.
//
// Lines of the copy have the numbers that they have in the source, so that a failed assertion has
// one signature in every build.

#include <span>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace slotproof::mutants {

// `find` is in the source once, and becomes `replace`.
struct Mutant {
  std::string name;
  std::string find;
  std::string replace;
};

struct File {
  std::string_view path;  // as the copy's lines name it
  std::string_view text;
};

// Errors are sentences that begin with the path and say what to do.
tl::expected<std::string, std::string> PlantAlone(const File& file, const Mutant& mutant);
tl::expected<std::string, std::string> PlantTogether(const File& file,
                                                     std::span<const Mutant> mutants);

}  // namespace slotproof::mutants

#endif  // SLOTPROOF_MUTANTS_PLANT_PLANT_H_
