#include "harness/testing/hunt.h"

#include <functional>
#include <iostream>
#include <utility>

#include "harness/check/steps.h"
#include "harness/engine/generator.h"
#include "harness/trace/text.h"

namespace slotproof::testing {
namespace {

std::string WhyNotReplayed(Runner& runner, const ShrinkResult& shrunk, int replays) {
  for (int i = 0; i < replays; ++i) {
    const std::string again = runner.Run(shrunk.trace).Summary();
    if (again != shrunk.verdict.Summary()) return "then it was: " + again;
  }
  return "";
}

}  // namespace

Hunt HuntFailure(Runner& runner, std::uint64_t seed, std::size_t most_traces, std::size_t max_ops,
                 const std::function<void(Trace&)>& change) {
  const Generator generator(runner.target());
  Rng rng(seed);
  Hunt hunt;
  while (hunt.traces < most_traces && hunt.verdict.passed()) {
    generator.Generate(rng, max_ops, &hunt.trace);
    if (change) change(hunt.trace);
    hunt.verdict = runner.Run(hunt.trace);
    ++hunt.traces;
  }
  return hunt;
}

ShrinkResult ShrinkFound(Runner& runner, const Hunt& hunt, ShrinkOptions options) {
  options.steps_of = [&](const Trace& trace) { return StepsOf(runner.target(), trace); };
  return Shrink(
      *runner.target().vocabulary, hunt.trace, hunt.verdict,
      [&](const Trace& trace) { return runner.Run(trace); }, options);
}

std::string WhyNotMinimal(Runner& runner, const ShrinkResult& shrunk, int replays) {
  std::string why_not = WhyNotReplayed(runner, shrunk, replays);
  if (!why_not.empty()) return why_not;
  for (std::size_t i = 0; i < shrunk.trace.ops.size(); ++i) {
    Trace fewer = shrunk.trace;
    fewer.ops.erase(fewer.ops.begin() + static_cast<std::ptrdiff_t>(i));
    if (runner.Run(fewer).Signature() == shrunk.verdict.Signature()) {
      return "operation " + std::to_string(i) + " is not needed";
    }
  }
  return "";
}

std::string WhyNotFoundAndShrunk(const Target& target, const HuntLimits& limits) {
  Runner runner(target);
  const Hunt hunt = HuntFailure(runner, 1, limits.traces, limits.ops);
  if (hunt.verdict.passed()) return "not found in " + std::to_string(hunt.traces) + " traces";
  const ShrinkResult shrunk = ShrinkFound(runner, hunt, limits.shrink);
  std::cout << hunt.traces << " traces, " << shrunk.trace.ops.size() << " operations, "
            << shrunk.runs << " runs: " << shrunk.verdict.Signature() << "\n";
  runner.Run(shrunk.trace);
  std::cout << PrintTrace(target, shrunk.trace) << shrunk.verdict.Summary() << "\n"
            << runner.session().Draw() << "\n";
  if (shrunk.trace.ops.size() > limits.short_enough) return "not short enough";
  return WhyNotReplayed(runner, shrunk, limits.replays);
}

}  // namespace slotproof::testing
