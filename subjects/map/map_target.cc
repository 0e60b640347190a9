#include <cstddef>
#include <memory>
#include <vector>

#include "subjects/map/map_session.h"
#include "subjects/map/reference_goals.h"
#include "subjects/map/reference_subject.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

std::unique_ptr<MapSubject> MakeReferenceSubject(const MapHeader& header, GoalCounts* goals) {
  if (IsFragile(header.key) || IsFragile(header.elem)) return MakeFragileReference(header, goals);
  switch (header.key) {
    case KeyKind::kUint64:
      return MakeUint64Reference(header, goals);
    case KeyKind::kUint32:
      return MakeUint32Reference(header, goals);
    case KeyKind::kString:
      return MakeStringReference(header, goals);
    case KeyKind::kDouble:
      return MakeDoubleReference(header, goals);
    default:
      break;
  }
  return MakeBytes136Reference(header, goals);
}

}  // namespace

std::span<const GoalSpec> ReferenceGoalSpecs() {
  static const std::vector<GoalSpec> specs = [] {
    std::vector<GoalSpec> made(kGrowthUnderArgumentGoal + 1);
    for (std::size_t i = 0; i < kMapSessionGoals; ++i) made[i] = MapSessionGoalSpecs()[i];
    for (const core::MapEventInfo& info : core::kMapEvents) {
      const int goal = ReferenceGoalOf(info.event);
      if (goal >= 0) made[static_cast<std::size_t>(goal)] = {info.name, info.description};
    }
    made[kSameSizeGrowthUnderIteratorGoal] = {
        "same_size_growth_under_iterator",
        "growth to the same size began while an iterator was live"};
    made[kGrowthUnderArgumentGoal] = {"growth_under_argument",
                                      "growth began while an argument referred into the map"};
    return made;
  }();
  return specs;
}

const Target& MapTarget() {
  static const Target target = {
      .name = "map",
      .help = "the reference map (core/map) against the map model",
      .vocabulary = &MapVocabulary(),
      .goals = ReferenceGoalSpecs(),
      .profiles = MapProfiles(),
      .new_session = []() -> std::unique_ptr<Session> {
        return std::make_unique<MapSession>(&MakeReferenceSubject);
      },
  };
  return target;
}

}  // namespace slotproof
