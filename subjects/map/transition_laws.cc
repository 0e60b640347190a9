#include "subjects/map/transition_laws.h"

#include <algorithm>

namespace slotproof {
namespace {

bool TooFull(std::uint64_t count, std::uint32_t b) {
  return count > 8 && 2 * count > 13 * (std::uint64_t{1} << b);
}

bool TooManyChains(std::uint64_t noverflow, std::uint32_t b) {
  return noverflow >= std::uint64_t{1} << std::min(b, 15u);
}

std::string Growths(std::uint32_t growths, std::uint32_t b) {
  return std::to_string(growths) + " growths so far, B=" + std::to_string(b);
}

// Whether the write decides about growth: an insertion, once no growth is under way. One that was
// may be finished by this very write.
bool Decides(const TableState& before, const TableState& after, bool inserted) {
  const bool growth_begun = after.growths != before.growths;
  return inserted && (!before.growing || growth_begun || !after.growing);
}

std::optional<BrokenLaw> CheckGrowth(const TableState& before, const TableState& after,
                                     bool inserted) {
  const bool decides = Decides(before, after, inserted);
  const bool doubles = decides && TooFull(before.count + 1, before.b);
  bool begins = doubles || (decides && TooManyChains(before.noverflow, before.b));
  // Moving old chains adds overflow buckets before the decision, how many cannot be seen here.
  if (decides && before.growing && !doubles) begins = after.growths != before.growths;
  const std::uint32_t growths = before.growths + begins;
  const std::uint32_t b = before.b + doubles;
  if (after.growths == growths && after.b == b) return std::nullopt;
  return BrokenLaw{"growth.begins", "expected " + Growths(growths, b) + ", got " +
                                        Growths(after.growths, after.b) + " (" +
                                        std::to_string(before.count) + " entries, " +
                                        std::to_string(before.noverflow) + " overflow buckets)"};
}

std::optional<BrokenLaw> CheckProgress(const TableState& before, const TableState& after) {
  if (!before.growing || after.growths != before.growths) return std::nullopt;
  const bool moved = after.nevacuate > before.nevacuate;
  if (moved && after.nevacuate - before.nevacuate <= 1025) return std::nullopt;
  return BrokenLaw{"growth.progress", "the evacuation mark went from " +
                                          std::to_string(before.nevacuate) + " to " +
                                          std::to_string(after.nevacuate)};
}

std::optional<BrokenLaw> CheckIteratorFlags(const TableState& before, const TableState& after) {
  const bool grown = after.growths != before.growths;
  const bool iterator = !grown && before.iterator;
  const bool old_iterator = grown ? before.iterator : before.old_iterator;
  if (after.iterator == iterator && after.old_iterator == old_iterator) return std::nullopt;
  return BrokenLaw{"flags.iterators", std::string(grown ? "growth" : "a write") +
                                          " left iterator " + (after.iterator ? "on" : "off") +
                                          " and oldIterator " +
                                          (after.old_iterator ? "on" : "off")};
}

std::optional<BrokenLaw> CheckSeed(const TableState& before, const TableState& after) {
  const bool emptied = before.count != 0 && after.count == 0;
  if ((before.hash0 != after.hash0) == emptied) return std::nullopt;
  return BrokenLaw{"seed.redrawn", emptied ? "the map became empty and kept its hash seed"
                                           : "the hash seed changed under live entries"};
}

}  // namespace

std::optional<BrokenLaw> CheckInsertTransition(const TableState& before, const TableState& after) {
  if (auto broken = CheckGrowth(before, after, after.count != before.count)) return broken;
  if (auto broken = CheckProgress(before, after)) return broken;
  if (auto broken = CheckIteratorFlags(before, after)) return broken;
  return CheckSeed(before, after);
}

std::optional<BrokenLaw> CheckDeleteTransition(const TableState& before, const TableState& after) {
  if (before.count == 0) return std::nullopt;  // nothing is hashed and nothing moves
  if (auto broken = CheckGrowth(before, after, false)) return broken;
  if (auto broken = CheckProgress(before, after)) return broken;
  if (auto broken = CheckIteratorFlags(before, after)) return broken;
  return CheckSeed(before, after);
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
