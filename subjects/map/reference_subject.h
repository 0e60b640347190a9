#ifndef SLOTPROOF_SUBJECTS_MAP_REFERENCE_SUBJECT_H_
#define SLOTPROOF_SUBJECTS_MAP_REFERENCE_SUBJECT_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/map/hash_map.h"
#include "harness/subject/fuse.h"
#include "subjects/elements/elements.h"
#include "subjects/map/keys.h"
#include "subjects/map/map_subject.h"
#include "subjects/map/nan_evacuation.h"
#include "subjects/map/reference_base.h"
#include "subjects/map/reference_drawing.h"
#include "subjects/map/reference_pair.h"
#include "subjects/map/reference_policy.h"
#include "subjects/map/table_laws.h"
#include "subjects/map/transition_laws.h"

// The reference map (core/map) as a MapSubject, for one key and one element type. Everything that a
// trace can see of the map comes through here; the laws of transition_laws.h and nan_evacuation.h
// are checked at each write, those of table_laws.h where something is begun, copied or walked.

#if defined(SLOTPROOF_MUTANT) && !defined(SLOTPROOF_MUTANT_APPLIED)
#error "a mutant's build must see the mutated copy of core/map"
#endif

namespace slotproof {

template <>
inline constexpr bool core::kIsReflexive<ThrowingMove> = true;
template <>
inline constexpr bool core::kIsReflexive<ThrowingCopy> = true;

template <class Key, class Elem>
class ReferenceSubject final : public ReferenceBase {
  using Policy = ReferencePolicy<Key>;
  using Map = core::HashMap<Key, Elem, Policy>;
  // The law about NaNs, where there are any.
  struct NoNans {
    NoNans(const Map&, const Key&, const SpoiltRuntimeHash<Key>&) {}
    std::optional<BrokenLaw> Check(const Map&) const { return std::nullopt; }
    std::optional<BrokenLaw> CheckUndone(const Map&) const { return std::nullopt; }
  };
  using Nans = std::conditional_t<Policy::kReflexiveKey, NoNans, NanEvacuation<Map>>;
  // One insertion in this many is looked up in its chain, slot by slot.
  static constexpr Token kPlaceShare = 8;
  template <class T>
  static constexpr bool kIsPlain = std::is_trivially_copyable_v<T> && sizeof(T) <= 128;
  static constexpr bool kPlain = kIsPlain<Key> && kIsPlain<Elem>;

 public:
  ReferenceSubject(const MapHeader& header, GoalCounts* goals)
      : ReferenceBase(header, goals), map_(NewMap(header.hint)) {}

  MapTraits traits() const override {
    return {.iterators_survive_writes = true,
            .assign_rewrites_key = Policy::kNeedsKeyUpdate,
            .keeps_contents_on_throw = true,
            .copies_elements = std::is_copy_constructible_v<Elem>,
            .copy_assigns_all_or_nothing = true,
            .moved_from_is_empty = true,
            .merges = true};
  }

  bool InsertOrAssign(KeyIndex key, Token token) override {
    const Before before = BeforeWrite(key);
    Elem elem = ElementTraits<Elem>::Make(token);
    const bool inserted = CallWrite(before, [&] {
      return map_.InsertOrAssign(KeyTable<Key>::At(key), std::move(elem)).second;
    });
    AfterInsertion(before);
    if (inserted && token % kPlaceShare == 0) CheckPlaceOf(key);
    return inserted;
  }
  Token Find(KeyIndex key) override {
    const Elem* elem = CallSubject([&] { return map_.Find(KeyTable<Key>::At(key)); });
    NoteSize();
    return elem == nullptr ? kNoToken : ElementTraits<Elem>::Read(*elem);
  }
  bool Erase(KeyIndex key) override {
    const Before before = BeforeWrite(key);
    const bool erased = CallWrite(before, [&] { return map_.Erase(KeyTable<Key>::At(key)); });
    AfterDeletion(before);
    return erased;
  }
  void Clear() override {
    const TableState before = State();
    map_.Clear();
    Note(CheckClearTransition(before, State()));
    NoteNewShape();
  }
  bool CompareAndSwap(KeyIndex key, Token expected, Token token) override {
    const Elem old = ElementTraits<Elem>::Make(expected);
    Elem next = ElementTraits<Elem>::Make(token);
    return CallSubject([&] {
      Elem* elem = map_.Find(KeyTable<Key>::At(key));
      if (elem == nullptr || !(*elem == old)) return false;
      *elem = std::move(next);
      return true;
    });
  }
  Token Update(KeyIndex key, Token token) override {
    const Before before = BeforeWrite(key);
    Elem& elem = CallWrite(before, [&]() -> Elem& { return map_[KeyTable<Key>::At(key)]; });
    AfterInsertion(before);
    const Token seen = ElementTraits<Elem>::Read(elem);
    elem = ElementTraits<Elem>::Make(token);
    return seen;
  }
  LoadResult LoadOrStore(KeyIndex key, Token token) override {
    const Before before = BeforeWrite(key);
    Elem argument = ElementTraits<Elem>::Make(token);
    const auto [elem, stored] = CallWrite(
        before, [&] { return map_.TryEmplace(KeyTable<Key>::At(key), std::move(argument)); });
    AfterInsertion(before);
    return ResultOfLoad<Elem>(stored ? nullptr : &elem, stored ? elem : argument, token);
  }
  Token GetAndDelete(KeyIndex key) override {
    const Token got = Find(key);
    return Erase(key) ? got : kNoToken;
  }

  bool AssignFrom(KeyIndex key, KeyIndex present) override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      return InsertFromWithin(
                 key, [&] { return map_.InsertOrAssign(KeyTable<Key>::At(key), Present(present)); })
          .second;
    }
    return false;
  }
  LoadResult EmplaceFrom(KeyIndex key, KeyIndex present) override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      const auto [elem, stored] = InsertFromWithin(
          key, [&] { return map_.TryEmplace(KeyTable<Key>::At(key), Present(present)); });
      return {.found = stored ? kNoToken : ElementTraits<Elem>::Read(elem)};
    }
    return {.found = kNoToken};
  }
  bool AssignSelf(KeyIndex present) override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      return InsertFromWithin(present,
                              [&] {
                                const Key& key = *map_.FindKey(KeyTable<Key>::At(present));
                                return map_.InsertOrAssign(key, Present(present));
                              })
          .second;
    }
    return false;
  }
  bool EraseStored(KeyIndex present) override {
    const Before before = BeforeWrite(present);
    const bool erased =
        CallWrite(before, [&] { return map_.Erase(*map_.FindKey(KeyTable<Key>::At(present))); });
    AfterDeletion(before);
    return erased;
  }
  void NoteFailure() override { NoteNewShape(); }

  void Begin(std::size_t handle) override {
    const core::WyRand random = map_.random();
    iterators_[handle].emplace(map_.Iterate());
    Note(CheckStart(map_, *iterators_[handle], random, kPlain));
    ++probe_.iterators;
    NoteSize();
  }
  bool Next(std::size_t handle, MapEntry* entry) override {
    auto& it = *iterators_[handle];
    const bool more = it.Next();
    NoteSize();
    if (!more) return false;
    *entry = {IndexOfKey(it.key()), ElementTraits<Elem>::Read(it.value())};
    return true;
  }
  void End(std::size_t handle) override {
    iterators_[handle].reset();
    --probe_.iterators;
  }

  void Rehint(std::size_t hint) override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      Map next = NewMap(static_cast<std::int64_t>(hint));
      CallSubject([&] {
        map_.VisitEntries(
            [&](const Key& key, const Elem& elem) { next.InsertOrAssign(key, elem); });
      });
      map_ = std::move(next);
    }
    NoteNewShape();
  }
  void ReplaceByCopy() override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      const SourceSeeds seeds(map_);
      Map copy = CallSubject([&] { return Map(map_); });
      Note(seeds.CheckCopy(TableSeeds(copy), TableSeeds(map_)));
      map_.Clear();
      map_ = std::move(copy);
    }
    NoteNewShape();
  }
  void ReplaceByMove() override {
    const SourceSeeds seeds(map_);
    Map moved(std::move(map_));
    Note(seeds.CheckMove(TableSeeds(moved), TableSeeds(map_)));
    NoteMovedFrom(map_.empty());
    map_.InsertOrAssign(KeyTable<Key>::At(0), ElementTraits<Elem>::Make(1));
    map_ = std::move(moved);
    NoteNewShape();
  }

  void SwapWith(MapSubject& other) override {
    ReferenceSubject& partner = Partner(other);
    Note(SwapMaps(map_, partner.map_));
    Adopt();
    partner.Adopt();
  }
  void CopyAssign(MapSubject& other) override {
    if constexpr (std::is_copy_constructible_v<Elem>) {
      ReferenceSubject& partner = Partner(other);
      partner.map_.probe() = GoalProbe(&probe_);  // what happens while it is copied happens here
      const AdoptAtEnd source(partner);
      Note(CopyAssignMap(map_, partner.map_));
      Adopt();
    }
  }
  void MoveAssign(MapSubject& other) override {
    ReferenceSubject& partner = Partner(other);
    Note(MoveAssignMap(map_, partner.map_));
    Adopt();
    partner.Adopt();
  }
  std::size_t Merge(MapSubject& other) override {
    ReferenceSubject& partner = Partner(other);
    const TableState before = partner.State();
    const std::size_t moved = MergeMaps(map_, partner.map_);
    NoteMerge(before, partner.State());
    NoteNewShape();
    partner.NoteNewShape();
    return moved;
  }
  std::optional<bool> Equals(const MapSubject& other) const override {
    if constexpr (std::equality_comparable<Elem>) {
      const Map& partner = static_cast<const ReferenceSubject&>(other).map_;
      return CallSubject([&] { return map_ == partner; });
    } else {
      return std::nullopt;
    }
  }

  std::size_t BucketCount() const override { return std::size_t{1} << map_.Vitals().b; }
  std::size_t BucketOf(KeyIndex key) const override {
    if (IsUnequalKey(header_.key, key)) return 0;
    const core::MapVitals vitals = map_.Vitals();
    return LowHashOf(key, vitals.hash0) & ((std::size_t{1} << vitals.b) - 1);
  }
  std::uint32_t StepsToBucket(std::size_t bucket, KeyIndex from, std::uint32_t universe,
                              std::uint32_t limit) const override {
    const core::MapVitals vitals = map_.Vitals();
    const std::size_t mask = (std::size_t{1} << vitals.b) - 1;
    for (std::uint32_t steps = 0; steps < limit; ++steps) {
      const KeyIndex key = (from + steps) & (universe - 1);
      if (IsUnequalKey(header_.key, key)) continue;
      if ((LowHashOf(key, vitals.hash0) & mask) == bucket) return steps;
    }
    return limit;
  }
  void KeysOfBucket(std::size_t bucket, std::vector<KeyIndex>* keys) const override {
    keys->clear();
    const auto collect = [&](const typename Map::View& view) {
      for (int slot = 0; slot < Policy::kBucketWidth; ++slot) {
        if (!view.live(slot)) continue;
        const KeyIndex key = IndexOfKey(*view.key(slot));
        if (key < header_.universe && BucketOf(key) == bucket) keys->push_back(key);
      }
    };
    map_.VisitChain(bucket, collect);
  }

  GrowthUnderWay Growing() const override {
    const core::MapVitals vitals = map_.Vitals();
    return {.any = vitals.growing, .same_size = vitals.growing && vitals.same_size_grow};
  }
  std::optional<BrokenLaw> CheckInvariants() const override {
    const std::optional<core::InvariantViolation> violation = map_.CheckInvariants();
    if (!violation) return CheckBytes(map_, header_.key);
    return LawOf(*violation);
  }
  std::uint64_t HashOf(KeyIndex key) const override { return map_.HashOf(KeyTable<Key>::At(key)); }

  MapDrawing Draw() const override { return DrawReference(map_); }

  std::array<std::uint8_t, 8> StructuralState() const override { return StructureOf(map_.Shape()); }

 private:
  Map NewMap(std::int64_t hint) {
    return Map(hint, core::WyRand(header_.seed + std::uint64_t{0x517cc1b727220a95} * ++maps_made_),
               SpoiltRuntimeHash<Key>{header_.hash}, GoalProbe(&probe_));
  }

  TableState State() const { return StateOf(map_.Vitals()); }

  // insert.first_empty: a new entry is in the first slot of its chain that was empty.
  void CheckPlaceOf(KeyIndex key) {
    if (IsUnequalKey(header_.key, key)) return;
    bool passed_empty = false;
    bool found = false;
    map_.VisitChain(map_.MainBucketOf(KeyTable<Key>::At(key)), [&](const typename Map::View& view) {
      if (view.in_old_array() || found) return;
      for (int slot = 0; slot < Policy::kBucketWidth && !found; ++slot) {
        if (!view.live(slot))
          passed_empty = true;
        else if (*view.key(slot) == KeyTable<Key>::At(key))
          found = true;
      }
    });
    NotePlace(found && passed_empty);
  }

  Elem& Present(KeyIndex key) { return *map_.Find(KeyTable<Key>::At(key)); }

  // What the laws of a write compare.
  struct Before {
    TableState state;
    Nans nans;
  };
  Before BeforeWrite(KeyIndex key) const {
    return {State(), Nans(map_, KeyTable<Key>::At(key), {header_.hash})};
  }
  // What throws must put the NaNs back.
  template <class Call>
  decltype(auto) CallWrite(const Before& before, const Call& call) {
    if constexpr (Policy::kReflexiveKey) {
      return CallSubject(call);
    } else {
      try {
        return CallSubject(call);
      } catch (const std::bad_alloc&) {
        Note(before.nans.CheckUndone(map_));
        throw;
      }
    }
  }
  void AfterInsertion(const Before& before) {
    const TableState after = State();
    if (!InsertTransitionHolds(before.state, after)) [[unlikely]]
      NoteBroken(&CheckInsertTransition, before.state, after);
    Note(before.nans.Check(map_));
    NoteSize();
  }
  void AfterDeletion(const Before& before) {
    const TableState after = State();
    if (!DeleteTransitionHolds(before.state, after)) [[unlikely]]
      NoteBroken(&CheckDeleteTransition, before.state, after);
    Note(before.nans.Check(map_));
    NoteSize();
  }
  // An insertion with arguments that refer into the map.
  template <class Call>
  std::pair<Elem&, bool> InsertFromWithin(KeyIndex key, const Call& call) {
    const Before before = BeforeWrite(key);
    const ArgumentWithin within(&probe_);
    const std::pair<Elem&, bool> result = CallWrite(before, call);
    AfterInsertion(before);
    return result;
  }

  static ReferenceSubject& Partner(MapSubject& other) {
    return static_cast<ReferenceSubject&>(other);
  }
  // After a map came from elsewhere, with the probe that it had there.
  void Adopt() {
    map_.probe() = GoalProbe(&probe_);
    NoteNewShape();
  }
  struct AdoptAtEnd {
    explicit AdoptAtEnd(ReferenceSubject& adopting) : subject(adopting) {}
    ~AdoptAtEnd() { subject.Adopt(); }
    AdoptAtEnd(const AdoptAtEnd&) = delete;
    AdoptAtEnd& operator=(const AdoptAtEnd&) = delete;
    ReferenceSubject& subject;
  };

  void NoteSize() { status_.size = map_.size(); }
  void NoteNewShape() {
    NoteSize();
    ++status_.epoch;
  }

  std::uint64_t maps_made_ = 0;
  Map map_;
  std::array<std::optional<typename Map::Iterator>, kIterators> iterators_;
};

// One function a key kind, each in a file of its own, so that they compile side by side.
std::unique_ptr<MapSubject> MakeUint64Reference(const MapHeader& header, GoalCounts* goals);
std::unique_ptr<MapSubject> MakeUint32Reference(const MapHeader& header, GoalCounts* goals);
std::unique_ptr<MapSubject> MakeStringReference(const MapHeader& header, GoalCounts* goals);
std::unique_ptr<MapSubject> MakeDoubleReference(const MapHeader& header, GoalCounts* goals);
std::unique_ptr<MapSubject> MakeBytes136Reference(const MapHeader& header, GoalCounts* goals);
// Where the key or the element may throw.
std::unique_ptr<MapSubject> MakeFragileReference(const MapHeader& header, GoalCounts* goals);

template <class Key>
std::unique_ptr<MapSubject> MakeReference(const MapHeader& header, GoalCounts* goals) {
  switch (header.elem) {
    case ElemKind::kUint64:
      return std::make_unique<ReferenceSubject<Key, std::uint64_t>>(header, goals);
    case ElemKind::kEmpty:
      return std::make_unique<ReferenceSubject<Key, Empty>>(header, goals);
    case ElemKind::kBytes136:
      return std::make_unique<ReferenceSubject<Key, Bytes136>>(header, goals);
    default:
      break;
  }
  return std::make_unique<ReferenceSubject<Key, std::string>>(header, goals);
}

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_REFERENCE_SUBJECT_H_
