// A session that compares nothing finds nothing. Here a heap that is right lies about one thing
// after the other, and the session must call each lie by its name.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/trace/text.h"
#include "subjects/heap/heap_session.h"
#include "subjects/heap/reference_heap.h"
#include "subjects/heap/targets.h"

namespace slotproof {
namespace {

enum class Lie : std::uint8_t {
  kNone,
  kWordOfData,
  kLastByteOfTiny,
  kField,
  kRegister,
  kGlobal,
  kHandle,
  kFreed,
  kFreedSecretly,
  kNothingFreed,
  kNothingDue,
  kOneMoreDue,
  kWeakLost,
  kWeakKept,
  kWeakOther,
  kPoolEmpty,
  kNoneRan,
  kFinalizerRefused,
  kNull,
  kNotZero,
  kOverlap,
  kTinyElsewhere,
  kSize,
  kMarking,
  kObjects,
  kBytes,
  kMallocs,
  kTotal,
  kCycles,
  kForced,
  kMarkedLess,
  kMarkedMore,
  kGoal,
  kStructure,
  kMark,
  kNoEntry,
  kOtherElem,
  kNothingDeleted,
  kOneEntryLess,
  kMapStructure,
  kKeepsMore,
  kNoNumber,
  kShorter,
  kOtherCell,
  kIteratesOverNothing,
  kIteratesOverTheDead,
  kIteratorStays,
  kNoRoom,
  kHeaderWithin,
};

// The reference's containers, which lie as their heap does: about an object, or what they are
// asked.
class LyingContainers final : public ContainerSubject {
 public:
  using Lies = std::function<bool(Lie)>;
  LyingContainers(ContainerSubject& containers, Lies lies, void* const& object)
      : containers_(containers), lies_(std::move(lies)), object_(object) {}

  void* NewMap(std::size_t mutator, std::size_t hint) override {
    if (lies_(Lie::kNoRoom)) throw std::bad_alloc();
    auto* const map = static_cast<std::byte*>(containers_.NewMap(mutator, hint));
    return lies_(Lie::kHeaderWithin) ? map + 8 : map;
  }
  void* NewNumbers(std::size_t mutator, std::size_t hint) override {
    return containers_.NewNumbers(mutator, hint);
  }
  void Set(std::size_t mutator, void* map, void* key, void* elem) override {
    containers_.Set(mutator, map, key, elem);
  }
  bool Delete(std::size_t mutator, void* map, void* key) override {
    return containers_.Delete(mutator, map, key) && !lies_(Lie::kNothingDeleted);
  }
  void ClearMap(std::size_t mutator, void* map) override { containers_.ClearMap(mutator, map); }
  std::optional<Entry> Find(void* map, void* key) const override {
    if (lies_(Lie::kNoEntry)) return std::nullopt;
    if (lies_(Lie::kOtherElem)) return Entry(key, map);
    return containers_.Find(map, key);
  }
  void VisitEntries(void* map, const std::function<void(void*, void*)>& visit) const override {
    bool skip = lies_(Lie::kOneEntryLess);
    containers_.VisitEntries(map, [&](void* key, void* elem) {
      if (!skip) visit(key, elem);
      skip = false;
    });
  }
  bool MayKeepMore(void* map) const override { return containers_.MayKeepMore(map); }
  std::string BrokenMap(void* map, bool numbers) const override {
    return lies_(Lie::kMapStructure) ? "broken" : containers_.BrokenMap(map, numbers);
  }
  void SetNumber(std::size_t mutator, void* map, std::uint64_t key, std::uint64_t elem) override {
    containers_.SetNumber(mutator, map, key, elem);
  }
  bool DeleteNumber(std::size_t mutator, void* map, std::uint64_t key) override {
    return containers_.DeleteNumber(mutator, map, key) && !lies_(Lie::kNothingDeleted);
  }
  void ClearNumbers(std::size_t mutator, void* map) override {
    containers_.ClearNumbers(mutator, map);
  }
  std::optional<std::uint64_t> FindNumber(void* map, std::uint64_t key) const override {
    return lies_(Lie::kNoNumber) ? std::nullopt : containers_.FindNumber(map, key);
  }
  std::size_t CountNumbers(void* map) const override { return containers_.CountNumbers(map); }
  void Range(std::size_t mutator, std::size_t iterator, void* map, bool numbers) override {
    containers_.Range(mutator, iterator, map, numbers);
  }
  std::optional<Entry> Next(std::size_t mutator, std::size_t iterator) override {
    if (lies_(Lie::kIteratesOverNothing)) return Entry(nullptr, nullptr);
    if (lies_(Lie::kIteratesOverTheDead)) return Entry(this, nullptr);
    return containers_.Next(mutator, iterator);
  }
  std::optional<std::pair<std::uint64_t, std::uint64_t>> NextNumber(std::size_t mutator,
                                                                    std::size_t iterator) override {
    if (lies_(Lie::kIteratesOverNothing)) return std::pair<std::uint64_t, std::uint64_t>(7, 7);
    return containers_.NextNumber(mutator, iterator);
  }
  void* NewSlice(std::size_t mutator, std::size_t len, std::size_t cap) override {
    return containers_.NewSlice(mutator, len, cap);
  }
  void* NewNilSlice(std::size_t mutator) override { return containers_.NewNilSlice(mutator); }
  void Append(std::size_t mutator, void* slice, void* elem) override {
    containers_.Append(mutator, slice, elem);
  }
  void AppendAll(std::size_t mutator, void* slice, void* items) override {
    containers_.AppendAll(mutator, slice, items);
  }
  void Window(std::size_t mutator, void* slice, void* of, std::size_t i, std::size_t j) override {
    containers_.Window(mutator, slice, of, i, j);
  }
  void SetElem(std::size_t mutator, void* slice, std::size_t i, void* elem) override {
    containers_.SetElem(mutator, slice, i, elem);
  }
  void CopyElems(std::size_t mutator, void* slice, void* from) override {
    containers_.CopyElems(mutator, slice, from);
  }
  void ClearSlice(std::size_t mutator, void* slice) override {
    containers_.ClearSlice(mutator, slice);
  }
  SliceView View(void* slice) const override {
    SliceView view = containers_.View(slice);
    if (lies_(Lie::kShorter)) --view.len;
    if (lies_(Lie::kOtherCell)) ++view.cells;
    return view;
  }
  void ForEachRoot(const std::function<void(void*)>& visit) const override {
    containers_.ForEachRoot(visit);
    if (lies_(Lie::kIteratorStays)) visit(object_);
  }
  void ForEachPointer(void* object, const std::function<void(void*)>& visit) const override {
    containers_.ForEachPointer(object, visit);
    if (lies_(Lie::kKeepsMore)) visit(object_);
  }

 private:
  ContainerSubject& containers_;
  Lies lies_;
  void* const& object_;
};

// A reference heap that tells the truth until an operation `scavenge`. What it lies about then is
// the object that the first register held last, or what it is asked.
class LyingHeap final : public HeapSubject, private HeapListener {
 public:
  static inline Lie lie = Lie::kNone;

  LyingHeap(const HeapHeader& header, HeapListener* listener, GoalCounts* goals)
      : listener_(listener), heap_(MakeReferenceHeap(header, this, goals)) {}

  void* New(std::size_t mutator, const HeapShape& shape) override {
    auto* const made = static_cast<std::byte*>(heap_->New(mutator, shape));
    if (Lies(Lie::kNull)) return nullptr;
    if (Lies(Lie::kNotZero)) std::memset(made + shape.bytes() - 1, 1, 1);
    if (Lies(Lie::kOverlap)) return object_;
    if (Lies(Lie::kTinyElsewhere)) return made - 1;
    return made;
  }
  void Store(std::size_t mutator, void** slot, void* value) override {
    heap_->Store(mutator, slot, value);
  }
  void Copy(std::size_t mutator, void* to, const void* from, std::size_t bytes) override {
    heap_->Copy(mutator, to, from, bytes);
  }
  void Clear(std::size_t mutator, void* object, std::size_t bytes) override {
    heap_->Clear(mutator, object, bytes);
  }

  std::span<void*> Stack(std::size_t mutator) override { return heap_->Stack(mutator); }
  void Push(std::size_t mutator, std::size_t slots) override { heap_->Push(mutator, slots); }
  void Pop(std::size_t mutator) override { heap_->Pop(mutator); }
  std::span<void*> Globals() override { return heap_->Globals(); }

  void SetHandle(std::size_t handle, void* object) override { heap_->SetHandle(handle, object); }
  void* GetHandle(std::size_t handle) const override {
    return Lies(Lie::kHandle) ? nullptr : heap_->GetHandle(handle);
  }
  void Put(std::size_t mutator, void* item) override { heap_->Put(mutator, item); }
  void* Take(std::size_t mutator) override {
    void* const item = heap_->Take(mutator);
    return Lies(Lie::kPoolEmpty) ? nullptr : item;
  }

  bool SetFinalizer(void* object) override {
    return heap_->SetFinalizer(object) != Lies(Lie::kFinalizerRefused);
  }
  bool ClearFinalizer(void* object) override { return heap_->ClearFinalizer(object); }
  std::vector<void*> RunFinalizers(std::size_t mutator, std::size_t most) override {
    if (Lies(Lie::kNoneRan)) return {};
    return heap_->RunFinalizers(mutator, most);
  }
  std::vector<void*> Due() const override {
    std::vector<void*> due = heap_->Due();
    if (Lies(Lie::kNothingDue)) return {};
    if (Lies(Lie::kOneMoreDue)) due.push_back(object_);
    return due;
  }
  std::size_t DueCount() const override { return Due().size(); }
  void NameWeakly(std::size_t weak, void* pointer) override { heap_->NameWeakly(weak, pointer); }
  void Forget(std::size_t weak) override { heap_->Forget(weak); }
  void* Upgrade(std::size_t weak) override {
    void* const object = heap_->Upgrade(weak);
    if (Lies(Lie::kWeakLost)) return nullptr;
    if (Lies(Lie::kWeakKept)) return object_;
    if (Lies(Lie::kWeakOther)) return static_cast<std::byte*>(object) + 8;
    return object;
  }

  void StartCycle() override { heap_->StartCycle(); }
  void Mark(std::size_t steps) override { heap_->Mark(steps); }
  void FinishMarking() override { heap_->FinishMarking(); }
  void Sweep(std::size_t spans) override { heap_->Sweep(spans); }
  void Collect() override { heap_->Collect(); }
  void CollectAt(std::size_t allocation) override { heap_->CollectAt(allocation); }
  void Scavenge(std::size_t) override {
    lies_ = true;
    object_ = heap_->Stack(0)[0];
    if (lie == Lie::kWordOfData) static_cast<std::uint64_t*>(object_)[2] ^= 1;
    if (lie == Lie::kLastByteOfTiny) static_cast<std::byte*>(object_)[5] ^= std::byte{1};
    if (lie == Lie::kField) static_cast<void**>(object_)[1] = object_;
    if (lie == Lie::kRegister) heap_->Stack(0)[0] = nullptr;
    if (lie == Lie::kGlobal) heap_->Globals()[7] = object_;
  }
  void SetGcPercent(std::int32_t percent) override { heap_->SetGcPercent(percent); }
  void SetMemoryLimit(std::uint64_t bytes) override { heap_->SetMemoryLimit(bytes); }
  void SetPageLimit(std::size_t pages) override { heap_->SetPageLimit(pages); }

  bool IsMarking() const override { return heap_->IsMarking() != Lies(Lie::kMarking); }
  bool IsSwept() const override { return heap_->IsSwept(); }
  bool IsAllocated(const void* pointer) const override {
    if (Lies(Lie::kNothingFreed)) return true;
    if (Lies(Lie::kFreed) || Lies(Lie::kFreedSecretly)) return pointer != object_;
    return heap_->IsAllocated(pointer);
  }
  std::size_t SizeOf(const void* pointer) const override {
    return heap_->SizeOf(pointer) + (Lies(Lie::kSize) ? 8 : 0);
  }
  HeapColour ColourOf(const void* pointer) const override { return heap_->ColourOf(pointer); }
  std::uint64_t Freed() const override { return heap_->Freed() + (Lies(Lie::kFreed) ? 1 : 0); }
  HeapNumbers Numbers() const override {
    HeapNumbers numbers = heap_->Numbers();
    numbers.objects += Lies(Lie::kObjects) ? 1 : 0;
    numbers.bytes += Lies(Lie::kBytes) ? 1 : 0;
    numbers.mallocs += Lies(Lie::kMallocs) ? 1 : 0;
    numbers.total_bytes += Lies(Lie::kTotal) ? 1 : 0;
    numbers.cycles += Lies(Lie::kCycles) ? 1 : 0;
    numbers.forced += Lies(Lie::kForced) ? 1 : 0;
    numbers.marked -= Lies(Lie::kMarkedLess) ? 1 : 0;
    numbers.marked += Lies(Lie::kMarkedMore) ? 1 : 0;
    numbers.goal += Lies(Lie::kGoal) ? 1 : 0;
    return numbers;
  }
  bool IsStackBlack(std::size_t mutator) const override { return heap_->IsStackBlack(mutator); }
  std::string_view BrokenLaw() const override {
    return Lies(Lie::kStructure) ? "a_law" : heap_->BrokenLaw();
  }
  std::string_view StatementOf(std::string_view law) const override {
    return heap_->StatementOf(law);
  }
  std::string DrawSpans() const override { return heap_->DrawSpans(); }
  ContainerSubject& Containers() override { return containers_; }

 private:
  bool Lies(Lie about) const { return lies_ && lie == about; }
  void OnCycleStarted() override { listener_->OnCycleStarted(); }
  void OnContainerObject(void* object, std::size_t bytes) override {
    listener_->OnContainerObject(object, bytes);
  }
  std::uint64_t NumberOf(const void* pointer) const override {
    return listener_->NumberOf(pointer);
  }
  void OnMarkTerminated(std::string_view broken_law) override {
    listener_->OnMarkTerminated(Lies(Lie::kMark) ? "a_law" : broken_law);
  }

  HeapListener* listener_;
  std::unique_ptr<HeapSubject> heap_;
  bool lies_ = false;
  void* object_ = nullptr;
  LyingContainers containers_{heap_->Containers(), [this](Lie about) { return Lies(about); },
                              object_};
};

std::unique_ptr<HeapSubject> MakeLyingHeap(const HeapHeader& header, HeapListener* listener,
                                           GoalCounts* goals) {
  return std::make_unique<LyingHeap>(header, listener, goals);
}

const Target& LyingTarget() {
  static const Target target = [] {
    Target made = HeapTarget();
    made.new_session = []() -> std::unique_ptr<Session> {
      return std::make_unique<HeapSession>(&MakeLyingHeap);
    };
    return made;
  }();
  return target;
}

// The verdict's signature; "" if the trace passes.
std::string VerdictOf(Lie lie, const std::string& ops) {
  const Target* const targets[] = {&HeapTarget()};
  const std::string text = "slotproof-trace 1\ntarget heap\nheader mutators=1\n" + ops;
  const Expected<TargetTrace> parsed = ParseTrace(text, "test", targets);
  if (!parsed) {
    ADD_FAILURE() << parsed.error().message;
    return "";
  }
  LyingHeap::lie = lie;
  Runner runner(LyingTarget(), {.determinism_share = 0});
  const Verdict verdict = runner.Run(parsed->trace);
  return verdict.passed() ? "" : verdict.Signature();
}

struct Case {
  std::string_view name;
  Lie lie;
  std::string_view ops;
  std::string_view signature;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

class HeapCompareTest : public testing::TestWithParam<Case> {};

TEST_P(HeapCompareTest, IsCalledByItsName) {
  const Case& c = GetParam();
  EXPECT_EQ(VerdictOf(Lie::kNone, std::string(c.ops)), "") << "without the lie";
  EXPECT_EQ(VerdictOf(c.lie, std::string(c.ops)), c.signature);
}

const Case kCases[] = {
    // What lies in the heap.
    {"AWordOfDataThatChanges", Lie::kWordOfData, "alloc r0 leaf\nscavenge x1\n",
     "mismatch/object.data"},
    {"TheLastByteOfATinyObjectThatChanges", Lie::kLastByteOfTiny, "alloc r0 tiny6\nscavenge x1\n",
     "mismatch/object.data"},
    {"AFieldThatChanges", Lie::kField, "alloc r0 pair\nscavenge x1\n", "mismatch/object.field"},
    {"ARegisterThatChanges", Lie::kRegister, "alloc r0 pair\nscavenge x1\n", "mismatch/root.stack"},
    {"AGlobalThatChanges", Lie::kGlobal, "alloc r0 pair\nscavenge x1\n", "mismatch/root.global"},
    {"AHandleThatChanges", Lie::kHandle, "alloc r0 pair\nkeep h3 r0\nscavenge x1\n",
     "mismatch/root.handle"},

    // What is freed.
    {"AnObjectFreedThatIsReachable", Lie::kFreed, "alloc r0 pair\ncollect\nscavenge x1\n",
     "invariant/reach.freed"},
    {"AnObjectFreedThatNoSweepCounted", Lie::kFreedSecretly, "alloc r0 pair\nscavenge x1\n",
     "invariant/reach.freed"},
    {"GarbageFreedBeforeACycle", Lie::kFreedSecretly,
     "alloc r0 pair\nmove r1 r0\nscavenge x1\nnil r0\nnil r1\n", "invariant/cycle.too_soon"},
    {"GarbageThatStays", Lie::kNothingFreed, "alloc r0 pair\nscavenge x1\nnil r0\ncollect\n",
     "invariant/cycle.garbage"},

    // Finalizers, weak handles, the pool.
    {"AFinalizerThatIsNotQueued", Lie::kNothingDue,
     "alloc r0 pair\nset_finalizer r0\nscavenge x1\nnil r0\ncollect\n",
     "invariant/finalizer.queued"},
    {"AFinalizerOfAReachableObject", Lie::kOneMoreDue,
     "alloc r0 pair\nset_finalizer r0\nscavenge x1\n", "invariant/finalizer.reachable"},
    {"AFinalizerThatNobodySet", Lie::kOneMoreDue, "alloc r0 pair\nscavenge x1\n",
     "invariant/finalizer.once"},
    {"AFinalizerThatDoesNotRun", Lie::kNoneRan,
     "alloc r0 pair\nset_finalizer r0\nnil r0\ncollect\nscavenge x1\nrun_finalizers r0 x1\n",
     "mismatch/finalizer.count"},
    {"AFinalizerThatIsRefused", Lie::kFinalizerRefused,
     "alloc r0 pair\nscavenge x1\nset_finalizer r0\n", "mismatch/finalizer.set"},
    {"AWeakHandleThatLosesItsObject", Lie::kWeakLost,
     "alloc r0 pair\nweak w0 r0\nscavenge x1\nstrong r1 w0\n", "mismatch/weak.lost"},
    {"AWeakHandleThatKeepsItsObject", Lie::kWeakKept,
     "alloc r0 pair\nweak w0 r0\nscavenge x1\nnil r0\ncollect\nstrong r1 w0\n",
     "mismatch/weak.kept"},
    {"AWeakHandleThatGivesAnotherPlace", Lie::kWeakOther,
     "alloc r0 pair\nweak w0 r0\nscavenge x1\nstrong r1 w0\n", "mismatch/weak.object"},
    {"APoolThatGivesNothing", Lie::kPoolEmpty, "alloc r0 pair\nput r0\nscavenge x1\ntake r1\n",
     "mismatch/pool.item"},

    // Allocation.
    {"AnAllocationRefusedWithoutALimit", Lie::kNull, "scavenge x1\nalloc r0 pair\n",
     "mismatch/alloc.refused"},
    {"MemoryThatIsNotZero", Lie::kNotZero, "scavenge x1\nalloc r0 leaf\n", "mismatch/alloc.zero"},
    {"AnObjectWhereAnotherLives", Lie::kOverlap, "alloc r0 pair\nscavenge x1\nalloc r1 pair\n",
     "invariant/alloc.overlap"},
    {"ATinyObjectInTheWrongPlace", Lie::kTinyElsewhere,
     "alloc r0 tiny1\nscavenge x1\nalloc r1 tiny6\n", "mismatch/tiny.place"},
    {"ASizeThatIsNotTheClasss", Lie::kSize, "scavenge x1\nalloc r0 pair\n", "mismatch/alloc.size"},

    // What it says of itself.
    {"APhaseThatIsNot", Lie::kMarking, "scavenge x1\n", "mismatch/phase"},
    {"ObjectsThatAreNot", Lie::kObjects, "scavenge x1\n", "mismatch/stats.objects"},
    {"BytesThatAreNot", Lie::kBytes, "scavenge x1\n", "mismatch/stats.bytes"},
    {"AllocationsThatWereNot", Lie::kMallocs, "scavenge x1\n", "mismatch/stats.mallocs"},
    {"BytesThatWereNot", Lie::kTotal, "scavenge x1\n", "mismatch/stats.total_bytes"},
    {"CyclesThatWereNot", Lie::kCycles, "scavenge x1\n", "mismatch/stats.cycles"},
    {"CollectionsThatNobodyAskedFor", Lie::kForced, "scavenge x1\n", "mismatch/stats.forced"},
    {"LessMarkedThanIsReachable", Lie::kMarkedLess, "alloc r0 pair\nscavenge x1\ncollect\n",
     "mismatch/pacer.marked"},
    {"MoreMarkedThanThereIs", Lie::kMarkedMore, "alloc r0 pair\nscavenge x1\ncollect\n",
     "mismatch/pacer.marked"},
    {"AnotherGoal", Lie::kGoal, "scavenge x1\ncollect\n", "mismatch/pacer.goal"},
    {"ALawOfTheStructureThatIsBroken", Lie::kStructure, "scavenge x1\n", "invariant/a_law"},
    {"ALawOfTheMarkingThatIsBroken", Lie::kMark, "scavenge x1\ncollect\n", "invariant/a_law"},

    // Maps and slices.
    {"AnEntryThatIsNotFound", Lie::kNoEntry,
     "make r0 map 0\ninsert r0 r0 r0\nscavenge x1\nget r1 r0 0\n", "mismatch/map.find"},
    {"AnotherElement", Lie::kOtherElem,
     "make r0 map 0\nalloc r1 pair\ninsert r0 r1 r1\nscavenge x1\nget r1 r0 0\n",
     "mismatch/map.elem"},
    {"AnEntryThatIsNotDeleted", Lie::kNothingDeleted,
     "make r0 map 0\ninsert r0 r0 r0\nscavenge x1\ndelete r0 0\n", "mismatch/map.delete"},
    {"ANumberThatIsNotDeleted", Lie::kNothingDeleted,
     "make r0 numbers 0\nadd_numbers r0 x3\nscavenge x1\ndelete r0 0\n", "mismatch/map.delete"},
    {"AnEntryThatIsNotVisited", Lie::kOneEntryLess, "make r0 map 0\ninsert r0 r0 r0\nscavenge x1\n",
     "mismatch/map.entries"},
    {"AMapThatIsBroken", Lie::kMapStructure, "make r0 map 0\nscavenge x1\n",
     "invariant/map.structure"},
    {"AMapOfNumbersThatIsBroken", Lie::kMapStructure, "make r0 numbers 0\nscavenge x1\n",
     "invariant/map.structure"},
    {"AMapThatKeepsWhatItDoesNotHave", Lie::kKeepsMore,
     "alloc r0 pair\nmake r1 map 0\nscavenge x1\n", "mismatch/map.keeps"},
    {"ANumberThatIsNotFound", Lie::kNoNumber, "make r0 numbers 0\nadd_numbers r0 x1\nscavenge x1\n",
     "mismatch/map.numbers"},
    {"AShorterSlice", Lie::kShorter, "make r0 slice 4\nwindow r1 r0 1 3\nscavenge x1\n",
     "mismatch/slice.window"},
    {"AnElementOfAnotherCell", Lie::kOtherCell,
     "make r0 slice 4\nassign r0 1 r0\nscavenge x1\nget r1 r0 0\n", "mismatch/slice.elem"},
    {"ACellThatChanges", Lie::kOtherCell, "make r0 slice 4\nassign r0 1 r0\nscavenge x1\n",
     "mismatch/slice.cell"},
    {"AnIterationOverWhatIsNotThere", Lie::kIteratesOverNothing,
     "make r0 map 0\ninsert r0 r0 r0\nrange i0 r0\nscavenge x1\nnext r1 i0\n",
     "mismatch/iterate.entry"},
    {"AnIterationOverAnotherNumber", Lie::kIteratesOverNothing,
     "make r0 numbers 0\nadd_numbers r0 x9\nrange i0 r0\nscavenge x1\nnext r1 i0\n",
     "mismatch/iterate.number"},
    {"AnIterationOverNoObject", Lie::kIteratesOverTheDead,
     "make r0 map 0\ninsert r0 r0 r0\nrange i0 r0\nscavenge x1\nnext r1 i0\n",
     "mismatch/iterate.dead"},
    {"AnIteratorThatStays", Lie::kIteratorStays, "make r0 map 0\nscavenge x1\n",
     "mismatch/iterate.keeps"},
    {"AContainerRefusedWithoutALimit", Lie::kNoRoom, "scavenge x1\nmake r0 map 0\n",
     "mismatch/container.refused"},
    {"AHeaderThatIsNoObjectsBeginning", Lie::kHeaderWithin, "scavenge x1\nmake r0 map 0\n",
     "mismatch/container.header"},
};

INSTANTIATE_TEST_SUITE_P(Lies, HeapCompareTest, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace slotproof
