#ifndef SLOTPROOF_SUBJECTS_MAP_KEYS_H_
#define SLOTPROOF_SUBJECTS_MAP_KEYS_H_

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "subjects/elements/elements.h"
#include "subjects/elements/fragile.h"
#include "subjects/map/map_vocabulary.h"

// The table that turns a trace's small key indices into keys, one for each kind of key.
//
//   index   uint64, uint32      string                 double        bytes136
//   0       0                   "k0"                   +0            17 words from 0
//   1       odd constant        "k1"                   -0
//   2, 3    ...                 ...                    NaN
//   i       i * constant        every fourth one is    i / 2
//                               40 characters long
//
// Keys that throw (subjects/elements/fragile.h) hold the index.
//
// Invariant: IndexOfKey(MakeKey<Key>(i)) == i, for NaN too (its payload is the index).

namespace slotproof {

using KeyIndex = std::uint32_t;

// Held through a pointer by the runtime: larger than 128 bytes.
using Bytes136 = Bytes<136>;

template <class Key>
Key MakeKey(KeyIndex index);
template <class Key>
KeyIndex IndexOfKey(const Key& key);

template <>
inline std::uint64_t MakeKey(KeyIndex index) {
  return index * std::uint64_t{0x9e3779b97f4a7c15};
}
template <>
inline KeyIndex IndexOfKey(const std::uint64_t& key) {
  return static_cast<KeyIndex>(key * 0xf1de83e19937733d);
}

template <>
inline std::uint32_t MakeKey(KeyIndex index) {
  return index * 0x9e3779b1u;
}
template <>
inline KeyIndex IndexOfKey(const std::uint32_t& key) {
  return key * 0x0e8b2f51u;
}

template <>
inline std::string MakeKey(KeyIndex index) {
  const std::string name = "k" + std::to_string(index);
  return index % 4 == 3 ? std::string(40 - name.size(), '.') + name : name;
}
template <>
inline KeyIndex IndexOfKey(const std::string& key) {
  KeyIndex index = 0;
  for (std::size_t at = key.rfind('k') + 1; at < key.size(); ++at) {
    index = index * 10 + static_cast<KeyIndex>(key[at] - '0');
  }
  return index;
}

template <>
inline double MakeKey(KeyIndex index) {
  if (index < 2) return index == 0 ? 0.0 : -0.0;
  if (index < 4) return std::bit_cast<double>(0x7ff8000000000000 | std::uint64_t{index});
  return static_cast<double>(index) / 2;
}
template <>
inline KeyIndex IndexOfKey(const double& key) {
  if (key == 0) return std::signbit(key) ? 1 : 0;
  if (std::isnan(key)) return static_cast<KeyIndex>(std::bit_cast<std::uint64_t>(key));
  return static_cast<KeyIndex>(key * 2);
}

template <>
inline Bytes136 MakeKey(KeyIndex index) {
  return Bytes136::Of(index);
}
template <>
inline KeyIndex IndexOfKey(const Bytes136& key) {
  return static_cast<KeyIndex>(key.Number());
}

template <class Key>
  requires std::is_base_of_v<Fragile, Key>
Key MakeKey(KeyIndex index) {
  return Key(index);
}
template <class Key>
  requires std::is_base_of_v<Fragile, Key>
KeyIndex IndexOfKey(const Key& key) {
  return key.sound() ? static_cast<KeyIndex>(key.number()) : ~KeyIndex{0};
}

// True for NaN: a key that differs from itself.
constexpr bool IsUnequalKey(KeyKind kind, KeyIndex index) {
  return kind == KeyKind::kDouble && (index == 2 || index == 3);
}

// True when the key of index 0 is the zero value of its type: no string of the table is empty, and
// no Bytes136 all zero.
constexpr bool FirstKeyIsZero(KeyKind kind) {
  return kind != KeyKind::kString && kind != KeyKind::kBytes136;
}

// The least index of the keys that equal this one.
constexpr KeyIndex EqualKey(KeyKind kind, KeyIndex index) {
  return kind == KeyKind::kDouble && index == 1 ? 0 : index;
}

// All keys of a kind, made once.
template <class Key>
class KeyTable {
 public:
  static const Key& At(KeyIndex index) { return Keys()[index]; }

 private:
  static const std::vector<Key>& Keys() {
    static const std::vector<Key> keys = [] {
      std::vector<Key> made;
      for (KeyIndex i = 0; i < kMostKeys; ++i) made.push_back(MakeKey<Key>(i));
      return made;
    }();
    return keys;
  }
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_KEYS_H_
