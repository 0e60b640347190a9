// core::Slice and std::vector on the work that go/slice_bench.go does with Go's slices: elements of
// 8 bytes are appended one by one to an empty one.
//
//   core/grow/1000     from nothing, and the array grows
//   core/make/1000     with the capacity from the start; to have it made is in the time
//   std/...            std::vector: push_back, reserve
//
// An iteration makes, fills and destroys. Counters: `arrays` and `bytes` are what one iteration
// asked the allocator for, `sum` is that of its elements.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/slice/slice.h"

namespace slotproof {
namespace {

struct Allocations {
  std::uint64_t arrays = 0;
  std::uint64_t bytes = 0;
};
Allocations allocations;  // of the whole process

class CoreSlice {
 public:
  static CoreSlice OfCapacity(std::int64_t n) {
    CoreSlice made;
    made.slice_ = core::Slice<std::uint64_t>::Make(0, n).value();
    return made;
  }
  // As push_back, for which there is always room enough.
  void Append(std::uint64_t item) { static_cast<void>(slice_.Append(item)); }
  const std::uint64_t* begin() const { return slice_.data(); }
  const std::uint64_t* end() const { return begin() + slice_.len(); }

 private:
  core::Slice<std::uint64_t> slice_;
};

class StdVector {
 public:
  static StdVector OfCapacity(std::int64_t n) {
    StdVector made;
    made.vector_.reserve(static_cast<std::size_t>(n));
    return made;
  }
  void Append(std::uint64_t item) { vector_.push_back(item); }
  const std::uint64_t* begin() const { return vector_.data(); }
  const std::uint64_t* end() const { return begin() + vector_.size(); }

 private:
  std::vector<std::uint64_t> vector_;
};

template <class Vector>
Vector Filled(Vector vector, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) vector.Append(static_cast<std::uint64_t>(i));
  return vector;
}

// One iteration, made by `start`.
template <class Start>
void Bench(benchmark::State& state, Start start) {
  const std::int64_t n = state.range(0);
  for (auto _ : state) {
    const auto filled = Filled(start(n), n);
    benchmark::DoNotOptimize(filled.begin());
    benchmark::ClobberMemory();
  }
  const Allocations before = allocations;
  std::uint64_t sum = 0;
  for (const std::uint64_t item : Filled(start(n), n)) sum += item;
  const Allocations after = allocations;
  state.SetItemsProcessed(state.iterations() * n);
  state.counters["arrays"] = static_cast<double>(after.arrays - before.arrays);
  state.counters["bytes"] = static_cast<double>(after.bytes - before.bytes);
  state.counters["sum"] = static_cast<double>(sum);
}

template <class Vector>
void Register(const std::string& name) {
  const auto add = [](const std::string& full_name, auto start) {
    benchmark::RegisterBenchmark(full_name.c_str(),
                                 [start](benchmark::State& state) { Bench(state, start); })
        ->Arg(1)
        ->Arg(1'000)
        ->Arg(1'000'000)
        ->UseRealTime();
  };
  add(name + "/grow", [](std::int64_t) { return Vector(); });
  add(name + "/make", [](std::int64_t n) { return Vector::OfCapacity(n); });
}

}  // namespace
}  // namespace slotproof

// The program's allocator, counting.
void* operator new(std::size_t bytes) {
  ++slotproof::allocations.arrays;
  slotproof::allocations.bytes += bytes;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main(int argc, char** argv) {
  slotproof::Register<slotproof::CoreSlice>("core");
  slotproof::Register<slotproof::StdVector>("std");
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
