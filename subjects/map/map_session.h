#ifndef SLOTPROOF_SUBJECTS_MAP_MAP_SESSION_H_
#define SLOTPROOF_SUBJECTS_MAP_MAP_SESSION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/subject/session.h"
#include "models/map_gaps.h"
#include "models/map_model.h"
#include "subjects/map/map_subject.h"
#include "subjects/map/map_vocabulary.h"

namespace slotproof {

// Goals that any map can reach; a subject's own goals follow them in its target's table.
enum class MapSessionGoal : std::uint8_t {
  kThreeIterators,
  kDeleteDuringIteration,
  kInsertDuringIteration,
  kIterationFinished,
  kUnequalKeyYielded,
  kCopied,
  kMoved,
  kRehinted,
  kEmptiedByDelete,
  kThousandEntries,
  kFuseBurnt,
  kSwapped,
  kSwapRefused,
  kUpdatedNew,
  kLoaded,
  kGotAndDeleted,
  kAssignedFromWithin,
  kEmplacedFromWithin,
  kAssignedToItself,
  kDeletedByStoredKey,
  kExchanged,
  kCopyAssigned,
  kMoveAssigned,
  kAssignedFromSelf,
  kMerged,
  kEqualMaps,
  kUnequalMapsOfOneSize,
  kIteratorsOfTwoMaps,
  kPairFuseBurnt,
};
inline constexpr std::size_t kMapSessionGoals = 29;
std::span<const GoalSpec> MapSessionGoalSpecs();

// Those of a container with iterators of its own, which follow them in its table.
enum class OwnIteratorGoal : std::uint8_t {
  kErasedAt,
  kErasedRange,
  kHintOfTheKey,
  kHintOfAnotherKey,
  kIteratorOutlivedInsertion,
  kIteratorFollowed,
};
inline constexpr std::size_t kOwnIteratorGoals = 6;
std::span<const GoalSpec> OwnIteratorGoalSpecs();  // all of both

// Drives a MapSubject and a MapModel in step. Writes are numbered, and the number is the value
// written, so each result names the write it comes from.
//
// Operations on two maps make a second subject with a model of its own. `switch` exchanges the two,
// iterators and all, so that every other operation reaches both.
class MapSession final : public Session {
 public:
  // Lets these gaps pass. A subject whose iterators end with a write has none.
  explicit MapSession(MakeMapSubject make, MapGaps gaps = kSpecGaps)
      : make_(make), model_(gaps), other_{.model = MapModel(gaps)} {}

  void Reset(const Header& header) override;
  StepResult Step(const Op& op) override {
    std::size_t index = 0;
    return StepThrough({&op, 1}, &index);
  }
  StepResult StepThrough(std::span<const Op> ops, std::size_t* index) override;
  bool CheckFull() override;
  std::uint64_t FullCheckCost() const override {
    return CostOf(*subject_, model_) + (other_.subject ? CostOf(*other_.subject, other_.model) : 0);
  }
  bool Finish() override;
  void Abandon() override;
  std::string Draw() const override;
  std::string Annotate(const Op& op) const override;
  void StructuralState(std::span<std::uint8_t> features) const override;

 private:
  static std::uint64_t CostOf(const MapSubject& subject, const MapModel& model) {
    return 2 * model.size() + subject.BucketCount() / 2;
  }

  StepResult StepOnce(const Op& op);
  [[gnu::cold]] StepResult AfterThrow(const Op& op);
  void LightFuse(const Op& op);
  bool Dispatch(const Op& op);

  void RecordStepOf(MapOp op, KeyIndex key) {
    RecordStep({.code = static_cast<std::uint8_t>(op), .a = static_cast<std::uint16_t>(key)});
  }
  void RecordStepAt(MapOp op, std::size_t handle) {
    RecordStep({.code = static_cast<std::uint8_t>(op), .b = static_cast<std::uint8_t>(handle)});
  }
  bool Insert(KeyIndex key);
  bool Find(KeyIndex key);
  bool Erase(KeyIndex key);
  bool Clear();
  bool CheckContents();
  bool DrainAll();
  bool CompareSize() { return subject_->status().size == model_.size() || FailSize(); }
  // Say what disagrees; out of the way of what agrees.
  [[gnu::cold]] bool FailSize();
  [[gnu::cold]] bool FailLaw(const BrokenLaw& broken);
  [[gnu::cold]] bool FailContents(KeyIndex key, Token actual);
  [[gnu::cold]] bool FailPresence(std::string_view law, KeyIndex key, bool expected);
  [[gnu::cold]] bool FailFind(KeyIndex key, Token expected, Token actual);
  [[gnu::cold]] bool FailYield(MapModel::YieldLaw law, const MapEntry& entry);
  [[gnu::cold]] bool FailMissed();

  bool Begin(std::size_t handle);
  bool Next(std::size_t handle, MapEntry* entry);
  bool CheckYield(std::size_t handle, const MapEntry& entry);
  bool StepAnd(std::size_t handle, std::size_t times, MapOp what);
  bool Drain(std::size_t handle);
  void EndAllIterations();
  void WriteEndsIterations();

  bool Replace(const Op& op);
  bool InsertFresh(KeyIndex from, std::size_t count);
  bool DeleteRun(std::uint32_t from, std::size_t count);
  bool Churn(KeyIndex from, std::size_t count);
  bool Pile(std::size_t bucket, KeyIndex from, std::size_t count);
  bool Thin(std::size_t bucket);
  bool Fray(KeyIndex from, std::size_t count);

  // map_present.cc
  bool OnPresent(const Op& op);
  bool CompareAndSwap(KeyIndex key, bool stale);
  bool Update(KeyIndex key);
  bool LoadOrStore(KeyIndex key);
  bool GetAndDelete(KeyIndex key);
  bool WriteFrom(MapOp what, KeyIndex key, std::uint32_t source_number);
  bool AssignSelf(std::uint32_t number);
  bool DeleteStored(std::uint32_t number);
  bool CheckLoad(std::string_view law, KeyIndex key, Token expected, const LoadResult& result);
  bool FindAfter(KeyIndex key);

  // map_pair.cc
  bool OnPair(const Op& op);
  void MakeOther();
  void Switch();
  // Does it to the other map.
  template <class F>
  void OnOther(const F& f) {
    Switch();
    f();
    Switch();
  }
  bool CheckOther();
  void HandOverIterations(bool follow);
  void Exchange(bool self);
  void CopyAssign(bool self);
  void MoveAssign(bool self);
  bool Merge();
  bool Compare(bool self);
  [[gnu::cold]] void AfterPairThrew(const Op& op);
  void TakeWhatMoved();
  void ForgetWhatIsLost();

  // map_iterators.cc: where a container's own iterator stands.
  struct Standing {
    MapEntry entry{};
    bool at_entry = false;  // else at the end
    bool yielded = false;   // else the next step yields the entry
    bool followed = false;  // its entries to another map
    std::uint32_t rehashes = 0;
    std::uint32_t born = 0;
    std::uint32_t insertions = 0;
  };
  // Whether the iteration goes on; one whose iterator has become invalid does not.
  bool Live(std::size_t handle) {
    return model_.Iterating(handle) && (!traits_.own_iterators || EndIfInvalid(handle));
  }
  bool Valid(const Standing& standing) const;
  bool EndIfInvalid(std::size_t handle);
  bool Stand(std::size_t handle, bool yielded);
  bool CheckStanding(std::size_t handle);
  void EndAtTheEnd();
  void StandInAnotherMap();
  bool OnIterator(const Op& op);
  bool EraseAt(std::size_t handle);
  bool EraseRange(std::size_t handle, std::size_t count);
  bool InsertHint(KeyIndex key, std::size_t handle);
  void Forget(const MapEntry& entry);
  std::size_t CountUnequal(const MapEntry& entry) const;

  static std::string Name(KeyIndex key);
  static std::string Value(Token token);
  // NaN entries leave by clear alone, or by erasing where an iterator stands.
  static constexpr std::size_t kMostUnequal = 256;

  KeyIndex Wrap(std::uint32_t key) const { return key & (header_.universe - 1); }
  bool Unequal(KeyIndex key) const { return IsUnequalKey(header_.key, key); }
  KeyIndex Canonical(KeyIndex key) const { return EqualKey(header_.key, key); }
  Token Readable(Token token) const { return header_.elem == ElemKind::kEmpty ? 0 : token; }
  void Goal(MapSessionGoal goal) { goals_.Hit(static_cast<std::size_t>(goal)); }
  void OwnGoal(OwnIteratorGoal goal) {
    goals_.Hit(kMapSessionGoals + static_cast<std::size_t>(goal));
  }

  MakeMapSubject make_;
  MapHeader header_{};
  MapTraits traits_;
  std::unique_ptr<MapSubject> subject_;
  MapModel model_;
  Token last_token_ = 0;
  std::optional<KeyIndex> written_;  // by the insertion under way
  std::ptrdiff_t alive_before_ = 0;  // fragile objects, without those of the map
  std::uint32_t scans_left_ = 0;     // keys an operation may still look at in search of a bucket's
  std::array<std::uint8_t, 8> last_state_{};
  // The growths that an iterator has met are those begun since, and the one then under way.
  struct GrowthsBefore {
    std::uint32_t all = 0;
    std::uint32_t same_size = 0;
  };
  std::array<GrowthsBefore, kIterators> growths_before_{};
  std::array<Standing, kIterators> standing_{};
  std::vector<MapEntry> range_;
  // The other map: what is above, for it. There is none until an operation asks for it.
  struct Other {
    std::unique_ptr<MapSubject> subject{};
    MapModel model{};
    std::array<GrowthsBefore, kIterators> growths_before{};
    std::array<Standing, kIterators> standing{};
  };
  Other other_;
  std::vector<KeyIndex> scratch_;
};

// The table as text: title, then a line a chain.
std::string RenderMapDrawing(const MapDrawing& drawing);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_MAP_SESSION_H_
