#ifndef SLOTPROOF_HARNESS_ENGINE_GENERATOR_H_
#define SLOTPROOF_HARNESS_ENGINE_GENERATOR_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "harness/subject/target.h"
#include "harness/subject/trace.h"

// Random traces for any target, in bulk: a trace of a thousand operations takes a few microseconds.
//
// Each trace draws a profile (operation weights that lead somewhere), then swarms it: operations
// are switched off at random for the whole trace, because what is absent matters as much as what
// is present. Keys come half from a few hot ones and half from the whole universe.

namespace slotproof {

// xoshiro256**: small and fast; every engine's source of randomness, always seeded.
class Rng {
 public:
  explicit Rng(std::uint64_t seed);

  std::uint64_t Next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }
  // Uniform below bound (bound > 0).
  std::uint32_t Below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((Next() >> 32) * bound) >> 32);
  }
  bool OneIn(std::uint32_t n) { return Below(n) == 0; }

 private:
  std::array<std::uint64_t, 4> state_;
};

class Generator {
 public:
  // The target must outlive the generator.
  explicit Generator(const Target& target);

  // Replaces *trace by one of at most max_ops operations.
  void Generate(Rng& rng, std::size_t max_ops, Trace* trace) const;

  Header RandomHeader(Rng& rng) const;
  Op RandomOp(Rng& rng, const Header& header) const;  // all operations of a random profile
  std::uint32_t RandomField(Rng& rng, std::size_t field) const;

 private:
  // What drawing needs to know of an operation's operands, close together. The last one comes
  // first: the order is part of what a seed means.
  struct OperandShape {
    std::uint32_t limit;
    OperandKind kind;
    std::uint8_t shift;
  };
  struct OpShape {
    std::size_t operands = 0;
    std::array<OperandShape, kMaxOperands> operand{};
  };
  class OpDrawer;

  const Target* target_;
  std::array<OpShape, kMaxOps> shapes_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_GENERATOR_H_
