#include "harness/testing/toy_target.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/subject/graveyard.h"

namespace slotproof::testing {
namespace {

constexpr std::size_t kMarks = 4;
constexpr std::size_t kDeepest = 1 << 16;
constexpr std::size_t kFirstRoom = 4;

// The subject: keys in one block that doubles. The marks remember depths.
class Stack {
 public:
  explicit Stack(Plant plant) : plant_(plant), block_(kFirstRoom) {}

  bool full() const { return depth_ == kDeepest; }
  std::size_t depth() const { return depth_; }
  std::size_t room() const { return block_.size(); }
  const std::array<std::size_t, kMarks>& marks() const { return marks_; }
  std::uint16_t At(std::size_t place) const { return block_[place]; }

  // True when the block had to grow.
  bool Push(std::uint16_t key) {
    const bool grows = depth_ == block_.size();
    if (grows) block_.resize(2 * block_.size());
    block_[depth_++] = key;
    same_running_ = depth_ > 1 && block_[depth_ - 2] == key ? same_running_ + 1 : 1;
    if (same_running_ == 3) Misbehave();
    return grows;
  }

  std::uint16_t Pop() {
    const std::uint16_t key = block_[--depth_];
    same_running_ = 0;
    LowerMarks();
    const bool wrong_pop = plant_ == Plant::kWrongPop || plant_ == Plant::kTwoBugs;
    if (wrong_pop && depth_ >= 4 && key % 2 == 1) return block_[depth_ - 1];
    if (plant_ == Plant::kTwoBugs && has_marked_ && key % 2 == 0) return key | 1;
    return key;
  }

  void Mark(std::size_t handle, std::size_t depth) {
    has_marked_ = true;
    marks_[handle] = std::min(depth, depth_);
  }

  void Rewind(std::size_t handle) {
    same_running_ = 0;
    depth_ = marks_[handle];
    if (plant_ != Plant::kBrokenMark) LowerMarks();
  }

  void Clear() {
    depth_ = 0;
    same_running_ = 0;
    LowerMarks();
  }

 private:
  void LowerMarks() {
    for (std::size_t& mark : marks_) mark = std::min(mark, depth_);
  }

  void Misbehave();

  Plant plant_;
  std::vector<std::uint16_t> block_;
  std::size_t depth_ = 0;
  std::size_t same_running_ = 0;
  bool has_marked_ = false;
  std::array<std::size_t, kMarks> marks_{};
};

// Escapes every optimization, so that each planted bug is still there when it runs.
template <class T>
T Opaque(T value) {
  asm volatile("" : "+r"(value) : : "memory");
  return value;
}

[[gnu::noinline]] void WriteBeyondTheEnd() {
  auto block = std::make_unique<char[]>(8);
  Opaque(block.get())[Opaque(8)] = 1;
}

[[gnu::noinline]] void WriteToNull() { *Opaque(static_cast<volatile int*>(nullptr)) = 1; }

[[gnu::noinline]] int ShiftTooFar() { return 1 << Opaque(40); }

[[gnu::noinline]] void RaceOnOneWord() {
  int word = 0;
  std::thread other([&word] { *Opaque(&word) = 1; });
  *Opaque(&word) = 2;
  other.join();
}

// NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks): the planted leak
[[gnu::noinline]] void ForgetABlock() {
  char* block = Opaque(new char[64]);
  block[0] = 1;
  block = Opaque<char*>(nullptr);
}
// NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks)

[[gnu::noinline]] void LoopForEver() {
  while (Opaque(true)) {
  }
}

// What reports this from a signal handler must not print as usual.
[[gnu::noinline]] void LoopWithoutStderr() {
  static std::atomic<bool> locked = false;
  std::thread([] {
    ::flockfile(stderr);
    locked = true;
    while (true) ::pause();
  }).detach();
  while (!locked) {
  }
  LoopForEver();
}

// No sanitizer calls it a leak: it can be reached.
[[gnu::noinline]] void Hoard() {
  static auto* const hoard = new std::vector<std::vector<char>>();
  hoard->emplace_back(std::size_t{1} << 16, 'x');
}

// NOLINTBEGIN: every line of it is wrong on purpose
// Leaves the address of nothing as the next free block of each small size, then frees a block whose
// neighbour is overwritten.
[[gnu::noinline]] void RuinTheHeap() {
  constexpr std::size_t kMostCached = 1032;
  for (std::size_t size = 24; size <= kMostCached; size += 16) {
    void* const first = std::malloc(size);
    void* const second = std::malloc(size);
    std::free(Opaque(first));
    std::free(Opaque(second));
    std::memset(Opaque(second), 0x41, 8);
    Opaque(std::malloc(size));
  }
  char* const block = static_cast<char*>(Opaque(std::malloc(2 * kMostCached)));
  std::memset(Opaque(block), 0x41, 2 * kMostCached + 32);
  std::free(Opaque(block));
}
// NOLINTEND

void Stack::Misbehave() {
  switch (plant_) {
    case Plant::kNone:
    case Plant::kWrongPop:
    case Plant::kBrokenMark:
    case Plant::kRandom:
    case Plant::kTwoBugs:
      return;
    case Plant::kFatal:
      throw SubjectFatal(Outcome::kFatal, "stack bored: 3 equal keys");
    case Plant::kException:
      throw std::out_of_range("3 equal keys");
    case Plant::kSegv:
      return WriteToNull();
    case Plant::kAbort:
      std::abort();
    case Plant::kOverflow:
      return WriteBeyondTheEnd();
    case Plant::kUndefined:
      Opaque(ShiftTooFar());
      return;
    case Plant::kRace:
      return RaceOnOneWord();
    case Plant::kLeak:
      return ForgetABlock();
    case Plant::kHang:
      return LoopForEver();
    case Plant::kExit:
      ::_exit(7);
    case Plant::kStuck:
      return LoopWithoutStderr();
    case Plant::kRuinedHeap:
      return RuinTheHeap();
    case Plant::kHoards:
      return Hoard();
    case Plant::kSometimes: {
      static std::atomic<unsigned> runs = 0;
      if (runs++ % 2 == 0) throw SubjectFatal(Outcome::kFatal, "stack bored: 3 equal keys");
      return;
    }
  }
}

class ToySession : public Session {
 public:
  explicit ToySession(Plant plant) : plant_(plant) {}

  void Reset(const Header&) override {
    ResetBase();
    stack_ = std::make_unique<Stack>(plant_);
    model_.clear();
  }

  StepResult Step(const Op& op) override {
    switch (op.code) {
      case kPush:
      case kPushFrom:
        return Push(op.a);
      case kPushMany:
        return Repeat(op.b + 1u, [&](std::size_t i) {
          const auto key = static_cast<std::uint16_t>(op.a + i);
          RecordStep({.code = kPush, .a = key});
          return Push(key);
        });
      case kPop:
        return Pop();
      case kPopMany:
        return Repeat(std::min<std::size_t>(op.a + 1u, model_.size()), [&](std::size_t) {
          RecordStep({.code = kPop});
          return Pop();
        });
      case kPeek:
        return Peek(op.a);
      case kMark:
        stack_->Mark(op.a, stack_->depth());
        return StepResult::kOk;
      case kRewind:
        return Rewind(op.a);
      case kAim:
        Aim(op);
        return StepResult::kOk;
      default:
        stack_->Clear();
        model_.clear();
        return StepResult::kStructural;
    }
  }

  bool CheckFull() override {
    for (std::size_t handle = 0; handle < kMarks; ++handle) {
      if (stack_->marks()[handle] > stack_->depth()) {
        return Fail(Outcome::kInvariant, "mark.beyond_top",
                    fmt::format("i{} at most {}", handle, stack_->depth()),
                    std::to_string(stack_->marks()[handle]));
      }
    }
    for (std::size_t i = 0; i < model_.size(); ++i) {
      if (stack_->At(i) != model_[i]) {
        return Mismatch("walk.key", fmt::format("k{}", model_[i]),
                        fmt::format("k{}", stack_->At(i)));
      }
    }
    return true;
  }

  bool Finish() override { return true; }

  void Abandon() override { Bury(std::move(stack_)); }

  std::string Draw() const override {
    std::string text = fmt::format("depth {} of {}\n", stack_->depth(), stack_->room());
    for (std::size_t i = stack_->depth(); i-- > 0;) {
      text += fmt::format("  {:2} | k{}", i, stack_->At(i));
      for (std::size_t handle = 0; handle < kMarks; ++handle) {
        if (stack_->marks()[handle] == i && i != 0) text += fmt::format("  <- i{}", handle);
      }
      text += '\n';
    }
    return text;
  }

  std::string Annotate(const Op& op) const override {
    if (op.code == kPop) return model_.empty() ? "empty" : fmt::format("top is k{}", model_.back());
    if (op.code == kRewind) return fmt::format("to depth {}", stack_->marks()[op.a]);
    if (op.code == kPush && stack_->depth() == stack_->room()) return "grows";
    return "";
  }

  void StructuralState(std::span<std::uint8_t> features) const override {
    if (!features.empty()) features[0] = static_cast<std::uint8_t>(stack_->depth());
  }

 private:
  template <class Step>
  StepResult Repeat(std::size_t times, const Step& step) {
    StepResult worst = StepResult::kOk;
    for (std::size_t i = 0; i < times; ++i) {
      worst = std::max(worst, step(i));
      if (worst == StepResult::kFailed) break;
    }
    return worst;
  }

  StepResult Push(std::uint16_t key) {
    if (stack_->full()) return StepResult::kOk;
    const bool grew = stack_->Push(key);
    model_.push_back(key);
    Observe(plant_ == Plant::kRandom ? random_++ : key);
    if (!grew) return StepResult::kOk;
    goals_.Hit(kGrew);
    return StepResult::kStructural;
  }

  StepResult Pop() {
    if (model_.empty()) return StepResult::kOk;
    const std::uint16_t actual = stack_->Pop();
    const std::uint16_t expected = std::exchange(model_.back(), 0);
    model_.pop_back();
    if (model_.empty()) goals_.Hit(kEmptied);
    return Compare("pop.key", expected, actual);
  }

  StepResult Peek(std::size_t below_top) {
    if (below_top >= model_.size()) return StepResult::kOk;
    const std::size_t place = model_.size() - 1 - below_top;
    return Compare("peek.key", model_[place], stack_->At(place));
  }

  StepResult Rewind(std::size_t handle) {
    stack_->Rewind(handle);
    model_.resize(stack_->depth());
    goals_.Hit(kRewound);
    return StepResult::kStructural;
  }

  void Aim(const Op& op);

  StepResult Compare(std::string_view law, std::uint16_t expected, std::uint16_t actual) {
    Observe(actual);
    if (actual == expected) return StepResult::kOk;
    Mismatch(law, fmt::format("k{}", expected), fmt::format("k{}", actual));
    return StepResult::kFailed;
  }

  Plant plant_;
  std::unique_ptr<Stack> stack_;
  std::vector<std::uint16_t> model_;
  std::uint64_t random_ = 0;  // survives Reset()
};

constexpr std::array<std::string_view, 4> kUniverses = {"8", "16", "32", "64"};
constexpr std::array<std::string_view, 2> kColours = {"plain", "striped"};

constexpr std::array<FieldSpec, 4> kFields = {{
    {.name = "universe", .choices = kUniverses, .help = "how many keys there are"},
    {.name = "colour", .choices = kColours, .help = "means nothing"},
    {.name = "level", .limit = 100, .help = "means nothing"},
    {.name = "seed", .width = 4, .help = "means nothing"},
}};

constexpr std::array<std::string_view, 4> kPlaces = {"bottom", "top", "middle", "at-mark"};

constexpr Operand kKeyOperand = {.kind = OperandKind::kKey, .shift = 8, .limit = 4096};
constexpr Operand kMarkOperand = {
    .kind = OperandKind::kHandle, .shift = 8, .limit = kMarks, .prefix = "i"};
constexpr OperandList kAimOperands = Packed({kMarkOperand,
                                             kMarkOperand,
                                             ChoiceOf("a place", kPlaces),
                                             {.kind = OperandKind::kNumber, .limit = 8}});

constexpr std::array<OpSpec, 10> kOps = {{
    {"push", {kKeyOperand}, "push a key"},
    {"pop", {}, "pop the top key"},
    {"push_many",
     {kKeyOperand, {.kind = OperandKind::kCount, .limit = 16}},
     "push so many keys in ascending order",
     kBurst},
    {"pop_many",
     {{.kind = OperandKind::kCount, .shift = 8, .limit = 256}},
     "pop so many keys",
     kBurst},
    {"peek",
     {{.kind = OperandKind::kNumber, .shift = 8, .limit = 65536}},
     "look at the key so far below the top"},
    {"mark", {kMarkOperand}, "remember the depth"},
    {"rewind", {kMarkOperand}, "pop down to a mark"},
    {"push_from",
     {kKeyOperand, {.kind = OperandKind::kThread, .limit = 2}},
     "push a key, from a thread"},
    {"clear", {}, "pop all keys"},
    {"aim", kAimOperands, "move the first mark so far below a place, maybe the second mark"},
}};

void ToySession::Aim(const Op& op) {
  const std::size_t to = OperandValue(op, kAimOperands[0]);
  const std::size_t from = OperandValue(op, kAimOperands[1]);
  const std::array<std::size_t, kPlaces.size()> depths = {0, stack_->depth(), stack_->depth() / 2,
                                                          stack_->marks()[from]};
  const std::size_t depth = depths[OperandValue(op, kAimOperands[2])];
  stack_->Mark(to, depth - std::min<std::size_t>(depth, OperandValue(op, kAimOperands[3])));
}

constexpr Vocabulary kVocabulary = {
    .name = "toy", .version = 3, .fields = kFields, .ops = kOps, .universe = Universe{}};
constexpr Vocabulary kOtherVocabulary = {
    .name = "toy", .version = 4, .fields = kFields, .ops = kOps, .universe = Universe{}};

constexpr std::array<GoalSpec, 3> kGoals = {{
    {.name = "grew", .help = "the block was full and doubled"},
    {.name = "rewound", .help = "a rewind"},
    {.name = "emptied", .help = "the last key was popped"},
}};

constexpr std::array<std::uint16_t, 10> kBalanced = {8, 8, 3, 1, 4, 2, 2, 2, 1, 1};
constexpr std::array<Profile, 1> kProfiles = {{{.name = "balanced", .ops = kBalanced}}};

template <Plant plant>
constexpr Target MakeTarget(std::string_view name, std::string_view help) {
  return {.name = name,
          .help = help,
          .vocabulary = &kVocabulary,
          .goals = kGoals,
          .profiles = kProfiles,
          .new_session = []() -> std::unique_ptr<Session> {
            return std::make_unique<ToySession>(plant);
          }};
}

// By Plant.
constexpr std::array<Target, 19> kTargets = {
    MakeTarget<Plant::kNone>("toy", "a correct stack"),
    MakeTarget<Plant::kWrongPop>("toy_wrong_pop", "pops the wrong key"),
    MakeTarget<Plant::kBrokenMark>("toy_broken_mark", "leaves marks beyond its top"),
    MakeTarget<Plant::kFatal>("toy_fatal", "stops itself"),
    MakeTarget<Plant::kException>("toy_exception", "throws"),
    MakeTarget<Plant::kSegv>("toy_segv", "writes to a null pointer"),
    MakeTarget<Plant::kAbort>("toy_abort", "aborts"),
    MakeTarget<Plant::kOverflow>("toy_overflow", "writes beyond its memory"),
    MakeTarget<Plant::kUndefined>("toy_undefined", "shifts too far"),
    MakeTarget<Plant::kRace>("toy_race", "writes from two threads at once"),
    MakeTarget<Plant::kLeak>("toy_leak", "forgets memory"),
    MakeTarget<Plant::kHang>("toy_hang", "loops for ever"),
    MakeTarget<Plant::kExit>("toy_exit", "ends the process"),
    MakeTarget<Plant::kRandom>("toy_random", "behaves differently each time"),
    MakeTarget<Plant::kStuck>("toy_stuck", "loops for ever while stderr is locked"),
    MakeTarget<Plant::kRuinedHeap>("toy_ruined_heap", "ruins the heap"),
    MakeTarget<Plant::kSometimes>("toy_sometimes", "stops itself in every other run"),
    MakeTarget<Plant::kTwoBugs>("toy_two_bugs", "pops the wrong key for two reasons"),
    MakeTarget<Plant::kHoards>("toy_hoards", "keeps memory"),
};

}  // namespace

const Vocabulary& ToyVocabulary() { return kVocabulary; }

const Target& ToyTarget(Plant plant) { return kTargets[static_cast<std::size_t>(plant)]; }

std::span<const Target* const> AllToyTargets() {
  static const auto all = [] {
    std::array<const Target*, kTargets.size()> pointers{};
    for (std::size_t i = 0; i < kTargets.size(); ++i) pointers[i] = &kTargets[i];
    return pointers;
  }();
  return all;
}

const Target& LawsToyTarget() {
  struct Choice {
    Target lax = kTargets[0];
    Target strict = ToyTarget(Plant::kWrongPop);
    std::array<const Target*, 2> both = {&lax, &strict};

    Choice() {
      lax.name = strict.name = "toy_laws";
      lax.laws = "lax";
      lax.laws_help = "a wrong key may be popped";
      strict.laws = "strict";
      strict.laws_help = "only the right key may be popped";
      lax.by_laws = strict.by_laws = both;
    }
  };
  static const Choice choice;
  return choice.lax;
}

const Target& OtherVersionToyTarget() {
  static const Target other = [] {
    Target target = kTargets[0];
    target.vocabulary = &kOtherVocabulary;
    return target;
  }();
  return other;
}

}  // namespace slotproof::testing
