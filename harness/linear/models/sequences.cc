#include "harness/linear/models/sequences.h"

#include <algorithm>

#include "harness/linear/model.h"

namespace slotproof::linear {
namespace {

// Odd, so that no power of it is 0.
constexpr std::uint64_t kBase = 0x9e3779b97f4a7c15u;
constexpr std::size_t kFewestPlaces = 64;

}  // namespace

Sequences::Sequences()
    : nodes_{{.parent = kEmpty, .jump = kEmpty, .item = 0, .length = 0, .hash = 0}},
      places_(kFewestPlaces) {}

std::size_t Sequences::PlaceOf(Node parent, Item item) const {
  const std::size_t mask = places_.size() - 1;
  std::size_t place = Mix(std::uint64_t{parent} << 32 | item) & mask;
  while (places_[place] != 0 &&
         (nodes_[places_[place]].parent != parent || nodes_[places_[place]].item != item)) {
    place = (place + 1) & mask;
  }
  return place;
}

Sequences::Node Sequences::With(Node node, Item item) {
  const std::size_t place = PlaceOf(node, item);
  if (places_[place] != 0) return places_[place];
  const auto added = static_cast<Node>(nodes_.size());
  const Entry parent = nodes_[node];
  const Entry& jump = nodes_[parent.jump];
  // Where the last two jumps were as long as each other, one goes as far as both.
  const bool joins = parent.length - jump.length == jump.length - nodes_[jump.jump].length;
  const Entry entry = {.parent = node,
                       .jump = joins ? jump.jump : node,
                       .item = item,
                       .length = parent.length + 1,
                       .hash = parent.hash * kBase + item + 1};
  nodes_.push_back(entry);
  places_[place] = added;
  if (nodes_.size() > places_.size() / 2) {
    places_.assign(2 * places_.size(), 0);
    for (Node i = 1; i < nodes_.size(); ++i) {
      places_[PlaceOf(nodes_[i].parent, nodes_[i].item)] = i;
    }
  }
  return added;
}

Sequences::Node Sequences::With(Node node, std::span<const Item> items) {
  for (const Item item : items) node = With(node, item);
  return node;
}

Sequences::Node Sequences::Prefix(Node node, std::uint32_t length) const {
  while (nodes_[node].length > length) {
    const Node jump = nodes_[node].jump;
    node = nodes_[jump].length >= length ? jump : nodes_[node].parent;
  }
  return node;
}

std::vector<Sequences::Item> Sequences::Items(Node node, std::uint32_t skipped) const {
  std::vector<Item> items;
  for (; nodes_[node].length > skipped; node = nodes_[node].parent) {
    items.push_back(nodes_[node].item);
  }
  std::ranges::reverse(items);
  return items;
}

std::uint64_t Sequences::HashBehind(Node node, std::uint32_t skipped) const {
  const Entry& begin = nodes_[Prefix(node, skipped)];
  const Entry& end = nodes_[node];
  // begin.hash, as far up as its items are in end.hash.
  std::uint64_t power = 1;
  std::uint64_t base = kBase;
  for (std::uint32_t rest = end.length - begin.length; rest != 0; rest /= 2) {
    if (rest % 2 != 0) power *= base;
    base *= base;
  }
  return end.hash - begin.hash * power;
}

bool Sequences::EqualBehind(Node a, std::uint32_t skipped_a, Node b,
                            std::uint32_t skipped_b) const {
  if (length(a) - skipped_a != length(b) - skipped_b) return false;
  for (; length(a) > skipped_a; a = parent(a), b = parent(b)) {
    if (a == b && skipped_a == skipped_b) return true;
    if (last(a) != last(b)) return false;
  }
  return true;
}

}  // namespace slotproof::linear
