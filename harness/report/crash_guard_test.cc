#include "harness/report/crash_guard.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/base/build_info.h"
#include "harness/base/child_process.h"
#include "harness/base/standby.h"
#include "harness/check/runner.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

using std::chrono::milliseconds;
using testing::AllToyTargets;
using testing::Plant;
using testing::ToyTarget;

constexpr milliseconds kLong{50'000};

bool IsAsan() { return Configuration() == "asan"; }
bool IsTsan() { return Configuration() == "tsan"; }

Trace ThreeEqualKeys() {
  const Op push = {.code = testing::kPush, .b = 0, .a = 3};
  return {.header = {.field = {1, 0, 7, 42}}, .ops = {push, push, push}};
}

class CrashGuardTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "crash_guard_test.XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Runs the trace under a guard in a child.
  ChildResult Run(Plant plant, milliseconds time_limit = kLong) const {
    return RunInChild(
        [&](const ChildChannel& channel) {
          const Trace harmless;
          const Trace trace = ThreeEqualKeys();
          CrashGuard guard(
              ToyTarget(plant),
              {.found_by = "crash_guard_test", .directory = folder_, .time_limit = time_limit});
          Runner runner(ToyTarget(plant), {.determinism_share = 0});
          for (const Trace* each : {&harmless, &trace}) {
            guard.Watch(*each);
            runner.Run(*each);
            guard.Unwatch();
          }
          channel.Send("alive");
        },
        kLong);
  }

  std::vector<std::string> Saved() const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(folder_)) paths.push_back(entry.path());
    return paths;
  }

  // The one finding, which must be the trace that was in flight.
  TraceInfo TheFinding(const ChildResult& result) const {
    EXPECT_NE(result.sent, "alive");
    const std::vector<std::string> saved = Saved();
    EXPECT_EQ(saved.size(), 1u) << result.errors;
    if (saved.size() != 1) return {};
    const auto loaded = LoadTrace(saved[0], AllToyTargets());
    EXPECT_TRUE(loaded) << loaded.error().message;
    if (!loaded) return {};
    EXPECT_EQ(loaded->trace, ThreeEqualKeys());
    EXPECT_NE(result.errors.find("replay: bazel run //:slotproof"), std::string::npos);
    EXPECT_NE(result.errors.find(saved[0]), std::string::npos) << result.errors;
    return loaded->info;
  }

  std::string folder_;
};

TEST_F(CrashGuardTest, ARunThatLivesLeavesNothing) {
  const ChildResult result = Run(Plant::kNone);
  EXPECT_EQ(result.sent, "alive");
  EXPECT_EQ(result.errors, "");
  EXPECT_TRUE(Saved().empty());
}

TEST_F(CrashGuardTest, AFaultSavesTheTraceInFlightAndStaysAFault) {
  const ChildResult result = Run(Plant::kSegv);
  const TraceInfo info = TheFinding(result);
  EXPECT_EQ(info.found_by, "crash_guard_test");
  if (!IsAsan() && !IsTsan()) {
    EXPECT_EQ(info.signature, "signal/SIGSEGV");
    EXPECT_EQ(result.end, ChildResult::End::kSignalled);
    EXPECT_EQ(result.code, SIGSEGV);
  } else {
    EXPECT_NE(result.errors.find("SUMMARY:"), std::string::npos) << result.errors;
  }
}

TEST_F(CrashGuardTest, AnAbortSavesTheTraceInFlightAndStaysAnAbort) {
  const ChildResult result = Run(Plant::kAbort);
  EXPECT_EQ(TheFinding(result).signature, "signal/SIGABRT");
  EXPECT_EQ(result.end, ChildResult::End::kSignalled);
  EXPECT_EQ(result.code, SIGABRT);
}

// The allocator aborts, and would once more if the guard allocated.
TEST_F(CrashGuardTest, ARuinedHeapSavesTheTraceInFlight) {
  if (IsAsan() || IsTsan()) GTEST_SKIP() << "another allocator";
  const ChildResult result = Run(Plant::kRuinedHeap);
  EXPECT_EQ(TheFinding(result).signature, "signal/SIGABRT");
  EXPECT_EQ(result.code, SIGABRT);
}

// The trace itself is gone: the process still dies of what came first.
TEST_F(CrashGuardTest, AFaultWhileSavingIsNotTheLast) {
  if (IsAsan() || IsTsan()) GTEST_SKIP() << "sanitizers report the second fault";
  const ChildResult result = RunInChild(
      [&](const ChildChannel&) {
        const long page = ::sysconf(_SC_PAGESIZE);
        void* const memory = ::mmap(nullptr, static_cast<std::size_t>(page), PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        const auto* trace = new (memory) Trace(ThreeEqualKeys());
        CrashGuard guard(ToyTarget(), {.directory = folder_});
        guard.Watch(*trace);
        ::munmap(memory, static_cast<std::size_t>(page));
        ::raise(SIGFPE);
      },
      kLong);
  EXPECT_EQ(result.end, ChildResult::End::kSignalled);
  EXPECT_EQ(result.code, SIGFPE) << result.errors;
  EXPECT_NE(result.errors.find("slotproof: the trace follows"), std::string::npos) << result.errors;
}

TEST_F(CrashGuardTest, ASanitizersDeathSavesTheTraceInFlight) {
  if (!IsAsan()) GTEST_SKIP() << "needs AddressSanitizer";
  const ChildResult overflow = Run(Plant::kOverflow);
  EXPECT_EQ(TheFinding(overflow).signature, "sanitizer/heap-buffer-overflow");
  fs::remove(Saved()[0]);
  EXPECT_EQ(TheFinding(Run(Plant::kUndefined)).signature, "sanitizer/report");
}

TEST_F(CrashGuardTest, ARaceSavesTheTraceInFlight) {
  if (!IsTsan()) GTEST_SKIP() << "needs ThreadSanitizer";
  EXPECT_EQ(TheFinding(Run(Plant::kRace)).signature, "sanitizer/report");
}

TEST_F(CrashGuardTest, AHangSavesTheTraceInFlightAndEnds) {
  if (IsTsan()) GTEST_SKIP() << "ThreadSanitizer holds the signal back";
  const ChildResult result = Run(Plant::kHang, milliseconds(200));
  EXPECT_EQ(TheFinding(result).signature, "hang/time limit");
  EXPECT_EQ(result.end, ChildResult::End::kSignalled);
  EXPECT_EQ(result.code, SIGABRT);
}

// The end of a test's time, or of somebody's patience.
TEST_F(CrashGuardTest, SigtermSavesTheTraceInFlight) {
  if (IsTsan()) GTEST_SKIP() << "ThreadSanitizer holds the signal back";
  const ChildResult result = RunInChild(
      [&](const ChildChannel&) {
        const Trace trace = ThreeEqualKeys();
        CrashGuard guard(ToyTarget(), {.directory = folder_, .time_limit = kLong});
        guard.Watch(trace);
        ::raise(SIGTERM);
      },
      kLong);
  EXPECT_EQ(TheFinding(result).signature, "hang/SIGTERM");
  EXPECT_EQ(result.end, ChildResult::End::kSignalled);
  EXPECT_EQ(result.code, SIGTERM);
}

TEST_F(CrashGuardTest, SigtermOutsideATraceSavesNothing) {
  const ChildResult result = RunInChild(
      [&](const ChildChannel&) {
        const CrashGuard guard(ToyTarget(), {.directory = folder_});
        ::raise(SIGTERM);
      },
      kLong);
  EXPECT_EQ(result.code, SIGTERM);
  EXPECT_TRUE(Saved().empty());
}

TEST_F(CrashGuardTest, AnExitSavesTheTraceInFlight) {
  const ChildResult result = RunInChild(
      [&](const ChildChannel&) {
        const Trace trace = ThreeEqualKeys();
        CrashGuard guard(ToyTarget(), {.directory = folder_});
        guard.Watch(trace);
        std::exit(7);
      },
      kLong);
  EXPECT_EQ(TheFinding(result).signature, "signal/exit 7");
  EXPECT_EQ(result.code, 7);
}

TEST_F(CrashGuardTest, TheStandbyIsAskedBeforeTheEnd) {
  const ChildResult result = RunInChild(
      [&](const ChildChannel& channel) {
        Standby standby([&](std::string_view message) { channel.Send(message.substr(0, 15)); });
        const Trace trace = ThreeEqualKeys();
        CrashGuard guard(ToyTarget(), {.directory = folder_, .standby = &standby});
        guard.Watch(trace);
        ::abort();
      },
      kLong);
  EXPECT_EQ(result.sent, std::string_view("signal/SIGABRT\n"));
  EXPECT_EQ(TheFinding(result).signature, "signal/SIGABRT");
}

TEST_F(CrashGuardTest, TheReplayLineIsTheOneThatWasAskedFor) {
  const ChildResult result = RunInChild(
      [&](const ChildChannel&) {
        const Trace trace = ThreeEqualKeys();
        CrashGuard guard(ToyTarget(), {.directory = folder_ + "/my files",
                                       .replay = [](const std::string& path) {
                                         return "run '" + path + "' again";
                                       }});
        guard.Watch(trace);
        ::abort();
      },
      kLong);
  EXPECT_NE(result.errors.find("\nrun '" + folder_ + "/my files/toy-signal-SIGABRT-"),
            std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find(".trace' again\n"), std::string::npos) << result.errors;
}

// Sets a variable for as long as it lives.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* const before = ::getenv(name)) before_ = before;
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  ~ScopedVariable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// What hangs must end while its test has time to say so.
TEST(TraceTimeLimit, IsAPartOfTheTestsTime) {
  const ScopedVariable unsaid("SLOTPROOF_TIME_LIMIT", nullptr);
  const ScopedVariable small("TEST_TIMEOUT", "60");
  EXPECT_EQ(TraceTimeLimit(), milliseconds(15'000));
  const ScopedVariable eternal("TEST_TIMEOUT", "3600");
  EXPECT_EQ(TraceTimeLimit(), milliseconds(60'000));
  const ScopedVariable by_hand("TEST_TIMEOUT", nullptr);
  EXPECT_EQ(TraceTimeLimit(), milliseconds(60'000));
}

TEST(TraceTimeLimit, IsWhatIsSaid) {
  const ScopedVariable test("TEST_TIMEOUT", "60");
  const ScopedVariable said("SLOTPROOF_TIME_LIMIT", "2.5");
  EXPECT_EQ(TraceTimeLimit(), milliseconds(2'500));
  const ScopedVariable none("SLOTPROOF_TIME_LIMIT", "0");
  EXPECT_EQ(TraceTimeLimit(), milliseconds(0));
  for (const char* wrong : {"soon", "-1", "5s", "1e400", "nan"}) {
    const ScopedVariable misspelt("SLOTPROOF_TIME_LIMIT", wrong);
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(TraceTimeLimit(), milliseconds(15'000)) << wrong;
    EXPECT_EQ(::testing::internal::GetCapturedStderr(),
              "slotproof: SLOTPROOF_TIME_LIMIT=" + std::string(wrong) +
                  " is not a number of seconds; it does not count\n");
  }
}

// Also when what it would print with is locked for ever.
TEST_F(CrashGuardTest, AHangWithALockHeldEndsToo) {
  if (IsTsan()) GTEST_SKIP() << "ThreadSanitizer holds the signal back";
  const ChildResult result = Run(Plant::kStuck, milliseconds(200));
  EXPECT_EQ(TheFinding(result).signature, "hang/time limit");
  EXPECT_EQ(result.code, SIGABRT);
}

// A full disk, done by a limit on the size of files: the trace goes to standard error instead.
TEST_F(CrashGuardTest, ATraceThatCannotBeSavedIsPrinted) {
  const ChildResult result = RunInChild(
      [&](const ChildChannel&) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit = {.rlim_cur = 20, .rlim_max = 20};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const Trace trace = ThreeEqualKeys();
        CrashGuard guard(ToyTarget(Plant::kAbort), {.directory = folder_});
        guard.Watch(trace);
        Runner(ToyTarget(Plant::kAbort), {.determinism_share = 0}).Run(trace);
      },
      kLong);
  EXPECT_EQ(result.code, SIGABRT);
  EXPECT_TRUE(Saved().empty());
  EXPECT_NE(result.errors.find(": cannot be written: File too large; free some space"),
            std::string::npos)
      << result.errors;
  EXPECT_NE(result.errors.find("--target toy_abort\n"
                               "0100072a000000000003000000030000000300\n"),
            std::string::npos)
      << result.errors;
}

TEST_F(CrashGuardTest, ADeathOutsideATraceSavesNothing) {
  const ChildResult result = RunInChild(
      [&](const ChildChannel&) {
        const Trace trace = ThreeEqualKeys();
        CrashGuard guard(ToyTarget(), {.directory = folder_});
        guard.Watch(trace);
        guard.Unwatch();
        ::abort();
      },
      kLong);
  EXPECT_EQ(result.code, SIGABRT);
  EXPECT_TRUE(Saved().empty());
}

// The child of a guarded process is not the guard's to save.
TEST_F(CrashGuardTest, ADeathInAChildSavesNothing) {
  const Trace trace = ThreeEqualKeys();
  CrashGuard guard(ToyTarget(), {.directory = folder_});
  guard.Watch(trace);
  const ChildResult result = RunInChild([](const ChildChannel&) { ::abort(); }, kLong);
  guard.Unwatch();
  EXPECT_EQ(result.code, SIGABRT);
  EXPECT_TRUE(Saved().empty());
}

TEST_F(CrashGuardTest, HandlersAreAsBeforeOnceTheGuardIsGone) {
  struct sigaction before = {};
  struct sigaction after = {};
  ::sigaction(SIGABRT, nullptr, &before);
  {
    CrashGuard guard(ToyTarget(), {.directory = folder_});
  }
  ::sigaction(SIGABRT, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

}  // namespace
}  // namespace slotproof
