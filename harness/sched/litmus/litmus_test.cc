#include "harness/sched/litmus/litmus.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/sched/crash.h"
#include "harness/sched/explore.h"
#include "harness/sched/stale_reads.h"

namespace slotproof::sched {

static void PrintTo(const Litmus& litmus, std::ostream* out) { *out << litmus.name; }

namespace {

using Reduction = Exhaustive::Reduction;

constexpr std::uint64_t kMostInterleavings = 12'000;

std::string OutcomeOf(const RunResult& result) {
  std::string text = result.failed() ? std::string(EndingName(result.ending)) : Outcome();
  std::replace(text.begin(), text.end(), ' ', '_');
  return text;
}

std::string OutcomesOf(const Explored& explored) {
  std::set<std::string> all;
  for (const auto& [outcome, count] : explored.outcomes) {
    all.insert(outcome);
    (void)count;
  }
  std::string text;
  for (std::string outcome : all) {
    std::replace(outcome.begin(), outcome.end(), ' ', '_');
    text += (text.empty() ? "" : " ") + outcome;
  }
  return text;
}

// One interleaving's order of conflicting steps, and what their loads see: the same for all of its
// class.
class ClassOf final : public Strategy {
 public:
  explicit ClassOf(Strategy& inner) : inner_(inner) {}

  const std::string& text() const { return text_; }

  bool PicksAlone() const override { return inner_.PicksAlone(); }
  void Begin() override {
    steps_.clear();
    text_.clear();
    inner_.Begin();
  }
  void Created(ThreadId parent, ThreadId child) override { inner_.Created(parent, child); }
  void Arrived(ThreadId thread, const View& view) override { inner_.Arrived(thread, view); }
  ThreadId Pick(const View& view) override { return inner_.Pick(view); }
  std::uint32_t PickStore(const View& view, std::uint32_t stores) override {
    steps_.back().back = inner_.PickStore(view, stores);
    return steps_.back().back;
  }
  void Executes(ThreadId thread, const View& view) override {
    // Whether a join had to wait, and when it did, is no order of the program's.
    const Event& event = view.pending[thread];
    if (event.kind != EventKind::kJoin) steps_.push_back({thread, event});
    inner_.Executes(thread, view);
  }
  void End() override {
    // Each step as the n-th of its thread, with those before it that it conflicts with.
    std::vector<std::string> lines;
    std::vector<std::string> names;
    std::array<int, kMaxThreads> count{};
    for (const Step& step : steps_) {
      names.push_back(std::to_string(step.thread) + "." + std::to_string(count[step.thread]++));
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      std::vector<std::string> before;
      for (std::size_t j = 0; j < i; ++j) {
        if (steps_[i].thread != steps_[j].thread && Conflict(steps_[i].event, steps_[j].event)) {
          before.push_back(names[j]);
        }
      }
      std::sort(before.begin(), before.end());
      std::string line = names[i] + "=" + std::to_string(steps_[i].back) + ":";
      for (const std::string& name : before) line += " " + name;
      lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    for (const std::string& line : lines) text_ += line + "\n";
    inner_.End();
  }

 private:
  struct Step {
    ThreadId thread;
    Event event;
    std::uint32_t back = 0;
  };

  Strategy& inner_;
  std::vector<Step> steps_;
  std::string text_;
};

class LitmusTest : public testing::TestWithParam<Litmus> {
 protected:
  static void SetUpTestSuite() { CatchCrashes(); }

  static RunOptions Options() {
    return {.memory = GetParam().stale ? Memory::kStale : Memory::kSequential,
            .races_fail = GetParam().races_fail};
  }
  // Failures that end a program early cut classes short, so there is no one count of them.
  static bool EndsEarly() {
    const std::string_view all = GetParam().outcomes;
    return std::any_of(std::begin(kEarly), std::end(kEarly), [&](std::string_view early) {
      return all.find(early) != std::string_view::npos;
    });
  }

 private:
  static constexpr std::string_view kEarly[] = {"data_race", "use_after_free", "failed", "crash",
                                                "lock_misuse"};
};

// Law: with one interleaving of each class there are as many as the closed form says, and no other
// outcomes than those that are listed.
TEST_P(LitmusTest, CountsAreThoseOfTheClosedForm) {
  const Litmus& litmus = GetParam();
  const Explored dynamic =
      ExploreAll(litmus.run, Reduction::kDynamic, Options(), kMostInterleavings, Outcome);
  ASSERT_TRUE(dynamic.whole);
  EXPECT_EQ(OutcomesOf(dynamic), litmus.outcomes);
  const Explored sleep_sets =
      ExploreAll(litmus.run, Reduction::kSleepSets, Options(), kMostInterleavings, Outcome);
  ASSERT_TRUE(sleep_sets.whole);
  EXPECT_EQ(OutcomesOf(sleep_sets), litmus.outcomes);
  if (EndsEarly()) return;
  EXPECT_EQ(dynamic.completed, sleep_sets.completed);
  if (litmus.classes != 0) {
    EXPECT_EQ(dynamic.completed, litmus.classes);
  }
}

// Law: all interleavings, sorted into classes by their orders of conflicting steps, are as many
// classes as are explored with reduction.
TEST_P(LitmusTest, ClassesAreThoseOfAllInterleavings) {
  const Litmus& litmus = GetParam();
  if (EndsEarly() || litmus.spins) GTEST_SKIP() << "its classes cannot be told apart";
  const Explored sleep_sets =
      ExploreAll(litmus.run, Reduction::kSleepSets, Options(), kMostInterleavings, Outcome);
  Exhaustive all(Reduction::kNone);
  ClassOf class_of(all);
  std::set<std::string> classes;
  std::set<std::string> outcomes;
  std::uint64_t runs = 0;
  do {
    if (++runs > kMostInterleavings) GTEST_SKIP() << "too many interleavings";
    const RunResult& result = RunOnce(litmus.run, class_of, Options());
    classes.insert(class_of.text());
    outcomes.insert(OutcomeOf(result));
  } while (all.Next());
  EXPECT_EQ(classes.size(), sleep_sets.completed);
  std::string text;
  for (const std::string& outcome : outcomes) text += (text.empty() ? "" : " ") + outcome;
  EXPECT_EQ(text, litmus.outcomes);
}

// Law: each random strategy meets each outcome.
TEST_P(LitmusTest, EachStrategyMeetsEachOutcome) {
  const Litmus& litmus = GetParam();
  std::set<std::string> wanted;
  std::string_view rest = litmus.outcomes;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    wanted.insert(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (std::size_t i = 0; i < kStrategies; ++i) {
    const auto strategy = static_cast<StrategyName>(i);
    Runtime::Get().Forget();
    Choices choices(7);
    Mix mix(strategy, choices);
    StaleReads stale(mix, choices);
    std::set<std::string> seen;
    for (int run = 0; run < 20'000 && seen != wanted; ++run) {
      seen.insert(OutcomeOf(RunOnce(litmus.run, stale, Options())));
    }
    EXPECT_EQ(seen, wanted) << NameOf(strategy);
  }
}

// Law: what failed once fails in the same way each time that its schedule is replayed.
TEST_P(LitmusTest, FailuresReplay) {
  const Litmus& litmus = GetParam();
  const std::optional<Found> found =
      FindFailure(litmus.run, StrategyName::kMix, 3, 3'000, Options());
  if (!found) GTEST_SKIP() << "does not fail";
  const std::optional<Schedule> parsed = ParseSchedule(FormatSchedule(found->result.schedule));
  ASSERT_EQ(parsed, found->result.schedule);
  // A fresh start, which knows nothing of what is contended.
  Runtime::Get().Forget();
  for (int run = 0; run < 100; ++run) {
    const Replayed replayed = ReplaySchedule(litmus.run, *parsed, Options());
    ASSERT_EQ(replayed.result.ending, found->result.ending) << replayed.result.message;
    ASSERT_EQ(replayed.result.message, found->result.message);
    ASSERT_EQ(replayed.result.points, found->result.points);
    ASSERT_FALSE(replayed.moved);
  }
}

// Law: a failure keeps only switches that it needs.
TEST_P(LitmusTest, FailuresAreMinimal) {
  const Litmus& litmus = GetParam();
  const std::optional<Found> found =
      FindFailure(litmus.run, StrategyName::kUniform, 5, 3'000, Options());
  if (!found) GTEST_SKIP() << "does not fail";
  const Found minimal = MinimalFailure(litmus.run, found->result, Options());
  EXPECT_EQ(minimal.result.ending, found->result.ending);
  const Schedule& schedule = minimal.result.schedule;
  EXPECT_LE(schedule.size(), found->result.schedule.size());
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    Schedule fewer = schedule;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    const Replayed replayed = ReplaySchedule(litmus.run, fewer, Options());
    EXPECT_FALSE(replayed.result.ending == minimal.result.ending &&
                 replayed.result.message == minimal.result.message &&
                 replayed.result.schedule == fewer)
        << FormatSchedule(schedule) << " does not need its switch " << i;
  }
}

std::vector<Litmus> AllLitmus() {
  std::vector<Litmus> all(MemoryLitmus().begin(), MemoryLitmus().end());
  all.insert(all.end(), StaleLitmus().begin(), StaleLitmus().end());
  all.insert(all.end(), SyncLitmus().begin(), SyncLitmus().end());
  return all;
}

INSTANTIATE_TEST_SUITE_P(Programs, LitmusTest, testing::ValuesIn(AllLitmus()),
                         [](const testing::TestParamInfo<Litmus>& tested) {
                           return std::string(tested.param.name);
                         });

}  // namespace
}  // namespace slotproof::sched
