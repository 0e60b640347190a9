#ifndef SLOTPROOF_SUBJECTS_MAP_STD_ADAPTER_H_
#define SLOTPROOF_SUBJECTS_MAP_STD_ADAPTER_H_

#include <cstddef>
#include <utility>

#include "subjects/map/container_subject.h"

// The adapter (container_subject.h) of a map that is used as std::unordered_map is: its members,
// its iterators, and what it promises of them. A map that has more derives its own.

namespace slotproof {

template <class Map, class Key, class Elem, class Hash>
struct StdAdapter {
  static constexpr IteratorPromises kIteratorPromises = {
      .insertion = IteratorPromises::Insertion::kEndsIfItRehashes,
      .follow_swap = true,
      .follow_move = true};
  using iterator = typename Map::iterator;

  StdAdapter(std::size_t hint, Hash hash) : map(hint, hash) {}

  bool insert_or_assign(const Key& key, Elem elem) {
    return map.insert_or_assign(key, std::move(elem)).second;
  }
  const Elem* find(const Key& key) const {
    const auto it = map.find(key);
    return it == map.end() ? nullptr : &it->second;
  }
  bool erase(const Key& key) { return map.erase(key) != 0; }
  std::size_t size() const { return map.size(); }
  void clear() { map.clear(); }
  template <class F>
  void for_each(F f) const {
    for (const auto& [key, elem] : map) f(key, elem);
  }
  iterator begin() { return map.begin(); }
  iterator end() { return map.end(); }
  iterator erase(iterator it) { return map.erase(it); }
  iterator erase(iterator first, iterator last) { return map.erase(first, last); }
  iterator insert_or_assign(iterator hint, const Key& key, Elem elem) {
    return map.insert_or_assign(hint, key, std::move(elem));
  }
  void swap(StdAdapter& other) noexcept { map.swap(other.map); }
  std::size_t bucket_count() const { return map.bucket_count(); }
  std::size_t bucket(const Key& key) const { return map.bucket(key); }

  Map map;
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_STD_ADAPTER_H_
