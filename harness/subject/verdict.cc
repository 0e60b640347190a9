#include "harness/subject/verdict.h"

#include <array>

namespace slotproof {
namespace {

constexpr std::array<std::string_view, 13> kNames = {
    "pass", "mismatch", "invariant", "fatal",    "nondeterminism", "sanitizer",        "race",
    "leak", "signal",   "hang",      "deadlock", "data race",      "not linearizable",
};

constexpr std::string_view kDigits = "0123456789";

// "FILE CONDITION" of "FILE:LINE: assertion failed: CONDITION".
std::optional<std::string> AssertionIn(std::string_view message) {
  constexpr std::string_view kFailed = ": assertion failed: ";
  const std::size_t failed = message.find(kFailed);
  if (failed == std::string_view::npos) return std::nullopt;
  const std::string_view place = message.substr(0, failed);
  const std::size_t colon = place.rfind(':');
  if (colon == std::string_view::npos ||
      place.find_first_not_of(kDigits, colon + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(place.substr(0, colon)) + " " +
         std::string(message.substr(failed + kFailed.size()));
}

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

std::string LawOfMessage(std::string_view message) {
  if (const auto assertion = AssertionIn(message)) return "assertion " + *assertion;
  // Other messages carry numbers that would split one cause into many signatures.
  const std::size_t end = message.find_first_of(":0123456789");
  if (end != std::string_view::npos && end != 0) message = message.substr(0, end);
  while (message.ends_with(' ')) message.remove_suffix(1);
  return std::string(message);
}

}  // namespace slotproof
