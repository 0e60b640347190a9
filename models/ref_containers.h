#ifndef SLOTPROOF_MODELS_REF_CONTAINERS_H_
#define SLOTPROOF_MODELS_REF_CONTAINERS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "models/heap_model.h"

// What maps and slices that live on a heap hold, as simply as it can be said: which references, and
// so what they keep alive.
//
// A map keeps the keys and the elements that are in it now. A slice keeps all cells of its array,
// those that no window shows as well.

namespace slotproof {

struct RefMapModel {
  using Pointer = HeapModel::Pointer;
  // In the order in which the keys' objects came.
  using Key = std::pair<HeapModel::Id, std::uint32_t>;
  static Key KeyOf(const Pointer& pointer) { return {pointer.object, pointer.offset}; }
  static Pointer PointerOf(const Key& key) { return {.object = key.first, .offset = key.second}; }

  std::map<Key, Pointer> entries;
  std::size_t clears = 0;
};

// A map of numbers: those from `first` to before `next`.
struct NumberMapModel {
  // What a number's element is.
  static std::uint64_t ElemOf(std::uint64_t number) { return number * 0x9e3779b97f4a7c15 + 1; }

  bool Has(std::uint64_t number) const { return first <= number && number < next; }

  std::uint64_t first = 0;
  std::uint64_t next = 0;
  std::size_t clears = 0;
};

struct RefSliceModel {
  using Pointer = HeapModel::Pointer;
  using Cells = std::vector<Pointer>;

  // make([]ref, len, cap)
  static RefSliceModel Make(std::size_t of_len, std::size_t of_cap) {
    return {.array = std::make_shared<Cells>(of_cap), .offset = 0, .len = of_len, .cap = of_cap};
  }
  // s[i:j]. One without capacity does not point past the end.
  RefSliceModel Window(std::size_t i, std::size_t j) const {
    return {.array = array, .offset = i == cap ? offset : offset + i, .len = j - i, .cap = cap - i};
  }
  Pointer* At(std::size_t i) const { return array->data() + offset + i; }
  Cells Elems() const { return len == 0 ? Cells() : Cells(At(0), At(len)); }
  // append(s, items...): where the capacity is used up, into a new array of this capacity.
  void Append(const Cells& items, std::size_t grown_cap) {
    if (len + items.size() > cap) {
      const Cells elems = Elems();
      *this = Make(len, grown_cap);
      std::ranges::copy(elems, array->begin());
    }
    for (const Pointer& item : items) *At(len++) = item;
  }

  std::shared_ptr<Cells> array = std::make_shared<Cells>();
  std::size_t offset = 0;
  std::size_t len = 0;
  std::size_t cap = 0;
};

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_REF_CONTAINERS_H_
