// A libFuzzer program for the toy targets, to test the engine and its supervisor: TOY_TARGET names
// the one that is fuzzed.

#include <cstdlib>

#include "harness/engine/fuzz/entry.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/text.h"

namespace {

const slotproof::Target& ChosenToy() {
  const char* name = std::getenv("TOY_TARGET");
  const auto target =
      slotproof::FindTarget(name == nullptr ? "toy" : name, slotproof::testing::AllToyTargets());
  if (!target) std::abort();
  return **target;
}

}  // namespace

SLOTPROOF_FUZZ_TARGET(ChosenToy());
