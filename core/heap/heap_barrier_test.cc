// Each wrong barrier loses an object in a program of a few steps, and the laws name it; the right
// ones keep everything in the same programs. Blind random programs find the wrong ones too; how
// many it takes is printed.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/heap.h"
#include "core/heap/heap_laws.h"
#include "core/heap/heap_policy.h"
#include "core/heap/heap_test_util.h"

namespace slotproof::core {
namespace {

using Insertion = BarrierRules::Insertion;

constexpr BarrierRules kHybrid = {};
constexpr BarrierRules kNoInsertionOnBlackStacks = {.shades_new = Insertion::kWhileStackIsGrey};
constexpr BarrierRules kInsertionAndRescan = {
    .shades_old = false, .bulk_shades_old = false, .rescans_stacks = true};

constexpr BarrierRules kNoDeletion = {.shades_old = false};
constexpr BarrierRules kNoInsertion = {.shades_new = Insertion::kNever};
constexpr BarrierRules kStacksBlackTooEarly = {.shades_new = Insertion::kWhileStackIsGrey,
                                               .stacks_black_at_start = true};
constexpr BarrierRules kNoBulkDeletion = {.bulk_shades_old = false};
constexpr BarrierRules kNoBulkInsertion = {.bulk_shades_new = false};
constexpr BarrierRules kBulkShadesAfterwards = {.bulk_shades_first = false};
constexpr BarrierRules kAllocatesWhite = {.allocates_black = false};

template <BarrierRules kRules>
struct RulesPolicy : TestPolicy {
  static constexpr BarrierRules kBarrier = kRules;
};

// What the programs below use of a heap, whatever its rules.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual Node* New() = 0;
  virtual void Store(Node*& slot, Node* value) = 0;
  virtual void Copy(Node* target, const Node* source) = 0;
  virtual void Clear(Node* target) = 0;
  virtual void StartCycle() = 0;
  virtual void Mark(std::size_t steps) = 0;
  virtual void MarkUntilStackIsBlack() = 0;

  Node*& global() { return reinterpret_cast<Node*&>(globals_[0]); }
  virtual Node* Slot(std::size_t slot) = 0;
  virtual void SetSlot(std::size_t slot, Node* value) = 0;

  // Of the laws, by the end of the program.
  bool tricolour_broken = false;
  bool object_lost = false;

 protected:
  std::array<void*, 1> globals_{};
};

template <BarrierRules kRules>
class StageOf final : public Stage {
 public:
  using Policy = RulesPolicy<kRules>;

  StageOf() : heap_(kByHand, {}, {&seen_}), mutator_(heap_.NewMutator()), frame_(mutator_, 3) {
    heap_.AddGlobals(globals_);
    seen_.hook = [this](HeapEvent event) {
      if (event == HeapEvent::kMarkTerminated) object_lost |= BrokenMarkLaw(heap_) != "";
    };
  }

  Node* New() override { return NewNode(heap_, mutator_); }
  void Store(Node*& slot, Node* value) override { StoreTo(heap_, mutator_, slot, value), Look(); }
  void Copy(Node* target, const Node* source) override {
    heap_.Copy(mutator_, target, source, sizeof(Node));
    Look();
  }
  void Clear(Node* target) override { heap_.Clear(mutator_, target, sizeof(Node)), Look(); }
  void StartCycle() override { heap_.StartCycle(); }
  void Mark(std::size_t steps) override { heap_.Mark(steps), Look(); }
  void MarkUntilStackIsBlack() override {
    while (!mutator_.stack_is_black) heap_.Mark(1);
  }
  Node* Slot(std::size_t slot) override { return static_cast<Node*>(frame_[slot]); }
  void SetSlot(std::size_t slot, Node* value) override { frame_[slot] = value, Look(); }

  void Run(const std::function<void(Stage&)>& program) {
    program(*this);
    heap_.FinishMarking();
  }

 private:
  void Look() {
    const std::string_view law = BrokenLaw(heap_);
    if (law == "tricolour") {
      tricolour_broken = true;
    } else {
      EXPECT_EQ(law, "");
    }
  }

  SeenEvents seen_;
  Heap<Policy> heap_;
  Mutator& mutator_;
  Frame frame_;
};

// A grey object's only child moves to a stack that nobody will look at again.
template <class Take>
void HideOnBlackStack(Stage& s, const Take& take) {
  Node* const parent = s.New();
  s.SetSlot(0, parent);
  s.Store(parent->next, s.New());
  s.StartCycle();
  s.MarkUntilStackIsBlack();
  s.SetSlot(1, parent->next);
  take(parent);
}
// What only a grey stack has moves to a black object.
template <class Give>
void HideBehindBlackObject(Stage& s, const Give& give) {
  s.SetSlot(0, s.New());
  s.StartCycle();
  s.Mark(1);  // the globals
  Node* const black = s.New();
  s.Store(s.global(), black);
  give(black, s.Slot(0));
  s.SetSlot(0, nullptr);
}

void StoreOverTheOnlyPointer(Stage& s) {
  HideOnBlackStack(s, [&](Node* parent) { s.Store(parent->next, nullptr); });
}
void ClearTheOnlyPointer(Stage& s) {
  HideOnBlackStack(s, [&](Node* parent) { s.Clear(parent); });
}
void CopyOverTheOnlyPointer(Stage& s) {
  const Node zero = {};
  HideOnBlackStack(s, [&](Node* parent) { s.Copy(parent, &zero); });
}
void StoreIntoBlack(Stage& s) {
  HideBehindBlackObject(s, [&](Node* black, Node* white) { s.Store(black->next, white); });
}
void CopyIntoBlack(Stage& s) {
  HideBehindBlackObject(s, [&](Node* black, Node* white) {
    const Node source = {.next = white, .value = 0, .other = nullptr};
    s.Copy(black, &source);
  });
}
void AllocateOnBlackStack(Stage& s) {
  s.StartCycle();
  s.MarkUntilStackIsBlack();
  s.SetSlot(0, s.New());
}

constexpr std::array kPrograms = {&StoreOverTheOnlyPointer, &ClearTheOnlyPointer,
                                  &CopyOverTheOnlyPointer,  &StoreIntoBlack,
                                  &CopyIntoBlack,           &AllocateOnBlackStack};

template <BarrierRules kRules>
void Loses(void (*program)(Stage&)) {
  StageOf<kRules> stage;
  stage.Run(program);
  EXPECT_TRUE(stage.tricolour_broken);
  EXPECT_TRUE(stage.object_lost);
}
template <BarrierRules kRules>
void LosesNothing() {
  for (const auto& program : kPrograms) {
    StageOf<kRules> stage;
    stage.Run(program);
    EXPECT_FALSE(stage.tricolour_broken);
    EXPECT_FALSE(stage.object_lost);
  }
}

TEST(RightBarrierTest, TheHybridLosesNothing) { LosesNothing<kHybrid>(); }
TEST(RightBarrierTest, InsertionMayEndWhenTheStackIsBlack) {
  LosesNothing<kNoInsertionOnBlackStacks>();
}
TEST(RightBarrierTest, InsertionAloneNeedsASecondScanOfStacks) {
  LosesNothing<kInsertionAndRescan>();
}

TEST(WrongBarrierTest, WithoutDeletionAStoreLosesWhatTheStackTook) {
  Loses<kNoDeletion>(StoreOverTheOnlyPointer);
}
TEST(WrongBarrierTest, WithoutInsertionAStoreLosesWhatTheStackGave) {
  Loses<kNoInsertion>(StoreIntoBlack);
}
TEST(WrongBarrierTest, AStackCalledBlackTooEarlyLosesWhatItGave) {
  Loses<kStacksBlackTooEarly>(StoreIntoBlack);
}
TEST(WrongBarrierTest, WithoutBulkDeletionAClearLosesWhatTheStackTook) {
  Loses<kNoBulkDeletion>(ClearTheOnlyPointer);
}
TEST(WrongBarrierTest, WithoutBulkDeletionACopyLosesWhatTheStackTook) {
  Loses<kNoBulkDeletion>(CopyOverTheOnlyPointer);
}
TEST(WrongBarrierTest, WithoutBulkInsertionACopyLosesWhatTheStackGave) {
  Loses<kNoBulkInsertion>(CopyIntoBlack);
}
TEST(WrongBarrierTest, ABulkBarrierAfterTheCopyLosesWhatWasThere) {
  Loses<kBulkShadesAfterwards>(CopyOverTheOnlyPointer);
}
TEST(WrongBarrierTest, AWhiteNewObjectOnABlackStackIsLost) {
  Loses<kAllocatesWhite>(AllocateOnBlackStack);
}

// Blind random programs over three objects, by one mutator or two, each with two slots. Only what a
// mutator has can be stored, and a pointer gets from one mutator to the other through the heap.
template <BarrierRules kRules>
class RandomPrograms {
 public:
  using Policy = RulesPolicy<kRules>;
  static constexpr int kSteps = 8;

  explicit RandomPrograms(std::size_t mutators) : heap_(kByHand, {}, {&seen_}) {
    heap_.AddGlobals(globals_);
    for (std::size_t i = 0; i < mutators; ++i) {
      mutators_.push_back(&heap_.NewMutator());
      mutators_.back()->stack.Push(2);
    }
    seen_.hook = [this](HeapEvent event) {
      if (event == HeapEvent::kMarkTerminated && looks_) lost_ = BrokenMarkLaw(heap_) != "";
    };
  }

  // The number of the first program that loses an object, from 1 on.
  std::optional<std::size_t> FirstLoss(std::size_t most) {
    for (std::size_t program = 1; program <= most; ++program) {
      if (Loses(program)) return program;
      // What is left is garbage for the next one.
      for (Mutator* mutator : mutators_) mutator->stack[0] = mutator->stack[1] = nullptr;
      globals_[0] = nullptr;
      heap_.Collect();
    }
    return std::nullopt;
  }

 private:
  // SplitMix64, as seeding a better one for each program would take longer than the program.
  std::size_t Below(std::size_t n) {
    std::uint64_t x = random_ += 0x9E3779B97F4A7C15;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return (x ^ x >> 31) % n;
  }

  bool Loses(std::size_t program) {
    random_ = program << 32;
    Begin();
    heap_.StartCycle();
    heap_.Mark(Below(6));
    for (int step = 0; step < kSteps; ++step) {
      if (Below(6) == 0) {
        heap_.Mark(1);
      } else {
        Change();
      }
    }
    looks_ = true;
    heap_.FinishMarking();
    looks_ = false;
    return lost_;
  }
  // Two objects, each in a slot, in the global, or nowhere; the second may refer to the first.
  void Begin() {
    Node* last = nullptr;
    for (objects_ = 0; objects_ != 2; ++objects_) {
      Mutator& mutator = *mutators_[Below(mutators_.size())];
      Node* const node = NewNode(heap_, mutator);
      const std::size_t place = Below(last == nullptr ? 6 : 3);
      if (place < 2) mutator.stack[place] = node;
      if (place == 2) globals_[0] = node;
      if (last != nullptr && Below(2) == 0) StoreTo(heap_, mutator, node->next, last);
      last = node;
    }
  }

  void Change() {
    Mutator& mutator = *mutators_[Below(mutators_.size())];
    void*& slot = mutator.stack[Below(2)];
    // If there is none in one slot, there may be in the other.
    const std::size_t at = Below(2);
    auto* const object =
        static_cast<Node*>(mutator.stack[mutator.stack[at] != nullptr ? at : 1 - at]);
    switch (Below(8)) {
      case 0:
        if (objects_ != 3) ++objects_, slot = NewNode(heap_, mutator);
        break;
      case 1:
        slot = nullptr;
        break;
      case 2:
        slot = globals_[0];
        break;
      case 3:
        heap_.Store(mutator, &globals_[0], slot);
        break;
      case 4:
        if (object != nullptr) slot = object->next;
        break;
      case 5:
        if (object != nullptr)
          StoreTo(heap_, mutator, object->next, Below(2) == 0 ? slot : nullptr);
        break;
      case 6:
        if (object != nullptr && Below(2) == 0) {
          const Node source = {.next = static_cast<Node*>(slot), .value = 0, .other = nullptr};
          heap_.Copy(mutator, object, &source, sizeof(Node));
        } else {
          heap_.Copy(mutator, globals_.data(), &slot, sizeof(slot));
        }
        break;
      case 7:
        if (object != nullptr) heap_.Clear(mutator, object, sizeof(Node));
        break;
    }
  }

  SeenEvents seen_;
  std::array<void*, 1> globals_{};
  Heap<Policy> heap_;
  std::vector<Mutator*> mutators_;
  std::uint64_t random_ = 0;
  std::size_t objects_ = 0;
  bool looks_ = false;
  bool lost_ = false;
};

// Enough for the rarest loss. The right ones survive fewer, which take as long.
constexpr std::size_t kMostToFind = 300000;
constexpr std::size_t kMostToSurvive = 20000;

template <BarrierRules kRules>
void IsFound(std::string_view name) {
  for (const std::size_t mutators : {1U, 2U}) {
    const std::optional<std::size_t> program =
        RandomPrograms<kRules>(mutators).FirstLoss(kMostToFind);
    EXPECT_TRUE(program) << name << ", " << mutators << " mutators";
    if (!program) continue;
    EXPECT_GT(*program, 0U);
    std::cout << name << ", mutators: " << mutators << ": lost by random program " << *program
              << '\n';
  }
}
template <BarrierRules kRules>
void SurvivesAll() {
  for (const std::size_t mutators : {1U, 2U}) {
    EXPECT_EQ(RandomPrograms<kRules>(mutators).FirstLoss(kMostToSurvive), std::nullopt);
  }
}

TEST(RandomBarrierTest, EachWrongOneIsFound) {
  IsFound<kNoDeletion>("no deletion");
  IsFound<kNoInsertion>("no insertion");
  IsFound<kStacksBlackTooEarly>("stacks black too early");
  IsFound<kNoBulkDeletion>("no bulk deletion");
  IsFound<kNoBulkInsertion>("no bulk insertion");
  IsFound<kBulkShadesAfterwards>("bulk barrier after the copy");
  IsFound<kAllocatesWhite>("allocates white");
}
TEST(RandomBarrierTest, TheHybridSurvivesAll) { SurvivesAll<kHybrid>(); }
TEST(RandomBarrierTest, InsertionWhileTheStackIsGreySurvivesAll) {
  SurvivesAll<kNoInsertionOnBlackStacks>();
}
TEST(RandomBarrierTest, InsertionAndRescanSurvivesAll) { SurvivesAll<kInsertionAndRescan>(); }

}  // namespace
}  // namespace slotproof::core
