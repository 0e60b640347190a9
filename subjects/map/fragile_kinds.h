#ifndef SLOTPROOF_SUBJECTS_MAP_FRAGILE_KINDS_H_
#define SLOTPROOF_SUBJECTS_MAP_FRAGILE_KINDS_H_

#include <cstdint>

#include "subjects/elements/fragile.h"
#include "subjects/map/keys.h"
#include "subjects/map/map_vocabulary.h"

// Which types stand for a header whose key or element may throw. Which key moves along without
// throwing makes no difference to an element that throws, but for double, whose NaNs stay behind.

namespace slotproof {

// What make.operator()<Key, Elem>() gives for them.
template <class Make>
auto WithFragileKinds(const MapHeader& header, const Make& make) {
  const auto with_key = [&]<class Key>() {
    KeyTable<Key>::At(0);  // made before a session counts objects
    return IsFragile(header.elem) ? make.template operator()<Key, Key>()
                                  : make.template operator()<Key, std::uint64_t>();
  };
  const auto with_elem = [&]<class Key>() {
    return header.elem == ElemKind::kThrowingMove ? make.template operator()<Key, ThrowingMove>()
                                                  : make.template operator()<Key, ThrowingCopy>();
  };
  if (header.key == KeyKind::kThrowingMove) return with_key.template operator()<ThrowingMove>();
  if (header.key == KeyKind::kThrowingCopy) return with_key.template operator()<ThrowingCopy>();
  if (header.key == KeyKind::kDouble) return with_elem.template operator()<double>();
  if (header.elem == ElemKind::kMoveOnly) {
    return make.template operator()<std::uint64_t, MoveOnly>();
  }
  return with_elem.template operator()<std::uint64_t>();
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_FRAGILE_KINDS_H_
