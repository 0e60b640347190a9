#ifndef SLOTPROOF_SUBJECTS_MAP_MAP_SUBJECT_H_
#define SLOTPROOF_SUBJECTS_MAP_MAP_SUBJECT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/subject/broken_law.h"
#include "harness/subject/goals.h"
#include "subjects/elements/elements.h"
#include "subjects/map/keys.h"
#include "subjects/map/map_vocabulary.h"

// A map under test, seen through key indices and value tokens: what a map session drives. One
// implementation wraps the reference map, another any container with a small adapter.

namespace slotproof {

inline constexpr Token kNoToken = std::numeric_limits<Token>::max();
inline constexpr std::size_t kIterators = 4;

struct MapEntry {
  KeyIndex key;
  Token token;
};

// Which of its own iterators a container keeps valid. An erasure ends those of what it erases and
// no others, and a clear or an assignment ends all; a container that keeps fewer has none here.
struct IteratorPromises {
  enum class Insertion : std::uint8_t { kEndsIfItRehashes, kEndsNone };
  Insertion insertion = Insertion::kEndsIfItRehashes;
  bool follow_swap = false;  // a swap leaves them with their entries, else it ends those of both
  bool follow_move = false;  // a move leaves the source's with their entries
};

// What a subject promises beyond a plain map; the session checks no more than that.
struct MapTraits {
  bool iterators_survive_writes = false;  // else a write ends all iterators
  bool own_iterators = false;             // ... but for the container's own, which know better
  IteratorPromises iterators{};
  bool assign_rewrites_key = false;  // -0 over +0 is seen afterwards
  // An insertion, deletion, look-up or copy that throws leaves the contents as they were; else
  // fuses are not lit.
  bool keeps_contents_on_throw = false;
  bool copies_elements = true;
  // Of two maps: see the operations of MapSubject.
  bool copy_assigns_all_or_nothing = false;
  bool moved_from_is_empty = false;  // and a map that is moved to itself keeps its contents
  bool merges = false;
  std::size_t merge_may_lose = 0;  // entries, when it throws
};

// What a load-or-store found: kNoToken where it has stored its argument. One that is not stored
// must be left as it was.
struct LoadResult {
  Token found;
  bool argument_kept = true;
};

// Of a call that has found `found`, or stored what was moved from `argument`; `kept` is the one of
// both that has to hold the token now.
template <class Elem>
LoadResult ResultOfLoad(const Elem* found, const Elem& kept, Token token) {
  const Token readable = ElementTraits<Elem>::Read(ElementTraits<Elem>::Make(token));
  const bool holds = ElementTraits<Elem>::Read(kept) == readable;
  if (found == nullptr) return {.found = holds ? kNoToken : kDamaged};
  return {.found = ElementTraits<Elem>::Read(*found), .argument_kept = holds};
}

// A picture of the inside, for people.
struct MapDrawing {
  struct Slot {
    std::uint8_t tophash;
    std::optional<MapEntry> entry;
  };
  struct Bucket {
    bool old_array;
    bool preallocated;
    std::size_t index;     // of the main bucket
    std::size_t position;  // in its chain: 0 is the main bucket
    std::vector<Slot> slots;
  };
  std::string title;
  std::vector<Bucket> buckets;
  std::vector<MapEntry> loose;  // entries of a map whose buckets cannot be seen
};

// A growth under way.
struct GrowthUnderWay {
  bool any = false;
  bool same_size = false;
};

// What a session looks at after every operation. The subject keeps it up to date, so that looking
// costs no call.
struct MapStatus {
  std::size_t size = 0;                 // as the map said after its last operation
  std::uint32_t epoch = 0;              // changes when growth begins or ends, with clear and copies
  std::uint32_t growths = 0;            // begun since the subject was made
  std::uint32_t same_size_growths = 0;  // of these
  std::uint32_t rehashes = 0;           // of a container with iterators of its own
  const BrokenLaw* broken = nullptr;    // what a write did to the table that it may not
};

class MapSubject {
 public:
  virtual ~MapSubject() = default;
  MapSubject(const MapSubject&) = delete;
  MapSubject& operator=(const MapSubject&) = delete;

  const MapStatus& status() const { return status_; }
  virtual MapTraits traits() const = 0;

  virtual bool InsertOrAssign(KeyIndex key, Token token) = 0;  // true: it was absent
  virtual Token Find(KeyIndex key) = 0;                        // kNoToken: absent
  virtual bool Erase(KeyIndex key) = 0;                        // true: it was present
  virtual void Clear() = 0;

  // What depends on the present value.
  virtual bool CompareAndSwap(KeyIndex key, Token expected, Token token) = 0;  // true: swapped
  // The value that was replaced: 0 where the key was absent, kNoToken where nothing was.
  virtual Token Update(KeyIndex key, Token token) = 0;
  virtual LoadResult LoadOrStore(KeyIndex key, Token token) = 0;
  virtual Token GetAndDelete(KeyIndex key) = 0;  // kNoToken: absent

  // What refers into the map: each of the keys named `present` is. Not called for elements that
  // cannot be copied (but EraseStored).
  virtual bool AssignFrom(KeyIndex key, KeyIndex present) = 0;         // true: it was absent
  virtual LoadResult EmplaceFrom(KeyIndex key, KeyIndex present) = 0;  // argument_kept: always
  virtual bool AssignSelf(KeyIndex present) = 0;                       // true: it was absent
  virtual bool EraseStored(KeyIndex present) = 0;                      // true: it was present

  // After one of them threw.
  virtual void NoteFailure() = 0;

  virtual void Begin(std::size_t handle) = 0;
  virtual bool Next(std::size_t handle, MapEntry* entry) = 0;  // false: at the end
  virtual void End(std::size_t handle) = 0;

  // Of a container's own iterators. What an iterator stands at: what it was at last, or what the
  // next step is to yield; none at the end.
  virtual std::optional<MapEntry> Peek(std::size_t) { return std::nullopt; }
  virtual void EraseAt(std::size_t) {}
  // Erases that many, or to the end; says which.
  virtual void EraseRange(std::size_t, std::size_t, std::vector<MapEntry>* erased) {
    erased->clear();
  }
  // The entry that the returned iterator is at.
  virtual MapEntry InsertHint(std::size_t, KeyIndex key, Token token) { return {key, token}; }

  // Each ends all iterators. The replaced map is cleared before it is destroyed.
  virtual void Rehint(std::size_t hint) = 0;
  virtual void ReplaceByCopy() = 0;
  virtual void ReplaceByMove() = 0;

  // With another map that was made by the same function, or with itself. Iterators end, but for
  // those of a source that is only read, those of maps that merge where they survive writes, and
  // those that are promised to follow their entries.
  virtual void SwapWith(MapSubject& other) = 0;
  virtual void CopyAssign(MapSubject& other) = 0;
  virtual void MoveAssign(MapSubject& other) = 0;
  // Moves what is absent here; how many. One that throws has moved each entry wholly or not at all,
  // but for those that it may lose.
  virtual std::size_t Merge(MapSubject& other) = 0;
  virtual std::optional<bool> Equals(const MapSubject& other) const = 0;  // none: cannot be asked

  // Main buckets, for bursts that aim at one. A container without buckets may answer 1 and 0.
  virtual std::size_t BucketCount() const = 0;
  virtual std::size_t BucketOf(KeyIndex key) const = 0;
  // How many keys from `from` on, wrapping round below `universe` (a power of two), precede the
  // next key of the bucket; `limit` when there is none among that many.
  virtual std::uint32_t StepsToBucket(std::size_t bucket, KeyIndex from, std::uint32_t universe,
                                      std::uint32_t limit) const {
    std::uint32_t steps = 0;
    while (steps < limit && BucketOf((from + steps) & (universe - 1)) != bucket) ++steps;
    return steps;
  }
  virtual void KeysOfBucket(std::size_t bucket, std::vector<KeyIndex>* keys) const = 0;

  virtual GrowthUnderWay Growing() const { return {}; }
  // The full walk.
  virtual std::optional<BrokenLaw> CheckInvariants() const = 0;
  virtual std::uint64_t HashOf(KeyIndex key) const = 0;
  virtual MapDrawing Draw() const = 0;
  // Up to 8 small numbers: log2 of the buckets, overflow, growth progress, ...
  virtual std::array<std::uint8_t, 8> StructuralState() const = 0;

 protected:
  MapSubject() = default;

  MapStatus status_;
};

// Goal counts are written while the subject lives.
using MakeMapSubject = std::unique_ptr<MapSubject> (*)(const MapHeader&, GoalCounts*);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_MAP_SUBJECT_H_
