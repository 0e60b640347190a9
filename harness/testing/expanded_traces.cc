#include "harness/testing/expanded_traces.h"

#include "harness/check/runner.h"
#include "harness/check/steps.h"
#include "harness/engine/generator.h"
#include "harness/trace/text.h"

namespace slotproof::testing {
namespace {

std::string DrawAtTheEnd(const Target& target, const Trace& trace) {
  const std::unique_ptr<Session> session = target.new_session();
  session->Reset(trace.header);
  for (const Op& op : trace.ops) session->Step(op);
  std::string drawing = session->Draw();
  session->Abandon();
  return drawing;
}

// What differs, in words; empty when nothing does.
std::string Compare(const Target& target, const Trace& trace, const TraceSteps& steps) {
  if (steps.of.size() != trace.ops.size()) return "operations did not run";
  const Trace expanded = steps.Expanded(trace.header);
  const Verdict verdict = Runner(target, {.determinism_share = 0}).Run(expanded);
  if (!verdict.passed()) return verdict.Summary();
  if (StepsOf(target, expanded).Expanded(trace.header) != expanded)
    return "more than one step each";
  const std::string one = DrawAtTheEnd(target, trace);
  const std::string other = DrawAtTheEnd(target, expanded);
  return one == other ? "" : one + "became\n" + other;
}

}  // namespace

ExpandedTraces CompareExpandedTraces(const Target& target, std::uint64_t seed, std::size_t traces,
                                     std::size_t max_ops) {
  ExpandedTraces result;
  Rng rng(seed);
  const Generator generator(target);
  Trace trace;
  for (std::size_t i = 0; i < traces; ++i) {
    generator.Generate(rng, max_ops, &trace);
    const TraceSteps steps = StepsOf(target, trace);
    if (!steps.complete) continue;
    for (std::size_t op = 0; op < steps.of.size(); ++op) {
      result.bursts += steps.of[op] != std::vector<Op>{trace.ops[op]};
    }
    result.difference = Compare(target, trace, steps);
    if (result.difference.empty()) continue;
    result.difference += "\n" + PrintTrace(target, trace);
    return result;
  }
  return result;
}

}  // namespace slotproof::testing
