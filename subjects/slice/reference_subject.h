#ifndef SLOTPROOF_SUBJECTS_SLICE_REFERENCE_SUBJECT_H_
#define SLOTPROOF_SUBJECTS_SLICE_REFERENCE_SUBJECT_H_

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/slice/idioms.h"
#include "core/slice/slice.h"
#include "harness/subject/fuse.h"
#include "harness/subject/session.h"
#include "subjects/elements/elements.h"
#include "subjects/elements/fragile.h"
#include "subjects/slice/reference_goals.h"
#include "subjects/slice/slice_subject.h"

// Sixteen reference slices (core/slice) as a SliceSubject, for one element type and growth rule.
// Everything that a trace can see of them comes through here; their memory is counted.

#if defined(SLOTPROOF_MUTANT) && !defined(SLOTPROOF_MUTANT_APPLIED)
#error "a mutant's build must see the mutated copy of core/slice"
#endif

namespace slotproof {

// What the slices' runtime and their subject share.
struct CountedMemory {
  GoalCounts* goals = nullptr;
  std::size_t arrays = 0;
  std::size_t bytes = 0;
  std::uint64_t allocations = 0;
};

class CountingRuntime {
 public:
  explicit CountingRuntime(CountedMemory* memory = nullptr) : memory_(memory) {}

  void* Allocate(std::size_t bytes, std::size_t align) {
    void* block = ::operator new(bytes, std::align_val_t{align});
    ++memory_->arrays;
    ++memory_->allocations;
    memory_->bytes += bytes;
    return block;
  }
  void Free(void* block, std::size_t bytes, std::size_t align) noexcept {
    --memory_->arrays;
    memory_->bytes -= bytes;
    ::operator delete(block, bytes, std::align_val_t{align});
  }
  void OnEvent(core::SliceEvent event) const { memory_->goals->Hit(ReferenceGoalOf(event)); }

 private:
  CountedMemory* memory_;
};

template <class T, core::GrowthRule kRule>
struct ReferenceSlicePolicy : core::DefaultSlicePolicy<T> {
  using Runtime = CountingRuntime;
  static constexpr core::GrowthRule kGrowthRule = kRule;
  static constexpr bool kAssertions = true;

  [[noreturn]] static void Fatal(core::FailureKind, std::string_view message) {
    throw SubjectFatal(Outcome::kInvariant, message);
  }
};

template <class T, core::GrowthRule kRule>
class ReferenceSlices final : public SliceSubject {
  using Slice = core::Slice<T, ReferenceSlicePolicy<T, kRule>>;

 public:
  ReferenceSlices(const SliceHeader& header, GoalCounts* goals)
      : slots_(header.slices), memory_{.goals = goals} {
    slices_.fill(Slice(CountingRuntime(&memory_)));
  }

  Int ElemBytes() const override { return Slice::kElemBytes; }

  void SetNil(Slot d) override { slices_[d] = Slice(CountingRuntime(&memory_)); }
  void Share(Slot d, Slot s) override { slices_[d] = slices_[s]; }

  SlicePanic Make(Slot d, Int len, Int cap) override {
    return Settle(d, CallSubject([&] { return Slice::Make(len, cap, CountingRuntime(&memory_)); }));
  }
  SlicePanic Sub(Slot d, Slot s, Int i, Int j) override { return Settle(d, slices_[s].Sub(i, j)); }
  SlicePanic Sub3(Slot d, Slot s, Int i, Int j, Int k) override {
    return Settle(d, slices_[s].Sub3(i, j, k));
  }

  SlicePanic Get(Slot s, Int i, Token* token) const override {
    const core::Checked<const T*> at = slices_[s].At(i);
    if (at) *token = ElementTraits<T>::Read(**at);
    return PanicOf(at);
  }
  SlicePanic Set(Slot s, Int i, Token token) override {
    const T item = ElementTraits<T>::Make(token);
    return PanicOf(CallSubject([&] { return slices_[s].Set(i, item); }));
  }
  SlicePanic ToArray(Slot s, Int n) const override {
    const core::Checked<const T*> array = slices_[s].ToArray(n);
    if (!array || *array == slices_[s].data()) return PanicOf(array);
    return "the array is not the slice's";
  }

  SlicePanic Append(Slot d, Slot s, std::span<const Token> tokens) override {
    const std::span<const T> items = ItemsOf(tokens);
    return Change(d, s, [&](Slice& slice) {
      return items.size() == 1 ? slice.Append(items[0]) : slice.Append(items);
    });
  }
  SlicePanic AppendSlice(Slot d, Slot s, Slot source) override {
    return Change(d, s, [&](Slice& slice) { return slice.Append(slices_[source]); });
  }
  Int Copy(Slot to, Slot from) override {
    return CallSubject([&] { return slices_[to].CopyFrom(slices_[from]); });
  }
  SlicePanic CopyWithin(Slot s, Int i, Int j, Int* n) override {
    core::Checked<Slice> to = slices_[s].Sub(i, slices_[s].len());
    if (!to) return PanicOf(to);
    const core::Checked<Slice> from = slices_[s].Sub(j, slices_[s].len());
    if (!from) return PanicOf(from);
    *n = CallSubject([&] { return to->CopyFrom(*from); });
    return {};
  }
  void Clear(Slot s) override {
    CallSubject([&] { slices_[s].Clear(); });
  }

  SlicePanic Delete(Slot d, Slot s, Int i, Int j) override {
    return ChangeCopy(d, s, [&](Slice& slice) { return core::DeleteRange(slice, i, j); });
  }
  SlicePanic Insert(Slot d, Slot s, Int i, std::span<const Token> tokens) override {
    const std::span<const T> items = ItemsOf(tokens);
    return ChangeCopy(d, s, [&](Slice& slice) { return core::Insert(slice, i, items); });
  }
  SlicePanic InsertSlice(Slot d, Slot s, Int i, Slot source) override {
    // Into itself, where nothing can leave it half done: then nobody else need keep its array.
    const bool whole = Fuse::StepsLeft() == 0 && 0 <= i && i <= slices_[s].len();
    if (d == s && s == source && slices_[s].array_id() != nullptr && whole) {
      return PanicOf(core::Insert(slices_[s], i, slices_[s]));
    }
    return ChangeCopy(d, s, [&](Slice& slice) {
      // Of a slice into itself: one object.
      return core::Insert(slice, i, source == s ? slice : slices_[source]);
    });
  }
  SlicePanic AppendPart(Slot d, Slot s, Int i, Int j) override {
    std::span<const T> items;
    {
      const core::Checked<Slice> part = slices_[s].Sub(i, j);
      if (!part) return PanicOf(part);
      items = {part->data(), static_cast<std::size_t>(part->len())};
    }  // so that nothing but the slice keeps its array
    return Change(d, s, [&](Slice& slice) { return slice.Append(items); });
  }
  SlicePanic AppendElem(Slot d, Slot s, Int i) override {
    const core::Checked<const T*> item = slices_[s].At(i);
    if (!item) return PanicOf(item);
    return Change(d, s, [&](Slice& slice) { return slice.Append(**item); });
  }
  SlicePanic SetElem(Slot s, Int i, Int j) override {
    const core::Checked<const T*> item = slices_[s].At(j);
    if (!item) return PanicOf(item);
    return PanicOf(CallSubject([&] { return slices_[s].Set(i, **item); }));
  }
  SlicePanic Filter(Slot d, Slot s, unsigned bit) override {
    const auto keep = [bit](const T& elem) {
      return ((ElementTraits<T>::Read(elem) >> bit) & 1) != 0;
    };
    return ChangeCopy(d, s, [&](Slice& slice) { return core::Filter(slice, keep); });
  }
  SlicePanic PopFront(Slot d, Slot s) override {
    return ChangeCopy(d, s, [](Slice& slice) { return core::PopFront(slice); });
  }
  SlicePanic PopBack(Slot d, Slot s) override {
    return ChangeCopy(d, s, [](Slice& slice) { return core::PopBack(slice); });
  }
  SlicePanic Split(Slot left, Slot right, Slot s, Int i) override {
    auto parts = core::SplitAt(slices_[s], i);
    SlicePanic panic = PanicOf(parts);
    if (parts) std::tie(slices_[left], slices_[right]) = *std::move(parts);
    return panic;
  }
  SlicePanic Clone(Slot d, Slot s) override {
    return Settle(d, CallSubject([&] { return core::Clone(slices_[s]); }));
  }
  SlicePanic Clip(Slot d, Slot s) override { return Settle(d, core::Clip(slices_[s])); }

  SliceWindow Window(Slot s) const override {
    const Slice& slice = slices_[s];
    return {.array = slice.array_id(),
            .offset = slice.offset(),
            .len = slice.len(),
            .cap = slice.cap(),
            .nil = slice.IsNil()};
  }
  SliceSight Look(std::uint32_t expected) override {
    std::uint32_t changed = expected;
    for (; expected != 0; expected &= expected - 1) {
      const auto slot = static_cast<Slot>(std::countr_zero(expected));
      CopyImage(&images_[slot], slices_[slot]);
    }
    if (ImagesDiffer()) [[unlikely]]
      changed |= UpdateImages();
    return {.changed = changed, .memory = Memory()};
  }
  bool Holds(std::span<const CellRow> rows) const override {
    return std::ranges::all_of(rows, [this](const CellRow& row) {
      return AllHold(slices_[row.slot].data() + row.first, row.expected);
    });
  }
  std::optional<CellDifference> Compare(Slot s, std::span<const Token> expected) const override {
    const T* cells = slices_[s].data();
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (!Holds(cells[i], expected[i])) [[unlikely]] {
        return CellDifference{.cell = i, .actual = ElementTraits<T>::Read(cells[i])};
      }
    }
    return std::nullopt;
  }
  std::vector<Token> Cells(Slot s) const override {
    std::vector<Token> tokens;
    if (slices_[s].array_id() == nullptr) return tokens;
    for (Int i = 0; i < slices_[s].cap(); ++i) {
      tokens.push_back(ElementTraits<T>::Read(slices_[s].data()[i]));
    }
    return tokens;
  }
  SliceMemory Memory() const override {
    return {.arrays = memory_.arrays,
            .cells = (memory_.bytes - memory_.arrays * kHeaderBytes) / sizeof(T),
            .allocations = memory_.allocations};
  }

  std::optional<BrokenLaw> CheckInvariants(std::uint32_t slots) const override {
    for (; slots != 0; slots &= slots - 1) {
      const Slice& slice = slices_[static_cast<Slot>(std::countr_zero(slots))];
      const std::optional<core::SliceViolation> violation = slice.CheckInvariants();
      if (violation) return BrokenLaw{std::string(violation->law), violation->message};
    }
    return std::nullopt;
  }

  // Windows of an array never reach further than they do now.
  void GuardCells() override {
    if constexpr (core::kPoisons) {
      for (Slot s = 0; s < kSlices; ++s) {
        const void* array = slices_[s].array_id();
        if (array == nullptr) continue;
        Int first = slices_[s].offset();
        Int last = first + slices_[s].cap();
        for (const Slice& other : slices_) {
          if (other.array_id() != array) continue;
          first = std::min(first, other.offset());
          last = std::max(last, other.offset() + other.cap());
        }
        slices_[s].PoisonOutside(first, last);
      }
    }
  }

 private:
  static constexpr std::size_t kHeaderBytes = core::BackingArray<T>::kHeaderBytes;

  // A slice's bytes: all that its window follows from.
  using Image = std::array<std::uint64_t, sizeof(Slice) / sizeof(std::uint64_t)>;
  static_assert(sizeof(Image) == sizeof(Slice));

  static void CopyImage(Image* image, const Slice& slice) {
    std::memcpy(image, static_cast<const void*>(&slice), sizeof(Image));
  }
  // Whether any slice is another than its image. Not by memcmp, which libFuzzer intercepts at a
  // cost.
  bool ImagesDiffer() const {
    const auto* const images = std::as_bytes(std::span(images_)).data();
    const auto* const slices = std::as_bytes(std::span(slices_)).data();
    std::uint64_t differing = 0;
    for (std::size_t at = 0; at < slots_ * sizeof(Image); at += sizeof(std::uint64_t)) {
      std::uint64_t image;
      std::uint64_t slice;
      std::memcpy(&image, images + at, sizeof(image));
      std::memcpy(&slice, slices + at, sizeof(slice));
      differing |= image ^ slice;
    }
    return differing != 0;
  }
  // The slots whose images were out of date.
  std::uint32_t UpdateImages() {
    std::uint32_t updated = 0;
    for (Slot s = 0; s < slots_; ++s) {
      Image now;
      CopyImage(&now, slices_[s]);
      if (images_[s] == now) continue;
      CopyImage(&images_[s], slices_[s]);
      updated |= std::uint32_t{1} << s;
    }
    return updated;
  }

  template <class Result>
  SlicePanic PanicOf(const Result& result) const {
    if (result) [[likely]]
      return {};
    return result.error().MessageIn(&panic_);
  }
  SlicePanic Settle(Slot d, core::Checked<Slice> result) {
    SlicePanic panic = PanicOf(result);
    if (result) slices_[d] = *std::move(result);
    return panic;
  }
  // d = f(s), where f changes its slice or fails and leaves it as it was.
  template <class F>
  SlicePanic Change(Slot d, Slot s, F f) {
    if (d != s) return ChangeCopy(d, s, f);
    return PanicOf(CallSubject([&] { return f(slices_[d]); }));
  }
  // d = f(s), where f may fail halfway.
  template <class F>
  SlicePanic ChangeCopy(Slot d, Slot s, F f) {
    Slice slice = slices_[s];
    const core::Checked<void> changed = CallSubject([&] { return f(slice); });
    if (changed) slices_[d] = std::move(slice);
    return PanicOf(changed);
  }

  std::span<const T> ItemsOf(std::span<const Token> tokens) {
    items_.clear();
    for (const Token token : tokens) items_.push_back(ElementTraits<T>::Make(token));
    return items_;
  }

  static bool Holds(const T& cell, Token token) {
    if constexpr (std::same_as<T, std::string> || std::derived_from<T, Fragile>) {
      return ElementTraits<T>::Read(cell) == token;
    } else {
      return cell == ElementTraits<T>::Make(token);
    }
  }

  static bool AllHold(const T* cells, std::span<const Token> tokens) {
    constexpr std::size_t kBlock = std::integral<T> ? 16 : 1;  // in one go
    std::size_t i = 0;
    if constexpr (kBlock != 1) {
      for (; i + kBlock <= tokens.size(); i += kBlock) {
        T differing = 0;
        for (std::size_t k = 0; k < kBlock; ++k) {
          differing |= cells[i + k] ^ ElementTraits<T>::Make(tokens[i + k]);
        }
        if (differing != 0) [[unlikely]]
          return false;
      }
    }
    for (; i < tokens.size(); ++i) {
      if (!Holds(cells[i], tokens[i])) [[unlikely]]
        return false;
    }
    return true;
  }

  std::size_t slots_;
  CountedMemory memory_;
  std::array<Slice, kSlices> slices_;
  std::array<Image, kSlices> images_{};  // of the slices when last looked at
  std::vector<T> items_;
  mutable core::SliceError::MessageBuffer panic_;
};

// Some kinds of element each, in files of their own, so that they compile side by side.
std::unique_ptr<SliceSubject> MakeSmallSlices(const SliceHeader& header, GoalCounts* goals);
std::unique_ptr<SliceSubject> MakeLargeSlices(const SliceHeader& header, GoalCounts* goals);
std::unique_ptr<SliceSubject> MakeFragileSlices(const SliceHeader& header, GoalCounts* goals);

template <class T>
std::unique_ptr<SliceSubject> MakeSlices(const SliceHeader& header, GoalCounts* goals) {
  if (header.growth == SliceGrowth::kGo118) {
    return std::make_unique<ReferenceSlices<T, core::GrowthRule::kGo118>>(header, goals);
  }
  return std::make_unique<ReferenceSlices<T, core::GrowthRule::kGo117>>(header, goals);
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SLICE_REFERENCE_SUBJECT_H_
