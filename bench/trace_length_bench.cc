// What an operation costs in a long trace and in short ones: the same operations, in one trace or
// cut into many. uint64 keys and elements, good hash, 4,096 keys, all profiles of the generator.
//
//   trace_length_bench OPERATIONS OPERATIONS_PER_TRACE
//
// Decoding, running and checking are in the time. The checksum is of the operations.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

#include "bench/result.h"
#include "harness/check/runner.h"
#include "harness/engine/generator.h"
#include "harness/trace/codec.h"
#include "subjects/map/map_vocabulary.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

constexpr std::size_t kDrawnAtOnce = 1000;

// Operations as the generator draws them, profile after profile.
std::vector<Op> DrawOps(std::size_t count) {
  Rng rng(1);
  const Generator generator(MapTarget());
  std::vector<Op> ops;
  ops.reserve(count);
  Trace trace;
  while (ops.size() < count) {
    generator.Generate(rng, kDrawnAtOnce, &trace);
    const std::size_t taken = std::min(trace.ops.size(), count - ops.size());
    ops.insert(ops.end(), trace.ops.begin(),
               trace.ops.begin() + static_cast<std::ptrdiff_t>(taken));
  }
  return ops;
}

Header PlainHeader() {
  Header header;
  header.field[kUniverseField] = 9;
  header.field[kSeedField] = 1;
  return header;
}

std::vector<std::vector<std::uint8_t>> EncodeTraces(const Codec& codec, std::span<const Op> ops,
                                                    std::size_t per_trace) {
  std::vector<std::vector<std::uint8_t>> traces;
  for (; !ops.empty(); ops = ops.subspan(std::min(per_trace, ops.size()))) {
    const std::span<const Op> part = ops.first(std::min(per_trace, ops.size()));
    traces.push_back(codec.Encode(Trace{PlainHeader(), {part.begin(), part.end()}}));
  }
  return traces;
}

int Run(std::size_t count, std::size_t per_trace) {
  const std::vector<Op> ops = DrawOps(count);
  std::uint64_t sum = 0;
  for (const Op& op : ops) sum = sum * 31 + std::bit_cast<std::uint32_t>(op);

  const Codec codec(MapVocabulary());
  const std::vector<std::vector<std::uint8_t>> traces = EncodeTraces(codec, ops, per_trace);
  Runner runner(MapTarget(), {.determinism_share = 0});
  Trace trace;
  const Stopwatch watch;
  for (const std::vector<std::uint8_t>& bytes : traces) {
    codec.Decode(bytes, &trace);
    const Verdict verdict = runner.Run(trace);
    if (verdict.passed()) continue;
    std::fprintf(stderr, "%s\n", verdict.Summary().c_str());
    return 1;
  }
  const double seconds = watch.Seconds();
  PrintResult("operations", runner.stats().operations, seconds, sum);
  PrintResult("checked", runner.stats().checked_operations, seconds);
  return 0;
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  const std::size_t count = argc == 3 ? std::strtoull(argv[1], nullptr, 10) : 0;
  const std::size_t per_trace = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
  if (count != 0 && per_trace != 0) return slotproof::Run(count, per_trace);
  std::fprintf(stderr, "usage: trace_length_bench OPERATIONS OPERATIONS_PER_TRACE\n");
  return 2;
}
