#ifndef SLOTPROOF_HARNESS_CLI_CLI_H_
#define SLOTPROOF_HARNESS_CLI_CLI_H_

#include <iostream>
#include <ostream>
#include <span>
#include <string_view>
#include <vector>

#include "harness/cli/command.h"
#include "harness/subject/target.h"

// The one command, `slotproof`, over whatever targets the program links:
//
//   replay FILE...  explain FILE  shrink FILE  convert FILE --to FORM  to-test FILE  list
//   linearize FILE  completion
//
// and the subcommands given in ToolConfig. Exit codes: 0 passed or done, 1 failure reproduced,
// 2 wrong usage, 3 an input that cannot be read or an output that cannot be written, 4 unknown
// (linearize), 130 interrupted.

namespace slotproof {

struct ToolConfig {
  std::string_view version = "unknown";
  std::vector<AddCommand> commands = {};  // besides the built-in ones
  std::ostream* out = &std::cout;
  std::ostream* err = &std::cerr;
};

int Main(int argc, const char* const* argv, std::span<const Target* const> targets,
         const ToolConfig& config);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CLI_CLI_H_
