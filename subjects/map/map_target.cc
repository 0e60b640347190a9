#include <array>
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

std::unique_ptr<Session> NewMapSession(MapGaps gaps) {
  return std::make_unique<MapSession>(&MakeReferenceSubject, gaps);
}

const Target& MapTarget() {
  static std::array<const Target*, 2> by_laws;
  static const std::array<Target, 2> targets = [] {
    Target map = {
        .name = "map",
        .help = "the reference map (core/map) against the map model",
        .vocabulary = &MapVocabulary(),
        .goals = ReferenceGoalSpecs(),
        .profiles = MapProfiles(),
        .new_session = [] { return NewMapSession(kGo119Gaps); },
        .laws = "go1.19",
        .laws_help = "iteration may break its promise where the runtime does (docs/go-map-gaps.md)",
        .by_laws = by_laws,
    };
    Target spec = map;
    spec.new_session = [] { return NewMapSession(kSpecGaps); };
    spec.laws = "spec";
    spec.laws_help = "iteration keeps the language's promise, also where the runtime does not";
    return std::array<Target, 2>{map, spec};
  }();
  static const bool listed = [] {
    by_laws = {&targets[0], &targets[1]};
    return true;
  }();
  static_cast<void>(listed);
  return targets[0];
}

}  // namespace slotproof
