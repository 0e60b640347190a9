#ifndef SLOTPROOF_SUBJECTS_SLICE_SLICE_SESSION_H_
#define SLOTPROOF_SUBJECTS_SLICE_SLICE_SESSION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/check/session.h"
#include "models/slice_model.h"
#include "subjects/slice/slice_subject.h"
#include "subjects/slice/slice_vocabulary.h"

namespace slotproof {

// Goals that any slices can reach; a subject's own goals follow them in its target's table.
enum class SliceSessionGoal : std::uint8_t {
  kIndexPanic,
  kIndexNegative,
  kSlicePanic,
  kSlice3Panic,
  kMakePanic,
  kGrowPanic,
  kConvertPanic,
  kWriteSeenThroughAnother,
  kAppendSeenThroughAnother,
  kShortWindowRetains,
  kArrayReleased,
  kFourWindowsOnOneArray,
  kCopyOverlapsItself,
  kNilAppendedTo,
  kEmptyNotNil,
  kThousandCells,
};
inline constexpr std::size_t kSliceSessionGoals = 16;
std::span<const GoalSpec> SliceSessionGoalSpecs();

// Drives a SliceSubject and a SliceModel in step. Writes are numbered, and the number is the value
// written (of it a byte holds the lowest eight bits), so each cell names the write it comes from.
//
// After each operation every window's array, offset, length and capacity are compared, the memory
// held, and the cells of every window up to its capacity. Where the cells are many (over
// kWordsPerOp), they are compared once the operations since the last time have paid for it.
class SliceSession final : public Session {
 public:
  explicit SliceSession(MakeSliceSubject make) : make_(make) {}

  void Reset(const Header& header) override;
  StepResult Step(const Op& op) override;
  bool CheckFull() override;
  std::uint64_t FullCheckCost() const override;
  bool Finish() override;
  void Abandon() override;
  std::string Draw() const override;
  std::string Annotate(const Op& op) const override;
  void StructuralState(std::span<std::uint8_t> features) const override;

 private:
  using Int = SliceModel::Int;
  using Slot = SliceSubject::Slot;
  using Window = SliceModel::Window;

  // An operation whose operands have been looked up in the present state.
  struct Call {
    SliceOp op;
    Slot d;
    Slot s;
    Slot t;
    Int i;
    Int j;
    Int k;
    std::size_t n;
  };
  Call Resolve(const Op& op) const;

  // Which array a slice lies on, by model and subject; only equality of addresses has a meaning.
  struct ArrayNames {
    const void* model;
    const void* subject;

    friend bool operator==(const ArrayNames&, const ArrayNames&) = default;
  };

  bool Dispatch(const Call& call);
  bool Read(const Call& call);
  bool Write(const Call& call);
  bool Make(const Call& call);
  bool Append(Slot d, Slot s, std::size_t n);
  bool AppendSlice(const Call& call);
  bool AppendEach(const Call& call);
  bool Copy(const Call& call);
  bool CopyWithin(const Call& call);
  bool Cut(const Call& call);
  bool Rearrange(const Call& call);
  bool Split(const Call& call);

  // Compares what both said, and on success moves the model's result to its place.
  bool Settle(std::string_view law, Slot d, const SlicePanic& actual,
              const SliceModel::Panic& expected, Window& result);
  bool SamePanic(std::string_view law, const SlicePanic& actual, const SliceModel::Panic& expected);

  bool CompareWindows();
  bool FailWindow(Slot slot, const SliceWindow& actual);
  bool CompareSharing(Slot slot);
  bool CompareMemory(const SliceModel::Reach& reach);
  bool CompareCells();
  bool CompareCellsIfPaid();
  bool IsWithinAnother(Slot slot) const;

  std::span<const Token> FreshTokens(std::size_t n);
  // Whether so many elements more would be beyond what a trace may use.
  bool TooLarge(Int len, Int more) const {
    return header_.elem != SliceElem::kEmpty && len > most_cells_ - more;
  }
  std::span<const Window> Live() const { return std::span(windows_).first(header_.slices); }
  void NoteWrite(SliceSessionGoal goal, Slot s, Int first, Int n);
  void NotePanic(const std::string& message);
  void NoteState(const Call& call);
  void Goal(SliceSessionGoal goal) { goals_.Hit(static_cast<std::size_t>(goal)); }
  std::array<std::uint8_t, 8> State() const;

  MakeSliceSubject make_;
  SliceHeader header_{};
  std::unique_ptr<SliceSubject> subject_;
  SliceModel model_;
  std::array<Window, kSlices> windows_;
  std::array<ArrayNames, kSlices> arrays_{};
  SliceModel::Reach reach_;           // of the windows as last compared
  std::size_t words_to_compare_ = 0;  // all cells of all windows
  Int most_cells_ = 0;
  Token last_token_ = 0;
  std::size_t last_arrays_ = 0;
  std::uint64_t last_allocations_ = 0;
  std::size_t words_per_cell_ = 1;
  std::size_t words_paid_for_ = 0;
  bool cells_are_compared_ = false;  // after the last operation, as everything else
  std::vector<Token> tokens_;
  std::array<std::uint8_t, 8> last_state_{};
};

// One slice as it is drawn: where it lies, and its cells to the capacity.
struct DrawnSlice {
  SliceWindow window;
  std::vector<Token> cells;
};

// A slice's name in a trace, and a cell's value, in words.
inline std::string SliceName(std::size_t slot) { return "s" + std::to_string(slot); }
inline std::string CellText(Token token) {
  if (token == kDamaged) return "damaged";
  return token == 0 ? "0" : "v" + std::to_string(token);
}

// Arrays as rows of boxes, each slice's window under them.
std::string RenderSlices(std::span<const DrawnSlice> slices);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SLICE_SLICE_SESSION_H_
