#include "harness/check/verdict.h"

#include <array>

namespace slotproof {
namespace {

constexpr std::array<std::string_view, 10> kNames = {
    "pass",      "mismatch", "invariant", "fatal",  "nondeterminism",
    "sanitizer", "race",     "leak",      "signal", "hang",
};

}  // namespace

std::string_view OutcomeName(Outcome outcome) { return kNames[static_cast<std::size_t>(outcome)]; }

std::optional<Outcome> OutcomeFromName(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Outcome>(i);
  }
  return std::nullopt;
}

std::string Verdict::Signature() const {
  std::string signature(OutcomeName(outcome));
  if (!law.empty()) signature += "/" + law;
  return signature;
}

std::string Verdict::Summary() const {
  if (passed()) return "passed";
  std::string text = "op " + std::to_string(op_index) + ": " + Signature();
  if (!expected.empty()) text += ": expected " + expected;
  if (!actual.empty()) text += expected.empty() ? ": " + actual : ", got " + actual;
  return text;
}

}  // namespace slotproof
