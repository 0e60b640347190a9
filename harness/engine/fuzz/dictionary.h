#ifndef SLOTPROOF_HARNESS_ENGINE_FUZZ_DICTIONARY_H_
#define SLOTPROOF_HARNESS_ENGINE_FUZZ_DICTIONARY_H_

#include <iosfwd>

#include "harness/subject/vocabulary.h"

namespace slotproof {

// Writes the vocabulary as a libFuzzer dictionary: each operation as its four bytes, plain and
// with its largest operands. Serves byte-level mutation; the trace mutator needs none.
void WriteDictionary(const Vocabulary& vocabulary, std::ostream& out);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_FUZZ_DICTIONARY_H_
