// traces_to_detection [SEEDS [TRACES [BUG]]]: how many traces each planted bug, or this one, is
// found after, as a table.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "harness/check/runner.h"
#include "harness/testing/hunt.h"
#include "mutants/concurrent/mutated_maps.h"
#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"

namespace slotproof {
namespace {

struct Found {
  std::uint64_t seeds = 0;
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  std::size_t sum = 0;
  std::map<std::string, int> signatures;
};

Found FindWithSeeds(const Target& target, std::uint64_t seeds, std::size_t most_traces) {
  Found found;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Runner runner(target);
    const testing::Hunt hunt = testing::HuntFailure(runner, seed, most_traces, kOpsOfTrace);
    if (hunt.verdict.passed()) continue;
    ++found.seeds;
    found.least = std::min(found.least, hunt.traces);
    found.most = std::max(found.most, hunt.traces);
    found.sum += hunt.traces;
    ++found.signatures[hunt.verdict.Signature()];
  }
  return found;
}

void PrintRow(const char* mutant, const Found& found, std::uint64_t seeds) {
  std::string signatures;
  for (const auto& [signature, times] : found.signatures) {
    signatures += (signatures.empty() ? "" : ", ") + signature + " " + std::to_string(times);
  }
  std::printf("| `%s` | %llu of %llu |", mutant, static_cast<unsigned long long>(found.seeds),
              static_cast<unsigned long long>(seeds));
  if (found.seeds == 0) {
    std::printf(" | |\n");
    return;
  }
  std::printf(" %.1f (%zu–%zu) | %s |\n",
              static_cast<double>(found.sum) / static_cast<double>(found.seeds), found.least,
              found.most, signatures.c_str());
  std::fflush(stdout);
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  using namespace slotproof;
  const std::uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10;
  const std::size_t most_traces = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : kTracesToFind;
  const std::string_view only = argc > 3 ? argv[3] : "";
  std::printf("| bug | found | traces: mean (least–most) | as, times |\n|---|---|---:|---|\n");
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    if (IsForRealThreads(flag) || (!only.empty() && only != flag.mutant)) continue;
    const mutants::ChosenMutant chosen(flag);
    PrintRow(flag.mutant, FindWithSeeds(TargetOf(flag), seeds, most_traces), seeds);
  }
  return 0;
}
