// The property engine on a mutant: property_main TEST_LABEL [SHORTEST]
//
// SHORTEST is the shortest counterexample known, in single operations (mutants/shortest.bzl). One
// that is longer by more than half is said to be too long, by which the test fails.
//
// Ends with 1, or as its child died, when it finds a failure, and says on the last line after how
// many traces. The traces run in a child process, because some mutants crash it and some make it
// run for ever; the parent counts along. What ends the child is shrunk like the rest.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <new>
#include <string>

#include "harness/check/runner.h"
#include "harness/engine/property.h"
#include "harness/subject/target_under_test.h"
#include "harness/trace/laws.h"

// There in a build with LeakSanitizer.
extern "C" __attribute__((weak)) int __lsan_do_recoverable_leak_check();

namespace slotproof {
namespace {

constexpr int kTraces = 40000;
constexpr int kMaxOps = 400;
constexpr int kHangSeconds = 10;  // without a trace coming to its end
// A run that ends its process costs some milliseconds, and a hang far more.
constexpr std::chrono::milliseconds kMostSearch{5'000};

// What the parent sees of the child.
struct Progress {
  std::atomic<std::uint64_t> runs{0};    // of any trace, also while shrinking
  std::atomic<std::uint64_t> traces{0};  // until the first failure
  std::atomic<std::uint64_t> operations{0};
  std::atomic<double> seconds{0};  // until the first failure, or the last trace before a crash
};

// A leak shows only at the end of a process, or when one asks, which is slow.
void EndIfLeaking(std::uint64_t runs) {
  if (&__lsan_do_recoverable_leak_check == nullptr || runs < 32 || !std::has_single_bit(runs))
    return;
  if (__lsan_do_recoverable_leak_check() != 0) _exit(1);
}

// Said of the counterexample; the test looks for the second line. How far a search came whose time
// has ended tells nothing.
void SayLength(const PropertyResult& falsified, std::uint64_t shortest) {
  if (!falsified.one_minimal) return;
  const std::uint64_t steps = falsified.steps;
  std::fprintf(stderr, "counterexample: %llu single operations\n",
               static_cast<unsigned long long>(steps));
  if (shortest == 0 || 2 * steps <= 3 * shortest) return;
  std::fprintf(stderr, "TOO LONG: the shortest one known has %llu; see mutants/shortest\n",
               static_cast<unsigned long long>(shortest));
}

int RunEngine(const char* label, std::uint64_t shortest, Progress& progress) {
  const Target& target = UnderLawsOfEnvironment(TargetUnderTest());
  Runner runner(target);
  bool failed = false;
  const auto start = std::chrono::steady_clock::now();
  const pid_t engine = getpid();
  const TraceLaw law = [&](const Trace& trace) {
    ++progress.runs;
    // What ends the engine is shrunk in other processes.
    if (getpid() != engine) return runner.Run(trace);
    if (!failed) ++progress.traces;
    Verdict verdict = runner.Run(trace);
    if (!failed) {
      progress.operations = runner.stats().checked_operations;
      progress.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    failed = failed || !verdict.passed();
    if (!failed) EndIfLeaking(progress.runs);
    return verdict;
  };
  const std::function<void(const PropertyResult&)> say_length =
      [&](const PropertyResult& falsified) { SayLength(falsified, shortest); };
  const PropertyOptions options = {.traces = kTraces,
                                   .max_ops = kMaxOps,
                                   .most_search = kMostSearch,
                                   .on_falsified = &say_length};
  const std::string statement = std::string(target.name) + " and its model agree";
  return CheckLaw(target, statement, law, label, options).passed ? 0 : 1;
}

// The child's wait status. A child that hangs is told to abort, and reports its trace then.
int WaitFor(pid_t child, const Progress& progress) {
  int status = 0;
  std::uint64_t runs = 0;
  auto last_progress = std::chrono::steady_clock::now();
  while (waitpid(child, &status, WNOHANG) == 0) {
    const auto now = std::chrono::steady_clock::now();
    if (progress.runs != runs) {
      runs = progress.runs;
      last_progress = now;
    } else if (now - last_progress > std::chrono::seconds(kHangSeconds)) {
      std::fprintf(stderr, "slotproof: no trace came to its end in %d s\n", kHangSeconds);
      kill(child, SIGABRT);
      last_progress = now;
    }
    constexpr timespec kPause = {.tv_sec = 0, .tv_nsec = 5'000'000};
    nanosleep(&kPause, nullptr);
  }
  return status;
}

int Main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: property_main TEST_LABEL [SHORTEST]\n");
    return 2;
  }
  void* memory =
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("property_main: mmap");
    return 2;
  }
  auto& progress = *::new (memory) Progress;
  const pid_t child = fork();
  if (child < 0) {
    std::perror("property_main: fork");
    return 2;
  }
  const std::uint64_t shortest = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
  if (child == 0) return RunEngine(argv[1], shortest, progress);
  const int status = WaitFor(child, progress);
  std::printf("%s after %llu traces, %llu checked operations, %.3f s\n",
              status == 0 ? "SURVIVED" : "killed", static_cast<unsigned long long>(progress.traces),
              static_cast<unsigned long long>(progress.operations), progress.seconds.load());
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) { return slotproof::Main(argc, argv); }
