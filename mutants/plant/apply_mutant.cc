// Copies a file with planted bugs: FIND, which must be in it exactly once, so that a mutant cannot
// outlive the code it breaks, becomes REPLACE.
//
//   apply_mutant alone IN OUT NAME FIND REPLACE           it does
//   apply_mutant together IN OUT (NAME FIND REPLACE)...   it does when the program is told to be
//   NAME
//
// The copy defines SLOTPROOF_MUTANT_APPLIED, by which a build can tell that it sees it.

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mutants/plant/plant.h"

namespace {

using slotproof::mutants::File;
using slotproof::mutants::Mutant;

enum ExitCode { kApplied = 0, kRefused = 1, kUsage = 2, kFile = 3 };

constexpr int kFirstMutant = 4;

std::optional<std::string> Read(const char* path) {
  if (!std::filesystem::is_regular_file(path)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view how = argc > 1 ? argv[1] : "";
  const int count = (argc - kFirstMutant) / 3;
  const bool one_or_more = argc > kFirstMutant && (argc - kFirstMutant) % 3 == 0;
  if (!one_or_more || (how != "together" && (how != "alone" || count != 1))) {
    std::cerr << "usage: apply_mutant alone IN OUT NAME FIND REPLACE\n"
                 "       apply_mutant together IN OUT (NAME FIND REPLACE)...\n";
    return kUsage;
  }
  const std::optional<std::string> text = Read(argv[2]);
  if (!text) {
    std::cerr << argv[2] << ": cannot be read\n";
    return kFile;
  }
  std::vector<Mutant> mutants;
  for (int at = kFirstMutant; at < argc; at += 3) {
    mutants.push_back({.name = argv[at], .find = argv[at + 1], .replace = argv[at + 2]});
  }
  const File file = {.path = argv[2], .text = *text};
  const auto copy = how == "alone" ? PlantAlone(file, mutants[0]) : PlantTogether(file, mutants);
  if (!copy) {
    std::cerr << copy.error() << "\n";
    return kRefused;
  }
  std::ofstream out(argv[3], std::ios::binary);
  out << *copy;
  out.close();
  if (out) return kApplied;
  std::cerr << argv[3] << ": cannot be written\n";
  return kFile;
}
