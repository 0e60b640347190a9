#include <concepts>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

#include "subjects/map/container_subject.h"
#include "subjects/map/map_session.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

template <class Key, class Elem, class Hash>
struct UnorderedMap {
  static constexpr bool kKeepsContentsOnThrow = true;
  static constexpr IteratorPromises kIteratorPromises = {
      .insertion = IteratorPromises::Insertion::kEndsIfItRehashes,
      .follow_swap = true,
      .follow_move = true};
  using iterator = typename std::unordered_map<Key, Elem, Hash>::iterator;

  UnorderedMap(std::size_t hint, Hash hash) : map(hint, hash) {}

  bool insert_or_assign(const Key& key, Elem elem) {
    return map.insert_or_assign(key, std::move(elem)).second;
  }
  const Elem* find(const Key& key) const {
    const auto it = map.find(key);
    return it == map.end() ? nullptr : &it->second;
  }
  bool erase(const Key& key) { return map.erase(key) != 0; }
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
  void swap(UnorderedMap& other) noexcept { map.swap(other.map); }
  void merge(UnorderedMap& other) { map.merge(other.map); }
  friend bool operator==(const UnorderedMap& a, const UnorderedMap& b)
    requires std::equality_comparable<Elem>
  {
    return a.map == b.map;
  }
  std::size_t bucket_count() const { return map.bucket_count(); }
  std::size_t bucket(const Key& key) const { return map.bucket(key); }

  std::unordered_map<Key, Elem, Hash> map;
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
