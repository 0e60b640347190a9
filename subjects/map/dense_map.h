#ifndef SLOTPROOF_SUBJECTS_MAP_DENSE_MAP_H_
#define SLOTPROOF_SUBJECTS_MAP_DENSE_MAP_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// A flat map, for the mutants' sake: faults that real containers had are planted in it, which the
// reference map has no code for. It is an adapter of container_subject.h by itself, with an
// operation of its own for everything that is optional there.
//
//   heads_     | 2 | - | 1 | - |         by hash: the number of the first entry of the chain
//   entries_   | k9 | k3 | k7 |          side by side, each with its element and the next of its
//                                        chain; a deletion moves the last one into the hole
//
// Invariants: each entry is once in the chain of its hash, and in no other.
//
// Promises: arguments may refer into the map, though insertion moves all entries at times and
// deletion moves one; an element that is not stored is left as it was; a map that was moved from
// can be used.

namespace slotproof {

template <class Key, class Elem, class Hash>
class DenseMap {
 public:
  DenseMap(std::size_t hint, Hash hash)
      : hash_(hash), heads_(std::bit_ceil(std::max<std::size_t>(hint, 4)), kNone) {}
  DenseMap(const DenseMap&) = default;
  // What is left behind gets its heads, which may throw.
  // NOLINTNEXTLINE(performance-noexcept-move-constructor)
  DenseMap(DenseMap&& other) : DenseMap(0, other.hash_) { Swap(other); }
  DenseMap& operator=(DenseMap other) {
    Swap(other);
    return *this;
  }
  ~DenseMap() = default;

  const Elem* find(const Key& key) const {
    const Entry* entry = Search(key);
    return entry == nullptr ? nullptr : &entry->elem;
  }
  const Key* find_key(const Key& key) const {
    const Entry* entry = Search(key);
    return entry == nullptr ? nullptr : &entry->key;
  }
  bool insert_or_assign(const Key& key, Elem elem) { return Assign(key, std::move(elem)); }
  bool assign_within(const Key& key, Elem& elem) { return Assign(key, elem); }
  bool erase(const Key& key) { return EraseOne(key); }
  bool erase_within(const Key& key) { return erase(key); }

  bool compare_and_swap(const Key& key, const Elem& expected, Elem next) {
    Entry* entry = Search(key);
    if (entry == nullptr) return false;
    if (!(entry->elem == expected)) return false;
    entry->elem = std::move(next);
    return true;
  }
  // The function sees the element itself, which is zero where the key is new.
  template <class F>
  void update(const Key& key, F function) {
    Entry* entry = Search(key);
    if (entry == nullptr) entry = &Append(key, Elem{});
    function(entry->elem);
  }
  template <class E>
  std::pair<const Elem*, bool> try_emplace(const Key& key, E&& elem) {
    if (const Entry* entry = Search(key)) {
      return {&entry->elem, false};
    }
    return {&Append(key, std::forward<E>(elem)).elem, true};
  }
  std::optional<Elem> get_and_delete(const Key& key) {
    Entry* entry = Search(key);
    if (entry == nullptr) return std::nullopt;
    std::optional<Elem> got(std::move(entry->elem));
    EraseOne(entry->key);
    return got;
  }

  std::size_t size() const { return entries_.size(); }
  void clear() {
    entries_.clear();
    std::fill(heads_.begin(), heads_.end(), kNone);
  }
  template <class F>
  void for_each(F f) const {
    for (const Entry& entry : entries_) f(entry.key, entry.elem);
  }
  std::size_t bucket_count() const { return heads_.size(); }
  std::size_t bucket(const Key& key) const { return hash_(key) & (heads_.size() - 1); }

  std::optional<std::string> check_invariants() const {
    std::size_t met = 0;
    for (std::size_t b = 0; b < heads_.size(); ++b) {
      for (std::uint32_t at = heads_[b]; at != kNone; at = entries_[at].next) {
        if (++met > entries_.size()) return "a chain has a circle";
        if (at >= entries_.size()) return "a chain leads past the last entry";
        if (bucket(entries_[at].key) != b) return "an entry is in another chain than its hash's";
      }
    }
    if (met == entries_.size()) return std::nullopt;
    return std::to_string(entries_.size() - met) + " entries are in no chain";
  }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  struct Entry {
    Key key;
    Elem elem;
    std::uint32_t next;
  };

  const Entry* Search(const Key& key) const {
    for (std::uint32_t at = heads_[bucket(key)]; at != kNone; at = entries_[at].next) {
      if (entries_[at].key == key) return &entries_[at];
    }
    return nullptr;
  }
  Entry* Search(const Key& key) { return const_cast<Entry*>(std::as_const(*this).Search(key)); }

  // True when the key was absent.
  template <class E>
  bool Assign(const Key& key, E&& elem) {
    if (Entry* entry = Search(key)) {
      entry->elem = std::forward<E>(elem);
      return false;
    }
    Append(key, std::forward<E>(elem));
    return true;
  }

  void Swap(DenseMap& other) noexcept {
    std::swap(hash_, other.hash_);
    heads_.swap(other.heads_);
    entries_.swap(other.entries_);
  }

  // A new entry, made before others move.
  template <class E>
  Entry& Append(const Key& key, E&& elem) {
    Entry entry = {key, Elem(std::forward<E>(elem)), kNone};
    Grow();
    std::uint32_t& head = heads_[bucket(entry.key)];
    entry.next = std::exchange(head, static_cast<std::uint32_t>(entries_.size()));
    entries_.push_back(std::move(entry));
    return entries_.back();
  }

  // Room for one more entry.
  void Grow() {
    if (entries_.size() == entries_.capacity()) entries_.reserve(2 * entries_.size() + 1);
    if (entries_.size() < heads_.size()) return;
    heads_.assign(2 * heads_.size(), kNone);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      std::uint32_t& head = heads_[bucket(entries_[i].key)];
      entries_[i].next = std::exchange(head, static_cast<std::uint32_t>(i));
    }
  }

  bool EraseOne(const Key& key) {
    Entry* entry = Search(key);
    if (entry == nullptr) return false;
    *LinkTo(entry) = entry->next;
    Entry* last = &entries_.back();
    if (entry != last) {
      *LinkTo(last) = static_cast<std::uint32_t>(entry - entries_.data());
      *entry = std::move(*last);
    }
    entries_.pop_back();
    return true;
  }

  // What leads to the entry: its chain's head, or the one before it.
  std::uint32_t* LinkTo(const Entry* entry) {
    const auto number = static_cast<std::uint32_t>(entry - entries_.data());
    std::uint32_t* link = &heads_[bucket(entry->key)];
    while (*link != number) link = &entries_[*link].next;
    return link;
  }

  Hash hash_;
  std::vector<std::uint32_t> heads_;
  std::vector<Entry> entries_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_DENSE_MAP_H_
