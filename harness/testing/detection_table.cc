#include "harness/testing/detection_table.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "harness/check/runner.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"
#include "harness/testing/hunt.h"

namespace slotproof::testing {
namespace {

constexpr std::string_view kEachStrategyFlag = "--each-strategy";

struct Found {
  std::uint64_t seeds = 0;
  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  std::size_t sum = 0;
  std::map<std::string, int> signatures;
};

Found FindWithSeeds(const Target& target, const DetectionLimits& limits,
                    const std::function<void(Trace&)>& change = {}) {
  Found found;
  for (std::uint64_t seed = 1; seed <= limits.seeds; ++seed) {
    Runner runner(target);
    const Hunt hunt = HuntFailure(runner, seed, limits.traces, limits.ops, change);
    if (hunt.verdict.passed()) continue;
    ++found.seeds;
    found.least = std::min(found.least, hunt.traces);
    found.most = std::max(found.most, hunt.traces);
    found.sum += hunt.traces;
    ++found.signatures[hunt.verdict.Signature()];
  }
  return found;
}

double MeanOf(const Found& found) {
  return static_cast<double>(found.sum) / static_cast<double>(found.seeds);
}

void PrintFoundRow(const Found& found, std::uint64_t seeds) {
  std::string signatures;
  for (const auto& [signature, times] : found.signatures) {
    signatures += (signatures.empty() ? "" : ", ") + signature + " " + std::to_string(times);
  }
  std::printf(" %llu of %llu |", static_cast<unsigned long long>(found.seeds),
              static_cast<unsigned long long>(seeds));
  if (found.seeds == 0) {
    std::printf(" | |");
    return;
  }
  std::printf(" %.1f (%zu–%zu) | %s |", MeanOf(found), found.least, found.most, signatures.c_str());
}

// Which operation draws a schedule; its first operand says how.
std::size_t ExploreOf(const Vocabulary& vocabulary) {
  const std::optional<std::size_t> code = vocabulary.FindOp("explore");
  if (!code) throw std::logic_error(std::string(vocabulary.name) + " explores no schedules");
  return *code;
}

void PrintCell(const Found& found, std::uint64_t seeds) {
  if (found.seeds == 0) {
    std::printf(" 0 of %llu |", static_cast<unsigned long long>(seeds));
  } else if (found.seeds == seeds) {
    std::printf(" %.1f |", MeanOf(found));
  } else {
    std::printf(" %.1f (%llu of %llu) |", MeanOf(found),
                static_cast<unsigned long long>(found.seeds),
                static_cast<unsigned long long>(seeds));
  }
}

void PrintStrategyCells(const Target& target, const DetectionLimits& limits) {
  const std::size_t code = ExploreOf(*target.vocabulary);
  const Operand& how = target.vocabulary->ops[code].operands[0];
  PrintCell(FindWithSeeds(target, limits), limits.seeds);
  for (std::uint32_t strategy = 0; strategy < how.limit; ++strategy) {
    const auto explore_so = [&](Trace& trace) {
      for (Op& op : trace.ops) {
        if (op.code == code) SetOperandValue(&op, how, strategy);
      }
    };
    PrintCell(FindWithSeeds(target, limits, explore_so), limits.seeds);
  }
}

}  // namespace

DetectionLimits TakeLimits(int& argc, char**& argv, DetectionLimits limits) {
  if (argc > 1 && argv[1] == kEachStrategyFlag) {
    limits.each_strategy = true;
    --argc;
    ++argv;
  }
  if (argc > 1) limits.seeds = std::strtoull(argv[1], nullptr, 10);
  if (argc > 2) limits.traces = std::strtoull(argv[2], nullptr, 10);
  return limits;
}

void PrintDetectionHead(const Target& target, const DetectionLimits& limits) {
  std::string head = "| bug | found | traces: mean (least–most) | as, times |";
  std::string line = "|---|---|---:|---|";
  if (limits.each_strategy) {
    head = "| bug | as drawn |";
    line = "|---|---:|";
    const Vocabulary& vocabulary = *target.vocabulary;
    for (const auto name : vocabulary.ops[ExploreOf(vocabulary)].operands[0].choices) {
      head += " " + std::string(name) + " |";
      line += "---:|";
    }
  }
  std::printf("%s\n%s\n", head.c_str(), line.c_str());
}

void PrintDetectionRow(std::string_view bug, const Target& target, const DetectionLimits& limits) {
  std::printf("| `%s` |", std::string(bug).c_str());
  if (limits.each_strategy) {
    PrintStrategyCells(target, limits);
  } else {
    PrintFoundRow(FindWithSeeds(target, limits), limits.seeds);
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace slotproof::testing
