// Copies a file with one exact text replaced: apply_mutant IN OUT FIND REPLACE
//
// FIND must be in the file exactly once, so that a mutant cannot outlive the code it breaks.

#include <cstddef>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

std::size_t CountOf(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: apply_mutant IN OUT FIND REPLACE\n";
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || text.empty()) {
    std::cerr << argv[1] << ": cannot be read\n";
    return 3;
  }
  const std::string find = argv[3];
  const std::string replace = argv[4];
  const std::size_t count = find.empty() ? 0 : CountOf(text, find);
  if (count != 1 || find == replace) {
    std::cerr << argv[1] << ": the text to replace is there " << count
              << " times, and must be there once and differ from its replacement; adapt "
                 "mutants/catalogue.bzl to the code:\n"
              << find << "\n";
    return 1;
  }
  text.replace(text.find(find), find.size(), replace);
  std::ofstream out(argv[2], std::ios::binary);
  out << "#define SLOTPROOF_MUTANT_APPLIED 1\n#line 1 \"" << argv[1] << "\"\n" << text;
  out.close();
  if (out) return 0;
  std::cerr << argv[2] << ": cannot be written\n";
  return 3;
}
