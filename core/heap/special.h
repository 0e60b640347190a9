// What is known of a single object beside its bits: that it has a finalizer, that weak handles name
// it. Few objects have any, so a span keeps them in a list, sorted by object.
#ifndef SLOTPROOF_CORE_HEAP_SPECIAL_H_
#define SLOTPROOF_CORE_HEAP_SPECIAL_H_

#include <cstddef>
#include <cstdint>

namespace slotproof::core {

// Called with the object once nothing else reaches it. The context must outlive the heap, and is no
// root.
struct Finalizer {
  void (*run)(void* object, void* context) = nullptr;
  void* context = nullptr;
};

// Where weak handles of one object look for it; null once it is gone. It lives as long as handles
// do, which may be longer than the object.
struct WeakTarget {
  void* object = nullptr;
  std::size_t handles = 0;
};

// Exactly one of the two is there.
struct Special {
  std::uint32_t index = 0;  // of the object in its span
  Finalizer finalizer = {};
  WeakTarget* weak = nullptr;

  bool IsFinalizer() const { return weak == nullptr; }
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_SPECIAL_H_
