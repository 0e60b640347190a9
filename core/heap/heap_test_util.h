// What tests of the heap share: a policy whose failures are exceptions and whose events are
// counted, and a few types.
#ifndef SLOTPROOF_CORE_HEAP_HEAP_TEST_UTIL_H_
#define SLOTPROOF_CORE_HEAP_HEAP_TEST_UTIL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "core/base/failure.h"
#include "core/heap/heap.h"
#include "core/heap/heap_events.h"
#include "core/heap/heap_laws.h"
#include "core/heap/heap_policy.h"
#include "core/heap/object_type.h"
#include "core/testing/thrown_failure.h"

namespace slotproof::core {

// What a heap's probe leaves behind. The hook is set once the heap exists, so that it may look.
struct SeenEvents {
  std::array<std::size_t, kHeapEventCount> counts{};
  std::function<void(HeapEvent)> hook;
  std::size_t collects_in = 0;  // at which New from now on, if not 0

  std::size_t operator[](HeapEvent event) const { return counts[static_cast<std::size_t>(event)]; }
};

struct CountingProbe {
  static constexpr bool kListens = true;
  SeenEvents* seen = nullptr;

  void OnEvent(HeapEvent event) {
    ++seen->counts[static_cast<std::size_t>(event)];
    if (seen->hook) seen->hook(event);
  }
  static void OnContainerObject(void*, std::size_t) {}
  bool CollectsNow() const {
    if (seen->collects_in == 0) return false;
    --seen->collects_in;
    return seen->collects_in == 0;
  }
};

struct TestPolicy : DefaultHeapPolicy {
  using Probe = CountingProbe;
  [[noreturn]] static void Fatal(FailureKind kind, std::string_view message) {
    throw ThrownFailure(kind, message);
  }
};
using TestHeap = Heap<TestPolicy>;

// Small arenas, and nothing happens by itself.
inline constexpr HeapOptions kByHand = {.arena_pages = 64, .automatic = false};

struct Node {
  Node* next;
  std::uint64_t value;
  Node* other;
};
inline constexpr ObjectType kNode(sizeof(Node), 0b101);
inline constexpr ObjectType kByte(1);
inline constexpr ObjectType kPointer(sizeof(void*), 0b1);

template <class H>
Node* NewNode(H& heap, Mutator& mutator) {
  return static_cast<Node*>(heap.New(mutator, kNode));
}
template <class H>
void* NewBytes(H& heap, Mutator& mutator, std::size_t bytes) {
  return heap.New(mutator, kByte, bytes);
}
template <class H>
void StoreTo(H& heap, Mutator& mutator, Node*& slot, void* value) {
  heap.Store(mutator, reinterpret_cast<void**>(&slot), value);
}

template <class P>
std::string_view BrokenLaw(const Heap<P>& heap) {
  return HeapLaws<P>(heap).Broken();
}

// A finalizer that counts.
inline Finalizer Counting(std::size_t* count) {
  return {.run = [](void*, void* context) { ++*static_cast<std::size_t*>(context); },
          .context = count};
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_HEAP_TEST_UTIL_H_
