#include "subjects/map/reference_base.h"

#include <algorithm>
#include <bit>
#include <string>

namespace slotproof {

ReferenceBase::ReferenceBase(const MapHeader& header, GoalCounts* goals)
    : header_(header), probe_{.goals = goals, .status = &status_} {}

void ReferenceBase::NoteBroken(CheckTransition check, const TableState& before,
                               const TableState& after) {
  Note(check(before, after));
}

void ReferenceBase::NoteMerge(const TableState& source_before, const TableState& source_after) {
  if (transition::SeedHolds(source_before, source_after)) return;
  Note(BrokenLaw{"seed.redrawn",
                 "a merge changed its source's seed though entries are left, "
                 "or kept it though none is"});
}

void ReferenceBase::NoteMovedFrom(bool empty) {
  if (!empty) Note(BrokenLaw{"move.source_empty", "a moved-from map holds entries"});
}

void ReferenceBase::NotePlace(bool passed_empty) {
  if (!passed_empty) return;
  Note(BrokenLaw{"insert.first_empty", "an empty slot comes before the new entry's"});
}

void ReferenceBase::Keep(BrokenLaw broken) {
  if (broken_) return;
  broken_ = std::move(broken);
  status_.broken = &*broken_;
}

BrokenLaw ReferenceBase::LawOf(const core::InvariantViolation& violation) {
  return {std::string(violation.law), violation.message};
}

TableState ReferenceBase::StateOf(const core::MapVitals& vitals) const {
  return {.count = vitals.count,
          .noverflow = vitals.noverflow,
          .nevacuate = vitals.nevacuate,
          .hash0 = vitals.hash0,
          .b = vitals.b,
          .growing = vitals.growing,
          .growths = status_.growths,
          .iterator = (vitals.flags & core::kIterator) != 0,
          .old_iterator = (vitals.flags & core::kOldIterator) != 0};
}

std::array<std::uint8_t, 8> ReferenceBase::StructureOf(const core::MapShape& shape) const {
  const auto small = [](std::uint64_t n) {
    return static_cast<std::uint8_t>(std::min<std::uint64_t>(n, 255));
  };
  const std::uint64_t evacuated_sixteenths =
      shape.growing ? 1 + 16 * shape.nevacuate / shape.old_main_buckets : 0;
  return {shape.b,
          small(std::bit_width(shape.noverflow)),
          small(evacuated_sixteenths),
          shape.flags,
          small(static_cast<std::uint64_t>(std::bit_width(shape.count))),
          small(shape.spares_left),
          small(status_.growths),
          small(probe_.iterators)};
}

std::uint32_t ReferenceBase::LowHashOf(KeyIndex key, std::uint32_t hash0) const {
  constexpr std::uint32_t kUnset = ~std::uint32_t{0};
  if (low_hashes_.empty()) low_hashes_.resize(header_.universe, {.hash0 = 0, .low = kUnset});
  LowHash& known = low_hashes_[key];
  if (known.low == kUnset || known.hash0 != hash0) {
    known = {.hash0 = hash0, .low = static_cast<std::uint32_t>(HashOf(key)) & 0x7fffffff};
  }
  return known.low;
}

}  // namespace slotproof
