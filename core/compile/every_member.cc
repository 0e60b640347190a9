// All members of maps and slices, for keys and elements of every kind.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/map/hash_map.h"
#include "core/slice/idioms.h"
#include "core/slice/slice.h"

namespace slotproof::core {

struct Nothing {
  bool operator==(const Nothing&) const = default;
};
struct Caseless {
  char letter;
  friend bool operator==(Caseless a, Caseless b) { return (a.letter | 32) == (b.letter | 32); }
};
inline std::uint64_t RuntimeHashValue(Caseless key, std::uint64_t seed) {
  return seed ^ static_cast<std::uint64_t>(key.letter | 32);
}
struct Declared {
  static constexpr bool kComparesAsBytes = true;
  int a;
  int b;
  bool operator==(const Declared&) const = default;
};
// Held indirectly.
using Long = std::array<std::uint64_t, 1000>;

template class HashMap<std::uint64_t, std::uint64_t>;
template class HashMap<std::uint32_t, Nothing>;
template class HashMap<std::string, std::string>;
template class HashMap<std::string_view, Long>;
template class HashMap<double, std::string>;
template class HashMap<Long, int*>;
template class HashMap<std::array<float, 1000>, std::uint8_t>;
template class HashMap<std::pair<int, std::string>, double>;
template class HashMap<std::tuple<int, double, std::string>, std::optional<int>>;
template class HashMap<Nothing, int>;
template class HashMap<Caseless, int>;
template class HashMap<Declared, std::string>;

template class Slice<int>;
template class Slice<std::string>;
template class Slice<Nothing>;
template class Slice<Long>;

inline void UseMap(HashMap<std::string, std::string>& map, std::string_view view) {
  map = {{"a", "b"}};
  map.InsertOrAssign("c", "d");
  map.InsertOrAssign(std::string("e"), std::string("f"));
  map.TryEmplace("g", std::size_t{3}, 'h');
  map["i"] = map.at(view);
  map.reserve(map.size() + map.count("j"));
  for (auto [key, value] : map) value += key;
  for (auto it = std::as_const(map).Iterate(); it.Next();) static_cast<void>(it.value());
  erase_if(map, [](const auto& entry) { return entry.second.empty(); });
  map.VisitEntries([](const std::string&, const std::string&) {});
  HashMap<std::string, std::string> other = map;
  swap(map, other);
  if (map != other) map = std::move(other);
}

inline std::size_t UseSlice(Slice<std::string>& s) {
  const std::span<const std::string> span = s;
  if (!s.Append(span) || !s.Append({"a", "b"}) || !Insert(s, 0, s) || !PopBack(s)) return 0;
  if (!Filter(s, [](const std::string& text) { return !text.empty(); })) return 0;
  if (!SplitAt(s, 0) || !Clone(s) || !Clip(s) || !DeleteRange(s, 0, 1) || !PopFront(s)) return 0;
  std::size_t size = s.size();
  for (const std::string& text : s) size += text.size();
  return size;
}

}  // namespace slotproof::core
