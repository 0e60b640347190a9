// How fast bytes become traces; memcpy of the same bytes beside it.

#include <cstdint>
#include <cstring>
#include <vector>

#include <benchmark/benchmark.h>

#include "harness/engine/generator.h"
#include "harness/trace/codec.h"
#include "subjects/map/map_vocabulary.h"

namespace slotproof {
namespace {

std::vector<std::uint8_t> RandomBytes(std::size_t operations) {
  const Codec codec(MapVocabulary());
  std::vector<std::uint8_t> bytes(codec.header_bytes() + operations * kOpBytes);
  Rng rng(1);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.Next());
  return bytes;
}

void Decode(benchmark::State& state) {
  const Codec codec(MapVocabulary());
  const std::vector<std::uint8_t> bytes = RandomBytes(static_cast<std::size_t>(state.range(0)));
  Trace trace;
  for (auto _ : state) {
    codec.Decode(bytes, &trace);
    benchmark::DoNotOptimize(trace.ops.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Decode)->Arg(64)->Arg(4096)->Arg(1 << 20);

void Encode(benchmark::State& state) {
  const Codec codec(MapVocabulary());
  const Trace trace = codec.Decode(RandomBytes(static_cast<std::size_t>(state.range(0))));
  std::vector<std::uint8_t> bytes;
  for (auto _ : state) {
    codec.Encode(trace, &bytes);
    benchmark::DoNotOptimize(bytes.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Encode)->Arg(64)->Arg(4096)->Arg(1 << 20);

void Copy(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes = RandomBytes(static_cast<std::size_t>(state.range(0)));
  std::vector<std::uint8_t> copy(bytes.size());
  for (auto _ : state) {
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(copy.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Copy)->Arg(64)->Arg(4096)->Arg(1 << 20);

}  // namespace
}  // namespace slotproof
