#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "subjects/scheduled_map/call_text.h"
#include "subjects/scheduled_map/scheduled_map_session.h"

// What a person is told of the calls of a phase.

namespace slotproof {

auto ScheduledMapSession::CallOf(std::uint32_t thread, std::uint32_t operation) const
    -> const History::Call* {
  const auto& visits = memories_[thread].visits;
  if (operation == 0 || operation > visits.size() || visits[operation - 1]) return nullptr;
  const auto begin = visits.begin();
  std::int64_t left = std::count(begin, begin + operation, std::nullopt);
  for (const History::Call& call : history_.calls()) {
    if (call.process == thread && --left == 0) return &call;
  }
  return nullptr;
}

const std::string* ScheduledMapSession::VisitOf(std::uint32_t thread,
                                                std::uint32_t operation) const {
  const auto& visits = memories_[thread].visits;
  if (operation == 0 || operation > visits.size() || !visits[operation - 1]) return nullptr;
  return &*visits[operation - 1];
}

std::string ScheduledMapSession::OperationText(std::uint32_t thread,
                                               std::uint32_t operation) const {
  if (VisitOf(thread, operation) != nullptr) return "range";
  const auto* const call = CallOf(thread, operation);
  return call == nullptr ? "" : DescribeOperation(call->op);
}

std::string ScheduledMapSession::AnswerText(std::uint32_t thread, std::uint32_t operation) const {
  const std::string* const visit = VisitOf(thread, operation);
  if (visit != nullptr) return *visit;
  const auto* const call = CallOf(thread, operation);
  return call == nullptr ? "" : DescribeResult(call->op, call->result);
}

// The place of each call in an order of its key that explains the answers, from 1; 0 where there is
// none.
std::vector<std::size_t> ScheduledMapSession::PlacesOfCalls() const {
  std::vector<std::size_t> places(history_.calls().size(), 0);
  linear::CellModel model;
  const linear::Limits limits;
  linear::Checker<linear::CellModel> checker(&model, &limits);
  checker.CheckParts(history_.calls(), [&](linear::Answer answer) {
    if (answer != linear::Answer::kLinearizable) return;
    std::size_t place = 0;
    for (const std::uint32_t call : checker.order()) {
      if (history_.calls()[call].process != kKeeper) places[call] = ++place;
    }
  });
  return places;
}

ScheduledSession::PageNotes ScheduledMapSession::NotesOfPage() const {
  return {.legend = "Green: calls on a key that an order explains, with their places in it. ",
          .place = [this, order = PlacesOfCalls()](std::uint32_t thread, std::uint32_t operation) {
            const auto* const call = CallOf(thread, operation);
            return call == nullptr
                       ? std::size_t{0}
                       : order[static_cast<std::size_t>(call - history_.calls().data())];
          }};
}

}  // namespace slotproof
