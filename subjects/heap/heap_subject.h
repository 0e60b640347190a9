#ifndef SLOTPROOF_SUBJECTS_HEAP_HEAP_SUBJECT_H_
#define SLOTPROOF_SUBJECTS_HEAP_HEAP_SUBJECT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/subject/goals.h"
#include "subjects/heap/container_subject.h"
#include "subjects/heap/heap_vocabulary.h"

// A heap under test, as a heap session drives it: by addresses. Objects are read and written where
// they lie; only pointers in them are written through the heap.

namespace slotproof {

// Bytes, at GOGC = 100: a goal is at least this.
inline constexpr std::uint64_t kHeapMinimum = std::uint64_t{32} << 10;

// Told of what happens, from within the operation in which it does.
class HeapListener {
 public:
  virtual ~HeapListener() = default;
  // Nothing is marked yet; what the last cycle left has been swept.
  virtual void OnCycleStarted() = 0;
  // Nothing is swept yet. The law that a second marking finds broken, or nothing.
  virtual void OnMarkTerminated(std::string_view broken_law) = 0;
  // A container has allocated this for itself, of so many bytes.
  virtual void OnContainerObject(void* object, std::size_t bytes) = 0;

  // What an address is known by, the same in every run of a trace.
  virtual std::uint64_t NumberOf(const void* pointer) const = 0;
};

// What a heap says of itself; a subset of Go's MemStats.
struct HeapNumbers {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::uint64_t mallocs = 0;
  std::uint64_t total_bytes = 0;  // allocated since the beginning
  std::uint64_t cycles = 0;
  std::uint64_t forced = 0;  // of these, those that were asked for
  std::uint64_t goal = 0;
  std::uint64_t marked = 0;         // bytes, by the last cycle
  std::uint64_t goal_of_limit = 0;  // by the soft limit alone
  std::uint64_t pages_in_use = 0;
};

enum class HeapColour : std::uint8_t { kFree, kWhite, kGrey, kBlack };

class HeapSubject {
 public:
  virtual ~HeapSubject() = default;

  virtual void* New(std::size_t mutator, const HeapShape& shape) = 0;
  virtual void Store(std::size_t mutator, void** slot, void* value) = 0;
  virtual void Copy(std::size_t mutator, void* to, const void* from, std::size_t bytes) = 0;
  virtual void Clear(std::size_t mutator, void* object, std::size_t bytes) = 0;

  // Slots of a stack, which move when frames come.
  virtual std::span<void*> Stack(std::size_t mutator) = 0;
  virtual void Push(std::size_t mutator, std::size_t slots) = 0;
  virtual void Pop(std::size_t mutator) = 0;
  virtual std::span<void*> Globals() = 0;

  virtual void SetHandle(std::size_t handle, void* object) = 0;
  virtual void* GetHandle(std::size_t handle) const = 0;
  virtual void Put(std::size_t mutator, void* item) = 0;
  virtual void* Take(std::size_t mutator) = 0;

  virtual bool SetFinalizer(void* object) = 0;
  virtual bool ClearFinalizer(void* object) = 0;
  // The objects whose finalizers ran, in their order.
  virtual std::vector<void*> RunFinalizers(std::size_t mutator, std::size_t most) = 0;
  // Those that are due, in their order.
  virtual std::vector<void*> Due() const = 0;
  virtual std::size_t DueCount() const = 0;
  virtual void NameWeakly(std::size_t weak, void* pointer) = 0;
  virtual void Forget(std::size_t weak) = 0;
  virtual void* Upgrade(std::size_t weak) = 0;

  virtual void StartCycle() = 0;
  virtual void Mark(std::size_t steps) = 0;
  virtual void FinishMarking() = 0;
  virtual void Sweep(std::size_t spans) = 0;
  virtual void Collect() = 0;
  virtual void CollectAt(std::size_t allocation) = 0;
  virtual void Scavenge(std::size_t pages) = 0;
  virtual void SetGcPercent(std::int32_t percent) = 0;
  virtual void SetMemoryLimit(std::uint64_t bytes) = 0;
  virtual void SetPageLimit(std::size_t pages) = 0;

  // What it answers of itself, without changing anything.
  virtual bool IsMarking() const = 0;
  virtual bool IsSwept() const = 0;
  virtual bool IsAllocated(const void* pointer) const = 0;
  virtual std::size_t SizeOf(const void* pointer) const = 0;
  virtual HeapColour ColourOf(const void* pointer) const = 0;
  // How many objects sweeps have freed.
  virtual std::uint64_t Freed() const = 0;
  virtual HeapNumbers Numbers() const = 0;
  // Whether the mutator's stack has been scanned in the cycle that runs.
  virtual bool IsStackBlack(std::size_t mutator) const = 0;
  // The first law of its structure that does not hold, or nothing; and what a law says.
  virtual std::string_view BrokenLaw() const = 0;
  virtual std::string_view StatementOf(std::string_view law) const = 0;
  virtual std::string DrawSpans() const = 0;

  virtual ContainerSubject& Containers() = 0;
};

using MakeHeapSubject = std::unique_ptr<HeapSubject> (*)(const HeapHeader&, HeapListener*,
                                                         GoalCounts*);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_HEAP_HEAP_SUBJECT_H_
