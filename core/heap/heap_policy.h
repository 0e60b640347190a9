// Everything about a heap that a program, a test or a proof may want to choose.
//
// A policy is a class of types and constants. To change one thing, inherit from DefaultHeapPolicy
// and hide that member. Pages and Probe are values that the heap is given, like pointers to what
// outlives it.
//
// `Fatal` must not return. The default ends the program, as the runtime does; a test's policy may
// throw instead, so no function that can reach it is noexcept.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_POLICY_H_
#define SLOTPROOF_CORE_HEAP_HEAP_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "core/base/assert.h"
#include "core/base/failure.h"
#include "core/heap/heap_events.h"
#include "core/heap/system_pages.h"

namespace slotproof::core {

// What the collector does besides marking, so that no object is lost to mutators that run at the
// same time. The default is the runtime's hybrid barrier (Go's proposal 17503). Two others are
// right as well: the insertion half left out where the stack is black, and the barrier before
// Go 1.8, the insertion half alone with a second scan of the stacks. Any other is wrong, and is
// there so that checkers can show that they see it.
struct BarrierRules {
  enum class Insertion : std::uint8_t { kAlways, kWhileStackIsGrey, kNever };

  bool shades_old = true;                     // what a slot held: the deletion half
  Insertion shades_new = Insertion::kAlways;  // what it will hold: the insertion half
  bool bulk_shades_old = true;                // the same for copies and clears
  bool bulk_shades_new = true;
  bool bulk_shades_first = true;       // before any word is written
  bool allocates_black = true;         // a new object is marked
  bool stacks_black_at_start = false;  // called black before they are scanned
  bool rescans_stacks = false;         // when marking ends
};

// Nobody listens. A test's probe may also ask for a collection at an allocation of its choice.
struct HeapProbe {
  static constexpr bool kListens = false;
  static constexpr void OnEvent(HeapEvent) noexcept {}
  static constexpr bool CollectsNow() noexcept { return false; }
  // A container has allocated this for itself (running.h), of so many bytes.
  static constexpr void OnContainerObject(void*, std::size_t) noexcept {}
};

struct DefaultHeapPolicy {
  using Pages = SystemPages;
  using Probe = HeapProbe;

  static constexpr BarrierRules kBarrier = {};
  // One thread marks. Where several do, a mark bit must be set in one indivisible step, which costs
  // a fifth of the marking.
  static constexpr bool kMarksAlone = true;
  // One thread at a time uses the heap, so that pointers are read and written plainly (slot.h).
  static constexpr bool kShared = false;
  // Guards the lists of spans.
  using ListMutex = std::mutex;
  static constexpr bool kAssertions = kAssertionsEnabled;

  [[noreturn]] static void Fatal(FailureKind, std::string_view message) { EndProgram(message); }
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_HEAP_POLICY_H_
