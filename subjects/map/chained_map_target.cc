#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "subjects/map/chained_map.h"
#include "subjects/map/container_subject.h"
#include "subjects/map/map_session.h"
#include "subjects/map/targets.h"

#if defined(SLOTPROOF_MUTANT) && !defined(SLOTPROOF_MUTANT_APPLIED)
#error "a mutant's build must see the mutated copy of chained_map.h"
#endif

namespace slotproof {
namespace {

template <class Key, class Elem, class Hash>
struct Chained {
  using iterator = typename ChainedMap<Key, Elem, Hash>::iterator;
  static constexpr IteratorPromises kIteratorPromises = {
      .insertion = IteratorPromises::Insertion::kEndsIfItRehashes,
      .follow_swap = true,
      .follow_move = true};

  Chained(std::size_t hint, Hash hash) : map(hint, hash) {}

  bool insert_or_assign(const Key& key, Elem elem) {
    return map.insert_or_assign(key, std::move(elem)).second;
  }
  const Elem* find(const Key& key) const {
    const iterator it = map.find(key);
    return it == iterator() ? nullptr : &it->second;
  }
  bool erase(const Key& key) {
    const iterator it = map.find(key);
    if (it == iterator()) return false;
    map.erase(it);
    return true;
  }
  std::size_t size() const { return map.size(); }
  void clear() { map.clear(); }
  template <class F>
  void for_each(F f) const {
    auto& entries = const_cast<ChainedMap<Key, Elem, Hash>&>(map);
    for (iterator it = entries.begin(); it != entries.end(); ++it) f(it->first, it->second);
  }
  void swap(Chained& other) noexcept { map.swap(other.map); }
  iterator begin() { return map.begin(); }
  iterator end() { return map.end(); }
  iterator erase(iterator it) { return map.erase(it); }
  iterator erase(iterator first, iterator last) { return map.erase(first, last); }
  iterator insert_or_assign(iterator hint, const Key& key, Elem elem) {
    return map.insert_or_assign(hint, key, std::move(elem));
  }
  std::size_t bucket_count() const { return map.bucket_count(); }
  std::size_t bucket(const Key& key) const { return map.bucket(key); }

  ChainedMap<Key, Elem, Hash> map;
};

// Four pairs of kinds stand for all: what a session reads from the header itself is NaN and the
// empty element.
std::unique_ptr<MapSubject> MakeChained(const MapHeader& header, GoalCounts*) {
  const auto with_elem = [&]<class Key>() -> std::unique_ptr<MapSubject> {
    if (header.elem == ElemKind::kEmpty) {
      return std::make_unique<ContainerSubject<Key, Empty, Chained>>(header);
    }
    return std::make_unique<ContainerSubject<Key, std::uint64_t, Chained>>(header);
  };
  return header.key == KeyKind::kDouble ? with_elem.template operator()<double>()
                                        : with_elem.template operator()<std::uint64_t>();
}

}  // namespace

const Target& ChainedMapTarget() {
  static const Target target = {
      .name = "chained_map",
      .help = "a small map with iterators of its own, in which bugs of them are planted",
      .vocabulary = &MapVocabulary(),
      .goals = OwnIteratorGoalSpecs(),
      .profiles = OwnIteratorProfiles(),
      .new_session = []() -> std::unique_ptr<Session> {
        return std::make_unique<MapSession>(&MakeChained);
      },
  };
  return target;
}

}  // namespace slotproof
