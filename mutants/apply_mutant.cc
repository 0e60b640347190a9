// Copies a file with one exact text replaced: apply_mutant IN OUT FIND REPLACE
//
// FIND must be in the file exactly once, so that a mutant cannot outlive the code it breaks. The
// copy defines SLOTPROOF_MUTANT_APPLIED, by which a build can tell that it sees it.

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

namespace {

enum ExitCode { kApplied = 0, kNotOnce = 1, kUsage = 2, kFile = 3 };

// Overlapping ones count each.
std::size_t CountOf(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::optional<std::string> Read(const char* path) {
  if (!std::filesystem::is_regular_file(path)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: apply_mutant IN OUT FIND REPLACE\n";
    return kUsage;
  }
  std::optional<std::string> text = Read(argv[1]);
  if (!text) {
    std::cerr << argv[1] << ": cannot be read\n";
    return kFile;
  }
  const std::string find = argv[3];
  const std::string replace = argv[4];
  const std::size_t count = find.empty() ? 0 : CountOf(*text, find);
  if (count != 1 || find == replace) {
    std::cerr << argv[1] << ": the text to replace is there " << count
              << " times, and must be there once and differ from its replacement; adapt "
                 "the catalogue in mutants/ to the code:\n"
              << find << "\n";
    return kNotOnce;
  }
  text->replace(text->find(find), find.size(), replace);
  std::ofstream out(argv[2], std::ios::binary);
  out << "#define SLOTPROOF_MUTANT_APPLIED 1\n#line 1 \"" << argv[1] << "\"\n" << *text;
  out.close();
  if (out) return kApplied;
  std::cerr << argv[2] << ": cannot be written\n";
  return kFile;
}
