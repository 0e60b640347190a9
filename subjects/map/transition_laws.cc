#include "subjects/map/transition_laws.h"

namespace slotproof {
namespace {

using transition::Emptied;
using transition::ExpectedGrowth;
using transition::Growth;
using transition::GrowthHolds;
using transition::IteratorFlagsHold;
using transition::ProgressHolds;
using transition::SeedHolds;

std::string Growths(std::uint32_t growths, std::uint32_t b) {
  return std::to_string(growths) + " growths so far, B=" + std::to_string(b);
}

std::optional<BrokenLaw> CheckGrowth(const TableState& before, const TableState& after,
                                     bool inserted) {
  if (GrowthHolds(before, after, inserted)) return std::nullopt;
  const Growth expected = ExpectedGrowth(before, after, inserted);
  return BrokenLaw{"growth.begins", "expected " + Growths(expected.growths, expected.b) + ", got " +
                                        Growths(after.growths, after.b) + " (" +
                                        std::to_string(before.count) + " entries, " +
                                        std::to_string(before.noverflow) + " overflow buckets)"};
}

std::optional<BrokenLaw> CheckProgress(const TableState& before, const TableState& after) {
  if (ProgressHolds(before, after)) return std::nullopt;
  return BrokenLaw{"growth.progress", "the evacuation mark went from " +
                                          std::to_string(before.nevacuate) + " to " +
                                          std::to_string(after.nevacuate)};
}

std::optional<BrokenLaw> CheckIteratorFlags(const TableState& before, const TableState& after) {
  if (IteratorFlagsHold(before, after)) return std::nullopt;
  const bool grown = after.growths != before.growths;
  return BrokenLaw{"flags.iterators", std::string(grown ? "growth" : "a write") +
                                          " left iterator " + (after.iterator ? "on" : "off") +
                                          " and oldIterator " +
                                          (after.old_iterator ? "on" : "off")};
}

std::optional<BrokenLaw> CheckSeed(const TableState& before, const TableState& after) {
  if (SeedHolds(before, after)) return std::nullopt;
  return BrokenLaw{"seed.redrawn", Emptied(before, after)
                                       ? "the map became empty and kept its hash seed"
                                       : "the hash seed changed under live entries"};
}

std::optional<BrokenLaw> CheckWrite(const TableState& before, const TableState& after,
                                    bool inserted) {
  if (auto broken = CheckGrowth(before, after, inserted)) return broken;
  if (auto broken = CheckProgress(before, after)) return broken;
  if (auto broken = CheckIteratorFlags(before, after)) return broken;
  return CheckSeed(before, after);
}

}  // namespace

std::optional<BrokenLaw> CheckInsertTransition(const TableState& before, const TableState& after) {
  if (InsertTransitionHolds(before, after)) return std::nullopt;
  return CheckWrite(before, after, after.count != before.count);
}

std::optional<BrokenLaw> CheckDeleteTransition(const TableState& before, const TableState& after) {
  if (DeleteTransitionHolds(before, after)) return std::nullopt;
  return CheckWrite(before, after, false);
}

std::optional<BrokenLaw> CheckClearTransition(const TableState& before, const TableState& after) {
  if (before.count == 0) return std::nullopt;  // "nothing at all": stale chains stay
  const bool shape_kept = after.b == before.b && !after.growing && after.noverflow == 0 &&
                          after.nevacuate == 0 && after.count == 0;
  if (!shape_kept) {
    return BrokenLaw{"clear.shape", "B from " + std::to_string(before.b) + " to " +
                                        std::to_string(after.b) +
                                        (after.growing ? ", still growing" : "") + ", noverflow " +
                                        std::to_string(after.noverflow)};
  }
  if (auto broken = CheckIteratorFlags(before, after)) return broken;
  return CheckSeed(before, after);
}

}  // namespace slotproof
