#include "harness/trace/laws.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/suggest.h"

namespace slotproof {
namespace {

constexpr int kWrongUsage = 2;

const Target* FindLaws(const Target& target, std::string_view laws) {
  for (const Target* choice : target.by_laws) {
    if (choice->laws == laws) return choice;
  }
  return nullptr;
}

const Target& Default(const Target& target) {
  return target.by_laws.empty() ? target : *target.by_laws.front();
}

}  // namespace

Expected<const Target*> UnderLaws(const Target& target, std::string_view laws,
                                  std::string_view where) {
  if (const Target* found = FindLaws(target, laws)) return found;
  if (target.by_laws.empty()) {
    return Unexpected(fmt::format("{}target {} has no laws to choose from, and so none called {}; "
                                  "say no laws, or choose another target",
                                  where, Quoted(target.name), Quoted(laws)),
                      Error::Kind::kUsage);
  }
  std::vector<std::string_view> names;
  for (const Target* choice : target.by_laws) names.push_back(choice->laws);
  return Unexpected(fmt::format("{}unknown laws {}; target {} has {}", where, Quoted(laws),
                                Quoted(target.name), fmt::join(names, " and ")),
                    Error::Kind::kUsage);
}

Expected<const Target*> UnderLawsOfTrace(const Target& target, std::string_view laws,
                                         std::string_view where) {
  return laws.empty() ? &Default(target) : UnderLaws(target, laws, where);
}

const Target& UnderLikeLaws(const Target& target, std::string_view laws) {
  const Target* const found = FindLaws(target, laws);
  return found != nullptr ? *found : Default(target);
}

std::string_view LawsOfEnvironment() {
  const char* const laws = std::getenv("SLOTPROOF_LAWS");
  return laws == nullptr ? "" : laws;
}

const Target& UnderLawsOfEnvironment(const Target& target) {
  const std::string_view laws = LawsOfEnvironment();
  // Targets live as long as the program.
  // NOLINTNEXTLINE(bugprone-return-const-ref-from-parameter)
  if (laws.empty()) return target;
  const auto chosen = UnderLaws(target, laws, "SLOTPROOF_LAWS: ");
  if (chosen) return **chosen;
  std::fprintf(stderr, "slotproof: %s\n", chosen.error().message.c_str());
  std::exit(kWrongUsage);
}

}  // namespace slotproof
