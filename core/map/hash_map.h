// HashMap: the runtime's map, as a C++ container.
//
//   HashMap<std::uint64_t, std::string> m;
//   m.InsertOrAssign(7, "seven");
//   if (const std::string* s = m.Find(7)) Use(*s);
//   for (auto it = m.Iterate(); it.Next();) Use(it.key(), it.value());
//   m.Erase(7);
//   HashMap<std::string, int> n = {{"one", 1}, {"two", 2}};
//   if (n.contains("one")) n.at("one") += n.count("two");
//   erase_if(n, [](const auto& entry) { return entry.second == 2; });
//
// A table of 2^B buckets with eight slots each and overflow buckets behind them (bucket.h,
// bucket_array.h, table.h); grows by moving a few buckets with each write (evacuate.h). Given the
// same random state it does what the runtime does, slot for slot.
//
// Costs. Find, InsertOrAssign and Erase: expected O(1); no operation ever moves the whole table.
// Memory: one bucket for 3.25 to 6.5 entries, as a table is half to wholly loaded; an empty map has
// none.
//
// References to elements are good until the next write: a write can move any entry. Arguments may
// refer into the map itself, as in m.Erase(it.key()) or m.TryEmplace(k, *m.Find(j)). Not so
// m[i] = m[j] for elements of a class type: C++ takes the reference m[j] first, and m[i] is a
// write. Write m.InsertOrAssign(i, *m.Find(j)). AddressSanitizer reports what reads a moved
// element.
//
// Keys and elements must not use the map that they are in while it is written to, or destroyed: not
// in ==, nor in copying, moving or destruction. size() and empty() may be asked. The assignment of
// an overwrite is no part of the write. Assertions name such a use; without them it ends as a
// concurrent one.
//
// A copy goes on with the random numbers of its source, as does the target of a move, and the
// source turns to others: no two maps have a seed or an order of iteration in common but by chance.
//
// Iteration survives every write but move, swap and destruction; see iterator.h.
//
// Exceptions: InsertOrAssign, operator[] and Erase leave the map's contents as they were, if
// hashing, comparing, copying or allocating throws; a growth may have begun or moved on. An
// overwrite of an existing element promises what its assignment promises. Destructors must not
// throw, nor, of keys that may be unequal to themselves, the comparison of a key with itself.
//
// Threads: any number may look up and iterate at once. A write beside anything else is a bug of
// the caller, which the map detects at times and reports through Policy::Fatal, as the runtime
// does.
#ifndef SLOTPROOF_CORE_MAP_HASH_MAP_H_
#define SLOTPROOF_CORE_MAP_HASH_MAP_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/map/assign.h"
#include "core/map/bulk.h"
#include "core/map/clear.h"
#include "core/map/delete.h"
#include "core/map/evacuate.h"
#include "core/map/invariants.h"
#include "core/map/iterator.h"
#include "core/map/lookup.h"
#include "core/map/policy.h"
#include "core/map/shape.h"
#include "core/map/table.h"

namespace slotproof::core {

struct HashMapTestPeer;

template <class KeyType, class ValueType, class PolicyType = DefaultMapPolicy<KeyType>>
class HashMap {
  using TableType = Table<KeyType, ValueType, PolicyType>;

 public:
  using Key = KeyType;
  using Value = ValueType;
  using Policy = PolicyType;
  using Random = typename Policy::Random;
  using Hash = typename Policy::Hash;
  using Probe = typename Policy::Probe;
  using Iterator = MapIterator<TableType, false>;
  using ConstIterator = MapIterator<TableType, true>;
  using View = BucketView<TableType>;
  // What a key that is a string is looked up by besides: what converts to a view, so that no string
  // is made of a literal. A Hash and an Equal of the policy's own take part by a member
  // is_transparent.
  template <class View>
  static constexpr bool kIsView = std::is_same_v<Key, std::string> && !std::is_same_v<View, Key> &&
                                  kIsTransparent<Hash> && kIsTransparent<typename Policy::Equal> &&
                                  std::is_convertible_v<const View&, std::string_view>;

  HashMap() : HashMap(0) {}
  // makemap: room for `hint` entries. A negative or impossible hint counts as 0. Draws the seed.
  explicit HashMap(std::int64_t hint, Random random = Random(), Hash hash = Hash(),
                   Probe probe = Probe())
      : table_(std::move(random), std::move(hash), std::move(probe)) {
    Make(hint);
  }

  // Of keys that are equal, the first one counts.
  HashMap(std::initializer_list<std::pair<Key, Value>> entries, Random random = Random(),
          Hash hash = Hash(), Probe probe = Probe())
      : HashMap(static_cast<std::int64_t>(entries.size()), std::move(random), std::move(hash),
                std::move(probe)) {
    for (const auto& [key, value] : entries) TryEmplace(key, value);
  }

  // A copy is a fresh map of its own size; it shares nothing with the original.
  HashMap(const HashMap& other)
      : HashMap(static_cast<std::int64_t>(other.size()), SplitRandom(other.table_.random),
                other.table_.hash, other.table_.probe) {
    other.VisitEntries([this](const Key& key, const Value& value) { Emplace(key, value); });
  }
  // The source is left empty and usable.
  HashMap(HashMap&& other) noexcept
      : table_(SplitRandom(other.table_.random), other.table_.hash, other.table_.probe) {
    SwapContents(other);
    other.table_.hash0 = other.table_.random.Rand32();
  }
  HashMap& operator=(const HashMap& other) {
    if (this != &other) {
      HashMap copy(other);
      swap(copy);
    }
    return *this;
  }
  HashMap& operator=(HashMap&& other) noexcept {
    HashMap moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~HashMap() { Destroy(); }

  void swap(HashMap& other) noexcept {
    SwapContents(other);
    std::swap(table_.random, other.table_.random);
    std::swap(table_.hash, other.table_.hash);
    std::swap(table_.probe, other.table_.probe);
  }
  friend void swap(HashMap& a, HashMap& b) noexcept { a.swap(b); }

  std::size_t size() const noexcept { return table_.count; }
  bool empty() const noexcept { return table_.count == 0; }

  // Null when absent.
  const Value* Find(const Key& key) const { return ElemOf(MapAccess(table_, key)); }
  Value* Find(const Key& key) { return const_cast<Value*>(std::as_const(*this).Find(key)); }
  bool Contains(const Key& key) const { return Find(key) != nullptr; }
  // The key as it is stored, which may differ from an equal one.
  const Key* FindKey(const Key& key) const {
    const SlotRef<TableType> slot = MapAccess(table_, key);
    return slot ? slot.key() : nullptr;
  }
  // The standard's names.
  bool contains(const Key& key) const { return Contains(key); }
  std::size_t count(const Key& key) const { return Contains(key) ? 1 : 0; }
  const Value& at(const Key& key) const { return Present(Find(key)); }
  Value& at(const Key& key) { return const_cast<Value&>(std::as_const(*this).at(key)); }

  // The same by a view.
  template <class View>
    requires kIsView<View>
  const Value* Find(const View& key) const {
    return ElemOf(MapAccess<TableType, std::string_view>(table_, key));
  }
  template <class View>
    requires kIsView<View>
  Value* Find(const View& key) {
    return const_cast<Value*>(std::as_const(*this).Find(key));
  }
  template <class View>
    requires kIsView<View>
  bool Contains(const View& key) const {
    return Find(key) != nullptr;
  }
  template <class View>
    requires kIsView<View>
  bool contains(const View& key) const {
    return Contains(key);
  }
  template <class View>
    requires kIsView<View>
  std::size_t count(const View& key) const {
    return Contains(key) ? 1 : 0;
  }
  template <class View>
    requires kIsView<View>
  const Value& at(const View& key) const {
    return Present(Find(key));
  }
  template <class View>
    requires kIsView<View>
  Value& at(const View& key) {
    return const_cast<Value&>(std::as_const(*this).at(key));
  }

  // The element now under the key, and whether the key is new.
  template <class ValueArg = Value>
  std::pair<Value&, bool> InsertOrAssign(const Key& key, ValueArg&& value) {
    if constexpr (kPassByValue) return Assign(Key(key), Value(std::forward<ValueArg>(value)));
    if (MayMoveEntries()) [[unlikely]] {
      Key own_key(key);
      Value own_value(std::forward<ValueArg>(value));
      return Assign(std::move(own_key), std::move(own_value));
    }
    return Assign(key, std::forward<ValueArg>(value));
  }
  template <class ValueArg = Value>
  std::pair<Value&, bool> InsertOrAssign(Key&& key, ValueArg&& value) {
    if constexpr (kPassByValue) return Assign(Key(key), Value(std::forward<ValueArg>(value)));
    if (MayMoveEntries()) [[unlikely]] {
      Value own_value(std::forward<ValueArg>(value));
      return Assign(std::move(key), std::move(own_value));
    }
    return Assign(std::move(key), std::forward<ValueArg>(value));
  }
  // The same, except that an existing element stays as it is, and `args` untouched.
  template <class... Args>
  std::pair<Value&, bool> TryEmplace(const Key& key, Args&&... args) {
    if constexpr (sizeof...(Args) == 0) {
      if (kPassByValue || MayMoveEntries()) return Emplace(Key(key));
      return Emplace(key);
    } else {
      if (MayMoveEntries()) [[unlikely]] {
        return ResultOf(MapAssignFromWithin(table_, Key(key), std::forward<Args>(args)...));
      }
      if constexpr (kPassByValue) return Emplace(Key(key), std::forward<Args>(args)...);
      return Emplace(key, std::forward<Args>(args)...);
    }
  }
  // The element under the key; a new one is value-initialised.
  Value& operator[](const Key& key) { return TryEmplace(key).first; }

  // mapdelete. True when there was an entry.
  bool Erase(const Key& key) {
    if constexpr (!std::is_trivially_copyable_v<Key>) {
      if (table_.Growing()) return MapDelete(table_, Key(key));
      return MapDelete(table_, key);
    } else {
      return MapDelete(table_, Key(key));
    }
  }
  template <class View>
    requires kIsView<View>
  bool Erase(const View& key) {
    if (table_.Growing()) return MapDelete(table_, Key(std::string_view(key)));
    return MapDelete<TableType, std::string_view>(table_, key);
  }
  // Erases each entry of which `chosen(std::pair<const Key&, Value&>)` is true; how many. As one
  // write, even of NaNs; see bulk.h.
  template <class Chosen>
  friend std::size_t erase_if(HashMap& map, Chosen chosen) {
    return MapEraseIf(map.table_, [&chosen](const Key& key, Value& value) -> bool {
      return chosen(std::pair<const Key&, Value&>(key, value));
    });
  }
  // Room for `entries` in all, so that no insertion up to there doubles the table.
  void reserve(std::size_t entries) {
    if (entries > kMaxEntries) throw std::length_error("HashMap::reserve: more than can be");
    MapReserve(table_, entries);
  }
  // mapclear.
  void Clear() { MapClear(table_); }

  // for (auto it = m.Iterate(); it.Next();) ... it.key() ... it.value()
  Iterator Iterate() { return Iterator(table_); }
  ConstIterator Iterate() const { return ConstIterator(table_); }

  // Range-for over the same iteration: `for (auto [key, value] : m)`.
  template <class IteratorType>
  class RangeIterator {
   public:
    using Reference = std::pair<const Key&, typename IteratorType::Value&>;
    using value_type = Reference;
    using difference_type = std::ptrdiff_t;

    explicit RangeIterator(IteratorType it) : it_(std::move(it)) { more_ = it_.Next(); }
    Reference operator*() const { return {it_.key(), it_.value()}; }
    RangeIterator& operator++() {
      more_ = it_.Next();
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const RangeIterator& it, std::default_sentinel_t) { return !it.more_; }

   private:
    IteratorType it_;
    bool more_;
  };
  auto begin() { return RangeIterator<Iterator>(Iterate()); }
  auto begin() const { return RangeIterator<ConstIterator>(Iterate()); }
  std::default_sentinel_t end() const { return {}; }

  // Whether they hold equal elements under equal keys, in whatever order. A NaN is equal to none.
  friend bool operator==(const HashMap& a, const HashMap& b)
    requires std::equality_comparable<Value>
  {
    if (a.size() != b.size()) return false;
    bool equal = true;
    a.VisitEntries([&](const Key& key, const Value& value) {
      if (!equal) return;
      const Value* other = TableType::EqualsItself(key) ? b.Find(key) : nullptr;
      equal = other != nullptr && *other == value;
    });
    return equal;
  }

  // What the table looks like inside.
  MapShape Shape() const { return ShapeOf(table_); }
  MapVitals Vitals() const { return VitalsOf(table_); }
  // Of a NaN, draws.
  std::uint64_t HashOf(const Key& key) const { return table_.Hash(key); }
  std::size_t MainBucketOf(const Key& key) const { return HashOf(key) & BucketMask(table_.b); }
  // visit(View) for each bucket of each chain, old array first.
  template <class Visit>
  void VisitBuckets(Visit&& visit) const {
    core::VisitBuckets(table_, std::forward<Visit>(visit));
  }
  // The same for the chain of one main bucket, and the old chain that fills it.
  template <class Visit>
  void VisitChain(std::size_t main_bucket, Visit&& visit) const {
    core::VisitChain(table_, main_bucket, std::forward<Visit>(visit));
  }
  // visit(key, value) for each entry, in the order of the table; draws nothing, marks nothing.
  template <class Visit>
  void VisitEntries(Visit&& visit) const {
    VisitBuckets([&](const View& bucket) {
      for (int slot = 0; slot < Policy::kBucketWidth; ++slot) {
        if (bucket.live(slot)) visit(*bucket.key(slot), *bucket.value(slot));
      }
    });
  }
  // All laws of invariants.h, the first one broken. O(size).
  std::optional<InvariantViolation> CheckInvariants() const {
    return core::CheckInvariants(table_);
  }
  // Those that can be seen in the header. O(1).
  bool CheckCheapInvariants() const { return core::CheckCheapInvariants(table_); }

  // Where in a map there are pointers to arrays, for a collector: bit i is for word i.
  static constexpr std::uint64_t PointerWords() {
    static_assert(sizeof(HashMap) == sizeof(TableType));
    return std::uint64_t{1} << offsetof(TableType, buckets) / sizeof(void*) |
           std::uint64_t{1} << offsetof(TableType, old_buckets) / sizeof(void*);
  }

  const Random& random() const { return table_.random; }
  const Probe& probe() const { return table_.probe; }
  Probe& probe() { return table_.probe; }

 private:
  friend struct HashMapTestPeer;

  static constexpr std::size_t kMaxEntries =
      (std::size_t{1} << 48) / sizeof(typename TableType::Bucket);

  void Make(std::int64_t hint) {
    auto entries = static_cast<std::size_t>(hint);
    if (hint < 0 || entries > kMaxEntries) entries = 0;
    table_.hash0 = table_.random.Rand32();
    table_.b = LogBucketsForHint<Policy>(entries);
    // A single bucket is made at the first insertion.
    if (table_.b != 0) table_.buckets = TableType::Array::Make(table_.b);
  }

  void Destroy() noexcept {
    if constexpr (TableType::Bucket::kOwnsObjects) {
      table_.flags.Store(table_.flags.Load() | kHashWriting);
      table_.writer.Begin();
    }
    if (table_.buckets != nullptr) table_.buckets->Release();
    if (table_.old_buckets != nullptr) table_.old_buckets->Release();
  }

  void SwapContents(HashMap& other) noexcept {
    std::swap(table_.count, other.table_.count);
    std::swap(table_.flags, other.table_.flags);
    std::swap(table_.b, other.table_.b);
    std::swap(table_.noverflow, other.table_.noverflow);
    std::swap(table_.hash0, other.table_.hash0);
    std::swap(table_.buckets, other.table_.buckets);
    std::swap(table_.old_buckets, other.table_.old_buckets);
    std::swap(table_.nevacuate, other.table_.nevacuate);
  }

  static const Value* ElemOf(SlotRef<TableType> slot) { return slot ? slot.elem() : nullptr; }
  static const Value& Present(const Value* value) {
    if (value == nullptr) throw std::out_of_range("HashMap::at: there is no such key");
    return *value;
  }

  // Whether an insertion may move entries, and with them an argument that refers to one.
  bool MayMoveEntries() const { return table_.Growing() || table_.ShouldGrow(); }

  // Small plain arguments are always copied first; they travel in registers.
  template <class T>
  static constexpr bool kIsSmallAndPlain =
      std::is_trivially_copyable_v<T> && sizeof(T) <= 2 * sizeof(void*);
  static constexpr bool kPassByValue = kIsSmallAndPlain<Key> && kIsSmallAndPlain<Value>;

  // Constructs the element of a new entry from `args`.
  template <class... Args>
  static auto ElemMaker(Args&&... args) {
    // One that is held indirectly is allocated.
    constexpr bool kCannotThrow = std::is_nothrow_constructible_v<Value, Args&&...> &&
                                  kSlotKind<Value> != SlotKind::kIndirect;
    return [&](SlotRef<TableType> slot) noexcept(kCannotThrow) {
      slot.bucket->elems.Construct(slot.slot, std::forward<Args>(args)...);
    };
  }

  template <class KeyArg, class... Args>
  std::pair<Value&, bool> Emplace(KeyArg&& key, Args&&... args) {
    return ResultOf(
        MapAssign(table_, std::forward<KeyArg>(key), ElemMaker(std::forward<Args>(args)...)));
  }
  static std::pair<Value&, bool> ResultOf(AssignResult<TableType> result) {
    return {*result.slot.elem(), result.inserted};
  }

  template <class KeyArg, class ValueArg>
  std::pair<Value&, bool> Assign(KeyArg&& key, ValueArg&& value) {
    const auto [elem, inserted] = Emplace(std::forward<KeyArg>(key), std::forward<ValueArg>(value));
    // The construction has not touched the argument when the key was there.
    // NOLINTNEXTLINE(bugprone-use-after-move)
    if (!inserted) elem = std::forward<ValueArg>(value);
    return {elem, inserted};
  }

  TableType table_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_HASH_MAP_H_
