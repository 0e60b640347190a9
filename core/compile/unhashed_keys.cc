// Of these keys nobody knows a hash that goes with their equality.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "core/map/hash_map.h"

namespace slotproof::core {

struct Caseless {
  char letter;
  friend bool operator==(Caseless a, Caseless b) { return (a.letter | 32) == (b.letter | 32); }
};
struct Pointing {
  const int* value;
  bool operator==(const Pointing& other) const { return *value == *other.value; }
};
struct SameSize {
  bool operator()(const std::string& a, const std::string& b) const { return a.size() == b.size(); }
};
struct SameSizePolicy : DefaultMapPolicy<std::string> {
  using Equal = SameSize;
};

inline std::uint64_t Hash(Caseless key) {
  return HashMap<Caseless, int>().HashOf(key);  // error
}
inline std::uint64_t Hash(Pointing key) {
  return HashMap<Pointing, int>().HashOf(key);  // error
}
inline std::uint64_t Hash(const std::pair<int, Caseless*>& key) {
  return HashMap<std::pair<int, Caseless*>, int>().HashOf(key);
}
inline std::size_t Size() {
  return HashMap<std::string, int, SameSizePolicy>().size();  // error
}

}  // namespace slotproof::core
