#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "harness/check/isolate.h"
#include "harness/check/runner.h"
#include "harness/engine/generator.h"
#include "harness/report/finding.h"
#include "harness/trace/trace_file.h"
#include "subjects/shared_map/shared_map_session.h"

namespace slotproof {
namespace {

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SLOTPROOF_THREAD_SANITIZER 1
#endif
#endif
#ifdef SLOTPROOF_THREAD_SANITIZER
constexpr bool kThreadSanitizer = true;
#else
constexpr bool kThreadSanitizer = false;
#endif

constexpr std::uint64_t kSeed = 1;
constexpr RunOptions kOnce = {.determinism_share = 0};  // threads interleave as they like

// The same traces for the guarded and the unguarded map: their vocabulary is one.
class Traces {
 public:
  const Trace& Next() {
    do {
      generator_.Generate(rng_, 300, &trace_);
    } while (trace_.ops.size() < 100);
    trace_.header.field[1] = 15;  // 16 rounds, so that the threads meet
    return trace_;
  }

 private:
  Rng rng_{kSeed};
  Generator generator_{LockedMapTarget()};
  Trace trace_;
};

TEST(SharedMap, BehindALockEveryTraceIsExplained) {
  Traces traces;
  Runner runner(LockedMapTarget(), kOnce);
  for (int i = 0; i < 60; ++i) {
    const Verdict verdict = runner.Run(traces.Next());
    ASSERT_TRUE(verdict.passed()) << "seed " << kSeed << ", trace " << i << ": "
                                  << verdict.Summary();
  }
}

TEST(SharedMap, ALostInsertionBehindTheLockIsNoticed) {
  Target forgetful = LockedMapTarget();
  forgetful.new_session = []() -> std::unique_ptr<Session> {
    return std::make_unique<SharedMapSession>(Guard::kForgetfulMutex);
  };
  Traces traces;
  Runner runner(forgetful, kOnce);
  int noticed = 0;
  for (int i = 0; i < 40; ++i) {
    const Verdict verdict = runner.Run(traces.Next());
    if (verdict.passed()) continue;
    EXPECT_EQ(verdict.outcome, Outcome::kMismatch);
    ++noticed;
  }
  EXPECT_GT(noticed, 4);
}

// Runs the unguarded map's traces in children of their own and counts what became of them.
std::map<std::string, int> RunUnguarded(int traces_to_run, std::string* report) {
  Traces traces;
  std::map<std::string, int> signatures;
  for (int i = 0; i < traces_to_run; ++i) {
    IsolatedRun run = RunIsolatedWithReport(UnguardedMapTarget(), traces.Next(), kOnce);
    if (run.verdict.outcome == Outcome::kRace) *report = std::move(run.report);
    ++signatures[run.verdict.Signature()];
  }
  for (const auto& [signature, count] : signatures) {
    std::printf("%4d of %d  %s\n", count, traces_to_run, signature.c_str());
  }
  return signatures;
}

int CountOf(const std::map<std::string, int>& signatures, const std::string& prefix) {
  int count = 0;
  for (const auto& [signature, times] : signatures) count += signature.starts_with(prefix) * times;
  return count;
}

TEST(SharedMap, WithoutTheLockTheRaceIsReported) {
  std::string report;
  const int runs = kThreadSanitizer ? 10 : 60;
  const std::map<std::string, int> signatures = RunUnguarded(runs, &report);
  if (kThreadSanitizer) {
    EXPECT_GT(CountOf(signatures, "race/data race"), runs / 2);
    EXPECT_NE(report.find("WARNING: ThreadSanitizer: data race"), std::string::npos);
  } else {
    const int misuse = CountOf(signatures, "fatal/concurrent map");
    std::printf("the misuse flags fired in %d of %d runs\n", misuse, runs);
    EXPECT_GT(misuse, 0);
  }
}

// Elsewhere a race is no certain verdict.
#ifdef SLOTPROOF_THREAD_SANITIZER

// The misuse flags may stop the map before the sanitizer does, now and then.
bool RacesWithin(int runs, const Target& target, const Trace& trace) {
  for (int i = 0; i < runs; ++i) {
    if (RunIsolated(target, trace, kOnce).outcome == Outcome::kRace) return true;
  }
  return false;
}

TEST(SharedMap, TheTraceOfARaceReplays) {
  Traces traces;
  const Trace trace = traces.Next();
  ASSERT_TRUE(RacesWithin(20, UnguardedMapTarget(), trace));
  Verdict verdict;
  verdict.outcome = Outcome::kRace;
  const Expected<std::string> path =
      SaveFinding(UnguardedMapTarget(), trace, verdict, "shared_map_test", ::testing::TempDir());
  ASSERT_TRUE(path) << path.error().message;
  const Target* const targets[] = {&LockedMapTarget(), &UnguardedMapTarget()};
  const Expected<LoadedTrace> loaded = LoadTrace(*path, targets);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->trace, trace);
  EXPECT_TRUE(RacesWithin(20, *loaded->target, loaded->trace));
  EXPECT_TRUE(RunIsolated(LockedMapTarget(), loaded->trace, kOnce).passed());
}

#endif

}  // namespace
}  // namespace slotproof
