#ifndef SLOTPROOF_HARNESS_NIGHT_MINIMIZE_CORPUS_H_
#define SLOTPROOF_HARNESS_NIGHT_MINIMIZE_CORPUS_H_

#include <cstddef>
#include <string>

#include "harness/base/error.h"

namespace slotproof {

struct CorpusSizes {
  std::size_t before = 0;
  std::size_t after = 0;
};

// Keeps a small set of the corpus's inputs with the same coverage: libFuzzer merges them into a
// fresh folder beside it, and the two change places in one step. On an error the corpus is as it
// was.
Expected<CorpusSizes> MinimizeCorpus(const std::string& fuzzer, const std::string& dir);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_MINIMIZE_CORPUS_H_
