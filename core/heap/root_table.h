// Roots that come and go in any order: handles that C++ objects hold. On a heap that threads share
// a table is one thread's.
//
//   RootTable<> roots(heap);
//   std::size_t number = roots.Add(object);     the object lives until
//   roots.Remove(number);
#ifndef SLOTPROOF_CORE_HEAP_ROOT_TABLE_H_
#define SLOTPROOF_CORE_HEAP_ROOT_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/base/assert.h"
#include "core/heap/heap_policy.h"
#include "core/heap/heap_use.h"
#include "core/heap/root_source.h"

namespace slotproof::core {

// May not outlive its heap, or its thread.
template <class Policy = DefaultHeapPolicy>
class RootTable final : public RootSource {
 public:
  using Owner = typename HeapUse<Policy>::Owner;

  explicit RootTable(Owner& owner) : heap_(owner) { owner.AddSource(this); }
  RootTable(const RootTable&) = delete;
  RootTable& operator=(const RootTable&) = delete;
  ~RootTable() override { heap_.RemoveSource(this); }

  // The number under which the object is kept.
  std::size_t Add(void* object) {
    std::size_t number = roots_.size();
    if (free_.empty()) {
      // Removing needs no memory.
      if (free_.capacity() == roots_.size()) free_.reserve(2 * roots_.size() + 8);
      roots_.push_back(nullptr);
    } else {
      number = free_.back();
      free_.pop_back();
    }
    Set(number, object);
    return number;
  }
  void Set(std::size_t number, void* object) {
    heap_.ShadeRoot(roots_[number]);
    heap_.ShadeRoot(object);
    roots_[number] = object;
  }
  void* Get(std::size_t number) const { return roots_[number]; }
  void Remove(std::size_t number) {
    Set(number, nullptr);
    free_.push_back(number);
  }

  void ForEachRoot(const std::function<void(void*)>& visit) const override {
    for (void* const root : roots_) visit(root);
  }
  std::size_t RootBlocks() const override {
    return (roots_.size() + kRootBlockSlots - 1) / kRootBlockSlots;
  }
  void ForEachRootOf(std::size_t block, const std::function<void(void*)>& visit) const override {
    const std::size_t first = std::min(block * kRootBlockSlots, roots_.size());
    const std::size_t count = std::min(kRootBlockSlots, roots_.size() - first);
    for (void* const root : std::span(roots_).subspan(first, count)) visit(root);
  }

 private:
  Owner& heap_;
  std::vector<void*> roots_;
  std::vector<std::size_t> free_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_ROOT_TABLE_H_
