#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_SESSION_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_SESSION_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/linear/checker.h"
#include "harness/linear/history.h"
#include "harness/linear/models/cell_model.h"
#include "harness/subject/target.h"
#include "subjects/scheduled/scheduled_session.h"
#include "subjects/scheduled_map/concurrent_map.h"
#include "subjects/scheduled_map/scheduled_map_vocabulary.h"

namespace slotproof {

// Scheduled threads on one map. Beside the scheduler's verdicts:
//
//   linearizable   what the calls of a phase answered, and what each key has after it, is what some
//                  order of them answers that keeps those apart that did not overlap
//   invariant      what the map says of its own structure between phases
class ScheduledMapSession : public ScheduledSession {
 public:
  using NewMap = std::unique_ptr<ConcurrentMap> (*)(std::uint32_t seed);

  explicit ScheduledMapSession(NewMap new_map);

  void Reset(const Header& header) override;
  void Abandon() override { map_ = nullptr; }

 private:
  using Operation = linear::Operation;
  using History = linear::History<Operation, linear::Result>;

  // What a thread knows.
  struct Memory {
    std::array<linear::Value, kScheduledMapKeys> last_seen{};
    // Of each of its operations in this phase: what a visit of all keys saw; nothing for a call.
    std::vector<std::optional<std::string>> visits;
  };
  static constexpr std::uint32_t kKeeper = kScheduledThreads;  // the process that looks in between
  static std::uint32_t ThreadOfProcess(std::uint32_t process) {
    return process < kKeeper ? process : (process - kKeeper - 1) / kScheduledMapKeys;
  }

  void BeginPhase() override;
  bool JudgePhase() override;
  void Prepare() override;
  void Do(std::uint32_t thread, const Task& task) override;
  void LookAtAll() override;
  std::string OperationText(std::uint32_t thread, std::uint32_t operation) const override;
  std::string AnswerText(std::uint32_t thread, std::uint32_t operation) const override;
  std::string DrawSubject() const override { return map_ == nullptr ? "" : map_->Draw(); }
  PageNotes NotesOfPage() const override;

  std::vector<std::size_t> PlacesOfCalls() const;
  // The call of the phase that is the operation of this number of the thread; null if it has none.
  const History::Call* CallOf(std::uint32_t thread, std::uint32_t operation) const;
  // What it saw of the keys, if it was a visit of them all; null if it was none.
  const std::string* VisitOf(std::uint32_t thread, std::uint32_t operation) const;
  void Visit(std::uint32_t thread);
  Operation OperationOf(const Memory& memory, const Op& op);
  linear::Result Call(const Operation& operation);
  void CountGoal(const Operation& operation, linear::Result result, linear::Value newest);
  void Answer(std::uint32_t thread, const Operation& operation, linear::Result result);

  NewMap new_map_;
  ScheduledMapHeader header_{};
  ConcurrentMap* map_ = nullptr;  // in the scheduler's memory, which it takes back
  std::array<Memory, kScheduledThreads> memories_;
  linear::Value values_ = 0;  // given out so far
  std::array<linear::Value, kScheduledMapKeys> contents_{};
  std::string broken_;
  History history_;
  linear::CellModel model_;
  linear::Limits limits_;
  linear::Checker<linear::CellModel> checker_;
};

// A target of scheduled maps.
Target ScheduledMapTarget(std::string_view name, std::string_view help,
                          std::unique_ptr<Session> (*new_session)(),
                          std::span<const GoalSpec> goals = {});

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_SCHEDULED_MAP_SESSION_H_
