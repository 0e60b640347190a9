#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SCHEDULED_HEAP_SESSION_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SCHEDULED_HEAP_SESSION_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/heap/heap_policy.h"
#include "harness/subject/target.h"
#include "subjects/scheduled/scheduled_session.h"
#include "subjects/scheduled_heap/scheduled_heap_vocabulary.h"
#include "subjects/scheduled_heap/shared_heap.h"

namespace slotproof {

// Scheduled threads on one heap that they collect. Beside the scheduler's verdicts:
//
//   invariant   what SharedHeap::BrokenLaw says between phases: an object is lost or kept
class ScheduledHeapSession : public ScheduledSession {
 public:
  explicit ScheduledHeapSession(const core::BarrierRules& rules);

  void Reset(const Header& header) override;
  StepResult Step(const Op& op) override;
  void Abandon() override { heap_ = nullptr; }

 private:
  // An operation of a thread, and what came of it.
  struct Done {
    HeapStep step;
    bool ended = false;
    std::uint32_t number = 0;  // of the object that its register has then
  };

  void BeginPhase() override;
  bool JudgePhase() override;
  void Prepare() override;
  void Do(std::uint32_t thread, const Task& task) override;
  void LeaveThread(std::uint32_t thread) override { heap_->Leave(thread); }
  void LookAtAll() override;
  std::string OperationText(std::uint32_t thread, std::uint32_t operation) const override;
  std::string AnswerText(std::uint32_t thread, std::uint32_t operation) const override;
  std::string DrawSubject() const override { return heap_ == nullptr ? "" : heap_->Draw(); }
  PageNotes NotesOfPage() const override;

  // How many of this phase that others stay for stand before that operation.
  std::uint32_t CollectionsBefore(std::uint32_t op_index) const;
  // Whether this phase has a step on the map.
  bool UsesMap() const;
  const Done* DoneBy(std::uint32_t thread, std::uint32_t operation) const;

  core::BarrierRules rules_;
  ScheduledHeapHeader header_{};
  SharedHeap* heap_ = nullptr;  // in the scheduler's memory, which it takes back
  bool has_map_ = false;        // since a phase that used it
  std::uint32_t objects_ = 0;   // made so far
  std::array<std::vector<Done>, kHeapThreads> done_;
  std::string broken_;
};

// A target of such heaps.
Target ScheduledHeapTargetOf(std::string_view name, std::string_view help,
                             std::unique_ptr<Session> (*new_session)());

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_SCHEDULED_HEAP_SESSION_H_
