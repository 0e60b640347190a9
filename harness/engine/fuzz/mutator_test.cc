#include "harness/engine/fuzz/mutator.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/engine/generator.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/codec.h"
#include "harness/trace/random_trace.h"

namespace slotproof {
namespace {

using testing::Plant;
using testing::RandomBytes;
using testing::ToyTarget;
using testing::ToyVocabulary;

using Bytes = std::vector<std::uint8_t>;

// Stands in for libFuzzer's byte mutations: one byte more, not a whole operation.
std::size_t AppendByte(std::uint8_t* data, std::size_t size, std::size_t max_size) {
  if (size == max_size) return size;
  data[size] = 0xa5;
  return size + 1;
}

Bytes Mutated(Mutator& mutator, const Bytes& input, std::size_t max_size, std::uint64_t seed) {
  Bytes buffer(std::max(input.size(), max_size));
  std::copy(input.begin(), input.end(), buffer.begin());
  buffer.resize(mutator.Mutate(buffer.data(), input.size(), max_size, seed));
  return buffer;
}

bool Canonical(const Bytes& bytes) {
  const Codec codec(ToyVocabulary());
  return codec.Encode(codec.Decode(bytes)) == bytes;
}

// For all inputs, sizes and seeds: the output fits, and is canonical when it can hold a header.
TEST(MutatorTest, OutputFitsAndIsCanonical) {
  Mutator mutator(ToyTarget(), AppendByte);
  std::mt19937_64 rng(1);
  for (int i = 0; i < 3'000; ++i) {
    const Bytes input = RandomBytes(rng, 200);
    const std::size_t max_size = input.size() + rng() % 40;
    const Bytes output = Mutated(mutator, input, max_size, rng());
    ASSERT_LE(output.size(), max_size);
    if (max_size >= ToyVocabulary().HeaderBytes()) {
      ASSERT_TRUE(Canonical(output));
    }
  }
}

// For all pairs of inputs and all sizes: the joined input fits and is canonical.
TEST(MutatorTest, CrossOverFitsAndIsCanonical) {
  Mutator mutator(ToyTarget(), AppendByte);
  std::mt19937_64 rng(2);
  for (int i = 0; i < 3'000; ++i) {
    const Bytes first = RandomBytes(rng, 200);
    const Bytes second = RandomBytes(rng, 200);
    Bytes output(rng() % 300);
    const std::size_t max_size = output.size();
    output.resize(mutator.CrossOver(first, second, output, rng()));
    ASSERT_LE(output.size(), max_size);
    if (max_size >= ToyVocabulary().HeaderBytes()) {
      ASSERT_TRUE(Canonical(output));
    }
  }
}

// Same input, same seed, same output, whatever the mutator did before.
TEST(MutatorTest, SeedDecides) {
  Mutator fresh(ToyTarget(), AppendByte);
  Mutator used(ToyTarget(), AppendByte);
  std::mt19937_64 rng(3);
  for (int i = 0; i < 300; ++i) {
    const Bytes input = RandomBytes(rng, 100);
    const std::uint64_t seed = rng();
    Mutated(used, RandomBytes(rng, 100), 200, rng());
    ASSERT_EQ(Mutated(used, input, 200, seed), Mutated(fresh, input, 200, seed));
  }
}

// Each kind of mutation changes a trace of some operations.
TEST(MutatorTest, EveryKindChangesTraces) {
  Mutator mutator(ToyTarget(), AppendByte);
  const Generator generator(ToyTarget());
  for (std::size_t kind = 0; kind < kMutations; ++kind) {
    const auto mutation = static_cast<Mutation>(kind);
    Rng rng(4);
    int changed = 0;
    for (int i = 0; i < 200; ++i) {
      Trace trace;
      generator.Generate(rng, 40, &trace);
      const Trace before = trace;
      if (mutator.Apply(mutation, rng, 60, &trace)) changed += trace != before;
    }
    // A byte that completes no operation changes nothing.
    if (mutation == Mutation::kRawBytes) continue;
    EXPECT_GE(changed, 30) << MutationName(mutation);
  }
}

// Changing, nudging or sharing an operand changes one operand of one operation, and each in time.
TEST(MutatorTest, OneOperandChangesAtATime) {
  Mutator mutator(ToyTarget(), AppendByte);
  const OperandList& operands = ToyVocabulary().ops[testing::kAim].operands;
  for (const Mutation mutation :
       {Mutation::kChangeOperand, Mutation::kNudgeOperand, Mutation::kShareOperand}) {
    Rng rng(6);
    std::vector<int> changed(operands.size());
    for (int i = 0; i < 500; ++i) {
      Trace trace = {.header = {},
                     .ops = {{.code = testing::kAim, .b = 0b01'01'01'10}, {.code = testing::kAim}}};
      const Trace before = trace;
      if (!mutator.Apply(mutation, rng, 2, &trace)) continue;
      int changes = 0;
      for (std::size_t op = 0; op < trace.ops.size(); ++op) {
        for (std::size_t at = 0; at < operands.size(); ++at) {
          if (OperandValue(trace.ops[op], operands[at]) ==
              OperandValue(before.ops[op], operands[at])) {
            continue;
          }
          ++changes;
          ++changed[at];
        }
      }
      ASSERT_EQ(changes, 1) << MutationName(mutation);
    }
    for (const int times : changed) EXPECT_GT(times, 10) << MutationName(mutation);
  }
}

// Where nothing can be changed, a mutation says so and leaves the trace alone.
TEST(MutatorTest, EmptyTraceWithoutRoomStaysEmpty) {
  Mutator mutator(ToyTarget());
  Rng rng(5);
  for (std::size_t kind = 0; kind < kMutations; ++kind) {
    const auto mutation = static_cast<Mutation>(kind);
    if (mutation == Mutation::kChangeField) continue;
    Trace trace;
    EXPECT_FALSE(mutator.Apply(mutation, rng, 0, &trace)) << MutationName(mutation);
    EXPECT_EQ(trace, Trace{}) << MutationName(mutation);
  }
}

bool raw_mutate_called = false;

std::size_t NoteCall(std::uint8_t*, std::size_t size, std::size_t) {
  raw_mutate_called = true;
  return size;
}

// libFuzzer's own mutations get their turn.
TEST(MutatorTest, RawMutationsComeNowAndThen) {
  Mutator mutator(ToyTarget(), NoteCall);
  raw_mutate_called = false;
  for (std::uint64_t seed = 0; seed < 500; ++seed) Mutated(mutator, Bytes(40), 80, seed);
  EXPECT_TRUE(raw_mutate_called);
}

// A joined input holds operations of both.
// Law: a schedule is changed now and then, alone, and never beyond the room that there is.
TEST(MutatorTest, SchedulesAreChangedNowAndThen) {
  const Codec codec(ToyVocabulary());
  const Bytes input = codec.Encode({.header = {}, .ops = std::vector<Op>(4)});
  const Op added = {.code = testing::kPush, .b = 0, .a = 5};
  int calls = 0;
  Mutator mutator(ToyTarget(), nullptr, [&](std::uint64_t, Trace* trace) {
    EXPECT_EQ(codec.Encode(*trace), input);
    if (++calls % 2 != 0) return false;
    trace->ops.push_back(added);
    return true;
  });
  const std::size_t room = input.size() + kOpBytes;
  int changed = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const int before = calls;
    const Trace trace = codec.Decode(Mutated(mutator, input, room, seed));
    ASSERT_LE(trace.ops.size(), 5u);
    if (calls == before || calls % 2 != 0) continue;
    ++changed;
    EXPECT_EQ(trace.ops.size(), 5u);
    EXPECT_EQ(trace.ops.back(), added);
  }
  EXPECT_GT(changed, 100);
  EXPECT_LT(calls, 1000);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_LE(Mutated(mutator, input, input.size(), seed).size(), input.size());
  }
}

TEST(MutatorTest, CrossOverTakesFromBoth) {
  Mutator mutator(ToyTarget());
  const Codec codec(ToyVocabulary());
  const Trace pushes = {.header = {}, .ops = std::vector<Op>(20, Op{.code = testing::kPush})};
  const Trace marks = {.header = {}, .ops = std::vector<Op>(20, Op{.code = testing::kMark})};
  int both = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Bytes out(400);
    out.resize(mutator.CrossOver(codec.Encode(pushes), codec.Encode(marks), out, seed));
    bool has_push = false;
    bool has_mark = false;
    for (const Op& op : codec.Decode(out).ops) {
      has_push |= op.code == testing::kPush;
      has_mark |= op.code == testing::kMark;
    }
    both += has_push && has_mark;
  }
  EXPECT_GE(both, 60);
}

// From an empty input, mutation and running alone reach a bug that needs a stack of five.
TEST(MutatorTest, FindsPlantedBugs) {
  for (const Plant plant : {Plant::kWrongPop, Plant::kBrokenMark, Plant::kFatal}) {
    Mutator mutator(ToyTarget(plant), AppendByte);
    Runner runner(ToyTarget(plant));
    const Codec codec(ToyVocabulary());
    Bytes input;
    bool found = false;
    for (std::uint64_t seed = 0; seed < 5'000 && !found; ++seed) {
      input = Mutated(mutator, input, 256, seed);
      found = !runner.Run(codec.Decode(input)).passed();
    }
    EXPECT_TRUE(found) << ToyTarget(plant).name;
  }
}

}  // namespace
}  // namespace slotproof
