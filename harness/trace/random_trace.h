#ifndef SLOTPROOF_HARNESS_TRACE_RANDOM_TRACE_H_
#define SLOTPROOF_HARNESS_TRACE_RANDOM_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "harness/subject/trace.h"
#include "harness/trace/codec.h"

namespace slotproof::testing {

inline std::vector<std::uint8_t> RandomBytes(std::mt19937_64& rng, std::size_t most) {
  std::vector<std::uint8_t> bytes(rng() % (most + 1));
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng());
  return bytes;
}

// Any trace of the vocabulary of up to `most` operations. Unlike the generator's, these lean
// nowhere: they are for forms and files, not for finding bugs.
inline Trace RandomTrace(const Vocabulary& vocabulary, std::mt19937_64& rng, std::size_t most) {
  return Codec(vocabulary).Decode(RandomBytes(rng, vocabulary.HeaderBytes() + most * kOpBytes));
}

}  // namespace slotproof::testing

#endif  // SLOTPROOF_HARNESS_TRACE_RANDOM_TRACE_H_
