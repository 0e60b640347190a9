#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_POOLED_MAP_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_POOLED_MAP_H_

#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <functional>
#include <string>

#include "subjects/scheduled_map/concurrent_map.h"

// A small concurrent map without a lock, whose nodes come from a pool and go back there.
//
//   slots_   [ tag, node | tag, - | ... ]     a slot for each key
//   free_    tag, node -> node -> node        the free ones: a stack after Treiber
//
// Whoever takes a node reads the stack's head and the node below it, and swaps the one for the
// other. If the head was taken and given back in between, the node below may be in use by then.
// The tag, which each swap counts up, is there for that (ABA); without kTagged it stays 0.

namespace slotproof {

template <bool kTagged>
class PooledMap final : public ConcurrentMap {
 public:
  PooledMap() {
    for (std::uint32_t node = 1; node < kNodes; ++node) nodes_[node - 1].next = LinkTo(node, 0);
    free_ = LinkTo(0, 0);
  }

  bool Insert(Key key, Value value) override {
    const std::uint32_t node = TakeNode(value);
    Link found = slots_[key].load();
    while (!slots_[key].compare_exchange_weak(found, LinkTo(node, TagOf(found) + 1))) {
    }
    if (IsNull(found)) return true;
    GiveNode(NodeOf(found));
    return false;
  }

  Value Find(Key key) override {
    for (;;) {
      const Link found = slots_[key].load();
      if (IsNull(found)) return 0;
      const Value value = nodes_[NodeOf(found)].value.load();
      if (slots_[key].load() == found) return value;
    }
  }

  bool Delete(Key key) override { return GetAndDelete(key) != 0; }

  Value LoadOrStore(Key key, Value value) override {
    for (;;) {
      const Value present = Find(key);
      if (present != 0) return present;
      Link found = slots_[key].load();
      if (!IsNull(found)) continue;
      const std::uint32_t node = TakeNode(value);
      if (slots_[key].compare_exchange_strong(found, LinkTo(node, TagOf(found) + 1))) return 0;
      GiveNode(node);
    }
  }

  Value GetAndDelete(Key key) override {
    for (;;) {
      Link found = slots_[key].load();
      if (IsNull(found)) return 0;
      const Value value = nodes_[NodeOf(found)].value.load();
      if (!slots_[key].compare_exchange_strong(found, Null(TagOf(found) + 1))) continue;
      GiveNode(NodeOf(found));
      return value;
    }
  }

  bool CompareAndSwap(Key key, Value expected, Value desired) override {
    for (;;) {
      Link found = slots_[key].load();
      if (IsNull(found)) return false;
      if (nodes_[NodeOf(found)].value.load() != expected) {
        if (slots_[key].load() == found) return false;
        continue;
      }
      const std::uint32_t node = TakeNode(desired);
      if (slots_[key].compare_exchange_strong(found, LinkTo(node, TagOf(found) + 1))) {
        GiveNode(NodeOf(found));
        return true;
      }
      GiveNode(node);
    }
  }

  Value Swap(Key key, Value value) override {
    const std::uint32_t node = TakeNode(value);
    Link found = slots_[key].load();
    Value was = 0;
    do {
      was = IsNull(found) ? 0 : nodes_[NodeOf(found)].value.load();
    } while (!slots_[key].compare_exchange_weak(found, LinkTo(node, TagOf(found) + 1)));
    if (!IsNull(found)) GiveNode(NodeOf(found));
    return was;
  }

  bool CompareAndDelete(Key key, Value expected) override {
    for (;;) {
      Link found = slots_[key].load();
      if (IsNull(found)) return false;
      if (nodes_[NodeOf(found)].value.load() != expected) {
        if (slots_[key].load() == found) return false;
        continue;
      }
      if (!slots_[key].compare_exchange_strong(found, Null(TagOf(found) + 1))) continue;
      GiveNode(NodeOf(found));
      return true;
    }
  }

  void Range(const std::function<void(Key, Value)>& visit) override {
    for (Key key = 0; key < slots_.size(); ++key) {
      const Value value = Find(key);
      if (value != 0) visit(key, value);
    }
  }

  std::string Draw() const override {
    std::string text;
    for (std::size_t key = 0; key < slots_.size(); ++key) {
      const Link link = slots_[key].load();
      if (IsNull(link)) continue;
      text += "k" + std::to_string(key) + "    node " + std::to_string(NodeOf(link)) + ": v" +
              std::to_string(nodes_[NodeOf(link)].value.load()) + "\n";
    }
    constexpr int kMostDrawn = 6;
    text += "free ";
    Link link = free_.load();
    for (int i = 0; i < kMostDrawn && !IsNull(link); ++i) {
      text += " node " + std::to_string(NodeOf(link));
      link = nodes_[NodeOf(link)].next.load();
    }
    return text + (IsNull(link) ? "\n" : " ...\n");
  }

 private:
  // The tag above, one more than the node's number below; 0 there is none.
  using Link = std::uint64_t;
  static constexpr std::uint32_t kNodes = 64;

  struct Node {
    std::atomic<Value> value = 0;
    std::atomic<Link> next = 0;  // of a free one
  };

  static Link Null(std::uint32_t tag) { return Link{tag} << 32; }
  static Link LinkTo(std::uint32_t node, std::uint32_t tag) { return Null(tag) | (node + 1); }
  static bool IsNull(Link link) { return static_cast<std::uint32_t>(link) == 0; }
  static std::uint32_t NodeOf(Link link) { return static_cast<std::uint32_t>(link) - 1; }
  static std::uint32_t TagOf(Link link) { return static_cast<std::uint32_t>(link >> 32); }
  static Link NextHead(Link link, Link head) {
    const std::uint32_t tag = kTagged ? TagOf(head) + 1 : 0;
    return IsNull(link) ? Null(tag) : LinkTo(NodeOf(link), tag);
  }

  std::uint32_t TakeNode(Value value) {
    Link head = free_.load();
    for (;;) {
      assert(!IsNull(head));
      const Link next = nodes_[NodeOf(head)].next.load();
      if (free_.compare_exchange_weak(head, NextHead(next, head))) break;
    }
    nodes_[NodeOf(head)].value.store(value);
    return NodeOf(head);
  }

  void GiveNode(std::uint32_t node) {
    Link head = free_.load();
    do {
      nodes_[node].next.store(head);
    } while (!free_.compare_exchange_weak(head, NextHead(LinkTo(node, 0), head)));
  }

  std::array<std::atomic<Link>, 16> slots_{};
  std::atomic<Link> free_ = 0;
  std::array<Node, kNodes> nodes_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_POOLED_MAP_H_
