#ifndef SLOTPROOF_HARNESS_LINEAR_MODELS_SEQUENCES_H_
#define SLOTPROOF_HARNESS_LINEAR_MODELS_SEQUENCES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Sequences that share their beginnings: a node is the sequence from the root to it, so that one
// that is longer by an item costs one node, and a sequence is copied by copying its number.
//
//   root - 3 - 1 - 4        node 3: 3 1 4
//              \ 1 - 5      node 5: 3 1 1 5
//
// One sequence has one node. Each node also knows an ancestor further up (`jump`), chosen by the
// node's length so that any ancestor is reached in a number of steps that is logarithmic in it.

namespace slotproof::linear {

class Sequences {
 public:
  using Node = std::uint32_t;
  using Item = std::uint32_t;
  static constexpr Node kEmpty = 0;

  Sequences();

  // The node's sequence and one item more.
  Node With(Node node, Item item);
  Node With(Node node, std::span<const Item> items);

  std::uint32_t length(Node node) const { return nodes_[node].length; }
  // The last item.
  Item last(Node node) const { return nodes_[node].item; }
  Node parent(Node node) const { return nodes_[node].parent; }
  // The node of its first so many items.
  Node Prefix(Node node, std::uint32_t length) const;
  // All but the first `skipped`.
  std::vector<Item> Items(Node node, std::uint32_t skipped = 0) const;

  // Of the items but for the first so many: the same for equal ones, whatever was before them.
  std::uint64_t HashBehind(Node node, std::uint32_t skipped) const;
  bool EqualBehind(Node a, std::uint32_t skipped_a, Node b, std::uint32_t skipped_b) const;

  std::size_t bytes() const {
    return nodes_.size() * sizeof(Entry) + places_.size() * sizeof(Node);
  }

 private:
  struct Entry {
    Node parent;
    Node jump;
    Item item;
    std::uint32_t length;
    std::uint64_t hash;  // sum of the items times powers of a base, the last times 1
  };

  std::size_t PlaceOf(Node parent, Item item) const;

  std::vector<Entry> nodes_;
  std::vector<Node> places_;  // a hash set of them by parent and item; 0 is a free place
};

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODELS_SEQUENCES_H_
