// Roots that lie elsewhere than in globals and stacks.
//
// Of a heap (Heap::AddSource), whoever stores into them shades what they lose and what they gain,
// as for globals. Of a thread (ConcurrentHeap::Thread::AddSource), they are like the slots of its
// frames.
#ifndef SLOTPROOF_CORE_HEAP_ROOT_SOURCE_H_
#define SLOTPROOF_CORE_HEAP_ROOT_SOURCE_H_

#include <cstddef>
#include <functional>

#include "core/heap/object_type.h"

namespace slotproof::core {

inline constexpr std::size_t kRootBlockSlots = (std::size_t{256} << 10) / kWordBytes;

class RootSource {
 public:
  virtual ~RootSource() = default;
  virtual void ForEachRoot(const std::function<void(void*)>& visit) const = 0;
  // One that may have many is looked at in blocks, a step each. A root stays in its block.
  virtual std::size_t RootBlocks() const { return 1; }
  virtual void ForEachRootOf(std::size_t block, const std::function<void(void*)>& visit) const {
    if (block == 0) ForEachRoot(visit);
  }
  // A cycle is about to begin.
  virtual void OnCycle() {}
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_ROOT_SOURCE_H_
