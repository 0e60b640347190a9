#ifndef SLOTPROOF_HARNESS_SHRINK_EDITS_H_
#define SLOTPROOF_HARNESS_SHRINK_EDITS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

// The small changes that a shrinker tries, each of which makes a trace that somebody could write.

namespace slotproof {

// Values simpler than this one, the boldest first. Of numbers 0, half, one less; of an operand's
// choices all before it: they are few, and half of a name means nothing. Of a header's numbers the
// first ones, too.
std::vector<std::uint32_t> Simpler(std::uint32_t value);
std::vector<std::uint32_t> Simpler(const Operand& operand, std::uint32_t value);
std::vector<std::uint32_t> Simpler(const FieldSpec& field, std::uint32_t value);

// Other counts: the first ones, one less and one more.
std::vector<std::uint32_t> Neighbours(const Operand& count, std::uint32_t value);

// One operand of each sort of thing that operations name: keys, slices, iterators, threads.
std::vector<const Operand*> NameSorts(const Vocabulary& vocabulary);

// The different names of one sort in the trace, the first ones, in their order.
std::vector<std::uint32_t> NamesIn(const Vocabulary& vocabulary, const Operand& sort,
                                   const Trace& trace);

// All uses of one name.
void Rename(const Vocabulary& vocabulary, const Operand& sort, std::uint32_t from, std::uint32_t to,
            Trace* trace);

// In these operations each of two names of one sort stands for the other.
void ExchangeNames(const Vocabulary& vocabulary, const Operand& sort, std::uint32_t one,
                   std::uint32_t other, std::span<Op> ops);

// Drops what no operand may hold under the trace's header.
void ClampToHeader(const Vocabulary& vocabulary, Trace* trace);

Trace Without(const Trace& trace, std::size_t begin, std::size_t count = 1);
Trace Replaced(const Trace& trace, std::size_t begin, std::size_t count, std::span<const Op> by);

// A burst with the first operation's names and this count; nothing when it has other operands.
std::optional<Op> BurstOf(const Vocabulary& vocabulary, std::uint8_t code, const Op& first,
                          std::size_t count);

// One less; false when there is no count above 1.
bool LowerCount(const Vocabulary& vocabulary, Op* op);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SHRINK_EDITS_H_
