// A walk over the pointers of chosen objects of all spans, in steps that other work may come
// between.
//
//   span     ... 6 |            7            | 8 ...
//   object         | 0 | 1 | 2 .... | 3 | 4  |        all before it have been visited,
//                          '---' offset               and so much of it
//
// Meanwhile objects may come, and spans, which whoever makes them takes care of; none may go, as is
// so while marking. A step ends after so many spans, or so many bytes of objects; one that has more
// is cut into pieces, always at the same places.
#ifndef SLOTPROOF_CORE_HEAP_OBJECT_WALK_H_
#define SLOTPROOF_CORE_HEAP_OBJECT_WALK_H_

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>

#include "core/heap/span.h"
#include "core/heap/special.h"

namespace slotproof::core {

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
  const std::size_t piece = limits.bytes;
  for (; at->span < spans.size(); *at = {.span = at->span + 1}) {
    if (limits.spans-- == 0) return true;
    const Span& span = *spans[at->span];
    if (span.base() == nullptr || !span.HasPointers()) continue;
    for (;;) {
      const std::size_t object = next(span, at->object);
      if (object == span.objects()) break;
      if (object != at->object) *at = {.span = at->span, .object = object};
      std::byte* const begin = span.ObjectAt(object) + at->offset;
      const std::size_t bytes = std::min(span.object_bytes() - at->offset, piece);
      if (bytes > limits.bytes) return true;
      limits.bytes -= bytes;
      at->offset += bytes;
      if (at->offset == span.object_bytes()) *at = {.span = at->span, .object = object + 1};
      span.ForEachPointer(begin, begin + bytes, [&f](void** slot) { f(*slot); });
    }
  }
  return false;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_OBJECT_WALK_H_
