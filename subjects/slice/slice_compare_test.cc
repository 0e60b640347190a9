// What no operation touched is compared, too: slices that go wrong by themselves are found out at
// the next operation, whatever it is.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/trace/text.h"
#include "models/slice_model.h"
#include "subjects/slice/reference_subject.h"
#include "subjects/slice/slice_session.h"
#include "subjects/slice/targets.h"

namespace slotproof {
namespace {

using Window = SliceModel::Window;

// Slices that are right, as they are the model's; but what a get reads may be `fault`.
class ModelSlices final : public SliceSubject {
 public:
  using Fault = void (*)(ModelSlices&);
  static inline Fault fault = nullptr;

  Int ElemBytes() const override { return 8; }

  void SetNil(Slot d) override { windows[d] = SliceModel::Window{}; }
  void Share(Slot d, Slot s) override { windows[d] = windows[s]; }
  SlicePanic Make(Slot d, Int len, Int cap) override {
    return Put(d, model.Make(len, cap, &made_));
  }
  SlicePanic Sub(Slot d, Slot s, Int i, Int j) override {
    return Put(d, model.Sub(windows[s], i, j, &made_));
  }
  SlicePanic Sub3(Slot d, Slot s, Int i, Int j, Int k) override {
    return Put(d, model.Sub3(windows[s], i, j, k, &made_));
  }
  SlicePanic Get(Slot s, Int i, Token* token) const override {
    if (fault != nullptr) fault(const_cast<ModelSlices&>(*this));
    panic_ = model.Get(windows[s], i, token);
    return panic_.text();
  }
  SlicePanic Set(Slot s, Int i, Token token) override {
    panic_ = model.Set(windows[s], i, token);
    return panic_.text();
  }
  SlicePanic Append(Slot d, Slot s, std::span<const Token> tokens) override {
    return Put(d, model.Append(windows[s], tokens, &made_));
  }
  SlicePanic Clone(Slot d, Slot s) override { return Put(d, model.Clone(windows[s], &made_)); }

  // What the traces here have no use for.
  SlicePanic ToArray(Slot, Int) const override { return kMissing; }
  SlicePanic AppendSlice(Slot, Slot, Slot) override { return kMissing; }
  Int Copy(Slot, Slot) override { return -1; }
  SlicePanic CopyWithin(Slot, Int, Int, Int*) override { return kMissing; }
  void Clear(Slot) override {}
  SlicePanic Delete(Slot, Slot, Int, Int) override { return kMissing; }
  SlicePanic Insert(Slot, Slot, Int, std::span<const Token>) override { return kMissing; }
  SlicePanic InsertSlice(Slot, Slot, Int, Slot) override { return kMissing; }
  SlicePanic AppendPart(Slot, Slot, Int, Int) override { return kMissing; }
  SlicePanic AppendElem(Slot, Slot, Int) override { return kMissing; }
  SlicePanic SetElem(Slot, Int, Int) override { return kMissing; }
  SlicePanic Filter(Slot, Slot, unsigned) override { return kMissing; }
  SlicePanic PopFront(Slot, Slot) override { return kMissing; }
  SlicePanic PopBack(Slot, Slot) override { return kMissing; }
  SlicePanic Split(Slot, Slot, Slot, Int) override { return kMissing; }
  SlicePanic Clip(Slot, Slot) override { return kMissing; }

  SliceWindow Window(Slot s) const override {
    const SliceModel::Window& w = windows[s];
    const void* array = w.array == SliceModel::kNoArray ? nullptr : &addresses_[w.array];
    return {.array = array, .offset = w.offset, .len = w.len, .cap = w.cap, .nil = w.nil};
  }
  SliceSight Look(std::uint32_t expected) override {
    for (Slot s = 0; s < kSlices; ++s) {
      const SliceWindow now = Window(s);
      const bool same = now.array == seen_[s].array && now.offset == seen_[s].offset &&
                        now.len == seen_[s].len && now.cap == seen_[s].cap &&
                        now.nil == seen_[s].nil;
      if (!same) expected |= std::uint32_t{1} << s;
      seen_[s] = now;
    }
    return {.changed = expected, .memory = Memory()};
  }
  bool Holds(std::span<const CellRow> rows) const override {
    for (const CellRow& row : rows) {
      const SliceModel::Window& w = windows[row.slot];
      const auto first = static_cast<std::size_t>(w.offset + row.first);
      const auto cells = model.ArrayCells(w).subspan(first, row.expected.size());
      if (!std::ranges::equal(cells, row.expected)) return false;
    }
    return true;
  }
  std::optional<CellDifference> Compare(Slot s, std::span<const Token> expected) const override {
    const std::span<const Token> cells = model.Cells(windows[s]);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (cells[i] != expected[i]) return CellDifference{.cell = i, .actual = cells[i]};
    }
    return std::nullopt;
  }
  std::vector<Token> Cells(Slot s) const override {
    const std::span<const Token> cells = model.Cells(windows[s]);
    return {cells.begin(), cells.end()};
  }
  SliceMemory Memory() const override {
    const SliceModel::Reach reach = model.Collect(windows);
    return {.arrays = reach.arrays + kept_arrays,
            .cells = reach.cells + kept_cells,
            .allocations = model.allocations()};
  }
  std::optional<BrokenLaw> CheckInvariants(std::uint32_t) const override { return std::nullopt; }

  mutable SliceModel model;
  std::array<SliceModel::Window, kSlices> windows;
  std::size_t kept_arrays = 0;
  std::size_t kept_cells = 0;

 private:
  static constexpr std::string_view kMissing = "not here";

  SlicePanic Put(Slot d, const SliceModel::Panic& panic) {
    panic_ = panic;
    if (!panic) windows[d] = made_;
    return panic_.text();
  }

  mutable SliceModel::Panic panic_;
  SliceModel::Window made_;
  std::array<SliceWindow, kSlices> seen_;
  std::array<char, SliceModel::kMostArrays> addresses_{};
};

Verdict RunWith(ModelSlices::Fault fault, std::string_view ops) {
  Target target = SliceTarget();
  target.new_session = []() -> std::unique_ptr<Session> {
    return std::make_unique<SliceSession>(
        [](const SliceHeader&, GoalCounts*) -> std::unique_ptr<SliceSubject> {
          return std::make_unique<ModelSlices>();
        });
  };
  const Target* const targets[] = {&target};
  const std::string text =
      "slotproof-trace 1\ntarget slice\nheader slices=8\n" + std::string(ops) + "get s7 0\n";
  const Expected<TargetTrace> parsed = ParseTrace(text, "test", targets);
  if (!parsed) ADD_FAILURE() << parsed.error().message;
  ModelSlices::fault = fault;
  return Runner(target, {.determinism_share = 0}).Run(parsed->trace);
}

constexpr std::string_view kOps =
    "append s0 s0 5\n"   // s0: five of six cells
    "share s4 s0\n"      // s4: the same
    "slice s1 s0 1 3\n"  // s1: inside
    "append s2 s2 3\n"   // s2: an array of three
    "clone s6 s2\n";     // s6: another, and equal

struct Case {
  std::string_view law;
  std::string_view expected;
  ModelSlices::Fault fault;
};

const Case kCases[] = {
    {"window.length", "s1 2", [](ModelSlices& s) { --s.windows[1].len; }},
    {"window.capacity", "s1 5", [](ModelSlices& s) { --s.windows[1].cap; }},
    {"window.offset", "s1 1", [](ModelSlices& s) { s.windows[1].offset = 0; }},
    {"window.nil", "s5 1", [](ModelSlices& s) { s.windows[5].nil = false; }},
    {"window.array", "s4 and s0 on one array",
     [](ModelSlices& s) {
       Window apart;
       static_cast<void>(s.model.Make(5, 6, &apart));
       s.model.Copy(apart, s.windows[0]);
       s.windows[4] = apart;
     }},
    {"window.array", "s6 and s2 on arrays of their own",
     [](ModelSlices& s) { s.windows[6] = s.windows[2]; }},
    {"memory.arrays", "3", [](ModelSlices& s) { s.kept_arrays = 1; }},
    {"memory.cells", "12", [](ModelSlices& s) { s.kept_cells = 8; }},
    {"cells", "s0[1] v2",
     [](ModelSlices& s) { static_cast<void>(s.model.Set(s.windows[1], 0, 99)); }},
    {"cells.beyond_length", "s0[5] 0",
     [](ModelSlices& s) {
       Window whole = s.windows[0];
       whole.len = whole.cap;
       static_cast<void>(s.model.Set(whole, 5, 99));
     }},
};

TEST(SliceCompare, SlicesThatGoWrongByThemselvesAreFoundAtOnce) {
  for (const Case& c : kCases) {
    const Verdict verdict = RunWith(c.fault, kOps);
    EXPECT_EQ(verdict.law, c.law) << c.expected;
    EXPECT_EQ(verdict.expected, c.expected) << c.law;
    EXPECT_EQ(verdict.op_index, 5u) << c.law;
  }
}

TEST(SliceCompare, SlicesThatAreRightPass) {
  const Verdict verdict = RunWith(nullptr, kOps);
  EXPECT_TRUE(verdict.passed()) << verdict.Summary();
}

// Law: what no window shows may be anything.
TEST(SliceCompare, CellsBetweenWindowsAreNotCompared) {
  const ModelSlices::Fault between = [](ModelSlices& s) {
    Window whole = s.windows[0];
    whole.offset = 0;
    whole.len = whole.cap = 8;
    static_cast<void>(s.model.Set(whole, 3, 99));
  };
  constexpr std::string_view kApart =
      "append s0 s0 8\n"
      "slice3 s1 s0 0 2 2\n"
      "slice3 s0 s0 4 6 6\n";
  const Verdict verdict = RunWith(between, kApart);
  EXPECT_TRUE(verdict.passed()) << verdict.Summary();
}

// Law: Look() names each slot whose window is another, whether the caller expects it or not.
TEST(SliceCompare, TheReferenceSeesEachWindowThatChanged) {
  const SliceHeader header = {
      .elem = SliceElem::kUint64, .growth = SliceGrowth::kGo118, .slices = 8};
  GoalCounts goals;
  ReferenceSlices<std::uint64_t, core::GrowthRule::kGo118> slices(header, &goals);
  EXPECT_EQ(slices.Look(0).changed, 0xffu) << "none has been looked at";
  EXPECT_EQ(slices.Look(0).changed, 0u);
  const auto changed_by = [&](const auto& operation) {
    operation();
    const std::uint32_t changed = slices.Look(0).changed;
    EXPECT_EQ(slices.Look(0).changed, 0u);
    return changed;
  };
  const std::vector<Token> tokens = {1, 2, 3};
  EXPECT_EQ(changed_by([&] { slices.Append(3, 3, tokens); }), 1u << 3);
  EXPECT_EQ(changed_by([&] { slices.Share(1, 3); }), 1u << 1);
  EXPECT_EQ(changed_by([&] { slices.Sub(1, 1, 0, 2); }), 1u << 1) << "another length";
  EXPECT_EQ(changed_by([&] { slices.Sub3(1, 1, 0, 2, 2); }), 1u << 1) << "another capacity";
  EXPECT_EQ(changed_by([&] { slices.Clone(1, 1); }), 1u << 1) << "another array";
  EXPECT_EQ(changed_by([&] { slices.Split(6, 7, 3, 1); }), 1u << 6 | 1u << 7);
  EXPECT_EQ(changed_by([&] { slices.SetNil(7); }), 1u << 7);
  EXPECT_EQ(changed_by([&] { slices.Set(3, 0, 9); }), 0u) << "a cell is no window";
  slices.Share(0, 3);
  EXPECT_EQ(slices.Look(1u << 4).changed, 1u << 0 | 1u << 4);
}

}  // namespace
}  // namespace slotproof
