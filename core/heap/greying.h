// Makes objects grey: sets their mark bits, and queues what has pointers (mgcmark.go, greyobject).
//
// Several threads may do so at once if the policy says that marks are not set alone.
#ifndef SLOTPROOF_CORE_HEAP_GREYING_H_
#define SLOTPROOF_CORE_HEAP_GREYING_H_

#include "core/base/failure.h"
#include "core/heap/allocator.h"
#include "core/heap/heap_events.h"
#include "core/heap/mark_queue.h"

namespace slotproof::core {

template <class Policy>
class Greying {
 public:
  using Probe = typename Policy::Probe;

  Greying(const Allocator<Policy>& allocator, Probe& probe)
      : allocator_(allocator), probe_(probe) {}

  // What has become grey, and is yet to be queued; nothing if it is marked already, or has no
  // pointers.
  [[gnu::always_inline]] ObjectPlace MarkObject(void* pointer, MarkWork& work) {
    if (pointer == nullptr) return {};
    const ObjectPlace place = allocator_.Find(pointer);
    if (!place) [[unlikely]] {
      CheckOutside(pointer);
      return {};
    }
    if (!place.span->Mark<Policy::kMarksAlone>(place.index)) return {};
    if (pointer != place.address()) probe_.OnEvent(HeapEvent::kInteriorPointer);
    work.CountMarked(place.span->object_bytes());
    return place.span->HasPointers() ? place : ObjectPlace{};
  }
  void Shade(void* pointer, MarkWork& work) {
    if (const ObjectPlace grey = MarkObject(pointer, work)) work.Put(grey.address());
  }
  bool IsWhite(const void* pointer) const {
    const ObjectPlace place = allocator_.Find(pointer);
    return place && !place.span->IsMarked(place.index);
  }

 private:
  // Of a pointer that leads to no object.
  [[gnu::noinline]] void CheckOutside(const void* pointer) const {
    if (allocator_.pages().Holds(pointer) && allocator_.pages().OwnerOf(pointer) == nullptr) {
      Policy::Fatal(FailureKind::kBadPointer, "found bad pointer in heap");
    }
  }

  const Allocator<Policy>& allocator_;
  Probe& probe_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_GREYING_H_
