#include "harness/testing/detection_table.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>

#include "harness/check/runner.h"
#include "harness/testing/hunt.h"

namespace slotproof::testing {
namespace {

struct Found {
  std::uint64_t seeds = 0;
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  std::size_t sum = 0;
  std::map<std::string, int> signatures;
};

Found FindWithSeeds(const Target& target, const DetectionLimits& limits) {
  Found found;
  for (std::uint64_t seed = 1; seed <= limits.seeds; ++seed) {
    Runner runner(target);
    const Hunt hunt = HuntFailure(runner, seed, limits.traces, limits.ops);
    if (hunt.verdict.passed()) continue;
    ++found.seeds;
    found.least = std::min(found.least, hunt.traces);
    found.most = std::max(found.most, hunt.traces);
    found.sum += hunt.traces;
    ++found.signatures[hunt.verdict.Signature()];
  }
  return found;
}

void PrintRow(std::string_view bug, const Found& found, std::uint64_t seeds) {
  std::string signatures;
  for (const auto& [signature, times] : found.signatures) {
    signatures += (signatures.empty() ? "" : ", ") + signature + " " + std::to_string(times);
  }
  std::printf("| `%s` | %llu of %llu |", std::string(bug).c_str(),
              static_cast<unsigned long long>(found.seeds), static_cast<unsigned long long>(seeds));
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

void PrintDetectionHead() {
  std::printf("| bug | found | traces: mean (least–most) | as, times |\n|---|---|---:|---|\n");
}

void PrintDetectionRow(std::string_view bug, const Target& target, const DetectionLimits& limits) {
  PrintRow(bug, FindWithSeeds(target, limits), limits.seeds);
}

}  // namespace slotproof::testing
