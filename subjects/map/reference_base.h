#ifndef SLOTPROOF_SUBJECTS_MAP_REFERENCE_BASE_H_
#define SLOTPROOF_SUBJECTS_MAP_REFERENCE_BASE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/map/invariants.h"
#include "harness/subject/broken_law.h"
#include "subjects/map/map_subject.h"
#include "subjects/map/map_vocabulary.h"
#include "subjects/map/reference_policy.h"
#include "subjects/map/transition_laws.h"

// What the reference map's subjects do whatever their key and element types are, so that it is
// compiled once.

namespace slotproof {

class ReferenceBase : public MapSubject {
 protected:
  ReferenceBase(const MapHeader& header, GoalCounts* goals);

  // The first law that was broken stays.
  void Note(std::optional<BrokenLaw> broken) {
    if (broken) [[unlikely]]
      Keep(*std::move(broken));
  }
  using CheckTransition = std::optional<BrokenLaw> (*)(const TableState&, const TableState&);
  [[gnu::cold]] void NoteBroken(CheckTransition check, const TableState& before,
                                const TableState& after);
  void NoteMerge(const TableState& source_before, const TableState& source_after);
  void NoteMovedFrom(bool empty);
  void NotePlace(bool passed_empty);

  static BrokenLaw LawOf(const core::InvariantViolation& violation);
  TableState StateOf(const core::MapVitals& vitals) const;
  std::array<std::uint8_t, 8> StructureOf(const core::MapShape& shape) const;

  // Bursts look at many keys in search of a bucket's, again and again under one seed.
  struct LowHash {
    std::uint32_t hash0;
    std::uint32_t low;
  };
  std::uint32_t LowHashOf(KeyIndex key, std::uint32_t hash0) const;

  const MapHeader header_;
  ProbeState probe_;

 private:
  void Keep(BrokenLaw broken);

  std::optional<BrokenLaw> broken_;
  mutable std::vector<LowHash> low_hashes_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_MAP_REFERENCE_BASE_H_
