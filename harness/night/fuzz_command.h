#ifndef SLOTPROOF_HARNESS_NIGHT_FUZZ_COMMAND_H_
#define SLOTPROOF_HARNESS_NIGHT_FUZZ_COMMAND_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/cli/command.h"

// The subcommands of unattended fuzzing:
//
//   slotproof fuzz TARGET           workers side by side, looked after; see supervisor.h
//   slotproof minimize-corpus DIR   libFuzzer's merge into a fresh folder, then a swap
//   slotproof report DIR            the report of a run from what is on disk

namespace slotproof {

void AddFuzzCommand(CLI::App& app, Context& context);
void AddMinimizeCorpusCommand(CLI::App& app, Context& context);
void AddReportCommand(CLI::App& app, Context& context);

// All three, for ToolConfig::commands.
inline std::vector<AddCommand> FuzzCommands() {
  return {AddFuzzCommand, AddMinimizeCorpusCommand, AddReportCommand};
}

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_FUZZ_COMMAND_H_
