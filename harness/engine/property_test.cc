#include "harness/engine/property.h"

#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "harness/base/build_info.h"
#include "harness/base/child_process.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/laws.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

using testing::LawsToyTarget;
using testing::Plant;
using testing::ToyTarget;

constexpr PropertyOptions kOptions = {.traces = 2000, .max_ops = 200};

TEST(Property, ACorrectTargetPassesAndReachesItsGoals) {
  Runner runner(ToyTarget());
  EXPECT_TRUE(CheckAgreement(runner, {.traces = 2000, .max_ops = 200, .reach_goals = true}).passed);
  EXPECT_GT(runner.stats().traces, kOptions.traces / 2);
}

TEST(Property, AMissedGoalFails) {
  EXPECT_FALSE(CheckGoals(ToyTarget(), GoalCounts()));
  Runner runner(ToyTarget());
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(CheckAgreement(runner, {.traces = 1, .max_ops = 1, .reach_goals = true}).passed);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("goal missed: grew"), std::string::npos) << printed;
}

// It stopped early: what it missed says nothing.
TEST(Property, AFailedRunHasNoMissedGoals) {
  Runner runner(ToyTarget(Plant::kFatal));
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(
      CheckAgreement(runner, {.traces = 2000, .max_ops = 200, .reach_goals = true}).passed);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("Falsified"), std::string::npos) << printed;
  EXPECT_EQ(printed.find("goal"), std::string::npos) << printed;
}

TEST(Property, TheSeedIsFixedWhenNobodySaysAnother) {
  const char* const said = std::getenv("RC_PARAMS");
  if (said != nullptr && !std::string_view(said).ends_with("seed=1")) {
    GTEST_SKIP() << "somebody does";
  }
  Runner runner(ToyTarget());
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(CheckAgreement(runner, kOptions).passed);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("(seed=1)"), std::string::npos) << printed;
}

TEST(Property, APlantedBugIsFoundShrunkPrintedAndSaved) {
  const Target& target = ToyTarget(Plant::kFatal);
  Runner runner(target);
  ::testing::internal::CaptureStderr();
  const PropertyResult result = CheckAgreement(runner, kOptions);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  ASSERT_FALSE(result.passed);
  EXPECT_EQ(result.trace.ops.size(), 3u) << "the same key pushed three times";
  EXPECT_NE(printed.find("Falsified: toy_fatal and its model agree"), std::string::npos);
  EXPECT_NE(printed.find("slotproof-trace 1"), std::string::npos);
  EXPECT_NE(printed.find("replay: bazel run //:slotproof"), std::string::npos);

  const Target* const targets[] = {&target};
  const Expected<LoadedTrace> loaded = LoadTrace(result.file, targets);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->trace, result.trace);
  EXPECT_EQ(runner.Run(loaded->trace).Signature(), result.verdict.Signature());
}

TEST(Property, TheSameSeedFindsTheSameFailure) {
  Runner one(ToyTarget(Plant::kWrongPop));
  Runner two(ToyTarget(Plant::kWrongPop));
  const PropertyResult first = CheckAgreement(one, kOptions);
  const PropertyResult second = CheckAgreement(two, kOptions);
  ASSERT_FALSE(first.passed);
  EXPECT_EQ(first.trace, second.trace);
}

TEST(Property, ALawThatNothingUpholdsIsFalsifiedByTheSmallestTrace) {
  const TraceLaw too_long = [](const Trace& trace) {
    Verdict verdict;
    if (trace.ops.size() < 3) return verdict;
    verdict.outcome = Outcome::kMismatch;
    verdict.law = "length";
    verdict.op_index = trace.ops.size();
    return verdict;
  };
  ::testing::internal::CaptureStderr();
  const PropertyResult result =
      CheckLaw(ToyTarget(), "traces are shorter than 3", too_long, "//some:law_test", kOptions);
  const std::string printed = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(result.trace.ops.size(), 3u);
  const std::size_t replay = printed.find("replay: SLOTPROOF_TRACE=/");
  ASSERT_NE(replay, std::string::npos) << printed;
  EXPECT_TRUE(printed.ends_with(".trace bazel run //some:law_test\n")) << printed;
}

// A smaller trace may fail of another bug.
TEST(Property, ShrinkingKeepsToTheFailureThatWasFound) {
  bool found = false;
  const TraceLaw law = [&found](const Trace& trace) {
    Verdict verdict;
    const bool wanted = trace.ops.size() >= 3;
    found = found || wanted;
    if (!found || trace.ops.empty()) return verdict;
    verdict.outcome = Outcome::kMismatch;
    verdict.law = wanted ? "wanted" : "other";
    return verdict;
  };
  ::testing::internal::CaptureStderr();
  const PropertyResult result = CheckLaw(ToyTarget(), "a law", law, "//some:law_test", kOptions);
  ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(result.verdict.law, "wanted");
  EXPECT_EQ(result.trace.ops.size(), 3u);
}

TEST(Property, TracesGrowAlmostAsLongAsTheyMay) {
  std::size_t longest = 0;
  const TraceLaw law = [&longest](const Trace& trace) {
    longest = std::max(longest, trace.ops.size());
    return Verdict();
  };
  EXPECT_TRUE(CheckLaw(ToyTarget(), "a law", law, "//some:law_test", kOptions).passed);
  EXPECT_GT(longest, kOptions.max_ops / 2);
  EXPECT_LE(longest, kOptions.max_ops);
}

TEST(Property, AGivenTraceRunsAlone) {
  const Target& target = ToyTarget(Plant::kFatal);
  Runner runner(target);
  const PropertyResult found = CheckAgreement(runner, kOptions);
  ASSERT_FALSE(found.file.empty());
  ASSERT_EQ(setenv("SLOTPROOF_TRACE", found.file.c_str(), 1), 0);
  Runner again(target);
  const PropertyResult replayed = CheckAgreement(again, kOptions);
  unsetenv("SLOTPROOF_TRACE");
  EXPECT_FALSE(replayed.passed);
  EXPECT_EQ(replayed.verdict.Signature(), found.verdict.Signature());
  EXPECT_EQ(again.stats().traces, 1u);
}

// What a run leaves that ends its process.
class PropertyDeath : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "property_test.XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ChildResult Run(const std::function<void()>& check) const {
    return RunInChild(
        [&](const ChildChannel& channel) {
          ::setenv("TEST_UNDECLARED_OUTPUTS_DIR", folder_.c_str(), 1);
          ::setenv("SLOTPROOF_TIME_LIMIT", "1", 1);
          check();
          channel.Send("alive");
        },
        std::chrono::seconds(50));
  }
  ChildResult RunPlant(Plant plant) const {
    return Run([plant] {
      Runner runner(ToyTarget(plant));
      CheckAgreement(runner, kOptions);
    });
  }

  ChildResult RunLaw(const TraceLaw& law) const {
    return Run([&] { CheckLaw(ToyTarget(), "some law", law, "//some:law_test", kOptions); });
  }

  // The smallest trace of the plants that are set off by one key pushed three times running.
  static void ExpectThreeEqualKeys(const ChildResult& result, const std::string& signature) {
    EXPECT_EQ(result.sent, "");
    EXPECT_NE(result.errors.find("op 2: " + signature), std::string::npos) << result.errors;
    EXPECT_NE(result.errors.find("seed=0\npush k0\npush k0\npush k0\n\n1-minimal after "),
              std::string::npos)
        << result.errors;
  }

  // The file that the last line names.
  std::string ReplayedFile(const ChildResult& result) const {
    const std::size_t at = result.errors.rfind("replay: bazel run //:slotproof");
    EXPECT_NE(at, std::string::npos) << result.errors;
    if (at == std::string::npos) return "";
    const std::string line = result.errors.substr(at);
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "more follows: " << line;
    const std::size_t slash = line.rfind('/');
    return folder_ + line.substr(slash, line.size() - slash - 1);
  }

  std::string folder_;
};

TEST_F(PropertyDeath, ACrashIsShrunkAndSaved) {
  const ChildResult result = RunPlant(Plant::kAbort);
  EXPECT_EQ(result.end, ChildResult::End::kSignalled);
  EXPECT_EQ(result.code, SIGABRT);
  ExpectThreeEqualKeys(result, "signal/SIGABRT");
  const Target* const targets[] = {&ToyTarget(Plant::kAbort)};
  const Expected<LoadedTrace> loaded = LoadTrace(ReplayedFile(result), targets);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->trace.ops.size(), 3u);
  EXPECT_EQ(loaded->info.signature, "signal/SIGABRT");
}

TEST_F(PropertyDeath, ASanitizersReportIsShrunk) {
  if (Configuration() != "asan") GTEST_SKIP() << "needs AddressSanitizer";
  ExpectThreeEqualKeys(RunPlant(Plant::kOverflow), "sanitizer/heap-buffer-overflow");
}

TEST_F(PropertyDeath, AHangIsShrunk) {
  if (Configuration() == "tsan") GTEST_SKIP() << "ThreadSanitizer holds the signal back";
  ExpectThreeEqualKeys(RunPlant(Plant::kHang), "hang/time limit");
}

// A law that no target knows of replays through its test, the crash guard's file too.
TEST_F(PropertyDeath, OfALawIsShrunkThroughTheLaw) {
  const ChildResult result = RunLaw([](const Trace& trace) {
    if (trace.ops.size() >= 3) std::abort();
    return Verdict();
  });
  EXPECT_EQ(result.code, SIGABRT);
  EXPECT_NE(result.errors.find("Falsified: some law\nop 3: signal/SIGABRT"), std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("push k0\npush k0\npush k0\n\n1-minimal"), std::string::npos)
      << result.errors;
  EXPECT_EQ(result.errors.find("replay: bazel run"), std::string::npos) << result.errors;
  EXPECT_TRUE(result.errors.ends_with(".trace bazel run //some:law_test\n")) << result.errors;
}

// By the process that shrinks, since the other one is dying.
TEST_F(PropertyDeath, IsToldWhenItIsShrunk) {
  const ChildResult result = Run([] {
    PropertyOptions options = kOptions;
    const std::function<void(const PropertyResult&)> tell = [](const PropertyResult& falsified) {
      std::cerr << falsified.steps << " steps\n";
    };
    options.on_falsified = &tell;
    const TraceLaw law = [](const Trace& trace) {
      if (trace.ops.size() >= 3) std::abort();
      return Verdict();
    };
    CheckLaw(ToyTarget(), "some law", law, "//some:law_test", options);
  });
  EXPECT_EQ(result.code, SIGABRT);
  EXPECT_TRUE(result.errors.ends_with("\n3 steps\n")) << result.errors;
}

TEST_F(PropertyDeath, AnExitIsShrunk) {
  const ChildResult result = RunLaw([](const Trace& trace) {
    if (trace.ops.size() >= 3) std::exit(7);
    return Verdict();
  });
  EXPECT_EQ(result.code, 7);
  EXPECT_NE(result.errors.find("op 3: signal/exit 7"), std::string::npos) << result.errors;
  EXPECT_NE(result.errors.find("1-minimal"), std::string::npos) << result.errors;
}

// What one trace leaves behind kills another: by itself that one passes, and is shown as it is.
TEST_F(PropertyDeath, ThatNeedsMoreThanItsTraceIsSaidToPass) {
  int traces = 0;
  const ChildResult result = RunLaw([&traces](const Trace&) {
    if (++traces == 20) std::abort();
    return Verdict();
  });
  EXPECT_EQ(result.code, SIGABRT);
  EXPECT_NE(result.errors.find("signal/SIGABRT; alone, in a process of its own, the trace passes"),
            std::string::npos)
      << result.errors;
}

// A test that lets the environment choose the laws, in a process of its own.
class PropertyLaws : public PropertyDeath {
 protected:
  ChildResult RunUnder(const char* laws, const char* given_trace = "") const {
    return Run([laws, given_trace] {
      ::setenv("SLOTPROOF_LAWS", laws, 1);
      ::setenv("SLOTPROOF_TRACE", given_trace, 1);
      Runner runner(UnderLawsOfEnvironment(LawsToyTarget()));
      if (!CheckAgreement(runner, kOptions).passed) std::_Exit(1);
    });
  }

  static void ExpectPasses(const ChildResult& result) {
    EXPECT_EQ(result.code, 0) << result.errors;
    EXPECT_EQ(result.sent, "alive") << result.errors;
  }
  static void ExpectFails(const ChildResult& result, const std::string& saying) {
    EXPECT_EQ(result.code, 1) << result.errors;
    EXPECT_NE(result.errors.find(saying), std::string::npos) << result.errors;
  }
};

// Those of a known name, and the default when nobody says any; the replay line says them, too.
TEST_F(PropertyLaws, AreChosenByTheEnvironment) {
  ExpectPasses(RunUnder(""));
  ExpectPasses(RunUnder("lax"));
  const ChildResult strict = RunUnder("strict");
  ExpectFails(strict, "Falsified: toy_laws and its model agree\n");
  ExpectFails(strict, " -- replay --laws strict ");
}

TEST_F(PropertyLaws, OfAnUnknownNameAreOneClearError) {
  const ChildResult result = RunUnder("nonsense");
  EXPECT_EQ(result.end, ChildResult::End::kExited);
  EXPECT_EQ(result.code, 2);
  EXPECT_EQ(result.sent, "");
  EXPECT_EQ(result.errors,
            "slotproof: SLOTPROOF_LAWS: unknown laws \"nonsense\"; target \"toy_laws\" has lax and "
            "strict\n");
}

// It is not judged by others than it was saved under, unless that is what somebody says.
TEST_F(PropertyLaws, OfAGivenTraceAreThoseItWasSavedUnder) {
  const Target& strict = *LawsToyTarget().by_laws[1];
  Trace trace;
  trace.ops.assign(4, {.code = testing::kPush});
  trace.ops.insert(trace.ops.end(), {{.code = testing::kPush, .a = 1}, {.code = testing::kPop}});
  const std::string file = folder_ + "/strict.trace";
  ASSERT_TRUE(SaveTraceFile(file, strict, trace, {}));
  ExpectFails(RunUnder("", file.c_str()),
              file +
                  ": was saved under the laws strict; say SLOTPROOF_LAWS=strict to judge it by "
                  "these, or lax to judge it by others\n");
  ExpectFails(RunUnder("strict", file.c_str()), file + ": op 5: mismatch/pop.key");
  ExpectPasses(RunUnder("lax", file.c_str()));
}

// A law's test needs to be told them, as its own command.
TEST_F(PropertyLaws, OfALawAreInItsReplayLine) {
  const TraceLaw broken = [](const Trace&) {
    return Verdict{.outcome = Outcome::kMismatch, .law = "broken", .expected = {}, .actual = {}};
  };
  for (const Target* target : LawsToyTarget().by_laws) {
    ::testing::internal::CaptureStderr();
    CheckLaw(*target, "a law", broken, "//some:law_test", kOptions);
    const std::string printed = ::testing::internal::GetCapturedStderr();
    const bool says =
        printed.find("replay: SLOTPROOF_LAWS=strict SLOTPROOF_TRACE=") != std::string::npos;
    EXPECT_EQ(says, target->laws == "strict") << printed;
  }
}

}  // namespace
}  // namespace slotproof
