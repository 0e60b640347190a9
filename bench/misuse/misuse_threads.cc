// A program of programs.h by real threads under ThreadSanitizer, round after round.
//
//   misuse_threads NAME ROUNDS
//
// For measure.py it prints "TSAN", the name, rounds and those with a report, with tabs in between,
// now and then: a round may crash.

#include <sched.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "bench/misuse/run.h"

namespace {

std::atomic<bool> reported = false;

}  // namespace

// ThreadSanitizer's: each report counts, also one that is like another. What it prints is not read.
extern "C" const char* __tsan_default_options() {  // NOLINT(bugprone-reserved-identifier)
  return "suppress_equal_stacks=0:suppress_equal_addresses=0:exitcode=0:symbolize=0";
}
extern "C" void __tsan_on_report(void*) {  // NOLINT(bugprone-reserved-identifier)
  reported.store(true, std::memory_order_relaxed);
}

namespace slotproof::bench {
namespace {

// Until both threads of a round are here.
void Meet() {
  static std::atomic<std::uint64_t> came = 0;
  const std::uint64_t all = came.fetch_add(1) / 2 * 2 + 2;
  while (came.load() < all) sched_yield();
}

int Measure(const MisuseProgram& program, std::uint64_t rounds) {
  std::uint64_t with_report = 0;
  for (std::uint64_t round = 1; round <= rounds; ++round) {
    reported = false;
    RunMisuse(program, Meet);
    if (reported) ++with_report;
    if (round % 10 != 0 && round != rounds) continue;
    std::printf("TSAN\t%s\t%lu\t%lu\n", program.name.data(), round, with_report);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace slotproof::bench

int main(int count, char** arguments) {
  if (count != 3) return 2;
  for (const slotproof::bench::MisuseProgram& program : slotproof::bench::MisusePrograms()) {
    if (program.name != arguments[1]) continue;
    return slotproof::bench::Measure(program, std::strtoull(arguments[2], nullptr, 10));
  }
  return 2;
}
