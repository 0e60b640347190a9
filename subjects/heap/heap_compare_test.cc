// A session that compares nothing finds nothing. Here a heap that is right lies about one thing
// after the other, and the session must call each lie by its name.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
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
  ContainerSubject& Containers() override { return heap_->Containers(); }

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
};

INSTANTIATE_TEST_SUITE_P(Lies, HeapCompareTest, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace slotproof
