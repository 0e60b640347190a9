#include "harness/testing/hunt.h"

#include <utility>

#include "harness/check/steps.h"
#include "harness/engine/generator.h"

namespace slotproof::testing {

Hunt HuntFailure(Runner& runner, std::uint64_t seed, std::size_t most_traces, std::size_t max_ops) {
  const Generator generator(runner.target());
  Rng rng(seed);
  Hunt hunt;
  while (hunt.traces < most_traces && hunt.verdict.passed()) {
    generator.Generate(rng, max_ops, &hunt.trace);
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

}  // namespace slotproof::testing
