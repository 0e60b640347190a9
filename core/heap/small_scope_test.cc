// All programs of a small scope: whatever one mutator with two registers can do with three objects
// of one field each, and a global, between the steps of the marker, up to a number of steps. Which
// barriers lose an object in any of them, and in how many.
//
//   r0 --> A --> B --> C             or with C yet to be made:   r0 --> A --> B
//   r1     nil
//   g      nil
//
// A program begins right after a cycle has, and what is left is marked after its last step. Most
// mistakes of a barrier need no more than this to lose something, and no barrier that survives it
// owes that to luck: it is not a sample.
//
// A step of the marker is one that changes something: a job for roots that are not there is none.

#include <array>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_laws.h"
#include "core/heap/heap_policy.h"
#include "core/testing/thrown_failure.h"

namespace slotproof::core {
namespace {

constexpr std::size_t kMostSteps = 4;
constexpr std::size_t kRegisters = 2;
constexpr std::size_t kObjects = 3;

enum class Kind : std::uint8_t { kMark, kLoad, kStore, kDrop, kSetGlobal, kNew, kCopy, kClear };

struct Step {
  Kind kind;
  std::uint8_t a = 0;  // a register
  std::uint8_t b = 0;  // another one
  std::string_view name;
};
constexpr std::array kSteps = std::to_array<Step>({
    {Kind::kMark, 0, 0, "mark"},        {Kind::kLoad, 0, 0, "r0 = r0.f"},
    {Kind::kLoad, 0, 1, "r0 = r1.f"},   {Kind::kLoad, 1, 0, "r1 = r0.f"},
    {Kind::kLoad, 1, 1, "r1 = r1.f"},   {Kind::kStore, 0, 0, "r0.f = r0"},
    {Kind::kStore, 0, 1, "r0.f = r1"},  {Kind::kStore, 1, 0, "r1.f = r0"},
    {Kind::kStore, 1, 1, "r1.f = r1"},  {Kind::kDrop, 0, 0, "r0 = nil"},
    {Kind::kDrop, 1, 0, "r1 = nil"},    {Kind::kSetGlobal, 0, 0, "g = r0"},
    {Kind::kSetGlobal, 1, 0, "g = r1"}, {Kind::kNew, 0, 0, "r0 = new"},
    {Kind::kNew, 1, 0, "r1 = new"},     {Kind::kCopy, 0, 1, "*r0 = *r1"},
    {Kind::kCopy, 1, 0, "*r1 = *r0"},   {Kind::kClear, 0, 0, "*r0 = zero"},
    {Kind::kClear, 1, 0, "*r1 = zero"},
});
using Program = std::vector<std::uint8_t>;  // numbers of steps

std::string NameOf(const Program& program) {
  std::string text;
  for (const std::uint8_t step : program) {
    text += text.empty() ? "" : ", ";
    text += kSteps[step].name;
  }
  return text;
}

// The independent count: the same programs by a graph of numbers, which knows no heap.
struct Graph {
  std::array<int, kRegisters> registers{1, 0};
  std::array<int, kObjects + 1> field{};
  int objects = 0;
};

Graph StartWith(int objects) {
  Graph graph;
  graph.objects = objects;
  for (int object = 1; object < objects; ++object) {
    graph.field[static_cast<std::size_t>(object)] = object + 1;
  }
  return graph;
}

std::uint64_t CountPrograms(const Graph& graph, std::size_t steps) {
  if (steps == 0) return 1;
  // The marker, and each register to the global.
  std::uint64_t count = (1 + kRegisters) * CountPrograms(graph, steps - 1);
  const auto then = [&](auto change) {
    Graph next = graph;
    change(next);
    count += CountPrograms(next, steps - 1);
  };
  for (std::size_t a = 0; a < kRegisters; ++a) {
    if (graph.objects < static_cast<int>(kObjects)) {
      then([a](Graph& g) { g.registers[a] = ++g.objects; });
    }
    const auto object = static_cast<std::size_t>(graph.registers[a]);
    if (object == 0) continue;
    then([a](Graph& g) { g.registers[a] = 0; });
    then([object](Graph& g) { g.field[object] = 0; });
    for (std::size_t b = 0; b < kRegisters; ++b) {
      const int other = graph.registers[b];
      then([&](Graph& g) { g.registers[b] = g.field[object]; });
      then([&](Graph& g) { g.field[object] = other; });
      if (a == b || other == 0) continue;
      then([&](Graph& g) { g.field[object] = g.field[static_cast<std::size_t>(other)]; });
    }
  }
  return count;
}

template <BarrierRules kRules>
struct RulesPolicy : DefaultHeapPolicy {
  static constexpr BarrierRules kBarrier = kRules;
  [[noreturn]] static void Fatal(FailureKind kind, std::string_view message) {
    throw ThrownFailure(kind, message);
  }
};

struct Object {
  void* f;
  std::array<std::uint64_t, 127> rest;  // few in a span, so that looking at all is quick
};
constexpr ObjectType kObject(sizeof(Object), 0b1);

// One heap runs all programs. What one leaves, the cycles of the next two free.
template <BarrierRules kRules>
class Scope {
 public:
  explicit Scope(std::size_t objects) : objects_at_start_(objects) {
    heap_.AddGlobals(globals_);
    mutator_.stack.Push(kRegisters);
  }

  struct End {
    bool lost = false;             // what is reachable is not marked
    std::uint32_t may_follow = 0;  // bit i: step i makes sense here
  };
  End Run(const Program& program) {
    Begin();
    for (const std::uint8_t step : program) Do(kSteps[step]);
    End end;
    for (std::size_t i = 0; i < kSteps.size(); ++i) {
      end.may_follow |= MakesSense(kSteps[i]) ? std::uint32_t{1} << i : 0;
    }
    heap_.FinishMarking();
    end.lost = !BrokenMarkLaw(heap_).empty();
    // The second marking is not taken at its word here.
    EXPECT_EQ(end.lost, AnyReachableIsWhite()) << NameOf(program);
    return end;
  }

 private:
  void*& Register(std::size_t number) { return mutator_.stack[number]; }
  Object* At(std::size_t number) { return static_cast<Object*>(Register(number)); }
  void* New() {
    ++objects_;
    return heap_.New(mutator_, kObject);
  }

  void Begin() {
    objects_ = 0;
    globals_[0] = nullptr;
    Register(0) = Register(1) = nullptr;
    void** slot = &Register(0);
    while (objects_ < objects_at_start_) {
      *slot = New();
      slot = &static_cast<Object*>(*slot)->f;
    }
    heap_.StartCycle();
  }

  bool MakesSense(const Step& step) {
    switch (step.kind) {
      case Kind::kMark:
      case Kind::kSetGlobal:
        return true;
      case Kind::kLoad:
        return Register(step.b) != nullptr;
      case Kind::kStore:
      case Kind::kDrop:
      case Kind::kClear:
        return Register(step.a) != nullptr;
      case Kind::kNew:
        return objects_ < kObjects;
      case Kind::kCopy:
        return Register(step.a) != nullptr && Register(step.b) != nullptr;
    }
    return false;
  }
  void Do(const Step& step) {
    switch (step.kind) {
      case Kind::kMark:
        return Mark();
      case Kind::kLoad:
        Register(step.a) = At(step.b)->f;
        return;
      case Kind::kStore:
        return heap_.Store(mutator_, &At(step.a)->f, Register(step.b));
      case Kind::kDrop:
        Register(step.a) = nullptr;
        return;
      case Kind::kSetGlobal:
        return heap_.Store(mutator_, &globals_[0], Register(step.a));
      case Kind::kNew:
        Register(step.a) = New();
        return;
      case Kind::kCopy:
        return heap_.Copy(mutator_, At(step.a), At(step.b), sizeof(void*));
      case Kind::kClear:
        return heap_.Clear(mutator_, At(step.a), sizeof(void*));
    }
  }
  void Mark() {
    const std::uint64_t before = heap_.marker().scanned_bytes();
    while (heap_.Mark(1) && heap_.marker().scanned_bytes() == before) {
    }
  }

  // A walk of its own, along chains that have at most all objects in them.
  bool AnyReachableIsWhite() const {
    return IsWhite(mutator_.stack[0], kObjects) || IsWhite(mutator_.stack[1], kObjects) ||
           IsWhite(globals_[0], kObjects);
  }
  bool IsWhite(const void* pointer, std::size_t most) const {
    if (pointer == nullptr || most == 0) return false;
    const ObjectPlace place = heap_.FindAllocated(pointer);
    return !place.span->IsMarked(place.index) ||
           IsWhite(static_cast<const Object*>(pointer)->f, most - 1);
  }

  std::size_t objects_at_start_;
  std::array<void*, 1> globals_{};
  Heap<RulesPolicy<kRules>> heap_{{.arena_pages = 64, .automatic = false}};
  Mutator& mutator_ = heap_.NewMutator();
  std::size_t objects_ = 0;
};

struct Figures {
  std::uint64_t programs = 0;
  std::uint64_t broken = 0;
  std::string first;  // of the shortest
};

// All programs of up to kMostSteps, the shorter ones first.
template <BarrierRules kRules>
Figures RunAll() {
  Figures figures;
  for (const int objects : {3, 2}) {
    Scope<kRules> scope(static_cast<std::size_t>(objects));
    std::vector<Program> programs = {{}};
    for (std::size_t steps = 0; steps <= kMostSteps; ++steps) {
      EXPECT_EQ(programs.size(), CountPrograms(StartWith(objects), steps)) << objects;
      std::vector<Program> longer;
      for (const Program& program : programs) {
        const auto end = scope.Run(program);
        ++figures.programs;
        if (end.lost && figures.broken++ == 0) figures.first = NameOf(program);
        if (steps == kMostSteps) continue;
        for (std::size_t i = 0; i < kSteps.size(); ++i) {
          if ((end.may_follow >> i & 1) == 0) continue;
          longer.push_back(program);
          longer.back().push_back(static_cast<std::uint8_t>(i));
        }
      }
      programs = std::move(longer);
    }
  }
  return figures;
}

using Insertion = BarrierRules::Insertion;

void Report(std::string_view name, const Figures& figures) {
  std::cout << name << ": " << figures.programs << " programs, " << figures.broken << " broken";
  if (figures.broken != 0) std::cout << ", the first: " << figures.first;
  std::cout << '\n';
}
template <BarrierRules kRules>
void LosesNothing(std::string_view name) {
  const Figures figures = RunAll<kRules>();
  Report(name, figures);
  EXPECT_EQ(figures.broken, 0U) << figures.first;
}
template <BarrierRules kRules>
void LosesSomething(std::string_view name, std::uint64_t broken, std::string_view first) {
  const Figures figures = RunAll<kRules>();
  Report(name, figures);
  EXPECT_EQ(figures.broken, broken);
  EXPECT_EQ(figures.first, first);
}

// Right barriers.

TEST(SmallScope, TheHybridLosesNothing) { LosesNothing<{}>("hybrid"); }
TEST(SmallScope, TheHybridWithoutInsertionOnABlackStackLosesNothing) {
  LosesNothing<{.shades_new = Insertion::kWhileStackIsGrey}>("insertion while the stack is grey");
}
TEST(SmallScope, InsertionAloneWithASecondScanLosesNothing) {
  LosesNothing<{.shades_old = false, .bulk_shades_old = false, .rescans_stacks = true}>(
      "insertion, second scan");
}

// Wrong ones: in how many programs they lose an object, and the shortest of these.

TEST(SmallScope, NoShadeOfTheOldValue) {
  LosesSomething<{.shades_old = false}>("no shade of the old value", 2,
                                        "mark, mark, r1 = r0.f, r0.f = r0");
}
TEST(SmallScope, NoShadeOfTheNewValue) {
  LosesSomething<{.shades_new = Insertion::kNever}>("no shade of the new value", 179,
                                                    "mark, g = r0, r0 = r0.f");
}
TEST(SmallScope, InsertionAloneWithoutASecondScan) {
  LosesSomething<{.shades_old = false, .bulk_shades_old = false}>(
      "insertion, no second scan", 6, "mark, mark, r1 = r0.f, r0.f = r0");
}
TEST(SmallScope, AStackCalledBlackTooEarly) {
  LosesSomething<{.shades_new = Insertion::kWhileStackIsGrey, .stacks_black_at_start = true}>(
      "stack called black too early", 179, "mark, g = r0, r0 = r0.f");
}
TEST(SmallScope, NewObjectsThatAreWhite) {
  LosesSomething<{.allocates_black = false}>("new objects are white", 68, "mark, mark, r0 = new");
}
TEST(SmallScope, NoShadeOfTheOldValuesOfACopyOrAClear) {
  LosesSomething<{.bulk_shades_old = false}>("bulk: no shade of the old values", 4,
                                             "mark, mark, r1 = r0.f, *r0 = *r1");
}
TEST(SmallScope, NoShadeOfTheNewValuesOfACopy) {
  LosesSomething<{.bulk_shades_new = false}>("bulk: no shade of the new values", 17,
                                             "r1 = new, *r1 = *r0, r0 = nil");
}
TEST(SmallScope, ABarrierAfterTheCopy) {
  LosesSomething<{.bulk_shades_first = false}>("bulk: shades after the copy", 2,
                                               "mark, mark, r1 = r0.f, *r0 = *r1");
}

}  // namespace
}  // namespace slotproof::core
