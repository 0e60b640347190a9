// What tests of containers on the heap share.
#ifndef SLOTPROOF_CORE_HEAP_CONTAINER_TEST_UTIL_H_
#define SLOTPROOF_CORE_HEAP_CONTAINER_TEST_UTIL_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/heap/closure.h"
#include "core/heap/collected_map.h"
#include "core/heap/collected_slice.h"
#include "core/heap/heap_pointer.h"
#include "core/heap/heap_test_util.h"
#include "core/heap/root_table.h"
#include "core/heap/running.h"

namespace slotproof::core {

using Ref = HeapPointer<Node, TestPolicy>;
using Nodes = CollectedSlice<Ref, TestPolicy>;

// Nodes by their value, so that where they are does not depend on addresses. Three chains of a
// table get most of them.
struct NodeHash {
  std::uint64_t operator()(const Ref& node) const { return OfNumber(node->value); }
  static std::uint64_t OfNumber(std::uint64_t number) {
    return (number * 0x9e3779b97f4a7c15 & ~std::uint64_t{0xff}) |
           (number % 4 == 0 ? number : number % 4);
  }
};
struct NumberHash {
  std::uint64_t operator()(std::uint64_t number) const { return NodeHash::OfNumber(number); }
};
struct GraphPolicy : CollectedMapPolicy<Ref, TestPolicy> {
  using Hash = NodeHash;
  static constexpr bool kAssertions = true;
};
struct NumbersPolicy : CollectedMapPolicy<std::uint64_t, TestPolicy> {
  using Hash = NumberHash;
  static constexpr bool kAssertions = true;
};
using Graph = HashMap<Ref, Ref, GraphPolicy>;
using Numbers = HashMap<std::uint64_t, std::uint64_t, NumbersPolicy>;

// A heap and a mutator, which are the thread's; when marking ends, a second marking looks on.
class ContainerHeap {
 public:
  explicit ContainerHeap(HeapOptions options = kByHand)
      : heap(options, {}, CountingProbe{&seen}), mutator(heap.NewMutator()) {
    seen.hook = [this](HeapEvent event) {
      if (event == HeapEvent::kMarkTerminated && broken.empty()) broken = BrokenMarkLaw(heap);
    };
  }

  Node* NewNode(std::uint64_t value) {
    auto* const node = static_cast<Node*>(heap.New(mutator, kNode));
    if (node != nullptr) node->value = value;
    return node;
  }
  bool IsAlive(const void* object) const { return heap.SizeOf(object) != 0; }
  std::uint64_t Objects() const { return heap.Stats().heap_objects; }
  std::string_view Broken() const { return broken.empty() ? BrokenLaw(heap) : broken; }

  SeenEvents seen;
  TestHeap heap;
  Mutator& mutator;
  RootTable<TestPolicy> roots{heap};
  Running<TestPolicy> running{heap, mutator, roots};
  std::string_view broken;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_CONTAINER_TEST_UTIL_H_
