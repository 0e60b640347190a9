// Makes and checks what the fuzz targets start from:
//
//   bazel run //fuzz/seeds:make_corpus -- map $PWD/fuzz/corpus/map
//   bazel run //fuzz/seeds:make_corpus -- --check map $PWD/fuzz/corpus/map

#include <iostream>
#include <span>

#include "harness/engine/fuzz/seed_corpus.h"
#include "subjects/all_targets.h"

int main(int argc, char** argv) {
  const std::span<const char* const> args(argv, static_cast<std::size_t>(argc));
  return slotproof::CorpusMain(slotproof::AllTargets(), args.subspan(1), std::cout, std::cerr);
}
