// FreeList: which of a fixed number of nodes are free, for threads without a lock.
//
//   head_   [ tag | node 2 ]
//   below_  node 2 -> node 0 -> node 3        a stack after Treiber
//
// Take reads the head and what is below it, and swaps the one for the other. If in between the head
// was taken and given back, what was below it may be in use by then, although the head looks the
// same (ABA). So each swap counts up the tag that stands beside the node.
//
// Laws. A node is free or had by one thread. Who takes a node sees all that was done to it before
// it was given. A tag does not come back while a Take is on its way: it has 32 bits unless kTagBits
// says otherwise, and then 2^kTagBits swaps within a Take are too many.
//
// Orders of memory. Give releases, Take acquires. All changes of the head are swaps, so what reads
// one of them has acquired from all before it. The head is acquired where it is loaded, too: what
// is below must be what the giver of this head wrote.
//
// Costs: a load and a compare-and-swap, again for each that comes in between; 4 bytes a node.
#ifndef SLOTPROOF_CORE_SYNC_FREE_LIST_H_
#define SLOTPROOF_CORE_SYNC_FREE_LIST_H_

#include <array>
#include <atomic>
#include <cstdint>

namespace slotproof::core {

// A node or none, and a tag beside it, in one word: 0 is none.
struct TaggedNode {
  using Word = std::uint64_t;

  static constexpr Word None(std::uint32_t tag) { return Word{tag} << 32; }
  static constexpr Word Of(std::uint32_t node, std::uint32_t tag) { return None(tag) | (node + 1); }
  static constexpr bool IsNone(Word word) { return static_cast<std::uint32_t>(word) == 0; }
  static constexpr std::uint32_t NodeOf(Word word) { return static_cast<std::uint32_t>(word) - 1; }
  static constexpr std::uint32_t TagOf(Word word) { return static_cast<std::uint32_t>(word >> 32); }
};

// Without tags (no bits) it is what it should not be, for tests.
template <std::uint32_t kNodes, std::uint32_t kTagBits = 32>
class FreeList {
  using Word = TaggedNode::Word;

 public:
  static constexpr std::uint32_t kSize = kNodes;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // All are free, node 0 first.
  FreeList() {
    for (std::uint32_t node = 0; node < kNodes; ++node) {
      below_[node].store(node + 1 < kNodes ? node + 1 : kNone, std::memory_order_relaxed);
    }
  }
  FreeList(const FreeList&) = delete;
  FreeList& operator=(const FreeList&) = delete;

  // The one that was given last; kNone if none is free.
  [[nodiscard]] std::uint32_t Take() {
    Word head = head_.load(std::memory_order_acquire);
    while (!TaggedNode::IsNone(head)) {
      const std::uint32_t node = TaggedNode::NodeOf(head);
      const std::uint32_t below = below_[node].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, Next(below, head), std::memory_order_acquire)) {
        return node;
      }
    }
    return kNone;
  }

  // The caller has it.
  void Give(std::uint32_t node) {
    Word head = head_.load(std::memory_order_relaxed);
    do {
      const std::uint32_t below = TaggedNode::IsNone(head) ? kNone : TaggedNode::NodeOf(head);
      below_[node].store(below, std::memory_order_relaxed);
    } while (!head_.compare_exchange_weak(head, Next(node, head), std::memory_order_release,
                                          std::memory_order_relaxed));
  }

  // Calls visit(node) for the free ones, the next to be taken first, until it returns false. Nobody
  // takes or gives meanwhile.
  template <class F>
  void VisitFree(const F& visit) const {
    const Word head = head_.load(std::memory_order_relaxed);
    if (TaggedNode::IsNone(head)) return;
    std::uint32_t node = TaggedNode::NodeOf(head);
    while (node != kNone && visit(node)) node = below_[node].load(std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint32_t kTagMask =
      static_cast<std::uint32_t>((std::uint64_t{1} << kTagBits) - 1);

  // The head that follows this one.
  static Word Next(std::uint32_t node, Word head) {
    const std::uint32_t tag = (TaggedNode::TagOf(head) + 1) & kTagMask;
    return node == kNone ? TaggedNode::None(tag) : TaggedNode::Of(node, tag);
  }

  std::atomic<Word> head_{TaggedNode::Of(0, 0)};
  std::array<std::atomic<std::uint32_t>, kNodes> below_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SYNC_FREE_LIST_H_
