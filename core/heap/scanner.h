// Makes grey objects black: looks at their pointers, and greys what they lead to (mgcmark.go,
// scanobject). One for each thread that marks.
//
// A step scans one object, or 128 KiB of a large one, whose other pieces its first step queues.
#ifndef SLOTPROOF_CORE_HEAP_SCANNER_H_
#define SLOTPROOF_CORE_HEAP_SCANNER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/base/assert.h"
#include "core/heap/allocator.h"
#include "core/heap/greying.h"
#include "core/heap/heap_events.h"
#include "core/heap/mark_queue.h"
#include "core/heap/object_walk.h"
#include "core/heap/slot.h"

namespace slotproof::core {

template <class Policy>
class Scanner {
 public:
  using Probe = typename Policy::Probe;

  // It takes from this worker's share of the queue, and puts there.
  Scanner(const Allocator<Policy>& allocator, Probe& probe, MarkWork& work)
      : allocator_(allocator), probe_(probe), greying_(allocator, probe), work_(work) {}

  // Scans one. False: there was none that this worker could see.
  bool Step() {
    if (next_) {
      ScanObject(std::exchange(next_, {}));
      return true;
    }
    std::byte* const grey = work_.Take();
    if (grey == nullptr) return false;
    Scan(grey);
    return true;
  }

  // Marks what the pointer leads to, at once. The one that comes last, and is scanned first, is not
  // queued: its span need not be looked for again.
  [[gnu::always_inline]] void Shade(void* pointer) {
    const ObjectPlace grey = greying_.MarkObject(pointer, work_);
    if (!grey) return;
    __builtin_prefetch(grey.address());
    if (next_) work_.Put(next_.address());
    next_ = grey;
  }
  // The grey object that is not in the queue, if there is one.
  const ObjectPlace& next() const { return next_; }
  // Gives all that it holds to the other workers.
  void Flush() {
    if (next_) work_.Put(std::exchange(next_, {}).address());
    work_.Flush();
  }

  std::uint64_t scanned_bytes() const { return scanned_bytes_; }
  void CountScanned(std::uint64_t bytes) { scanned_bytes_ += bytes; }
  void ForgetScanned() { scanned_bytes_ = 0; }

 private:
  void ScanObject(const ObjectPlace& place) {
    std::byte* const object = place.address();
    const std::size_t bytes = place.span->object_bytes();
    if (bytes > kScanPieceBytes) [[unlikely]]
      return Scan(object);
    ScanWords(*place.span, object, bytes);
  }
  // From an object's beginning, or that of a piece. Where a large object is entered at its
  // beginning, its other pieces become grey.
  void Scan(std::byte* from) {
    const ObjectPlace place = allocator_.Find(from);
    SLOTPROOF_POLICY_ASSERT(Policy, place.span != nullptr);
    std::size_t rest = place.span->object_bytes();
    if (rest > kScanPieceBytes) [[unlikely]]
      rest = static_cast<std::size_t>(place.end() - from);
    if (rest > kScanPieceBytes && from == place.address()) {
      probe_.OnEvent(HeapEvent::kScannedInPieces);
      for (std::size_t at = kScanPieceBytes; at < rest; at += kScanPieceBytes) work_.Put(from + at);
    }
    ScanWords(*place.span, from, std::min(rest, kScanPieceBytes));
  }
  [[gnu::always_inline]] void ScanWords(const Span& span, std::byte* from, std::size_t bytes) {
    span.ForEachPointer(from, from + bytes, [this](void** slot) { Shade(LoadSlot<Policy>(slot)); });
    scanned_bytes_ += bytes;
  }

  const Allocator<Policy>& allocator_;
  Probe& probe_;
  Greying<Policy> greying_;
  MarkWork& work_;
  ObjectPlace next_;  // grey, and not in work_
  std::uint64_t scanned_bytes_ = 0;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_SCANNER_H_
