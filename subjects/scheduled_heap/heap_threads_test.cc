// Random steps on the same heap, with real threads.

#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "subjects/scheduled_heap/shared_heap.h"

namespace slotproof {
namespace {

constexpr std::uint32_t kMutators = 2;
constexpr std::uint32_t kObjects = 50;
constexpr std::uint32_t kSteps = 3000;
constexpr std::uint32_t kCycles = 10;
constexpr std::uint32_t kScavenges = 5;

void Mutate(SharedHeap& heap, std::uint32_t thread, std::uint64_t seed) {
  constexpr std::array kKinds = {
      HeapStepKind::kLoadGlobal, HeapStepKind::kStoreGlobal, HeapStepKind::kLoad,
      HeapStepKind::kLoad,       HeapStepKind::kStore,       HeapStepKind::kStore,
      HeapStepKind::kExchange,   HeapStepKind::kDetach,      HeapStepKind::kDetach,
      HeapStepKind::kDetach,     HeapStepKind::kDrop,        HeapStepKind::kNew,
      HeapStepKind::kMark,       HeapStepKind::kWait,        HeapStepKind::kMapPut,
      HeapStepKind::kMapPut,     HeapStepKind::kMapPut,      HeapStepKind::kMapGet,
      HeapStepKind::kMapDelete,  HeapStepKind::kMapTake,
  };
  std::mt19937_64 random(seed);
  for (std::uint32_t i = 0; i < kSteps; ++i) {
    heap.Do(thread, {.kind = kKinds[random() % kKinds.size()],
                     .a = static_cast<std::uint8_t>(random() % kHeapRegisters),
                     .b = static_cast<std::uint8_t>(random() % kHeapRegisters),
                     .number = kObjects + 1 + thread * kSteps + i});
  }
  heap.Do(thread, {.kind = HeapStepKind::kStay, .number = kCycles + kScavenges});
  heap.Leave(thread);
}

// Law: nothing that can be reached is freed, nothing else is kept, what is new is zero, and there
// is no data race.
TEST(HeapThreadsTest, LosesAndKeepsNothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto heap = NewSharedHeap(
        {.rules = {}, .objects = kObjects, .arena_pages = 1024, .fail = [](const char* message) {
           std::cerr << message << "\n";
           std::abort();
         }});
    heap->MakeMap();
    std::array<std::thread, kMutators> mutators;
    for (std::uint32_t i = 0; i < kMutators; ++i) {
      mutators[i] = std::thread([&heap, i, seed] { Mutate(*heap, i, kMutators * seed + i); });
    }
    for (std::uint32_t i = 0; i < kCycles; ++i) {
      heap->Do(kMutators, {.kind = HeapStepKind::kCollect});
      if (i % 2 == 0) heap->Do(kMutators, {.kind = HeapStepKind::kScavenge});
    }
    for (std::thread& mutator : mutators) mutator.join();
    EXPECT_EQ(heap->BrokenLaw(), "");
  }
}

}  // namespace
}  // namespace slotproof
