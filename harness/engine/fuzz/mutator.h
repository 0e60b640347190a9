#ifndef SLOTPROOF_HARNESS_ENGINE_FUZZ_MUTATOR_H_
#define SLOTPROOF_HARNESS_ENGINE_FUZZ_MUTATOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "harness/engine/generator.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/trace/codec.h"

// Changes traces in the ways that lead somewhere, for libFuzzer's custom mutator and cross-over.
//
//   bytes -> decode -> one to four mutations -> encode -> bytes
//                   -> or another schedule ---^
//
// Invariants: any input is accepted; the same input and seed give the same output, but for
// schedules, which depend on the last run; the output is at most max_size bytes, decodes to the
// trace that was meant, and is canonical (encode(decode(out))
// == out) whenever max_size holds a header.

namespace slotproof {

enum class Mutation : std::uint8_t {
  kInsertOp,         // one random operation
  kInsertGenerated,  // a run of what the generator makes of one of the target's profiles
  kDuplicateRun,     // a run once more, somewhere else
  kDeleteRun,
  kMoveRun,
  kSwapOps,
  kChangeCode,     // another operation with the same operands
  kChangeOperand,  // a random operand
  kNudgeOperand,   // an operand plus or minus a little
  kShareOperand,   // an operand copied from another operation of the trace: the same key again
  kChangeCount,    // a burst's count doubled, halved or moved next to a power of two
  kChangeField,    // of the header
  kFresh,          // a new trace by the generator
  kRawBytes,       // libFuzzer's own byte mutations
};
inline constexpr std::size_t kMutations = 14;

std::string_view MutationName(Mutation mutation);

class Mutator {
 public:
  // LLVMFuzzerMutate, where there is a libFuzzer; bytes in place, returns the new size.
  using RawMutate = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t max_size);

  // Changes the schedule of the trace that ran last; false when it is another one, or cannot.
  using Reschedule = std::function<bool(std::uint64_t choice, Trace* trace)>;

  // The target must outlive the mutator.
  explicit Mutator(const Target& target, RawMutate raw_mutate = nullptr,
                   Reschedule reschedule = nullptr);

  // Changes size bytes at data, which has room for max_size, and returns the new size.
  std::size_t Mutate(std::uint8_t* data, std::size_t size, std::size_t max_size,
                     std::uint64_t seed);

  // Joins two inputs on operation boundaries into out and returns the size of the result.
  std::size_t CrossOver(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second,
                        std::span<std::uint8_t> out, std::uint64_t seed);

  // One mutation of a trace. False when there was nothing that it could change.
  bool Apply(Mutation mutation, Rng& rng, std::size_t max_ops, Trace* trace);

 private:
  std::size_t MaxOps(std::size_t max_size) const;
  void ApplySome(Rng& rng, std::size_t max_ops, std::size_t times);
  std::size_t Write(std::uint8_t* out, std::size_t max_size);

  std::uint32_t RandomOperand(Rng& rng, const Operand& operand, const Header& header) const;
  bool InsertRun(Rng& rng, std::size_t max_ops, std::span<const Op> run, Trace* trace);
  bool InsertGenerated(Rng& rng, std::size_t max_ops, Trace* trace);
  bool ChangeOperand(Mutation mutation, Rng& rng, Trace* trace) const;
  bool ShareOperand(Rng& rng, Trace* trace) const;
  bool ChangeCount(Rng& rng, Trace* trace) const;
  bool ChangeField(Rng& rng, Trace* trace) const;
  bool RawBytes(std::size_t max_ops, Trace* trace);

  const Target* target_;
  RawMutate raw_mutate_;
  Reschedule reschedule_;
  Codec codec_;
  Generator generator_;
  // Reused, so that a mutation allocates nothing.
  Trace trace_;
  Trace other_;
  Trace generated_;
  std::vector<Op> run_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_FUZZ_MUTATOR_H_
