#ifndef SLOTPROOF_BENCH_MISUSE_JUDGE_H_
#define SLOTPROOF_BENCH_MISUSE_JUDGE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/misuse/programs.h"
#include "bench/misuse/run.h"

namespace slotproof::bench {

// How a run has ended, seen from outside:
//
//   concurrent map ...  the map's message; with "; " in between if two threads have different ones
//   corrupted           nothing was thrown, and an invariant is broken
//   lost                the invariants hold, but no order of the operations leaves these contents
//   wrong answer        one does, but in none with these contents are these the answers
//   unnoticed           one explains all that was seen
//
// An iteration is right that yields what stays as it is once, and the rest once at most, with a
// value that it had at some time.
class MisuseJudge {
 public:
  explicit MisuseJudge(const MisuseProgram& program);

  std::string Judge(const MisuseSeen& seen) const;

 private:
  using Contents = std::map<std::uint32_t, std::uint32_t>;
  using Answers = std::vector<std::uint32_t>;  // of thread 0, then of thread 1

  // All orders from here on.
  void Explain(std::size_t done0, std::size_t done1, const Contents& contents, Answers answers);
  bool IteratedWell(const MisuseSeen::Thread& seen) const;

  std::vector<MisuseOp> ops_[2];
  std::set<std::pair<Contents, Answers>> right_;
  std::set<Contents> right_contents_;
  std::map<std::uint32_t, std::set<std::uint32_t>> values_;  // that a key had at some time
  std::set<std::uint32_t> steady_;                           // keys that nobody writes
};

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_MISUSE_JUDGE_H_
