#include "bench/misuse/programs.h"

#include <cctype>

namespace slotproof::bench {

std::vector<MisuseOp> OpsOf(const MisuseProgram& program, std::size_t thread) {
  std::vector<MisuseOp> ops;
  for (const char c : program.threads[thread]) {
    if (c == ' ') continue;
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      ops.back().key = ops.back().key * 10 + static_cast<std::uint32_t>(c - '0');
      continue;
    }
    const auto value = static_cast<std::uint32_t>(1000 * (thread + 1) + ops.size());
    ops.push_back({.kind = static_cast<MisuseKind>(c), .value = value});
  }
  return ops;
}

std::span<const MisuseProgram> MisusePrograms() {
  // A map of one bucket grows at its ninth entry; one of four buckets has 26 entries, and with the
  // 27th it is growing: two of its buckets are yet to be moved, by later writes.
  static constexpr MisuseProgram kAll[] = {
      {"first insertions", 0, {"i1", "i2"}},
      {"first insertions, one key", 0, {"i1", "i1"}},
      {"insert, find in an empty map", 0, {"i1", "f1"}},
      {"insert, insert", 2, {"i3", "i4"}},
      {"insert, insert, one key", 2, {"i3", "i3"}},
      {"assign, assign, one key", 2, {"i1", "i1"}},
      {"insert, find another key", 2, {"i3", "f1"}},
      {"insert, find its key", 2, {"i3", "f3"}},
      {"insert, iterate", 2, {"i3", "r"}},
      {"delete, delete", 2, {"d1", "d2"}},
      {"delete, delete, one key", 2, {"d1", "d1"}},
      {"delete, insert", 2, {"d1", "i3"}},
      {"delete, find its key", 2, {"d1", "f1"}},
      {"delete the last entry, find it", 1, {"d1", "f1"}},
      {"delete the last entry, insert", 1, {"d1", "i3"}},
      {"delete, iterate", 2, {"d1", "r"}},
      {"clear, find", 2, {"c", "f1"}},
      {"clear, insert", 2, {"c", "i3"}},
      {"clear, clear", 2, {"c", "c"}},
      {"clear, iterate", 2, {"c", "r"}},
      {"growth begins, find", 8, {"i9", "f1"}},
      {"growing: insert, find", 27, {"i28", "f1"}},
      {"growing: delete, find", 27, {"d1", "f1"}},
      {"insert and delete, find twice", 2, {"i3 d3", "f3 f1"}},
      {"insert and find, insert and find", 2, {"i3 f4", "i4 f3"}},
  };
  return kAll;
}

}  // namespace slotproof::bench
