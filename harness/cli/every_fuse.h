#ifndef SLOTPROOF_HARNESS_CLI_EVERY_FUSE_H_
#define SLOTPROOF_HARNESS_CLI_EVERY_FUSE_H_

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/cli/command.h"
#include "harness/cli/trace_command.h"

// slotproof replay --every-fuse: a trace once for each step in it that could throw.

namespace slotproof {

struct EveryFuseArgs {
  bool every_fuse = false;
  double budget_s = 60;
  std::string out;
};

void AddEveryFuseOptions(CLI::App* command, EveryFuseArgs* args);

// That no finding would overwrite another's: each file has a place of its own.
Expected<void> CheckPlaces(const std::vector<std::string>& files, const EveryFuseArgs& args);

// Prints what became of it, or adds it to *json, and sets the exit code. The first trace that fails
// is saved, and ends it.
void ReplayEveryFuse(Context& context, const LoadedTrace& loaded, const TraceArgs& trace_args,
                     const EveryFuseArgs& args, nlohmann::ordered_json* json);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CLI_EVERY_FUSE_H_
