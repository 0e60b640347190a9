#ifndef SLOTPROOF_SUBJECTS_MAP_CONTAINER_SUBJECT_H_
#define SLOTPROOF_SUBJECTS_MAP_CONTAINER_SUBJECT_H_

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "subjects/elements/elements.h"
#include "subjects/map/container_traits.h"
#include "subjects/map/fragile_kinds.h"
#include "subjects/map/keys.h"
#include "subjects/map/map_subject.h"

// Makes a MapSubject of any map-like container through a small adapter:
//
//   template <class Key, class Elem, class Hash>
//   struct Adapter {
//     Adapter(std::size_t hint, Hash hash);            // and copyable, movable
//     bool insert_or_assign(const Key&, Elem);         // true: it was absent
//     const Elem* find(const Key&) const;              // null: absent
//     bool erase(const Key&);                          // true: it was present
//     std::size_t size() const;
//     void clear();
//     template <class F> void for_each(F f) const;     // f(key, elem)
//     // Optional, each adds checks or aims bursts. What depends on the present value is composed
//     // of the above where the container has no operation for it; and where it has none that takes
//     // arguments which refer into itself, it is given copies of them.
//     bool compare_and_swap(const Key&, const Elem& expected, Elem);   // true: swapped
//     template <class F> void update(const Key&, F f);                 // f(Elem&), Elem{} if new
//     template <class E> std::pair<const Elem*, bool> try_emplace(const Key&, E&&);  // true: new
//     std::optional<Elem> get_and_delete(const Key&);                  // nothing: absent
//     bool assign_within(const Key&, Elem&);                           // as insert_or_assign
//     bool erase_within(const Key&);                                   // as erase
//     const Key* find_key(const Key&) const;                           // the stored key
//     void swap(Adapter&);                             // else it is moved
//     void merge(Adapter&);                            // moves what is absent here
//     friend bool operator==(const Adapter&, const Adapter&);
//     // Iterators of its own, all or none; *it has first and second.
//     using iterator = ...;
//     iterator begin();
//     iterator end();
//     iterator erase(iterator);
//     iterator erase(iterator, iterator);
//     iterator insert_or_assign(iterator hint, const Key&, Elem);
//     static constexpr IteratorPromises kIteratorPromises = {...};
//     std::size_t bucket_count() const;
//     std::size_t bucket(const Key&) const;
//     std::optional<std::string> check_invariants() const;
//     // It keeps its contents when a copy, a hash, a comparison or an allocation throws, and takes
//     // elements that can only be moved. Else operations that throw are left out.
//     static constexpr bool kKeepsContentsOnThrow = true;
//     // How many entries a merge that throws may have lost; each of the others is in one of the
//     // maps. Else none throws.
//     static constexpr std::size_t kMergeMayLose = 0;
//   };
//
// A container's own iterators are kept as long as it promises that they are valid. Of one that has
// none, an iteration walks what for_each gave at its begin, and a write ends it.

namespace slotproof {

template <class Key, class Elem, template <class, class, class> class Adapter>
class ContainerSubject final : public MapSubject {
  using Container = Adapter<Key, Elem, ContainerHash<Key>>;
  using Walk = ContainerWalk<Container>;
  static constexpr bool kOwnIterators = HasOwnIterators<Container>;

 public:
  explicit ContainerSubject(const MapHeader& header)
      : hash_{header.hash},
        universe_(header.universe),
        container_(static_cast<std::size_t>(header.hint), hash_) {}

  MapTraits traits() const override {
    return {.own_iterators = kOwnIterators,
            .iterators = Promises(),
            .keeps_contents_on_throw = kKeepsContentsOnThrow<Container>,
            .copies_elements = std::is_copy_constructible_v<Elem>,
            .merges = kMerges<Container>,
            .merge_may_lose = MergeMayLose<Container>().value_or(0)};
  }

  bool InsertOrAssign(KeyIndex key, Token token) override {
    Elem elem = ElementTraits<Elem>::Make(token);
    const bool inserted = CallSubject(
        [&] { return container_.insert_or_assign(KeyTable<Key>::At(key), std::move(elem)); });
    NoteSize();
    return inserted;
  }
  Token Find(KeyIndex key) override {
    const Elem* elem = CallSubject([&] { return container_.find(KeyTable<Key>::At(key)); });
    NoteSize();
    return elem == nullptr ? kNoToken : ElementTraits<Elem>::Read(*elem);
  }
  bool Erase(KeyIndex key) override {
    const bool erased = CallSubject([&] { return container_.erase(KeyTable<Key>::At(key)); });
    NoteSize();
    return erased;
  }
  void Clear() override {
    container_.clear();
    NoteNewShape();
  }

  bool CompareAndSwap(KeyIndex index, Token expected, Token token) override {
    const Key& key = KeyTable<Key>::At(index);
    const Elem old = ElementTraits<Elem>::Make(expected);
    Elem next = ElementTraits<Elem>::Make(token);
    return CallSubject([&] {
      if constexpr (requires { container_.compare_and_swap(key, old, std::move(next)); }) {
        return container_.compare_and_swap(key, old, std::move(next));
      } else {
        const Elem* elem = container_.find(key);
        if (elem == nullptr || !(*elem == old)) return false;
        container_.insert_or_assign(key, std::move(next));
        return true;
      }
    });
  }
  Token Update(KeyIndex index, Token token) override {
    const Key& key = KeyTable<Key>::At(index);
    Token seen = kNoToken;
    const auto function = [&](Elem& elem) {
      const FusePause pause;
      seen = seen == kNoToken ? ElementTraits<Elem>::Read(elem) : kDamaged;  // once
      elem = ElementTraits<Elem>::Make(token);
    };
    CallSubject([&] {
      if constexpr (requires { container_.update(key, function); }) {
        container_.update(key, function);
      } else {
        const Elem* elem = container_.find(key);
        seen = elem == nullptr ? 0 : ElementTraits<Elem>::Read(*elem);
        container_.insert_or_assign(key, ElementTraits<Elem>::Make(token));
      }
    });
    NoteSize();
    return seen;
  }
  LoadResult LoadOrStore(KeyIndex index, Token token) override {
    const Key& key = KeyTable<Key>::At(index);
    Elem argument = ElementTraits<Elem>::Make(token);
    if constexpr (requires { container_.try_emplace(key, std::move(argument)); }) {
      const auto [elem, stored] =
          CallSubject([&] { return container_.try_emplace(key, std::move(argument)); });
      NoteSize();
      return ResultOfLoad<Elem>(stored ? nullptr : elem, stored ? *elem : argument, token);
    } else {
      const Token found = Find(index);
      if (found == kNoToken) InsertOrAssign(index, token);
      return {.found = found};
    }
  }
  Token GetAndDelete(KeyIndex index) override {
    const Key& key = KeyTable<Key>::At(index);
    if constexpr (requires { container_.get_and_delete(key); }) {
      const auto got = CallSubject([&] { return container_.get_and_delete(key); });
      NoteSize();
      return got ? ElementTraits<Elem>::Read(*got) : kNoToken;
    } else {
      const Token got = Find(index);
      return Erase(index) ? got : kNoToken;
    }
  }

  bool AssignFrom(KeyIndex index, KeyIndex present) override {
    return AssignWithin(KeyTable<Key>::At(index), present);
  }
  LoadResult EmplaceFrom(KeyIndex index, KeyIndex present) override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      const Key& key = KeyTable<Key>::At(index);
      const auto [elem, stored] = CallSubject([&]() -> std::pair<const Elem*, bool> {
        const Elem& source = *container_.find(KeyTable<Key>::At(present));
        if constexpr (requires { container_.try_emplace(key, source); }) {
          return container_.try_emplace(key, source);
        } else if (const Elem* found = container_.find(key)) {
          return {found, false};
        } else {
          container_.insert_or_assign(key, Elem(source));
          return {nullptr, true};
        }
      });
      NoteSize();
      return {.found = stored ? kNoToken : ElementTraits<Elem>::Read(*elem)};
    }
    return {.found = kNoToken};
  }
  bool AssignSelf(KeyIndex present) override { return AssignWithin(StoredKey(present), present); }
  bool EraseStored(KeyIndex present) override {
    const bool erased = CallSubject([&] {
      if constexpr (requires(const Key& key) { container_.erase_within(key); }) {
        return container_.erase_within(StoredKey(present));
      } else {
        return container_.erase(KeyTable<Key>::At(present));
      }
    });
    NoteSize();
    return erased;
  }
  void NoteFailure() override { NoteNewShape(); }

  void Begin(std::size_t handle) override {
    walks_[handle] = Walk();
    if constexpr (kOwnIterators) {
      walks_[handle].at = container_.begin();
    } else {
      container_.for_each([&](const Key& key, const Elem& elem) {
        walks_[handle].entries.push_back({IndexOfKey(key), ElementTraits<Elem>::Read(elem)});
      });
    }
    NoteSize();
  }
  bool Next(std::size_t handle, MapEntry* entry) override {
    Walk& walk = walks_[handle];
    if constexpr (kOwnIterators) {
      if (std::exchange(walk.yielded, true)) ++walk.at;
      if (walk.at == container_.end()) return false;
      *entry = EntryAt(walk.at);
    } else {
      if (walk.at == walk.entries.size()) return false;
      *entry = walk.entries[walk.at++];
    }
    return true;
  }
  void End(std::size_t handle) override { walks_[handle] = Walk(); }

  std::optional<MapEntry> Peek(std::size_t handle) override {
    if constexpr (kOwnIterators) {
      if (walks_[handle].at != container_.end()) return EntryAt(walks_[handle].at);
    }
    return std::nullopt;
  }
  void EraseAt(std::size_t handle) override {
    if constexpr (kOwnIterators) {
      walks_[handle] = {.at = container_.erase(walks_[handle].at), .yielded = false};
    }
    NoteSize();
  }
  void EraseRange(std::size_t handle, std::size_t count, std::vector<MapEntry>* erased) override {
    erased->clear();
    if constexpr (kOwnIterators) {
      auto last = walks_[handle].at;
      for (; erased->size() < count && last != container_.end(); ++last) {
        erased->push_back(EntryAt(last));
      }
      walks_[handle] = {.at = container_.erase(walks_[handle].at, last), .yielded = false};
    }
    NoteSize();
  }
  MapEntry InsertHint(std::size_t handle, KeyIndex key, Token token) override {
    if constexpr (kOwnIterators) {
      Elem elem = ElementTraits<Elem>::Make(token);
      const auto it = CallSubject([&] {
        return container_.insert_or_assign(walks_[handle].at, KeyTable<Key>::At(key),
                                           std::move(elem));
      });
      NoteSize();
      return EntryAt(it);
    }
    return {key, token};
  }

  void Rehint(std::size_t hint) override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      Container next(hint, hash_);
      CallSubject([&] {
        container_.for_each(
            [&](const Key& key, const Elem& elem) { next.insert_or_assign(key, elem); });
      });
      container_ = std::move(next);
    }
    NoteNewShape();
  }
  void ReplaceByCopy() override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      Container copy = CallSubject([&] { return Container(container_); });
      container_.clear();
      container_ = std::move(copy);
    }
    NoteNewShape();
  }
  void ReplaceByMove() override {
    Container moved(std::move(container_));
    container_ = std::move(moved);
    NoteNewShape();
  }

  void SwapWith(MapSubject& other) override {
    Container& partner = Partner(other).container_;
    if constexpr (requires { container_.swap(partner); }) {
      container_.swap(partner);
    } else if (&partner != &container_) {
      std::swap(container_, partner);
    }
    if constexpr (kOwnIterators) {
      if (Promises().follow_swap) std::swap(walks_, Partner(other).walks_);
    }
    NoteNewShape();
    Partner(other).NoteNewShape();
  }
  void CopyAssign(MapSubject& other) override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      CallSubject([&] { container_ = Partner(other).container_; });
    }
    NoteNewShape();
  }
  void MoveAssign(MapSubject& other) override {
    container_ = std::move(Partner(other).container_);
    if constexpr (kOwnIterators) {
      if (Promises().follow_move) walks_ = Partner(other).walks_;
    }
    NoteNewShape();
    Partner(other).NoteNewShape();
  }
  std::size_t Merge(MapSubject& other) override {
    const std::size_t before = container_.size();
    if constexpr (kMerges<Container>) {
      Container& partner = Partner(other).container_;
      if constexpr (MergeMayLose<Container>()) {
        CallSubject([&] { container_.merge(partner); });
      } else {
        container_.merge(partner);
      }
    }
    NoteNewShape();
    Partner(other).NoteNewShape();
    return container_.size() - before;
  }
  std::optional<bool> Equals(const MapSubject& other) const override {
    if constexpr (std::equality_comparable<Container>) {
      const Container& partner = static_cast<const ContainerSubject&>(other).container_;
      return CallSubject([&] { return container_ == partner; });
    } else {
      return std::nullopt;
    }
  }

  std::size_t BucketCount() const override {
    if constexpr (requires { container_.bucket_count(); }) return container_.bucket_count();
    return 1;
  }
  std::size_t BucketOf(KeyIndex key) const override {
    if constexpr (requires { container_.bucket(KeyTable<Key>::At(key)); }) {
      return container_.bucket(KeyTable<Key>::At(key));
    }
    return 0;
  }
  void KeysOfBucket(std::size_t bucket, std::vector<KeyIndex>* keys) const override {
    keys->clear();
    container_.for_each([&](const Key& key, const Elem&) {
      const KeyIndex index = IndexOfKey(key);
      if (index < universe_ && BucketOf(index) == bucket) keys->push_back(index);
    });
  }

  std::optional<BrokenLaw> CheckInvariants() const override {
    if constexpr (requires { container_.check_invariants(); }) {
      if (std::optional<std::string> broken = container_.check_invariants()) {
        return BrokenLaw{"container", *std::move(broken)};
      }
    }
    return std::nullopt;
  }
  std::uint64_t HashOf(KeyIndex key) const override { return hash_(KeyTable<Key>::At(key)); }
  MapDrawing Draw() const override {
    MapDrawing drawing;
    drawing.title = ContainerTitle(container_.size(), BucketCount());
    container_.for_each([&](const Key& key, const Elem& elem) {
      const MapEntry entry = {IndexOfKey(key), ElementTraits<Elem>::Read(elem)};
      drawing.loose.push_back(entry);
    });
    return drawing;
  }
  std::array<std::uint8_t, 8> StructuralState() const override {
    return {static_cast<std::uint8_t>(std::bit_width(BucketCount())),
            static_cast<std::uint8_t>(std::bit_width(container_.size()))};
  }

 private:
  // The key itself where the container shows it.
  const Key& StoredKey(KeyIndex present) const {
    if constexpr (requires(const Key& key) { container_.find_key(key); }) {
      return *container_.find_key(KeyTable<Key>::At(present));
    } else {
      return KeyTable<Key>::At(present);
    }
  }
  bool AssignWithin(const Key& key, KeyIndex present) {
    bool inserted = false;
    if constexpr (std::is_copy_constructible_v<Elem>) {
      inserted = CallSubject([&] {
        const Elem& source = *container_.find(KeyTable<Key>::At(present));
        if constexpr (requires { container_.assign_within(key, const_cast<Elem&>(source)); }) {
          return container_.assign_within(key, const_cast<Elem&>(source));
        } else {
          return container_.insert_or_assign(key, Elem(source));
        }
      });
    }
    NoteSize();
    return inserted;
  }

  static constexpr IteratorPromises Promises() {
    if constexpr (kOwnIterators) return Container::kIteratorPromises;
    return {};
  }
  static MapEntry EntryAt(const auto& it) {
    return {IndexOfKey(it->first), ElementTraits<Elem>::Read(it->second)};
  }
  static ContainerSubject& Partner(MapSubject& other) {
    return static_cast<ContainerSubject&>(other);
  }
  void NoteSize() {
    status_.size = container_.size();
    if constexpr (kOwnIterators) {
      const std::size_t buckets = container_.bucket_count();
      if (std::exchange(buckets_, buckets) != buckets) ++status_.rehashes;
    }
  }
  void NoteNewShape() {
    NoteSize();
    ++status_.epoch;
  }

  ContainerHash<Key> hash_;
  std::uint32_t universe_;
  Container container_;
  std::array<Walk, kIterators> walks_;
  std::size_t buckets_ = 0;  // when it was last looked at
};

// Makes the subject that a header asks for, over every kind of key and element.
template <template <class, class, class> class Adapter>
std::unique_ptr<MapSubject> MakeContainerSubject(const MapHeader& header, GoalCounts*) {
  const auto with_elem = [&]<class Key>() -> std::unique_ptr<MapSubject> {
    switch (header.elem) {
      case ElemKind::kUint64:
        return std::make_unique<ContainerSubject<Key, std::uint64_t, Adapter>>(header);
      case ElemKind::kEmpty:
        return std::make_unique<ContainerSubject<Key, Empty, Adapter>>(header);
      case ElemKind::kBytes136:
        return std::make_unique<ContainerSubject<Key, Bytes136, Adapter>>(header);
      default:
        break;
    }
    return std::make_unique<ContainerSubject<Key, std::string, Adapter>>(header);
  };
  if (IsFragile(header.key) || IsFragile(header.elem)) {
    if constexpr (kKeepsContentsOnThrow<
                      Adapter<std::uint64_t, std::uint64_t, ContainerHash<std::uint64_t>>>) {
      return WithFragileKinds(header, [&]<class Key, class Elem>() -> std::unique_ptr<MapSubject> {
        return std::make_unique<ContainerSubject<Key, Elem, Adapter>>(header);
      });
    }
  }
  switch (header.key) {
    case KeyKind::kUint32:
      return with_elem.template operator()<std::uint32_t>();
    case KeyKind::kUint64:
      return with_elem.template operator()<std::uint64_t>();
    case KeyKind::kString:
      return with_elem.template operator()<std::string>();
    case KeyKind::kDouble:
      return with_elem.template operator()<double>();
    case KeyKind::kThrowingMove:
    case KeyKind::kThrowingCopy:
    case KeyKind::kBytes136:
      break;
  }
  return with_elem.template operator()<Bytes136>();
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_CONTAINER_SUBJECT_H_
