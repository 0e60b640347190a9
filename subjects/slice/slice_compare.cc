#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "subjects/slice/slice_session.h"

// What a SliceSession compares between subject and model after an operation.

namespace slotproof {
namespace {

constexpr std::size_t kWordsPerOp = 1024;  // compared for each operation, at most

bool IsSame(const SliceWindow& actual, const SliceModel::Window& expected) {
  const bool none = expected.array == SliceModel::kNoArray;
  // One branch for all.
  return ((actual.nil != expected.nil) | (actual.len != expected.len) |
          (actual.cap != expected.cap) | ((actual.array == nullptr) != none) |
          (!none & (actual.offset != expected.offset))) == 0;
}

}  // namespace

SliceSession::Extent SliceSession::ExtentOf(SliceModel::ArrayId array) const {
  Extent extent = {.first = std::numeric_limits<Int>::max(), .last = 0};
  for (std::uint32_t rest = slots_on_[array]; rest != 0; rest &= rest - 1) {
    const Window& w = windows_[static_cast<Slot>(std::countr_zero(rest))];
    extent.first = std::min(extent.first, w.offset);
    extent.last = std::max(extent.last, w.offset + w.cap);
  }
  return extent;
}

void SliceSession::Survey() {
  reach_ = model_.Collect(Live());
  const std::uint64_t arrays = model_.arrays() & ~(std::uint64_t{1} << SliceModel::kNoArray);
  const auto first_of = [](std::uint64_t bits) {
    return static_cast<SliceModel::ArrayId>(std::countr_zero(bits));
  };
  for (std::uint64_t rest = touched_arrays_ & arrays; rest != 0; rest &= rest - 1) {
    extents_[first_of(rest)] = ExtentOf(first_of(rest));
  }
  touched_arrays_ = 0;
  row_count_ = 0;
  std::size_t cells = 0;
  for (std::uint64_t rest = arrays; rest != 0; rest &= rest - 1) {
    const Extent& extent = extents_[first_of(rest)];
    const auto slot = static_cast<Slot>(std::countr_zero(slots_on_[first_of(rest)]));
    const Window& w = windows_[slot];
    const auto size = static_cast<std::size_t>(extent.last - extent.first);
    rows_[row_count_++] = {
        .slot = slot,
        .first = extent.first - w.offset,
        .expected = model_.ArrayCells(w).subspan(static_cast<std::size_t>(extent.first), size)};
    cells += size;
  }
  words_to_compare_ = cells * words_per_cell_;
}

void SliceSession::SurveyAll() {
  slots_on_.fill(0);
  for (Slot slot = 0; slot < kSlices; ++slot) {
    slots_on_[windows_[slot].array] |= std::uint32_t{1} << slot;
  }
  assigned_ = kAllSlots;
  touched_arrays_ = ~std::uint64_t{0};
  Survey();
}

bool SliceSession::CompareWindows() {
  const SliceSight sight = subject_->Look(assigned_);
  unchecked_ |= sight.changed;
  addressed_ &= model_.arrays();
  for (std::uint32_t rest = sight.changed; rest != 0; rest &= rest - 1) {
    const auto slot = static_cast<Slot>(std::countr_zero(rest));
    const Window& expected = windows_[slot];
    const SliceWindow actual = subject_->Window(slot);
    if (!IsSame(actual, expected)) return FailWindow(slot, actual);
    if (!LiesWhereItShould(expected.array, actual.array)) return FailSharing(slot);
  }
  return CompareMemory(sight.memory);
}

// Model and subject agree about which windows share an array if each of the model's arrays is at
// one address, and no two at the same.
bool SliceSession::LiesWhereItShould(SliceModel::ArrayId array, const void* address) {
  if (array == SliceModel::kNoArray) return true;
  const std::uint64_t bit = std::uint64_t{1} << array;
  if ((addressed_ & bit) != 0) return addresses_[array] == address;
  for (std::uint64_t rest = addressed_; rest != 0; rest &= rest - 1) {
    if (addresses_[static_cast<std::size_t>(std::countr_zero(rest))] == address) return false;
  }
  addresses_[array] = address;
  addressed_ |= bit;
  return true;
}

bool SliceSession::FailWindow(Slot slot, const SliceWindow& actual) {
  const Window& expected = windows_[slot];
  const auto differ = [&](std::string_view law, Int want, Int got) {
    return Mismatch(law, SliceName(slot) + " " + std::to_string(want), std::to_string(got));
  };
  if (actual.nil != expected.nil) return differ("window.nil", expected.nil, actual.nil);
  if (actual.len != expected.len) return differ("window.length", expected.len, actual.len);
  if (actual.cap != expected.cap) return differ("window.capacity", expected.cap, actual.cap);
  const bool none = expected.array == SliceModel::kNoArray;
  if ((actual.array == nullptr) != none) {
    return differ("window.array", !none, actual.array != nullptr);
  }
  return differ("window.offset", expected.offset, actual.offset);
}

// It shares its array with others than it should.
bool SliceSession::FailSharing(Slot slot) {
  for (Slot other = 0; other < header_.slices; ++other) {
    const bool shared = windows_[other].array == windows_[slot].array;
    if (shared == (subject_->Window(other).array == subject_->Window(slot).array)) continue;
    return Mismatch("window.array",
                    SliceName(std::max(slot, other)) + " and " + SliceName(std::min(slot, other)) +
                        (shared ? " on one array" : " on arrays of their own"),
                    shared ? "on two" : "on one");
  }
  return Mismatch("window.array", SliceName(slot) + " on its array", "on another");
}

bool SliceSession::CompareMemory(const SliceMemory& memory) {
  const auto differ = [&](std::string_view law, std::size_t want, std::size_t got) {
    return Mismatch(law, std::to_string(want), std::to_string(got));
  };
  if (memory.arrays != reach_.arrays) return differ("memory.arrays", reach_.arrays, memory.arrays);
  if (memory.cells != reach_.cells) return differ("memory.cells", reach_.cells, memory.cells);
  if (memory.allocations != model_.allocations()) {
    return differ("memory.allocations", model_.allocations(), memory.allocations);
  }
  if (reach_.arrays < last_arrays_) Goal(SliceSessionGoal::kArrayReleased);
  last_arrays_ = reach_.arrays;
  return true;
}

bool SliceSession::CompareCellsIfPaid() {
  words_paid_for_ += kWordsPerOp;
  if (words_to_compare_ > words_paid_for_) return true;
  words_paid_for_ = 0;
  cells_are_compared_ = true;
  return CompareCells();
}

bool SliceSession::CompareCells() {
  if (subject_->Holds(std::span(rows_).first(row_count_))) [[likely]]
    return true;
  for (Slot slot = 0; slot < header_.slices; ++slot) {
    if (!CompareCellsOf(slot)) return false;
  }
  return true;  // between two windows there may be cells that neither shows
}

bool SliceSession::CompareCellsOf(Slot slot) {
  const std::span<const Token> expected = model_.Cells(windows_[slot]);
  const std::optional<CellDifference> difference = subject_->Compare(slot, expected);
  if (!difference) return true;
  const bool visible = static_cast<Int>(difference->cell) < windows_[slot].len;
  return Mismatch(visible ? "cells" : "cells.beyond_length",
                  SliceName(slot) + "[" + std::to_string(difference->cell) + "] " +
                      CellText(expected[difference->cell]),
                  CellText(difference->actual));
}

// A window that was not changed still obeys its laws.
bool SliceSession::CheckInvariants(std::uint32_t slots) {
  const std::optional<BrokenLaw> broken = subject_->CheckInvariants(slots);
  unchecked_ = 0;
  return !broken || Fail(Outcome::kInvariant, broken->law, "", broken->detail);
}

bool SliceSession::CheckFull() {
  if (!CheckInvariants(unchecked_)) return false;
  // Usually, the operation before has just been compared.
  if (cells_are_compared_) return true;
  SurveyAll();
  return CompareWindows() && CompareCells();
}

std::uint64_t SliceSession::FullCheckCost() const { return words_to_compare_ / kWordsPerOp; }

}  // namespace slotproof
