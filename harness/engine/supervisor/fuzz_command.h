#ifndef SLOTPROOF_HARNESS_ENGINE_SUPERVISOR_FUZZ_COMMAND_H_
#define SLOTPROOF_HARNESS_ENGINE_SUPERVISOR_FUZZ_COMMAND_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/check/target.h"

// The subcommands of unattended fuzzing:
//
//   slotproof fuzz TARGET           workers side by side, looked after; see supervisor.h
//   slotproof minimize-corpus DIR   libFuzzer's merge into a fresh folder, then a swap
//   slotproof report DIR            the report of a run from what is on disk

namespace slotproof {

struct FuzzFlags {
  std::string target;
  std::string dir;
  double seconds = 0;
  double minutes = 0;
  double hours = 0;
  std::size_t jobs = 0;  // 0: as many as there are processors
  std::size_t stop_after = 0;
  std::uint64_t seed = 1;
  std::uint64_t runs = 0;
  std::uint64_t max_len = 1024;
  std::uint64_t rss_limit_mb = 2560;
  std::uint64_t timeout_seconds = 25;
  std::vector<std::string> seed_dirs;
  std::string dictionary;
  std::string asan_binary;
  std::string plain_binary;
  std::string slotproof;
  std::string asan_slotproof;
  std::string replay_command;
  std::string triage;  // a file: look at it and print the result; for the supervisor itself
};

// Each adds a subcommand that sets *exit_code when it is the one that was called.
void AddFuzzCommand(CLI::App& app, std::span<const Target* const> targets, std::ostream& out,
                    std::ostream& err, int* exit_code);
void AddMinimizeCorpusCommand(CLI::App& app, std::ostream& out, std::ostream& err, int* exit_code);
void AddReportCommand(CLI::App& app, std::span<const Target* const> targets, std::ostream& out,
                      std::ostream& err, int* exit_code);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_ENGINE_SUPERVISOR_FUZZ_COMMAND_H_
