// The command `slotproof` over every target of this repository.

#include "harness/cli/cli.h"
#include "harness/night/fuzz_command.h"
#include "subjects/all_targets.h"

int main(int argc, char** argv) {
  return slotproof::Main(argc, argv, slotproof::AllTargets(),
                         {.version = "0.1.0", .commands = slotproof::FuzzCommands()});
}
