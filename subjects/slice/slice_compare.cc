#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "subjects/slice/slice_session.h"

// What a SliceSession compares between subject and model after an operation.

namespace slotproof {
namespace {

constexpr std::size_t kWordsPerOp = 1024;  // compared for each operation, at most

bool IsSame(const SliceWindow& actual, const SliceModel::Window& expected) {
  const bool none = expected.array == nullptr;
  // One branch for all.
  return ((actual.nil != expected.nil) | (actual.len != expected.len) |
          (actual.cap != expected.cap) | ((actual.array == nullptr) != none) |
          (!none & (actual.offset != expected.offset))) == 0;
}

}  // namespace

bool SliceSession::CompareWindows() {
  std::array<SliceWindow, kSlices> actual;
  subject_->Windows(std::span(actual).first(header_.slices));
  std::uint32_t moved = 0;  // slots that lie on another array than when last compared
  std::size_t cells = 0;
  for (Slot slot = 0; slot < header_.slices; ++slot) {
    const Window& expected = windows_[slot];
    if (!IsSame(actual[slot], expected)) return FailWindow(slot, actual[slot]);
    const ArrayNames names = {.model = expected.array.get(), .subject = actual[slot].array};
    cells += names.model == nullptr ? 0 : static_cast<std::size_t>(expected.cap);
    moved |= std::uint32_t{names != arrays_[slot]} << slot;
    arrays_[slot] = names;
  }
  words_to_compare_ = cells * words_per_cell_;
  // Addresses of dead arrays return, but not without an allocation.
  if (moved != 0 || model_.allocations() != last_allocations_) reach_ = SliceModel::ReachOf(Live());
  for (; moved != 0; moved &= moved - 1) {
    if (!CompareSharing(static_cast<Slot>(std::countr_zero(moved)))) return false;
  }
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
  if ((actual.array == nullptr) != (expected.array == nullptr)) {
    return differ("window.array", expected.array != nullptr, actual.array != nullptr);
  }
  return differ("window.offset", expected.offset, actual.offset);
}

// Whether it shares its array with those that it should.
bool SliceSession::CompareSharing(Slot slot) {
  for (Slot other = 0; other < header_.slices; ++other) {
    const bool shared = arrays_[other].model == arrays_[slot].model;
    if (shared == (arrays_[other].subject == arrays_[slot].subject)) continue;
    return Mismatch("window.array",
                    SliceName(std::max(slot, other)) + " and " + SliceName(std::min(slot, other)) +
                        (shared ? " on one array" : " on arrays of their own"),
                    shared ? "on two" : "on one");
  }
  return true;
}

bool SliceSession::CompareMemory(const SliceModel::Reach& reach) {
  const SliceMemory memory = subject_->Memory();
  const auto differ = [&](std::string_view law, std::size_t want, std::size_t got) {
    return Mismatch(law, std::to_string(want), std::to_string(got));
  };
  if (memory.arrays != reach.arrays) return differ("memory.arrays", reach.arrays, memory.arrays);
  if (memory.cells != reach.cells) return differ("memory.cells", reach.cells, memory.cells);
  if (memory.allocations != model_.allocations()) {
    return differ("memory.allocations", model_.allocations(), memory.allocations);
  }
  if (reach.arrays < last_arrays_) Goal(SliceSessionGoal::kArrayReleased);
  last_arrays_ = reach.arrays;
  return true;
}

// Its cells are among those of another slot that is compared.
bool SliceSession::IsWithinAnother(Slot slot) const {
  const Window& w = windows_[slot];
  if (w.array.use_count() == 1) return false;
  for (Slot other = 0; other < header_.slices; ++other) {
    const Window& o = windows_[other];
    if (other == slot || o.array != w.array) continue;
    if (o.offset > w.offset || o.offset + o.cap < w.offset + w.cap) continue;
    if (o.cap > w.cap || other < slot) return true;
  }
  return false;
}

bool SliceSession::CompareCellsIfPaid() {
  words_paid_for_ += kWordsPerOp;
  if (words_to_compare_ > words_paid_for_) return true;
  words_paid_for_ = 0;
  cells_are_compared_ = true;
  return CompareCells();
}

bool SliceSession::CompareCells() {
  for (Slot slot = 0; slot < header_.slices; ++slot) {
    const Window& w = windows_[slot];
    if (w.array == nullptr || IsWithinAnother(slot)) continue;
    const std::optional<CellDifference> difference = subject_->Compare(slot, w.Cells());
    if (!difference) continue;
    const bool visible = static_cast<Int>(difference->cell) < w.len;
    return Mismatch(visible ? "cells" : "cells.beyond_length",
                    SliceName(slot) + "[" + std::to_string(difference->cell) + "] " +
                        CellText(w.Cells()[difference->cell]),
                    CellText(difference->actual));
  }
  return true;
}

bool SliceSession::CheckFull() {
  if (const std::optional<BrokenLaw> broken = subject_->CheckInvariants()) {
    return Fail(Outcome::kInvariant, broken->law, "", broken->detail);
  }
  // Usually, the operation before has just been compared.
  return cells_are_compared_ || (CompareWindows() && CompareMemory(reach_) && CompareCells());
}

std::uint64_t SliceSession::FullCheckCost() const { return words_to_compare_ / kWordsPerOp; }

}  // namespace slotproof
