#include "mutants/plant/choice.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace slotproof::mutants {
namespace {

constexpr const char* kVariable = "SLOTPROOF_MUTANT";
constexpr int kUsage = 2;

auto CountChosen(std::initializer_list<const bool*> flags) {
  return std::count_if(flags.begin(), flags.end(), [](const bool* chosen) { return *chosen; });
}

}  // namespace

void Choose(std::span<const Flag> flags, const char* catalogue) {
  const char* const value = std::getenv(kVariable);
  std::string_view names = value == nullptr ? "" : value;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(name.size() + 1, names.size()));
    const auto flag = std::find_if(flags.begin(), flags.end(),
                                   [name](const Flag& f) { return f.mutant == name; });
    if (flag == flags.end()) {
      std::fprintf(stderr,
                   "%s=%s: this program has no mutant '%.*s'; %s lists them (those with "
                   "alone have programs of their own)\n",
                   kVariable, value, static_cast<int>(name.size()), name.data(), catalogue);
      std::_Exit(kUsage);
    }
    *flag->chosen = true;
  }
}

OneText::OneText(const char* place, std::initializer_list<const bool*> instead,
                 std::initializer_list<const bool*> within) {
  const auto chosen = CountChosen(instead);
  if (chosen == 0 || chosen + CountChosen(within) == 1) return;
  std::fprintf(stderr, "%s=%s: several of them change the text at %s; choose one of these\n",
               kVariable, std::getenv(kVariable), place);
  std::_Exit(kUsage);
}

}  // namespace slotproof::mutants
