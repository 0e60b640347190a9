// The command over the toy targets, for the tests of the supervisor.

#include "harness/cli/cli.h"
#include "harness/night/fuzz_command.h"
#include "harness/testing/toy_target.h"

int main(int argc, char** argv) {
  return slotproof::Main(argc, argv, slotproof::testing::AllToyTargets(),
                         {.commands = slotproof::FuzzCommands()});
}
