#ifndef SLOTPROOF_SUBJECTS_HEAP_HEAP_SESSION_H_
#define SLOTPROOF_SUBJECTS_HEAP_HEAP_SESSION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/subject/session.h"
#include "models/heap_model.h"
#include "models/ref_containers.h"
#include "subjects/heap/heap_subject.h"
#include "subjects/heap/heap_vocabulary.h"

namespace slotproof {

enum class HeapGoal : std::uint8_t {
  kLoadedWhileMarking,
  kStoredWhileMarking,
  kBulkWhileMarking,
  kFloated,
  kGarbageFreed,
  kFinalizerRan,
  kFinalizedObjectFreed,
  kFinalizerWaited,
  kWeakHad,
  kWeakGone,
  kPoolReturned,
  kPoolSurvivedCycle,
  kRefused,
  kAllocatedAfterRefusal,
  kCycleInsideAllocation,
  kAddressReused,
  kInteriorKept,
  kEntryReadWhileMarking,
  kCycleInsideContainer,
  kContainerRefused,
  kIteratedAfterClear,
  kCount,
};
inline constexpr std::size_t kHeapSessionGoals = static_cast<std::size_t>(HeapGoal::kCount);
std::span<const GoalSpec> HeapSessionGoalSpecs();

// The first word of an object that is no pointer; nothing if there is none.
std::optional<std::size_t> FirstDataWord(const HeapShape& shape);

// Drives a HeapSubject and a HeapModel in step. Each object's words without pointers are filled
// from a number of its own, its stamp, so that a word that was overwritten shows.
//
// After each operation: what it returned, and where a sweep freed anything, that each object that
// is gone was allowed to go (HeapModel::Free). A full check compares all registers, globals,
// handles, objects and words, the numbers that the heap reports, and asks the heap for its own
// laws.
class HeapSession final : public Session, private HeapListener {
 public:
  explicit HeapSession(MakeHeapSubject make) : make_(make) {}

  void Reset(const Header& header) override;
  StepResult Step(const Op& op) override;
  bool CheckFull() override;
  std::uint64_t FullCheckCost() const override {
    return 30 + 3 * model_.objects_alive() + ContainersCheckCost();
  }
  bool Finish() override;
  void Abandon() override;
  std::string Draw() const override;
  std::string Annotate(const Op& op) const override;
  void StructuralState(std::span<std::uint8_t> features) const override;

 private:
  using Id = HeapModel::Id;
  using Pointer = HeapModel::Pointer;

  // What lies in an object's block: the object, or several tiny ones. Words without pointers are
  // filled from the stamp; a stamp of 0 stands for zeroes.
  struct Part {
    std::uint32_t offset;
    std::uint32_t shape;
    std::uint64_t stamp;
  };
  struct Place {
    std::byte* address = nullptr;
    std::vector<Part> parts;
    std::uint64_t hidden = 0;  // an address in its first word of data, unless it is 0
    bool was_finalized = false;
  };

  void OnCycleStarted() override;
  void OnMarkTerminated(std::string_view broken_law) override;
  void OnContainerObject(void* object, std::size_t bytes) override;
  std::uint64_t NumberOf(const void* pointer) const override;

  bool Run(const Op& op);
  bool Dispatch(HeapOp code, const HeapOperands& at);
  bool Graph(HeapOp code, const HeapOperands& at);
  bool Bulk(HeapOp code, const HeapOperands& at);
  bool Special(HeapOp code, const HeapOperands& at);
  bool Collector(HeapOp code, const HeapOperands& at);
  bool Burst(HeapOp code, const HeapOperands& at);
  bool Idiom(HeapOp code, const HeapOperands& at);
  bool Fan(std::size_t d, std::size_t shape, std::size_t count);
  bool Container(HeapOp code, const HeapOperands& at);
  bool ContainerOp(HeapOp code, const HeapOperands& at);
  bool MakeContainer(const HeapOperands& at);
  bool Insert(const HeapOperands& at);
  bool AddNumbers(const HeapOperands& at);
  bool EntryOp(HeapOp code, Id id, const HeapOperands& at);
  bool NumbersOp(HeapOp code, Id id, const HeapOperands& at);
  bool Range(const HeapOperands& at);
  bool Next(const HeapOperands& at);
  bool SliceOp(HeapOp code, const HeapOperands& at);
  bool TwoSlices(HeapOp code, Id id, const HeapOperands& at);
  bool ElemOp(HeapOp code, Id id, const HeapOperands& at);
  bool Fill(const HeapOperands& at);
  // A step of a burst.
  bool Perform(const Op& op);

  // Whether there is enough on the heap for one trace.
  bool IsFull() const;
  bool Alloc(std::size_t d, std::size_t shape_number);
  bool Settle(Id id, std::byte* address);
  bool Furnish(const Pointer& made, std::size_t shape_number);
  bool Refused(const HeapShape& shape, bool has_collected);
  void Load(const HeapOperands& at);
  void Store(std::size_t a, std::size_t field, const Pointer& value);
  void Interior(const HeapOperands& at);
  void Copy(const HeapOperands& at);
  void CopyWithin(const HeapOperands& at);
  void Clear(const HeapOperands& at);
  void Hide(const HeapOperands& at);
  bool SetFinalizer(const HeapOperands& at, bool set);
  bool RunFinalizers(std::size_t d, std::size_t most);
  bool Upgrade(std::size_t d, std::size_t weak);
  bool Take(std::size_t d);

  // Registers of the present mutator, by the number that a trace has.
  HeapModel::Stack& Registers() { return model_.stack(mutator_); }
  const HeapModel::Stack& Registers() const { return model_.stack(mutator_); }
  std::size_t Register(std::size_t number) const { return number % Registers().size(); }
  // The first register from this one on that has an object that is wanted.
  template <class Wanted>
  std::optional<std::size_t> RegisterWith(std::size_t number, const Wanted& wanted) const {
    const HeapModel::Stack& registers = Registers();
    for (std::size_t i = 0; i < registers.size(); ++i) {
      const std::size_t at = (number + i) % registers.size();
      if (registers[at].object != 0 && wanted(registers[at].object)) return at;
    }
    return std::nullopt;
  }
  std::optional<std::size_t> ObjectRegister(std::size_t number) const;
  std::optional<std::size_t> FieldsRegister(std::size_t number) const;
  void SetRegister(std::size_t number, const Pointer& value);
  std::optional<std::size_t> ShapeRegister(std::size_t number, std::size_t shape) const;
  const HeapShape& ShapeOf(Id id) const {
    const std::size_t shape = model_.object(id).shape;
    return IsContainer(id) ? kContainerShapes[shape - kFirstContainerShape] : kHeapShapes[shape];
  }
  bool IsContainer(Id id) const;
  bool IsMap(Id id) const { return maps_.contains(id) || numbers_.contains(id); }
  bool Adopt(std::size_t d, void* header, std::size_t shape);

  std::byte* AddressOf(const Pointer& pointer) const {
    return pointer.object == 0 ? nullptr : places_[pointer.object].address + pointer.offset;
  }
  void** SlotOf(Id id, std::size_t field) const {
    return reinterpret_cast<void**>(places_[id].address) + ShapeOf(id).WordOf(field);
  }
  static std::string NameOf(const Pointer& pointer);
  std::string NameOfAddress(const void* address) const;
  Pointer PointerTo(const void* address) const;
  bool SamePointer(std::string_view law, const Pointer& expected, const void* actual);

  // Follows what the collector has freed and queued since the last time.
  bool Sync();
  bool SyncFreed();
  bool SyncDue();
  // The object is gone: the law that this breaks, or nothing.
  std::string_view Gone(Id id);
  void ClearWeak(Id id);
  bool CompareObject(Id id);
  bool ComparePart(Id id, const Part& part);
  bool CompareRoots();
  // Reads whom containers refer to, and what refers into the heap for a moment.
  void RefreshContainers();
  bool CompareContainers();
  std::uint64_t ContainersCheckCost() const;
  bool CheckIterators();
  bool CompareMap(Id id);
  bool CheckKept(Id id);
  bool CompareNumberMap(Id id);
  bool CompareWindow(Id id);
  bool CompareSlice(Id id);
  bool CompareNumbers();
  bool CompareGoal();
  void NoteInteriors();
  // The first object that is reachable and white, and how it is reached.
  std::string DescribeLoss();
  std::string WithColour(const Pointer& pointer) const;
  std::string DrawObject(Id id) const;
  bool FailCollector(std::string_view law, Id id);
  void Goal(HeapGoal goal) { goals_.Hit(static_cast<std::size_t>(goal)); }

  static void FillPart(std::byte* memory, const Part& part);
  static bool IsZero(const std::byte* memory, std::size_t bytes);

  MakeHeapSubject make_;
  HeapHeader header_{};
  std::unique_ptr<HeapSubject> subject_;
  HeapModel model_;
  std::size_t mutator_ = 0;
  std::vector<Place> places_;                  // by object
  std::map<const std::byte*, Id> at_address_;  // of what is not gone
  std::array<Pointer, kHeapWeakHandles> weak_;

  struct Iterating {
    Id map = 0;  // 0: at its end
    bool numbers = false;
    std::size_t clears = 0;  // of the map, when it began
  };
  std::vector<Id> contained_;  // headers and parts
  std::map<Id, RefMapModel> maps_;
  std::map<Id, NumberMapModel> numbers_;
  std::map<Id, RefSliceModel> slices_;
  std::array<Iterating, kHeapIterators> iterating_;
  std::size_t temporary_slots_ = 0;  // of frames that containers have at the moment

  std::uint64_t freed_ = 0;
  std::uint64_t cycles_ended_ = 0;
  std::uint64_t forced_ = 0;
  std::uint64_t last_stamp_ = 0;
  bool was_swept_ = true;
  std::int32_t percent_ = 100;
  std::size_t page_limit_ = 0;
  bool was_refused_ = false;
  bool structural_ = false;  // what the operation did is worth a walk
  bool failed_ = false;      // while the heap called back
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_HEAP_SESSION_H_
