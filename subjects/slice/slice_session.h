#ifndef SLOTPROOF_SUBJECTS_SLICE_SLICE_SESSION_H_
#define SLOTPROOF_SUBJECTS_SLICE_SLICE_SESSION_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "harness/subject/fuse.h"
#include "harness/subject/session.h"
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
  kFuseBurnt,
  kWrittenInPart,
  kInsertedFromItself,
  kInsertedFromLeftArray,
  kElementAppendedFromLeftArray,
  kElementSetToItself,
};
inline constexpr std::size_t kSliceSessionGoals = 22;
std::span<const GoalSpec> SliceSessionGoalSpecs();

// Drives a SliceSubject and a SliceModel in step. Writes are numbered, and the number is the value
// written (of it a byte holds the lowest eight bits), so each cell names the write it comes from.
//
// After each operation every window's array, offset, length and capacity are compared, the memory
// held, and the cells of every window up to its capacity. Where the cells are many (over
// kWordsPerOp), they are compared once the operations since the last time have paid for it.
//
// What cannot have changed is not read anew. A window that the operation assigned is compared field
// by field; any other had been found equal before, so that it is enough if it has stayed the same
// to the byte (SliceSubject::Look). Cells are compared an array at a time, from the first to the
// last that any window shows.
//
// An operation that a fuse burns in leaves windows, arrays and objects as they were. Of its writes
// to cells that windows show, those before the throw remain and no other: the cells must be as
// after some of the writes that the model records, from the first on.
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

  // What the windows on an array reach of it together.
  struct Extent {
    Int first;
    Int last;
  };

  bool Dispatch(const Call& call);
  bool Read(const Call& call);
  bool Write(const Call& call);
  bool Make(const Call& call);
  bool Clear(Slot s);
  bool Append(Slot d, Slot s, std::size_t n);
  bool AppendSlice(const Call& call);
  bool AppendEach(const Call& call);
  bool Copy(const Call& call);
  bool CopyWithin(const Call& call);
  bool Cut(const Call& call);
  bool Rearrange(const Call& call);
  bool Split(const Call& call);
  bool FromItself(const Call& call);
  bool SetElem(const Call& call);

  // What the subject answers. When a fuse burnt in it, nothing, and the model has recorded what
  // on_model() would have done.
  template <class OnSubject, class OnModel>
  std::optional<std::invoke_result_t<OnSubject>> Ask(const OnSubject& on_subject,
                                                     const OnModel& on_model) {
    try {
      return on_subject();
    } catch (const std::bad_alloc&) {
      if (!Fuse::TakeBurnt()) throw;
    }
    model_.Record();
    on_model();
    return std::nullopt;
  }
  // Runs what writes to the cells of s and gives d a window, on_model(Window*), on both sides.
  template <class OnSubject, class OnModel>
  bool Change(std::string_view law, Slot d, Slot s, const OnSubject& on_subject,
              const OnModel& on_model) {
    Window result;
    const std::optional<SlicePanic> panic = Ask(on_subject, [&] { on_model(&result); });
    if (!panic) return AfterThrow(s);
    const SliceModel::Panic expected = on_model(&result);
    return Settle(law, d, *panic, expected, result);
  }
  // The slices keep what they promise, and the model follows; what wrote, wrote to cells of s.
  bool AfterThrow(Slot s);
  void LightFuse(const Op& op);

  // Compares what both said, and on success moves the model's result to its place.
  bool Settle(std::string_view law, Slot d, SlicePanic actual, const SliceModel::Panic& expected,
              const Window& result);
  bool SamePanic(std::string_view law, SlicePanic actual, const SliceModel::Panic& expected);
  // The only way to change a window, but for SurveyAll().
  void Assign(Slot d, const Window& window) {
    const std::uint32_t bit = std::uint32_t{1} << d;
    slots_on_[windows_[d].array] &= ~bit;
    slots_on_[window.array] |= bit;
    touched_arrays_ |= std::uint64_t{1} << windows_[d].array | std::uint64_t{1} << window.array;
    windows_[d] = window;
    assigned_ |= bit;
  }

  // What the windows reach now: to be called when some were assigned, or all.
  void Survey();
  void SurveyAll();
  Extent ExtentOf(SliceModel::ArrayId array) const;
  // How many windows are on an array.
  std::size_t WindowsOn(SliceModel::ArrayId array) const {
    return static_cast<std::size_t>(std::popcount(slots_on_[array]));
  }
  bool CheckInvariants(std::uint32_t slots);
  bool CompareWindows();
  bool FailWindow(Slot slot, const SliceWindow& actual);
  bool LiesWhereItShould(SliceModel::ArrayId array, const void* address);
  bool FailSharing(Slot slot);
  bool CompareMemory(const SliceMemory& memory);
  bool CompareCells();
  bool CompareCellsOf(Slot slot);
  bool CompareCellsIfPaid();

  std::span<const Token> FreshTokens(std::size_t n);
  // Whether so many elements more would be beyond what a trace may use.
  bool TooLarge(Int len, Int more) const {
    return header_.elem != SliceElem::kEmpty && len > most_cells_ - more;
  }
  std::span<const Window> Live() const { return std::span(windows_).first(header_.slices); }
  void NoteWrite(SliceSessionGoal goal, Slot s, Int first, Int n);
  void NotePanic(SliceModel::Refusal about);
  void NoteState(Slot d);
  void Goal(SliceSessionGoal goal) { goals_.Hit(static_cast<std::size_t>(goal)); }
  std::array<std::uint8_t, 8> State() const;

  static constexpr Int kMostBytes = Int{256} * 1024;  // of one slice, by length
  static constexpr Int kMostCells = 8192;

  MakeSliceSubject make_;
  SliceHeader header_{};
  std::unique_ptr<SliceSubject> subject_;
  SliceModel model_;
  std::array<Window, kSlices> windows_;
  std::array<std::uint32_t, SliceModel::kMostArrays> slots_on_{};  // a bit for each, by array
  std::uint32_t assigned_ = 0;        // a bit for each slot that the operation assigned
  std::uint64_t touched_arrays_ = 0;  // and for each array that a window came to or went from

  bool threw_ = false;               // the operation did
  std::ptrdiff_t alive_before_ = 0;  // elements that are counted
  std::uint32_t unchecked_ = 0;      // changed since its invariants were last checked
  // Where the subject has the model's arrays; only equality of addresses has a meaning.
  std::array<const void*, SliceModel::kMostArrays> addresses_{};
  std::uint64_t addressed_ = 0;  // a bit for each array that has one

  // As last surveyed.
  SliceModel::Reach reach_;
  std::array<Extent, SliceModel::kMostArrays> extents_{};  // of the arrays that windows name
  std::array<CellRow, kSlices> rows_;
  std::size_t row_count_ = 0;
  std::size_t words_to_compare_ = 0;  // all cells of all rows

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
