#ifndef SLOTPROOF_SUBJECTS_MAP_CONTAINER_TRAITS_H_
#define SLOTPROOF_SUBJECTS_MAP_CONTAINER_TRAITS_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "subjects/map/bad_hash.h"
#include "subjects/map/keys.h"
#include "subjects/map/map_subject.h"

// What an adapter of container_subject.h is handed, and which of the optional parts it has.

namespace slotproof {

// The hash handed to an adapter: good, then spoilt as the trace's header asks.
template <class Key>
struct ContainerHash {
  HashKind kind = HashKind::kGood;

  std::size_t operator()(const Key& key) const {
    Fuse::Step(FuseKind::kHash);
    std::uint64_t hash = IndexOfKey(key);
    if constexpr (std::same_as<Key, double>) hash = key == 0 ? 0 : hash;
    hash = (hash + 1) * 0x9e3779b97f4a7c15;
    return SpoilHash(kind, (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9);
  }
};

// Of a drawing: not compiled anew for each container.
[[gnu::noinline]] inline std::string ContainerTitle(std::size_t entries, std::size_t buckets) {
  return std::to_string(entries) + " entries, " + std::to_string(buckets) +
         (buckets == 1 ? " bucket" : " buckets");
}

template <class Container>
inline constexpr bool kKeepsContentsOnThrow = [] {
  if constexpr (requires { Container::kKeepsContentsOnThrow; }) {
    return Container::kKeepsContentsOnThrow;
  } else {
    return false;
  }
}();

template <class Container>
inline constexpr bool kMerges = requires(Container& container) { container.merge(container); };

// Nothing when no merge throws.
template <class Container>
constexpr std::optional<std::size_t> MergeMayLose() {
  if constexpr (requires { Container::kMergeMayLose; }) {
    return Container::kMergeMayLose;
  } else {
    return std::nullopt;
  }
}

template <class Container>
concept HasOwnIterators = requires { Container::kIteratorPromises; };

// An iteration: over a copy, or by an iterator of the container.
template <class Container>
struct ContainerWalk {
  std::vector<MapEntry> entries;
  std::size_t at = 0;
};
template <HasOwnIterators Container>
struct ContainerWalk<Container> {
  typename Container::iterator at{};
  bool yielded = false;  // the entry that it stands at
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_CONTAINER_TRAITS_H_
