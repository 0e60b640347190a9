#include "subjects/map/table_laws.h"

#include <string>

namespace slotproof {
namespace {

// The least number of buckets that hold so many entries, as a logarithm.
unsigned LeastBuckets(std::size_t entries) {
  unsigned b = 0;
  while (entries > 8 && 2 * entries > std::size_t{13} << b) ++b;
  return b;
}

}  // namespace

BrokenLaw WrongTophash(unsigned actual, std::uint64_t top) {
  return {"tophash.byte",
          "tophash is " + std::to_string(actual) + ", the hash's top byte " + std::to_string(top)};
}

BrokenLaw EvacuatedMark() {
  return {"growth.mark", "the evacuation mark is at an evacuated bucket"};
}

std::optional<BrokenLaw> CheckBegun(const IterationBegun& begun, core::WyRand random) {
  if ((begun.vitals.flags & 3) != 3) {
    return BrokenLaw{"flags.iterators", "an iteration began and did not set both flags"};
  }
  if (!begun.overflow_list) {
    return BrokenLaw{"iterate.list", "an iteration began and made no list of overflow buckets"};
  }
  const unsigned b = begun.vitals.b;
  const std::uint64_t r = b > 28 ? random.Rand64() : random.Rand32();
  if (begun.start_bucket == (r & ((std::uint64_t{1} << b) - 1)) && begun.offset == ((r >> b) & 7) &&
      random.state() == begun.random) {
    return std::nullopt;
  }
  return BrokenLaw{"iterate.start", "bucket " + std::to_string(begun.start_bucket) + ", slot " +
                                        std::to_string(begun.offset) + ", not those drawn"};
}

SourceSeeds::SourceSeeds(std::uint32_t seed, core::WyRand source) : seed_(seed), source_(source) {
  core::WyRand next = source_.Split();
  next_state_ = next.state();
  drawn_by_copy_ = next.Rand32();
}

std::optional<BrokenLaw> SourceSeeds::CheckCopy(const TableSeeds& copy,
                                                const TableSeeds& source) const {
  core::WyRand random = source_;
  if (copy.hash0 == drawn_by_copy_ && source.random == source_.state() &&
      drawn_by_copy_ != random.Rand32()) {
    return std::nullopt;
  }
  return BrokenLaw{"copy.seed",
                   "a copy's seed, or its source's random numbers, are not those "
                   "that follow from the source"};
}

std::optional<BrokenLaw> SourceSeeds::CheckMove(const TableSeeds& moved,
                                                const TableSeeds& source) const {
  core::WyRand random = source_;
  const std::uint32_t drawn = random.Rand32();
  if (moved.hash0 == seed_ && moved.random == next_state_ && source.hash0 == drawn) {
    return std::nullopt;
  }
  return BrokenLaw{
      "move.seed",
      "a moved map has not kept its seed and its random numbers, or its source drawn a new one"};
}

std::optional<BrokenLaw> CheckSwapped(const WholeTable& a_before, const WholeTable& b_before,
                                      const WholeTable& a_after, const WholeTable& b_after) {
  if (a_after.shape != b_before.shape || b_after.shape != a_before.shape) {
    return BrokenLaw{"swap.table", "a swapped map has not the other's table"};
  }
  if (a_after.random != b_before.random || b_after.random != a_before.random) {
    return BrokenLaw{"swap.random", "a swapped map has not the other's random numbers"};
  }
  return std::nullopt;
}

std::optional<BrokenLaw> CheckCopied(const WholeTable& before, const WholeTable& source,
                                     const WholeTable& copy, bool itself, bool reflexive) {
  if (source.shape != before.shape) {
    return BrokenLaw{"copy.source", "a map that was copied has another table"};
  }
  if (itself) {
    if (source.random == before.random) return std::nullopt;
    return BrokenLaw{"copy.source", "a map that was assigned to itself draws other numbers"};
  }
  if (source.random == before.random) {
    return BrokenLaw{"copy.source", "a map that was copied goes on with the numbers of its copy"};
  }
  if (copy.shape.b != LeastBuckets(before.shape.count)) {
    return BrokenLaw{"copy.table", "a copy's table is not made for its size"};
  }
  core::WyRand random(before.random);
  const bool seed_drawn = copy.shape.hash0 == random.Rand32();
  if (seed_drawn && (!reflexive || copy.random == random.state())) return std::nullopt;
  return BrokenLaw{"copy.random", "a copy's seed is not its source's next random number"};
}

std::optional<BrokenLaw> CheckMoved(const WholeTable& before, const WholeTable& moved,
                                    const WholeTable& left, bool itself) {
  if (moved.shape != before.shape) {
    return BrokenLaw{"move.table", "the target of a move has not the source's table"};
  }
  if (moved.random != before.random) {
    return BrokenLaw{"move.random", "the target of a move draws other numbers"};
  }
  if (itself) return std::nullopt;
  if (left.shape.count != 0 || left.shape.growing) {
    return BrokenLaw{"move.source", "a moved-from map holds entries or is growing"};
  }
  if (left.random != before.random) return std::nullopt;
  return BrokenLaw{"move.random", "a moved-from map draws the numbers of the target"};
}

}  // namespace slotproof
