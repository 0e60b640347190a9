#include <random>

#include "subjects/scheduled_heap/heap_programs.h"

namespace slotproof {
namespace {

constexpr std::array kKinds = {
    HeapStepKind::kLoadGlobal, HeapStepKind::kStoreGlobal, HeapStepKind::kLoad,
    HeapStepKind::kLoad,       HeapStepKind::kStore,       HeapStepKind::kStore,
    HeapStepKind::kExchange,   HeapStepKind::kDetach,      HeapStepKind::kDetach,
    HeapStepKind::kDetach,     HeapStepKind::kDrop,        HeapStepKind::kNew,
    HeapStepKind::kMark,       HeapStepKind::kWait,
};

std::string Register(std::uint8_t number) { return "r" + std::to_string(number); }

std::string DescribeStep(const HeapStep& step) {
  const std::string a = Register(step.a);
  const std::string b = Register(step.b);
  switch (step.kind) {
    case HeapStepKind::kLoadGlobal:
      return a + " = g" + std::to_string(step.b);
    case HeapStepKind::kStoreGlobal:
      return "g" + std::to_string(step.b) + " = " + a;
    case HeapStepKind::kLoad:
      return a + " = " + b + ".next";
    case HeapStepKind::kStore:
      return a + ".next = " + b;
    case HeapStepKind::kExchange:
      return a + ".next = " + b + " by exchange";
    case HeapStepKind::kDetach:
      return a + " = detach " + b + ".next";
    case HeapStepKind::kDrop:
      return a + " = nil";
    case HeapStepKind::kNew:
      return a + " = new";
    case HeapStepKind::kWait:
      return "wait";
    case HeapStepKind::kMark:
      return "mark";
  }
  return "";
}

}  // namespace

HeapProgram DrawHeapProgram(std::uint64_t seed, std::size_t steps) {
  std::mt19937_64 random(seed);
  const auto below = [&random](std::uint64_t bound) {
    return static_cast<std::uint8_t>(random() % bound);
  };
  HeapProgram program;
  for (std::vector<HeapStep>& thread : program.threads) {
    for (std::size_t i = 0; i < steps; ++i) {
      const HeapStepKind kind = kKinds[below(kKinds.size())];
      thread.push_back({.kind = kind, .a = below(kHeapRegisters), .b = below(kHeapRegisters)});
    }
  }
  // Most do: what a barrier misses is lost when the cycle ends while a thread has it.
  program.stays[1] = below(4) != 0;
  program.cycles = below(8) == 0 ? 2 : 1;
  return program;
}

std::string DescribeHeapProgram(const HeapProgram& program) {
  std::string text;
  for (std::size_t i = 0; i < kHeapThreads; ++i) {
    text += "t" + std::to_string(i) + ":";
    for (const HeapStep& step : program.threads[i]) text += " " + DescribeStep(step) + ";";
    text += program.stays[i] ? " stays\n" : " ends\n";
  }
  return text;
}

}  // namespace slotproof
