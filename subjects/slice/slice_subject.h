#ifndef SLOTPROOF_SUBJECTS_SLICE_SLICE_SUBJECT_H_
#define SLOTPROOF_SUBJECTS_SLICE_SLICE_SUBJECT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/subject/broken_law.h"
#include "harness/subject/goals.h"
#include "subjects/elements/elements.h"
#include "subjects/slice/slice_vocabulary.h"

// Sixteen slices under test, seen through tokens: what a slice session drives. One implementation
// wraps the reference slice; another could wrap anything with windows over shared arrays.

namespace slotproof {

inline constexpr std::size_t kSlices = 16;
inline constexpr std::uint32_t kAllSlots = (std::uint32_t{1} << kSlices) - 1;

// A panic's message; empty when the operation went well. It is good until the subject's next call.
// A panic leaves the destination alone.
using SlicePanic = std::string_view;

// Where a slice lies. Arrays are told apart by their addresses, which no decision and no output may
// depend on but for equality.
struct SliceWindow {
  const void* array = nullptr;  // null: none
  std::int64_t offset = 0;      // in cells, from the array's first
  std::int64_t len = 0;
  std::int64_t cap = 0;
  bool nil = true;
};

// The memory that the slices hold.
struct SliceMemory {
  std::size_t arrays = 0;         // live
  std::size_t cells = 0;          // of those
  std::uint64_t allocations = 0;  // since the start
};

// What is looked at after each operation.
struct SliceSight {
  std::uint32_t changed = 0;  // a bit for each slot whose window may be another than before
  SliceMemory memory;
};

// The cells of an array from one that a slice begins with, or lies behind it, on.
struct CellRow {
  std::size_t slot = 0;
  std::int64_t first = 0;  // from the slice's own first cell; at most 0
  std::span<const Token> expected;
};

// A difference between cells and what they should be.
struct CellDifference {
  std::size_t cell;
  Token actual;
};

class SliceSubject {
 public:
  using Int = std::int64_t;
  using Slot = std::size_t;  // which of the sixteen

  virtual ~SliceSubject() = default;
  SliceSubject(const SliceSubject&) = delete;
  SliceSubject& operator=(const SliceSubject&) = delete;

  virtual Int ElemBytes() const = 0;  // as append counts them

  virtual void SetNil(Slot d) = 0;
  virtual void Share(Slot d, Slot s) = 0;                            // d = s
  virtual SlicePanic Make(Slot d, Int len, Int cap) = 0;             // d = make([]T, len, cap)
  virtual SlicePanic Sub(Slot d, Slot s, Int i, Int j) = 0;          // d = s[i:j]
  virtual SlicePanic Sub3(Slot d, Slot s, Int i, Int j, Int k) = 0;  // d = s[i:j:k]
  virtual SlicePanic Get(Slot s, Int i, Token* token) const = 0;     // s[i]
  virtual SlicePanic Set(Slot s, Int i, Token token) = 0;            // s[i] = ...
  virtual SlicePanic ToArray(Slot s, Int n) const = 0;               // (*[n]T)(s)
  virtual SlicePanic Append(Slot d, Slot s, std::span<const Token> tokens) = 0;
  virtual SlicePanic AppendSlice(Slot d, Slot s, Slot source) = 0;
  virtual Int Copy(Slot to, Slot from) = 0;                         // copy(to, from)
  virtual SlicePanic CopyWithin(Slot s, Int i, Int j, Int* n) = 0;  // copy(s[i:], s[j:])
  virtual void Clear(Slot s) = 0;
  virtual SlicePanic Delete(Slot d, Slot s, Int i, Int j) = 0;
  virtual SlicePanic Insert(Slot d, Slot s, Int i, std::span<const Token> tokens) = 0;
  virtual SlicePanic InsertSlice(Slot d, Slot s, Int i, Slot source) = 0;
  // Arguments that lie in the slice itself.
  virtual SlicePanic AppendPart(Slot d, Slot s, Int i, Int j) = 0;  // d = append(s, s[i:j]...)
  virtual SlicePanic AppendElem(Slot d, Slot s, Int i) = 0;         // d = append(s, s[i])
  virtual SlicePanic SetElem(Slot s, Int i, Int j) = 0;             // s[i] = s[j]
  virtual SlicePanic Filter(Slot d, Slot s, unsigned bit) = 0;
  virtual SlicePanic PopFront(Slot d, Slot s) = 0;
  virtual SlicePanic PopBack(Slot d, Slot s) = 0;
  // left, right = s[:i], s[i:]
  virtual SlicePanic Split(Slot left, Slot right, Slot s, Int i) = 0;
  virtual SlicePanic Clone(Slot d, Slot s) = 0;
  virtual SlicePanic Clip(Slot d, Slot s) = 0;  // s[:len(s):len(s)]

  virtual SliceWindow Window(Slot s) const = 0;
  // Finds the slots whose windows are not the same as at the last call; of those in `expected`
  // it takes that for granted.
  virtual SliceSight Look(std::uint32_t expected) = 0;
  // Whether all of these cells are as they should be.
  virtual bool Holds(std::span<const CellRow> rows) const = 0;
  // Compares all cells to the capacity.
  virtual std::optional<CellDifference> Compare(Slot s, std::span<const Token> expected) const = 0;
  // Those cells, for people.
  virtual std::vector<Token> Cells(Slot s) const = 0;
  virtual SliceMemory Memory() const = 0;
  // Of the slots whose bits are set.
  virtual std::optional<BrokenLaw> CheckInvariants(std::uint32_t slots) const = 0;
  // After an operation: forbids all access to cells that no window reaches, where the build can.
  virtual void GuardCells() {}

 protected:
  SliceSubject() = default;
};

// Goal counts are written while the subject lives.
using MakeSliceSubject = std::unique_ptr<SliceSubject> (*)(const SliceHeader&, GoalCounts*);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SLICE_SLICE_SUBJECT_H_
