#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_POOLED_MAP_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_POOLED_MAP_H_

#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <functional>
#include <string>

#include "core/sync/free_list.h"
#include "subjects/scheduled_map/concurrent_map.h"

// A small concurrent map without a lock, whose nodes come from a pool and go back there.
//
//   slots_   [ tag, node | tag, - | ... ]     a slot for each key
//   free_    node -> node -> node             the free ones; without kTagged its tag stays 0
//
// A node that is given back may soon be in another slot, or in this one again. The tag, which each
// swap of a slot counts up, says so to who has looked at it (ABA).

namespace slotproof {

template <bool kTagged>
class PooledMap final : public ConcurrentMap {
 public:
  bool Insert(Key key, Value value) override {
    const std::uint32_t node = TakeNode(value);
    Link found = slots_[key].load();
    while (!slots_[key].compare_exchange_weak(found, Tagged::Of(node, Tagged::TagOf(found) + 1))) {
    }
    if (Tagged::IsNone(found)) return true;
    free_.Give(Tagged::NodeOf(found));
    return false;
  }

  Value Find(Key key) override {
    for (;;) {
      const Link found = slots_[key].load();
      if (Tagged::IsNone(found)) return 0;
      const Value value = values_[Tagged::NodeOf(found)].load();
      if (slots_[key].load() == found) return value;
    }
  }

  bool Delete(Key key) override { return GetAndDelete(key) != 0; }

  Value LoadOrStore(Key key, Value value) override {
    for (;;) {
      const Value present = Find(key);
      if (present != 0) return present;
      Link found = slots_[key].load();
      if (!Tagged::IsNone(found)) continue;
      const std::uint32_t node = TakeNode(value);
      if (slots_[key].compare_exchange_strong(found, Tagged::Of(node, Tagged::TagOf(found) + 1)))
        return 0;
      free_.Give(node);
    }
  }

  Value GetAndDelete(Key key) override {
    for (;;) {
      Link found = slots_[key].load();
      if (Tagged::IsNone(found)) return 0;
      const Value value = values_[Tagged::NodeOf(found)].load();
      if (!slots_[key].compare_exchange_strong(found, Tagged::None(Tagged::TagOf(found) + 1)))
        continue;
      free_.Give(Tagged::NodeOf(found));
      return value;
    }
  }

  bool CompareAndSwap(Key key, Value expected, Value desired) override {
    for (;;) {
      Link found = slots_[key].load();
      if (Tagged::IsNone(found)) return false;
      if (values_[Tagged::NodeOf(found)].load() != expected) {
        if (slots_[key].load() == found) return false;
        continue;
      }
      const std::uint32_t node = TakeNode(desired);
      if (slots_[key].compare_exchange_strong(found, Tagged::Of(node, Tagged::TagOf(found) + 1))) {
        free_.Give(Tagged::NodeOf(found));
        return true;
      }
      free_.Give(node);
    }
  }

  Value Swap(Key key, Value value) override {
    const std::uint32_t node = TakeNode(value);
    Link found = slots_[key].load();
    Value was = 0;
    do {
      was = Tagged::IsNone(found) ? 0 : values_[Tagged::NodeOf(found)].load();
    } while (!slots_[key].compare_exchange_weak(found, Tagged::Of(node, Tagged::TagOf(found) + 1)));
    if (!Tagged::IsNone(found)) free_.Give(Tagged::NodeOf(found));
    return was;
  }

  bool CompareAndDelete(Key key, Value expected) override {
    for (;;) {
      Link found = slots_[key].load();
      if (Tagged::IsNone(found)) return false;
      if (values_[Tagged::NodeOf(found)].load() != expected) {
        if (slots_[key].load() == found) return false;
        continue;
      }
      if (!slots_[key].compare_exchange_strong(found, Tagged::None(Tagged::TagOf(found) + 1)))
        continue;
      free_.Give(Tagged::NodeOf(found));
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
      if (Tagged::IsNone(link)) continue;
      text += "k" + std::to_string(key) + "    node " + std::to_string(Tagged::NodeOf(link)) +
              ": v" + std::to_string(values_[Tagged::NodeOf(link)].load()) + "\n";
    }
    return text + DrawFree();
  }

 private:
  using Tagged = core::TaggedNode;
  using Link = Tagged::Word;
  using Free = core::FreeList<64, kTagged ? 32 : 0>;

  std::uint32_t TakeNode(Value value) {
    const std::uint32_t node = free_.Take();
    assert(node != Free::kNone);
    values_[node].store(value);
    return node;
  }

  std::string DrawFree() const {
    constexpr int kMostDrawn = 6;
    std::string text = "free ";
    int drawn = 0;
    free_.VisitFree([&](std::uint32_t node) {
      const bool fits = drawn++ < kMostDrawn;
      text += fits ? " node " + std::to_string(node) : " ...";
      return fits;
    });
    return text + "\n";
  }

  std::array<std::atomic<Link>, 16> slots_{};
  Free free_;
  std::array<std::atomic<Value>, Free::kSize> values_{};
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_POOLED_MAP_H_
