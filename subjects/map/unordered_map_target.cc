#include <cstddef>
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

  UnorderedMap(std::size_t hint, Hash hash) : map(hint, hash) {}

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
      .goals = MapSessionGoalSpecs(),
      .profiles = MapProfiles(),
      .new_session = []() -> std::unique_ptr<Session> {
        return std::make_unique<MapSession>(&MakeContainerSubject<UnorderedMap>);
      },
  };
  return target;
}

}  // namespace slotproof
