#ifndef SLOTPROOF_HARNESS_NIGHT_MINIMIZE_CORPUS_H_
#define SLOTPROOF_HARNESS_NIGHT_MINIMIZE_CORPUS_H_

#include <cstddef>
#include <iosfwd>
#include <string>

#include "harness/base/error.h"

// Keeps of a corpus the smallest inputs that together cover what all of them cover:
//
//   inputs, smallest first ──► the fuzzer's inner merge process ──► what each of them covers
//        ▲                              │ dies or hangs at one: that one failed and is kept,
//        └──────────────────────────────┘ and a new process goes on with the next
//
// Then those that cover nothing of their own are removed. Nothing is written before, beside or in
// the corpus, so that it is whole whenever this ends. The process is run without a shell, in the
// corpus: no name of a folder or a file means anything to it.

namespace slotproof {

struct MinimizeOptions {
  std::string fuzzer;
  std::string dir;
  double timeout_seconds = 10;  // that one input may take
  bool terminal = false;        // progress is one line that moves, instead of a line now and then
};

struct CorpusSizes {
  std::size_t before = 0;
  std::size_t after = 0;
  std::size_t failed = 0;  // kept, whatever they cover
};

// Progress and the inputs that fail are written to `out`. Subfolders are left alone.
Expected<CorpusSizes> MinimizeCorpus(const MinimizeOptions& options, std::ostream& out);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_MINIMIZE_CORPUS_H_
