#ifndef SLOTPROOF_SUBJECTS_MAP_CHAINED_MAP_H_
#define SLOTPROOF_SUBJECTS_MAP_CHAINED_MAP_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

// A hash map with iterators of its own, small enough to be read at once: what bugs of iterators are
// planted in (mutants/chained_map.bzl). It promises what std::unordered_map does.
//
//   Table                 heads
//   +-------+      +-----------------+
//   | heads | ---> | [0] -> n -> n   |       a node: key and element, and the next of its chain
//   | size  |      | [1]             |       an iterator: a table and a node; null is the end
//   +-------+      | [2] -> n        |
//                  +-----------------+
//
//   - nodes never move: an iterator is good until its entry is erased or the table rehashes;
//   - an insertion rehashes when there would be more entries than chains, and never else;
//   - a swap, or a move, hands the table over, so that iterators follow their entries;
//   - the order within a chain stays: an iterator that is good meets each entry once.

namespace slotproof {

template <class Key, class Elem, class Hash>
class ChainedMap {
  struct Node {
    std::pair<const Key, Elem> entry;
    std::unique_ptr<Node> next;
  };
  struct Table {
    std::vector<std::unique_ptr<Node>> heads;
    std::size_t size = 0;
  };

 public:
  class iterator {
   public:
    iterator() = default;
    std::pair<const Key, Elem>& operator*() const { return node_->entry; }
    std::pair<const Key, Elem>* operator->() const { return &node_->entry; }
    iterator& operator++() {
      const std::size_t chain = chain_;
      node_ = node_->next.get();
      if (node_ == nullptr) *this = FirstFrom(table_, chain + 1);
      return *this;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.node_ == b.node_; }

   private:
    friend class ChainedMap;
    iterator(Table* table, std::size_t chain, Node* node)
        : table_(table), chain_(chain), node_(node) {}

    Table* table_ = nullptr;
    std::size_t chain_ = 0;
    Node* node_ = nullptr;
  };

  ChainedMap(std::size_t hint, Hash hash) : hash_(std::move(hash)) {
    std::size_t chains = 1;
    while (chains < hint) chains *= 2;
    table_->heads.resize(chains);
  }
  ChainedMap(const ChainedMap& other) : ChainedMap(other.size(), other.hash_) {
    for (iterator it = other.First(); it != iterator(); ++it) Add(it->first, it->second);
  }
  // What is left behind gets a table, which may throw.
  // NOLINTBEGIN(performance-noexcept-move-constructor)
  ChainedMap(ChainedMap&& other) : ChainedMap(0, other.hash_) { swap(other); }
  ChainedMap& operator=(const ChainedMap& other) {
    ChainedMap copy(other);
    swap(copy);
    return *this;
  }
  ChainedMap& operator=(ChainedMap&& other) {
    ChainedMap moved(std::move(other));
    swap(moved);
    return *this;
  }
  // NOLINTEND(performance-noexcept-move-constructor)
  ~ChainedMap() { clear(); }

  void swap(ChainedMap& other) noexcept { std::swap(table_, other.table_); }

  std::size_t size() const { return table_->size; }
  std::size_t bucket_count() const { return table_->heads.size(); }
  std::size_t bucket(const Key& key) const { return hash_(key) & (bucket_count() - 1); }

  iterator begin() const { return First(); }
  iterator end() const { return iterator(); }
  iterator find(const Key& key) const {
    const std::size_t chain = bucket(key);
    Node* node = table_->heads[chain].get();
    while (node != nullptr && !(node->entry.first == key)) node = node->next.get();
    return node == nullptr ? iterator() : iterator(table_.get(), chain, node);
  }

  // The entry under the key, and whether it is new.
  std::pair<iterator, bool> insert_or_assign(const Key& key, Elem elem) {
    const iterator found = find(key);
    if (found == iterator()) return {Add(key, std::move(elem)), true};
    found->second = std::move(elem);
    return {found, false};
  }
  // The hint saves the look-up where it is the key's own entry.
  iterator insert_or_assign(iterator hint, const Key& key, Elem elem) {
    if (hint != end() && hint->first == key) {
      hint->second = std::move(elem);
      return hint;
    }
    return insert_or_assign(key, std::move(elem)).first;
  }

  // Moves the nodes whose keys are absent here. One that throws has moved some, and lost none.
  void merge(ChainedMap& other) {
    for (std::unique_ptr<Node>& head : other.table_->heads) {
      for (std::unique_ptr<Node>* link = &head; *link != nullptr;) {
        const Key& key = (*link)->entry.first;
        if (find(key) != end()) {
          link = &(*link)->next;
          continue;
        }
        std::unique_ptr<Node>& place = table_->heads[ChainWithRoom(key)];
        std::unique_ptr<Node> node = Unlink(link);
        --other.table_->size;
        node->next = std::move(place);
        place = std::move(node);
        ++table_->size;
      }
    }
  }

  // How many entries it was.
  std::size_t erase(const Key& key) {
    const iterator found = find(key);
    if (found == iterator()) return 0;
    erase(found);
    return 1;
  }
  // The iterator behind the erased entry.
  iterator erase(iterator it) {
    iterator next = it;
    ++next;
    std::unique_ptr<Node>* link = &table_->heads[it.chain_];
    while (link->get() != it.node_) link = &(*link)->next;
    Unlink(link);
    --table_->size;
    return next;
  }
  iterator erase(iterator first, iterator last) {
    while (first != last) first = erase(first);
    return first;
  }
  void clear() {
    for (std::unique_ptr<Node>& head : table_->heads) {
      while (head != nullptr) head = std::move(head->next);
    }
    table_->size = 0;
  }

 private:
  static iterator FirstFrom(Table* table, std::size_t chain) {
    while (chain < table->heads.size() && table->heads[chain] == nullptr) ++chain;
    if (chain == table->heads.size()) return iterator();
    return iterator(table, chain, table->heads[chain].get());
  }
  iterator First() const { return FirstFrom(table_.get(), 0); }

  // The key is absent. What may throw comes before the table changes.
  iterator Add(const Key& key, Elem elem) {
    auto node = std::make_unique<Node>(Node{{key, std::move(elem)}, nullptr});
    const std::size_t chain = ChainWithRoom(key);
    std::unique_ptr<Node>& head = table_->heads[chain];
    node->next = std::move(head);
    head = std::move(node);
    ++table_->size;
    return iterator(table_.get(), chain, head.get());
  }

  static std::unique_ptr<Node> Unlink(std::unique_ptr<Node>* link) {
    std::unique_ptr<Node> node = std::move(*link);
    *link = std::move(node->next);
    return node;
  }

  // The key's, in a table that has room for one more.
  std::size_t ChainWithRoom(const Key& key) {
    if (size() == bucket_count()) Rehash(2 * size());
    return bucket(key);
  }

  void Rehash(std::size_t chains) {
    std::vector<std::unique_ptr<Node>> old(chains);
    std::vector<std::size_t> places;
    for (iterator it = First(); it != end(); ++it)
      places.push_back(hash_(it->first) & (chains - 1));
    std::swap(old, table_->heads);
    auto place = places.begin();
    for (std::unique_ptr<Node>& head : old) {
      while (head != nullptr) {
        std::unique_ptr<Node> node = Unlink(&head);
        std::unique_ptr<Node>& new_head = table_->heads[*place++];
        node->next = std::move(new_head);
        new_head = std::move(node);
      }
    }
  }

  Hash hash_;
  std::unique_ptr<Table> table_ = std::make_unique<Table>();
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_CHAINED_MAP_H_
