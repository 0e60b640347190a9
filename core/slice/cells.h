// Copying cells onto cells that may be the same ones, as memmove does for bytes.
//
//   kTargetFirst   target  |0|1|2|3|        front to back: what is read was not yet written
//                  source      |0|1|2|3|
//
//   kTargetLast    source  |0|1|2|3|        back to front
//                  target      |0|1|2|3|
//
// Bytes are moved, other types assigned one by one. If an assignment throws, the cells before it
// in that order are new, those after it old.
#ifndef SLOTPROOF_CORE_SLICE_CELLS_H_
#define SLOTPROOF_CORE_SLICE_CELLS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>

namespace slotproof::core {

enum class Overlap : std::uint8_t { kNone, kSame, kTargetFirst, kTargetLast };

template <class T>
Overlap OverlapOf(const T* target, const T* source, std::int64_t n) noexcept {
  const std::less<const T*> before;  // a total order, unlike <, whatever the arrays
  if (n == 0) return Overlap::kNone;
  if (target == source) return Overlap::kSame;
  if (before(target, source)) {
    return before(source, target + n) ? Overlap::kTargetFirst : Overlap::kNone;
  }
  return before(target, source + n) ? Overlap::kTargetLast : Overlap::kNone;
}

template <class T>
void CopyCells(T* target, const T* source, std::int64_t n) {
  if constexpr (std::is_trivially_copyable_v<T>) {
    if (n == 0) return;  // the pointers may be null
    std::memmove(static_cast<void*>(target), source, static_cast<std::size_t>(n) * sizeof(T));
  } else {
    switch (OverlapOf(target, source, n)) {
      case Overlap::kSame:
        return;
      case Overlap::kTargetLast:
        std::copy_backward(source, source + n, target + n);
        return;
      case Overlap::kNone:
      case Overlap::kTargetFirst:
        std::copy(source, source + n, target);
        return;
    }
  }
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_CELLS_H_
