// A walk over the pointers of chosen objects of all spans, in steps that other work may come
// between.
//
//   span     ... 6 |            7            | 8 ...
//   object         | 0 | 1 | 2 .... | 3 | 4  |        all before it have been visited,
//                          '---' offset               and so much of it
//
// Meanwhile objects may come, and spans, which whoever makes them takes care of; none may go, as is
// so while marking. A step ends after so many spans, or so many bytes of objects; those over 128
// KiB are cut into pieces, of which a step has at least one.
#ifndef SLOTPROOF_CORE_HEAP_OBJECT_WALK_H_
#define SLOTPROOF_CORE_HEAP_OBJECT_WALK_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>

#include "core/heap/span.h"
#include "core/heap/special.h"

namespace slotproof::core {

inline constexpr std::size_t kScanPieceBytes = std::size_t{128} << 10;

inline bool LeadsInto(const void* pointer, const std::byte* piece, std::size_t bytes) {
  // What lies before the piece wraps around.
  return reinterpret_cast<std::uintptr_t>(pointer) - reinterpret_cast<std::uintptr_t>(piece) <
         bytes;
}

// Calls f for each pointer of an object's piece, null or not. As scanobject, this passes over those
// to where they are, i.e. to the same object, and of a large one to the same piece: what refers to
// itself like that can be finalized.
template <class F>
void VisitPiece(const Span& span, std::byte* begin, std::size_t bytes, const F& f) {
  span.ForEachPointer(begin, begin + bytes, [&](void** slot) {
    if (!LeadsInto(*slot, begin, bytes)) f(*slot);
  });
}

// How far a walk has come.
struct WalkPosition {
  std::size_t span = 0;
  std::size_t object = 0;
  std::size_t offset = 0;
};

// What a step may look at.
struct WalkLimits {
  std::size_t spans = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
};

// Which objects: the first one of the span from this index on; objects() if there is none.
inline std::size_t NextWithFinalizer(const Span& span, std::size_t from) {
  auto at = std::ranges::lower_bound(span.specials(), from, {}, &Special::index);
  while (at != span.specials().end() && !at->IsFinalizer()) ++at;
  return at == span.specials().end() ? span.objects() : at->index;
}
inline std::size_t NextMarked(const Span& span, std::size_t from) {
  while (from < span.objects() && !span.IsMarked(from)) ++from;
  return from;
}

// Goes on from `at`: calls f for each pointer, null or not, of the next objects. False: there are
// no more. If f throws, the walk goes on behind what it was called for.
template <class Next, class F>
bool WalkStep(std::span<const std::unique_ptr<Span>> spans, WalkPosition* at, WalkLimits limits,
              const Next& next, const F& f) {
  for (; at->span < spans.size(); *at = {.span = at->span + 1}) {
    if (limits.spans-- == 0) return true;
    const Span& span = *spans[at->span];
    if (span.base() == nullptr || !span.HasPointers()) continue;
    for (;;) {
      const std::size_t object = next(span, at->object);
      if (object == span.objects()) break;
      if (object != at->object) *at = {.span = at->span, .object = object};
      std::byte* const begin = span.ObjectAt(object) + at->offset;
      const std::size_t bytes = std::min(span.object_bytes() - at->offset, kScanPieceBytes);
      if (bytes > limits.bytes) return true;
      limits.bytes -= bytes;
      at->offset += bytes;
      if (at->offset == span.object_bytes()) *at = {.span = at->span, .object = object + 1};
      VisitPiece(span, begin, bytes, f);
    }
  }
  return false;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_OBJECT_WALK_H_
