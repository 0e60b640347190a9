#include <random>
#include <span>

#include "subjects/scheduled_sharing/sharing_programs.h"

namespace slotproof {
namespace {

using Kind = SharingStepKind;

constexpr std::array kOfNodes = {Kind::kTake, Kind::kGive};
constexpr std::array kOfItems = {Kind::kTake, Kind::kGive};
constexpr std::array kOfMoreItems = {Kind::kTake, Kind::kGive, Kind::kGive};
constexpr std::array kOfCollector = {Kind::kCycle};
constexpr std::array kOfWindows = {Kind::kCopy,  Kind::kCopy, Kind::kAppend,
                                   Kind::kWrite, Kind::kDrop, Kind::kDrop};

// `more`: items collect in the pool; otherwise it has one of its own or none, mostly.
std::span<const Kind> KindsOf(SharedThing thing, std::size_t thread, bool more) {
  switch (thing) {
    case SharedThing::kFreeList:
      return kOfNodes;
    case SharedThing::kPool:
      if (thread + 1 == kSharingThreads) return kOfCollector;
      if (more) return kOfMoreItems;
      return kOfItems;
    case SharedThing::kWindows:
      return kOfWindows;
  }
  return {};
}

std::string DescribeStep(const SharingStep& step) {
  const std::string a = "r" + std::to_string(step.a);
  switch (step.kind) {
    case Kind::kTake:
      return "take";
    case Kind::kGive:
      return "give";
    case Kind::kCycle:
      return "cycle";
    case Kind::kCopy:
      return a + " = r" + std::to_string(step.b);
    case Kind::kAppend:
      return "append to " + a;
    case Kind::kWrite:
      return "write to " + a;
    case Kind::kDrop:
      return a + " = nil";
  }
  return "";
}

}  // namespace

std::string NameOfThing(SharedThing thing) {
  switch (thing) {
    case SharedThing::kFreeList:
      return "free list";
    case SharedThing::kPool:
      return "pool";
    case SharedThing::kWindows:
      return "windows";
  }
  return "";
}

SharingProgram DrawSharingProgram(SharedThing thing, std::uint64_t seed, std::size_t steps) {
  std::mt19937_64 random(seed);
  const auto below = [&random](std::uint64_t bound) {
    return static_cast<std::uint8_t>(random() % bound);
  };
  SharingProgram program{
      .thing = thing, .roomy = steps <= kSharingRoom && below(2) == 0, .threads = {}};
  for (std::size_t thread = 0; thread < kSharingThreads; ++thread) {
    const std::span<const Kind> kinds = KindsOf(thing, thread, below(2) == 0);
    // Cycles come more seldom than what they are to meet.
    const std::size_t count = kinds.size() == 1 ? 1 + below(steps / 2) : steps;
    for (std::size_t i = 0; i < count; ++i) {
      program.threads[thread].push_back({.kind = kinds[below(kinds.size())],
                                         .a = below(kSharingRegisters),
                                         .b = below(kSharingRegisters)});
    }
  }
  return program;
}

std::string DescribeSharingProgram(const SharingProgram& program) {
  std::string text = NameOfThing(program.thing) + (program.roomy ? ", roomy\n" : "\n");
  for (std::size_t i = 0; i < kSharingThreads; ++i) {
    text += "t" + std::to_string(i) + ":";
    for (const SharingStep& step : program.threads[i]) text += " " + DescribeStep(step) + ";";
    text += "\n";
  }
  return text;
}

}  // namespace slotproof
