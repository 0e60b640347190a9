#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "harness/linear/checker.h"
#include "harness/linear/models/cell_model.h"
#include "harness/linear/models/random_history.h"

// What the checker's search costs, where it ends, and what it then tells.

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace slotproof::linear {
namespace {

constexpr Operation Op(Code code, Value a = kNil, Value b = kNil) {
  return {.code = code, .key = 0, .a = a, .b = b};
}

// Writes at once, of which a read then sees none: all their orders have to be tried.
Calls HardHistory(std::uint32_t writes) {
  Calls calls;
  for (std::uint32_t i = 0; i < writes; ++i) {
    calls.push_back({.process = i,
                     .invoked = i,
                     .responded = writes + i,
                     .op = Op(Code::kWrite, kNil, 3 + i),
                     .result = {}});
  }
  calls.push_back({.process = 0,
                   .invoked = 2 * writes,
                   .responded = 2 * writes + 1,
                   .op = Op(Code::kRead),
                   .result = kNil});
  return calls;
}

TEST(Checker, ALimitMakesItUnknownAndIsCounted) {
  CellModel model;
  Limits limits = {.configurations = 1'000};
  Checker<CellModel> checker(&model, &limits);
  const Calls calls = HardHistory(12);
  EXPECT_EQ(checker.Check(calls), Answer::kUnknown);
  EXPECT_EQ(checker.spent(), Spent::kConfigurations);
  const std::uint64_t visited = checker.visited();
  EXPECT_LT(visited, 1'100u);
  EXPECT_EQ(checker.Check(calls), Answer::kUnknown);
  EXPECT_EQ(checker.visited(), visited);
  EXPECT_EQ(calls[checker.stuck()].pending(), false);

  limits = {.bytes = 10'000};
  EXPECT_EQ(checker.Check(calls), Answer::kUnknown);
  EXPECT_EQ(checker.spent(), Spent::kBytes);

  limits = {.stop = [] { return true; }};
  EXPECT_EQ(checker.Check(calls), Answer::kUnknown);
  EXPECT_EQ(checker.spent(), Spent::kStopped);

  limits = {};
  EXPECT_EQ(checker.Check(HardHistory(8)), Answer::kNot);
  EXPECT_EQ(checker.spent(), Spent::kNothing);
}

// An unknown part does not hide a wrong one behind it.
TEST(Checker, NoIsStrongerThanUnknown) {
  Calls calls = HardHistory(12);
  const std::uint32_t event = calls.back().responded + 1;
  calls.push_back({.process = 0,
                   .invoked = event,
                   .responded = event + 1,
                   .op = {.code = Code::kRead, .key = 1},
                   .result = 3});
  CellModel model;
  const Limits limits = {.configurations = 1'000};
  Checker<CellModel> checker(&model, &limits);
  EXPECT_EQ(checker.CheckParts(calls), Answer::kNot);
  EXPECT_EQ(checker.part(), 1u);
  EXPECT_EQ(checker.spent(), Spent::kNothing);
  calls.back().result = kNil;
  EXPECT_EQ(checker.CheckParts(calls), Answer::kUnknown);
  EXPECT_EQ(checker.spent(), Spent::kConfigurations);
}

// Memory of configurations: without it these would be 20! orders, not 2^20 sets and a state.
TEST(Checker, ConfigurationsAreNotSearchedTwice) {
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  EXPECT_EQ(checker.Check(HardHistory(12)), Answer::kNot);
  // Of n writes at once n * 2^(n-1) sets with the last write, each met at most n times.
  EXPECT_LT(checker.visited(), 12u * 12u * 2'048u);
}

// Reads at once cost nothing: each is taken where it is possible.
TEST(Checker, ReadsAreNotPutInEveryOrder) {
  Calls calls;
  for (std::uint32_t i = 0; i < 40; ++i) {
    calls.push_back(
        {.process = i, .invoked = i, .responded = 40 + i, .op = Op(Code::kRead), .result = kNil});
  }
  calls.push_back(
      {.process = 0, .invoked = 80, .responded = 81, .op = Op(Code::kRead), .result = 3});
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  EXPECT_EQ(checker.Check(calls), Answer::kNot);
  EXPECT_EQ(checker.visited(), 40u);
  EXPECT_EQ(checker.stuck(), 40u);
  EXPECT_EQ(checker.order().size(), 40u);
}

TEST(Checker, TellsHowFarItGot) {
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  Calls calls(3);
  calls[0] = {.invoked = 0, .responded = 1, .op = Op(Code::kWrite, kNil, 3), .result = {}};
  calls[1] = {.invoked = 2, .responded = 3, .op = Op(Code::kWrite, kNil, 4), .result = {}};
  calls[2] = {.invoked = 4, .responded = 5, .op = Op(Code::kRead), .result = 3};
  EXPECT_EQ(checker.Check(calls), Answer::kNot);
  EXPECT_EQ(std::vector<std::uint32_t>(checker.order().begin(), checker.order().end()),
            (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(checker.last_state(), 4u);
  EXPECT_EQ(checker.stuck(), 2u);
}

// Further is what explains more responses, not what has more calls in it.
TEST(Checker, TellsOfTheOrderThatExplainsMostResponses) {
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  Calls calls;
  const auto add = [&](Code code, Value written, Result result, std::uint32_t from,
                       std::uint32_t to) {
    calls.push_back(
        {.invoked = from, .responded = to, .op = Op(code, kNil, written), .result = result});
  };
  add(Code::kWrite, 4, kAnyResult, 0, 10);
  add(Code::kWrite, 3, kAnyResult, 1, 11);
  add(Code::kRead, kNil, 3, 12, 20);
  // These are in the other order of the writes, which comes to nothing before.
  for (std::uint32_t i = 0; i < 3; ++i) add(Code::kRead, kNil, 4, 13 + i, 40 + i);
  add(Code::kRead, kNil, 4, 21, 22);
  EXPECT_EQ(checker.Check(calls), Answer::kNot);
  EXPECT_EQ(checker.stuck(), 6u);
  EXPECT_EQ(std::vector<std::uint32_t>(checker.order().begin(), checker.order().end()),
            (std::vector<std::uint32_t>{0, 1, 2}));
}

// An engine judges histories by the thousand.
TEST(Checker, AllocatesNothingForWhatIsNoLargerThanBefore) {
  std::vector<Calls> histories;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    histories.push_back(
        RandomHistory({.processes = 3, .calls = 12, .values = 2, .lost_percent = 5, .seed = seed})
            .Make());
    if (seed % 2 == 0) PlantUnknownValue(1'000, &histories.back());
  }
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  std::size_t wrong = 0;
  const auto judge_all = [&] {
    for (const Calls& calls : histories) wrong += checker.CheckParts(calls) == Answer::kNot;
  };
  judge_all();
  const std::size_t before = allocations;
  judge_all();
  EXPECT_EQ(allocations, before);
  EXPECT_GT(wrong, 100u);
}

// The engine's way: one history and one checker, filled again and again.
TEST(History, IsFilledAgain) {
  History<Operation, Result> history;
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  for (int i = 0; i < 3; ++i) {
    history.Clear();
    history.Begin(0, Op(Code::kWrite, kNil, 3));
    history.Begin(1, Op(Code::kRead));
    history.End(1, i == 1 ? 4 : 3);
    history.End(0, kAnyResult);
    history.Begin(1, Op(Code::kRead));
    EXPECT_TRUE(history.IsWaiting(1));
    history.GiveUp(1);
    EXPECT_FALSE(history.IsWaiting(1));
    EXPECT_EQ(history.calls().size(), 3u);
    EXPECT_EQ(checker.Check(history.calls()), i == 1 ? Answer::kNot : Answer::kLinearizable);
  }
  history.Clear();
  EXPECT_EQ(checker.Check(history.calls()), Answer::kLinearizable);
}

}  // namespace
}  // namespace slotproof::linear
