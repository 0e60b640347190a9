#ifndef SLOTPROOF_BENCH_MISUSE_PROGRAMS_H_
#define SLOTPROOF_BENCH_MISUSE_PROGRAMS_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

// Programs of two threads that use one map at once, without a lock.

namespace slotproof::bench {

enum class MisuseKind : char {
  kInsert = 'i',   // or assigns
  kFind = 'f',     //
  kDelete = 'd',   //
  kIterate = 'r',  // from begin to end
  kClear = 'c',    //
};

struct MisuseOp {
  MisuseKind kind = MisuseKind::kFind;
  std::uint32_t key = 0;
  std::uint32_t value = 0;  // of an insertion: no other one inserts it
};

inline constexpr std::size_t kMisuseOps = 2;  // of a thread, at most; one of them iterates at most

// The map has the keys 1 to `entries` at first, each with 100 more as its value.
struct MisuseProgram {
  std::string_view name;
  std::uint32_t entries = 0;
  // Of each thread: "i3 f1" inserts key 3 and looks key 1 up.
  std::array<std::string_view, 2> threads;
};

inline constexpr std::uint32_t kMisuseKeys = 32;  // keys are below

constexpr std::uint32_t ValueAtStart(std::uint32_t key) { return 100 + key; }

// What the text of a thread says.
std::vector<MisuseOp> OpsOf(const MisuseProgram& program, std::size_t thread);

std::span<const MisuseProgram> MisusePrograms();

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_MISUSE_PROGRAMS_H_
