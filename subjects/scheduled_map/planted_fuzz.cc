// Fuzzes the planted map that SLOTPROOF_MUTANT names. What SLOTPROOF_WITHOUT lists does not guide:
// edges, seen-writes, hand-offs, blocked; nor, with new-reads, are schedules changed by what was
// read.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>

#include "harness/engine/fuzz/entry.h"
#include "harness/sched/watcher.h"
#include "subjects/scheduled_map/planted_maps.h"
#include "subjects/scheduled_map/scheduled_map_session.h"

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names.
extern "C" std::uint8_t __start___sancov_cntrs[];
extern "C" std::uint8_t __stop___sancov_cntrs[];
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace slotproof {
namespace {

const PlantedMap& ChosenMap() {
  static const PlantedMap* const chosen = [] {
    const char* const name = std::getenv("SLOTPROOF_MUTANT");
    const auto found = std::ranges::find(
        PlantedMaps(), std::string_view(name == nullptr ? "" : name), &PlantedMap::name);
    if (found == PlantedMaps().end()) {
      std::fprintf(stderr, "SLOTPROOF_MUTANT names no map of planted_maps.cc\n");
      std::_Exit(2);
    }
    return &*found;
  }();
  return *chosen;
}

bool Without(std::string_view part) {
  const char* const parts = std::getenv("SLOTPROOF_WITHOUT");
  return parts != nullptr && std::string_view(parts).find(part) != std::string_view::npos;
}

class GuidingLess final : public ScheduledMapSession {
 public:
  GuidingLess() : ScheduledMapSession(ChosenMap().make) {}

  // The last that a fuzzer asks for before it looks at its counters.
  void StructuralState(std::span<std::uint8_t> features) const override {
    ScheduledMapSession::StructuralState(features);
    const std::span<std::uint8_t> counters = sched::FuzzerCounters();
    const auto clear = [](std::span<std::uint8_t> part) { std::ranges::fill(part, 0); };
    if (without_seen_writes_) clear(counters.first(sched::kSeenWriteCounters));
    if (without_hand_offs_) {
      clear(counters.subspan(sched::kSeenWriteCounters, sched::kHandOffCounters));
    }
    if (without_blocked_) clear(counters.last(sched::kBlockedCounters));
    if (without_edges_) clear({__start___sancov_cntrs, __stop___sancov_cntrs});
  }
  bool LetReadSeeWrite(std::uint64_t choice, Trace* trace) const override {
    return !without_new_reads_ && ScheduledMapSession::LetReadSeeWrite(choice, trace);
  }

 private:
  bool without_edges_ = Without("edges");
  bool without_seen_writes_ = Without("seen-writes");
  bool without_hand_offs_ = Without("hand-offs");
  bool without_blocked_ = Without("blocked");
  bool without_new_reads_ = Without("new-reads");
};

const Target& PlantedTarget() {
  static const Target target = ScheduledMapTarget(
      "planted_map", "a map with a bug",
      []() -> std::unique_ptr<Session> { return std::make_unique<GuidingLess>(); });
  return target;
}

}  // namespace
}  // namespace slotproof

SLOTPROOF_FUZZ_TARGET(slotproof::PlantedTarget());
