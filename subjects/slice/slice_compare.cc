#include <algorithm>
#include <string>
#include <utility>

#include "subjects/slice/slice_session.h"

// What a SliceSession compares between subject and model after an operation.

namespace slotproof {
namespace {

constexpr std::size_t kWordsPerOp = 1024;  // compared for each operation, at most

}  // namespace

bool SliceSession::CompareWindows() {
  for (Slot slot = 0; slot < header_.slices; ++slot) {
    const Window& expected = windows_[slot];
    const SliceWindow actual = subject_->Window(slot);
    const auto differ = [&](std::string_view law, Int want, Int got) {
      return Mismatch(law, SliceName(slot) + " " + std::to_string(want), std::to_string(got));
    };
    if (actual.nil != expected.nil) return differ("window.nil", expected.nil, actual.nil);
    if (actual.len != expected.len) return differ("window.length", expected.len, actual.len);
    if (actual.cap != expected.cap) return differ("window.capacity", expected.cap, actual.cap);
    addresses_[slot] = actual.array;
    if ((actual.array == nullptr) != (expected.array == nullptr)) {
      return differ("window.array", expected.array != nullptr, actual.array != nullptr);
    }
    if (expected.array == nullptr) continue;
    if (actual.offset != expected.offset) {
      return differ("window.offset", expected.offset, actual.offset);
    }
    for (Slot other = 0; other < slot; ++other) {
      const bool shared = windows_[other].array == expected.array;
      if (shared == (addresses_[other] == actual.array)) continue;
      return Mismatch("window.array",
                      SliceName(slot) + " and " + SliceName(other) +
                          (shared ? " on one array" : " on arrays of their own"),
                      shared ? "on two" : "on one");
    }
  }
  return true;
}

bool SliceSession::CompareMemory() {
  const SliceModel::Reach reach = SliceModel::ReachOf(Live());
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
  for (Slot other = 0; other < header_.slices; ++other) {
    const Window& o = windows_[other];
    if (other == slot || o.array != w.array) continue;
    if (o.offset > w.offset || o.offset + o.cap < w.offset + w.cap) continue;
    if (o.cap > w.cap || other < slot) return true;
  }
  return false;
}

std::size_t SliceSession::WordsToCompare() const {
  std::size_t cells = 0;
  for (Slot slot = 0; slot < header_.slices; ++slot) {
    if (windows_[slot].array != nullptr) cells += static_cast<std::size_t>(windows_[slot].cap);
  }
  return cells * std::max<std::size_t>(static_cast<std::size_t>(subject_->ElemBytes()), 8) / 8;
}

bool SliceSession::CompareCellsIfPaid() {
  words_paid_for_ += kWordsPerOp;
  if (WordsToCompare() > words_paid_for_) return true;
  words_paid_for_ = 0;
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
  return CompareWindows() && CompareMemory() && CompareCells();
}

std::uint64_t SliceSession::FullCheckCost() const { return WordsToCompare() / kWordsPerOp; }

}  // namespace slotproof
