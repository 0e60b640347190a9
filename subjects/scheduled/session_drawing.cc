#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "harness/sched/story.h"
#include "subjects/scheduled/phase_drawing.h"
#include "subjects/scheduled/scheduled_session.h"

// What a person is told of a phase.

namespace slotproof {

sched::Teller ScheduledSession::NewTeller() const {
  return {.operation =
              [this](const sched::Deed& begin) {
                return OperationText(thread_of_[begin.thread], begin.operation);
              },
          .answer =
              [this](const sched::Deed& answer) {
                return AnswerText(thread_of_[answer.thread], answer.operation);
              },
          .name = [this](sched::ThreadId thread) { return NameOf(thread); },
          .failure = failure_of_run_,
          .tells_idle_signals = failure().outcome == Outcome::kDeadlock};
}

std::string ScheduledSession::Draw() const {
  std::vector<Moment> moments;
  for (sched::Scene& scene : sched::TellStory(trail_, NewTeller())) {
    moments.push_back({.thread = thread_of_[scene.thread], .text = std::move(scene.text)});
  }
  std::string text = DrawPhase(moments, kScheduledThreads);
  if (trail_.is_full()) text += "... and more\n";
  const std::string structure = DrawSubject();
  return structure.empty() ? text : text + "\n" + structure;
}

// What there is in the place of a switch that did not happen. Of an operation that did not end, the
// point may still have been to come.
void ScheduledSession::NoteMissed(const WrittenSwitch& written) {
  const std::uint32_t from = fiber_of_[ThreadOf(written.op)];
  MissedSwitch missed = {.op = written.op, .op_index = written.op_index, .during = {}};
  missed.has_threads =
      from != sched::kNoThread && fiber_of_[ToThreadOf(written.op)] != sched::kNoThread;
  bool ended = false;
  for (const sched::Deed& deed : trail_.deeds()) {
    if (deed.thread != from) continue;
    if (deed.operation == written.operation) missed.points = std::max(missed.points, deed.point);
    ended |= deed.operation > written.operation ||
             (deed.operation == written.operation && deed.kind == sched::Deed::Kind::kAnswer);
  }
  if (missed.has_threads && !ended && missed.points < PointOf(written.op)) return;
  missed.during = OperationText(ThreadOf(written.op), written.operation);
  missed_.push_back(missed);
}

void ScheduledSession::NoteAllMissed(const sched::Replay& run,
                                     const std::vector<std::size_t>& places) {
  std::vector<bool> happened(switches_.size(), false);
  for (std::size_t i = 0; i < places.size(); ++i) happened[places[i]] = run.happened()[i];
  for (std::size_t i = 0; i < switches_.size(); ++i) {
    if (!happened[i]) NoteMissed(switches_[i]);
  }
}

std::vector<Remark> ScheduledSession::Remarks() const {
  std::vector<Remark> remarks;
  for (const MissedSwitch& missed : missed_) {
    const std::string from = "t" + std::to_string(ThreadOf(missed.op));
    const std::string to = "t" + std::to_string(ToThreadOf(missed.op));
    const std::string where = from + "'s " + (missed.during.empty() ? "start" : missed.during);
    std::string text = "does not happen: ";
    if (!missed.has_threads) {
      text.append(from).append(" and ").append(to);
      text += " must both have an operation in this run; leave the line out";
    } else if (PointOf(missed.op) > missed.points) {
      text.append(where).append(" has only ").append(std::to_string(missed.points));
      text += " points now; move it to one of them, or let an explore find the place anew";
    } else {
      text.append(to).append(" cannot go on at that point of ").append(where);
      text += " now; move it to another one, or let an explore find the place anew";
    }
    remarks.push_back({.op_index = missed.op_index, .text = std::move(text)});
  }
  return remarks;
}

}  // namespace slotproof
