// Laws of the reference slice, over the slices that generated traces lead to. They use the slice as
// a program would, through its public interface. Its own assertions are off: the laws are to find
// what is wrong by themselves, and //mutants:slice_law_* show that each does.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/idioms.h"
#include "core/slice/slice.h"
#include "harness/engine/property.h"
#include "models/slice_model.h"
#include "subjects/elements/elements.h"
#include "subjects/slice/slice_vocabulary.h"
#include "subjects/slice/targets.h"

namespace slotproof {
namespace {

using Int = std::int64_t;

constexpr char kLabel[] = "//properties:slice_laws_test";
constexpr PropertyOptions kOptions = {.traces = 300, .max_ops = 200};
constexpr Int kMostCells = 5000;

template <class T>
struct UnassertedPolicy : core::DefaultSlicePolicy<T> {
  static constexpr bool kAssertions = false;
};
template <class T>
using LawSlice = core::Slice<T, UnassertedPolicy<T>>;

// By the form that a program would use: one element, or several.
template <class T>
bool AppendTo(LawSlice<T>& s, const std::vector<T>& items) {
  return (items.size() == 1 ? s.Append(items[0]) : s.Append(std::span<const T>(items))).has_value();
}

// Sixteen slices of a program that does what a trace says, as far as it does not panic.
template <class T>
class Program {
 public:
  using Slice = LawSlice<T>;

  struct Operands {
    Slice* d;
    Slice* s;
    Int i, j, k;
    std::vector<T> items;
  };

  Operands Look(const Op& op) {
    const SliceOperands raw(op);
    Operands operands = {
        .d = &slices_[raw.d], .s = &slices_[raw.s], .i = 0, .j = 0, .k = 0, .items = {}};
    const Slice& s = *operands.s;
    operands.i = ResolvePlace(raw.i, s.len(), s.cap());
    operands.j = ResolvePlace(raw.j, s.len(), s.cap());
    operands.k = ResolvePlace(raw.k, s.len(), s.cap());
    for (std::size_t n = 0; n < raw.few; ++n) {
      operands.items.push_back(ElementTraits<T>::Make(++last_token_));
    }
    return operands;
  }

  void Step(const Op& op) {
    Operands at = Look(op);
    switch (static_cast<SliceOp>(op.code)) {
      case SliceOp::kSlice:
        return Keep(at.d, at.s->Sub(at.i, at.j));
      case SliceOp::kSlice3:
      case SliceOp::kClip:
        return Keep(at.d, at.s->Sub3(at.i, at.j, at.k));
      case SliceOp::kNil:
        *at.d = Slice();
        return;
      case SliceOp::kSet:
        static_cast<void>(at.s->Set(at.i, ElementTraits<T>::Make(++last_token_)));
        return;
      case SliceOp::kAppendMany:
      case SliceOp::kAppendEach:
        at.items.resize(SliceOperands(op).many % 700);
        [[fallthrough]];
      default:
        *at.d = *at.s;
        if (at.d->len() < kMostCells) AppendTo(*at.d, at.items);
        return;
    }
  }

  std::array<Slice, 16>& slices() { return slices_; }

 private:
  static void Keep(Slice* d, core::Checked<Slice> made) {
    if (made) *d = *std::move(made);
  }

  std::array<Slice, 16> slices_;
  Token last_token_ = 0;
};

template <class T>
std::vector<T> CellsOf(const LawSlice<T>& s, Int n) {
  return s.data() == nullptr || n == 0 ? std::vector<T>() : std::vector<T>(s.data(), s.data() + n);
}
template <class T>
std::vector<T> Visible(const LawSlice<T>& s) {
  return CellsOf(s, s.len());
}

Verdict Unless(bool holds, const char* law, std::string expected, std::string actual) {
  Verdict verdict;
  if (holds) return verdict;
  verdict.outcome = Outcome::kMismatch;
  verdict.law = law;
  verdict.expected = std::move(expected);
  verdict.actual = std::move(actual);
  return verdict;
}

template <class T>
class SliceLaws : public testing::Test {
 protected:
  using Slice = LawSlice<T>;
  using Operands = typename Program<T>::Operands;

  // Checks the law before each operation, with that operation's operands.
  static void Check(const char* statement,
                    const std::function<Verdict(Program<T>&, const Operands&)>& law) {
    const TraceLaw over_traces = [&](const Trace& trace) {
      Program<T> program;
      for (std::size_t at = 0; at < trace.ops.size(); ++at) {
        Verdict verdict = law(program, program.Look(trace.ops[at]));
        verdict.op_index = at;
        if (!verdict.passed()) return verdict;
        program.Step(trace.ops[at]);
      }
      return Verdict{};
    };
    EXPECT_TRUE(CheckLaw(SliceTarget(), statement, over_traces, kLabel, kOptions).passed);
  }
};
using ElementKinds = testing::Types<std::uint64_t, std::uint8_t, std::string, Bytes<24>>;
TYPED_TEST_SUITE(SliceLaws, ElementKinds);

// Law: append writes nothing but the cells from its length on, and those only when it has room.
TYPED_TEST(SliceLaws, AppendChangesNothingThatItDoesNotOwn) {
  using Slice = LawSlice<TypeParam>;
  this->Check("append writes beyond its length alone", [](auto& program, const auto& at) {
    std::vector<std::vector<TypeParam>> before;
    for (const Slice& s : program.slices()) before.push_back(Visible(s));
    Slice grown = *at.s;
    AppendTo(grown, at.items);
    const Int first = at.s->offset() + at.s->len();
    const Int last = first + static_cast<Int>(at.items.size());
    const bool in_place = last - at.s->offset() <= at.s->cap();
    for (std::size_t slot = 0; slot < before.size(); ++slot) {
      const Slice& other = program.slices()[slot];
      for (std::size_t cell = 0; cell < before[slot].size(); ++cell) {
        const Int place = other.offset() + static_cast<Int>(cell);
        const bool written =
            in_place && other.array_id() == at.s->array_id() && place >= first && place < last;
        const TypeParam& expected =
            written ? at.items[static_cast<std::size_t>(place - first)] : before[slot][cell];
        if (other[static_cast<Int>(cell)] == expected) continue;
        return Unless(false, "append_elsewhere", "s" + std::to_string(slot) + " as it was",
                      "another value at " + std::to_string(cell));
      }
    }
    return Verdict{};
  });
}

// Law: append(s[:i:i], ...) never writes into s.
TYPED_TEST(SliceLaws, AppendToAFullSliceExpressionLeavesItsSourceAlone) {
  this->Check("append to s[:i:i] never writes into s", [](auto&, const auto& at) {
    auto cut = at.s->Sub3(0, at.i, at.i);
    if (!cut || at.items.empty()) return Verdict{};
    const auto before = CellsOf(*at.s, at.s->cap());
    AppendTo(*cut, at.items);
    return Unless(CellsOf(*at.s, at.s->cap()) == before, "append_clipped", "s as it was",
                  "s changed");
  });
}

// Law: copy is element by element, through a temporary.
TYPED_TEST(SliceLaws, CopyEqualsCopyingThroughATemporary) {
  this->Check("copy goes through a temporary", [](auto&, const auto& at) {
    auto to = at.s->Sub(at.i, at.s->len());
    const auto from = at.s->Sub(at.j, at.s->len());
    if (!to || !from) return Verdict{};
    auto expected = Visible(*at.s);
    const auto temporary = Visible(*from);
    const Int n = std::min(to->len(), from->len());
    for (Int c = 0; c < n; ++c) {
      expected[static_cast<std::size_t>(at.i + c)] = temporary[static_cast<std::size_t>(c)];
    }
    const Int copied = to->CopyFrom(*from);
    return Unless(copied == n && Visible(*at.s) == expected, "copy",
                  std::to_string(n) + " elements as if set aside first",
                  std::to_string(copied) + " elements, or others");
  });
}

// Law: s[i:j][a:b] is s[i+a:i+b].
TYPED_TEST(SliceLaws, ReslicingComposes) {
  this->Check("reslicing composes", [](auto&, const auto& at) {
    const auto outer = at.s->Sub(at.i, at.j);
    if (!outer) return Verdict{};
    for (Int a = 0; a <= std::min<Int>(outer->cap(), 4); ++a) {
      const auto twice = outer->Sub(a, outer->cap());
      const auto once = at.s->Sub(at.i + a, at.i + outer->cap());
      if (!twice || !once) return Unless(false, "compose", "both or none", "a panic");
      const bool same = twice->len() == once->len() && twice->cap() == once->cap() &&
                        twice->array_id() == once->array_id() &&
                        (once->cap() == 0 || twice->data() == once->data());
      if (!same) return Unless(false, "compose", "one window", "two windows");
    }
    return Verdict{};
  });
}

// Law: append takes no capacity away, and gives what the rule of 1.18 says.
TYPED_TEST(SliceLaws, CapacityIsMonotoneAndFollowsTheRule) {
  this->Check("capacity is monotone and follows the rule", [](auto&, const auto& at) {
    auto grown = *at.s;
    if (!AppendTo(grown, at.items)) return Verdict{};
    SliceModel model(SliceModel::Rule::kGo118, sizeof(TypeParam));
    const SliceModel::Window before = {
        .nil = false, .offset = 0, .len = at.s->len(), .cap = at.s->cap()};
    SliceModel::Window expected;
    static_cast<void>(model.Append(before, std::vector<Token>(at.items.size()), &expected));
    return Unless(grown.cap() == expected.cap && grown.cap() >= at.s->cap(), "capacity",
                  std::to_string(expected.cap), std::to_string(grown.cap()));
  });
}

// Law: append moves to another array exactly if the capacity does not suffice.
TYPED_TEST(SliceLaws, GrowthMovesAndAppendInPlaceDoesNot) {
  this->Check("only growth moves", [](auto&, const auto& at) {
    auto grown = *at.s;
    if (!AppendTo(grown, at.items)) return Verdict{};
    const bool fits = at.s->len() + static_cast<Int>(at.items.size()) <= at.s->cap();
    const bool moved = grown.array_id() != at.s->array_id();
    return Unless(moved != fits, "moves", fits ? "the same array" : "a new array",
                  moved ? "a new array" : "the same array");
  });
}

// Law: deleting from the middle keeps the order of what is left.
TYPED_TEST(SliceLaws, DeleteFromTheMiddleKeepsTheOrder) {
  this->Check("delete keeps the order", [](auto&, const auto& at) {
    if (at.i < 0 || at.j < at.i || at.j > at.s->len()) return Verdict{};
    auto expected = Visible(*at.s);
    expected.erase(expected.begin() + at.i, expected.begin() + at.j);
    auto shorter = *at.s;
    const bool done = core::DeleteRange(shorter, at.i, at.j).has_value();
    return Unless(done && Visible(shorter) == expected, "delete_order",
                  std::to_string(expected.size()) + " elements in their order",
                  std::to_string(shorter.len()) + " elements, or another order");
  });
}

// Law: append(s, s[i:j]...) is append of a copy of them, whether the array is left or not.
TYPED_TEST(SliceLaws, AppendOfAPartEqualsAppendOfItsCopy) {
  this->Check("append of a part is append of its copy", [](auto&, const auto& at) {
    const auto part = at.s->Sub(at.i, at.j);
    if (!part) return Verdict{};
    auto expected = Visible(*at.s);
    const auto copy = Visible(*part);
    expected.insert(expected.end(), copy.begin(), copy.end());
    auto grown = *at.s;
    const bool done = grown.Append(*part).has_value();
    return Unless(done && Visible(grown) == expected, "append_part",
                  std::to_string(copy.size()) + " elements more, as they were",
                  std::to_string(grown.len() - at.s->len()) + " elements more, or others");
  });
}

// Law: inserting a slice, be it of the same array, and deleting as many leaves the elements as they
// were.
TYPED_TEST(SliceLaws, DeleteAfterInsertIsTheIdentity) {
  this->Check("delete after insert is the identity", [](auto&, const auto& at) {
    if (at.i < 0 || at.i > at.s->len()) return Verdict{};
    const auto before = Visible(*at.s);
    const Int n = at.d->len();
    auto s = *at.s;
    const bool inserted = core::Insert(s, at.i, *at.d).has_value();
    const Int longer = s.len() - at.s->len();
    const bool deleted = core::DeleteRange(s, at.i, at.i + n).has_value();
    return Unless(inserted && deleted && longer == n && Visible(s) == before, "insert_delete",
                  std::to_string(n) + " elements in and out",
                  std::to_string(longer) + " elements in, or others are left");
  });
}

// Law: a clone is equal to its source, and no write to it shows there; that of nothing is nil.
TYPED_TEST(SliceLaws, ACloneIsEqualAndItsOwn) {
  this->Check("a clone is equal and its own", [](auto&, const auto& at) {
    const auto before = CellsOf(*at.s, at.s->cap());
    auto clone = core::Clone(*at.s);
    const bool equal = clone && Visible(*clone) == Visible(*at.s);
    if (!equal) return Unless(false, "clone", "equal elements", "others");
    if (clone->IsNil() != (at.s->len() == 0)) {
      return Unless(false, "clone_nil", "nil of nothing alone", "otherwise");
    }
    clone->Clear();
    return Unless(CellsOf(*at.s, at.s->cap()) == before, "clone_written", "s as it was",
                  "s changed");
  });
}

// Law: s[i] = s[i] is the identity.
TYPED_TEST(SliceLaws, AssigningAnElementToItselfIsTheIdentity) {
  this->Check("s[i] = s[i] is the identity", [](auto&, const auto& at) {
    if (at.i < 0 || at.i >= at.s->len()) return Verdict{};
    const auto before = CellsOf(*at.s, at.s->cap());
    const bool done = at.s->Set(at.i, (*at.s)[at.i]).has_value();
    return Unless(done && CellsOf(*at.s, at.s->cap()) == before, "assign_self", "s as it was",
                  "s changed");
  });
}

// Law: no window reaches outside its array, and none without capacity points past its end.
TYPED_TEST(SliceLaws, AWindowLiesInItsArray) {
  this->Check("a window lies in its array", [](auto& program, const auto&) {
    for (const auto& s : program.slices()) {
      if (s.array_id() == nullptr) continue;
      if (s.offset() < 0 || s.offset() >= s.array_cap() || s.offset() + s.cap() > s.array_cap()) {
        return Unless(false, "inside", "a window of " + std::to_string(s.array_cap()) + " cells",
                      std::to_string(s.offset()) + " + " + std::to_string(s.cap()));
      }
    }
    return Verdict{};
  });
}

struct AllocationCounter {
  Int* count = nullptr;

  void* Allocate(std::size_t bytes, std::size_t align) const {
    if (count != nullptr) ++*count;
    return core::SliceRuntime::Allocate(bytes, align);
  }
  static void Free(void* block, std::size_t bytes, std::size_t align) noexcept {
    core::SliceRuntime::Free(block, bytes, align);
  }
  static void OnEvent(core::SliceEvent) noexcept {}
};

struct CountedPolicy : core::DefaultSlicePolicy<std::uint64_t> {
  using Runtime = AllocationCounter;
};

// Law: n appends of one word to nil allocate 1 + ceil(log2 n) arrays up to 512 words, and from
// there on as many as the rule of a quarter and the size classes say.
TEST(SliceAllocations, AppendsOfOneWordFollowTheClosedForm) {
  constexpr std::array<Int, 12> kLater = {512,  848,  1280, 1792,  2560,  3408,
                                          5120, 7168, 9216, 12288, 16384, 21504};
  Int allocations = 0;
  core::Slice<std::uint64_t, CountedPolicy> s(AllocationCounter{&allocations});
  for (Int n = 1; n <= 20000; ++n) {
    ASSERT_TRUE(s.Append(7).has_value());
    const auto doubled = static_cast<std::uint64_t>(std::min<Int>(n, 512) - 1);
    Int expected = 1 + static_cast<Int>(std::bit_width(doubled));
    for (const Int capacity : kLater) expected += n > capacity;
    ASSERT_EQ(allocations, expected) << n << " appends";
  }
}

}  // namespace
}  // namespace slotproof
