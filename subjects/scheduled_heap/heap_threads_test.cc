// The same programs, longer, with real threads.

#include <cstdint>
#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#include "subjects/scheduled_heap/heap_programs.h"

namespace slotproof {
namespace {

void Fail(const char* message) {
  std::cerr << message << "\n";
  std::abort();
}

// Law: nothing that can be reached is freed, nothing else is kept, and there is no data race.
TEST(HeapThreadsTest, LosesAndKeepsNothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    HeapProgram program = DrawHeapProgram(seed, 3000);
    program.objects = 50;
    program.cycles = 10;
    program.arena_pages = 1024;
    RunHeapProgram(program, {}, {.fail = &Fail, .begin_operation = [] {}});
  }
}

}  // namespace
}  // namespace slotproof
