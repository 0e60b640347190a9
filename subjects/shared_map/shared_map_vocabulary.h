#ifndef SLOTPROOF_SUBJECTS_SHARED_MAP_SHARED_MAP_VOCABULARY_H_
#define SLOTPROOF_SUBJECTS_SHARED_MAP_SHARED_MAP_VOCABULARY_H_

#include <cstdint>
#include <span>

#include "harness/subject/target.h"
#include "harness/subject/trace.h"
#include "harness/subject/vocabulary.h"

// Operations of several threads on one map. An operation names its thread; each thread runs its own
// operations in the trace's order, all threads at once.

namespace slotproof {

enum class SharedMapOp : std::uint8_t { kInsert, kFind, kDelete, kInsertRun, kDeleteRun, kIterate };
inline constexpr std::size_t kSharedMapOpCount = 6;

inline constexpr std::uint32_t kSharedMapKeys = 256;
inline constexpr std::uint32_t kThreads = 4;
inline constexpr std::uint32_t kRunLength = 16;  // of insert_run and delete_run

struct SharedMapHeader {
  std::uint32_t seed;    // of the map's random source
  std::uint32_t rounds;  // how often each thread runs its operations
  std::uint32_t universe;

  static SharedMapHeader From(const Header& header);
};

const Vocabulary& SharedMapVocabulary();
std::span<const Profile> SharedMapProfiles();

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SHARED_MAP_SHARED_MAP_VOCABULARY_H_
