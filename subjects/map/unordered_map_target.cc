#include <concepts>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

#include "subjects/map/container_subject.h"
#include "subjects/map/map_session.h"
#include "subjects/map/std_adapter.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

template <class Key, class Elem, class Hash>
struct UnorderedMap : StdAdapter<std::unordered_map<Key, Elem, Hash>, Key, Elem, Hash> {
  using Base = StdAdapter<std::unordered_map<Key, Elem, Hash>, Key, Elem, Hash>;
  using Base::Base;
  using Base::map;

  static constexpr bool kKeepsContentsOnThrow = true;
  // The standard promises nothing of a merge that throws: [unord.req.except] speaks of insertions
  // of one element, and LWG 2977 took the clause away by which none throws. libstdc++ takes a node
  // out of the other map and then makes room for it; when that throws, the node goes with its
  // handle. So what is checked is the least that leaves two maps in order: one entry is gone, and
  // each of the others is in one of the maps, once, and no other changed.
  static constexpr std::size_t kMergeMayLose = 1;

  // Insertion takes references into the map, and leaves what it does not store as it was.
  bool assign_within(const Key& key, Elem& elem) { return map.insert_or_assign(key, elem).second; }
  bool erase_within(const Key& key) { return map.erase(key) != 0; }
  const Key* find_key(const Key& key) const {
    const auto it = map.find(key);
    return it == map.end() ? nullptr : &it->first;
  }
  template <class E>
  std::pair<const Elem*, bool> try_emplace(const Key& key, E&& elem) {
    const auto [it, inserted] = map.try_emplace(key, std::forward<E>(elem));
    return {&it->second, inserted};
  }
  template <class F>
  void update(const Key& key, F function) {
    function(map[key]);
  }
  std::optional<Elem> get_and_delete(const Key& key) {
    const auto it = map.find(key);
    if (it == map.end()) return std::nullopt;
    std::optional<Elem> got(std::move(it->second));
    map.erase(it);
    return got;
  }
  void merge(UnorderedMap& other) { map.merge(other.map); }
  friend bool operator==(const UnorderedMap& a, const UnorderedMap& b)
    requires std::equality_comparable<Elem>
  {
    return a.map == b.map;
  }
};

}  // namespace

const Target& UnorderedMapTarget() {
  static const Target target = {
      .name = "unordered_map",
      .help = "std::unordered_map against the map model",
      .vocabulary = &MapVocabulary(),
      .goals = OwnIteratorGoalSpecs(),
      .profiles = OwnIteratorProfiles(),
      .new_session = []() -> std::unique_ptr<Session> {
        return std::make_unique<MapSession>(&MakeContainerSubject<UnorderedMap>);
      },
  };
  return target;
}

}  // namespace slotproof
