// The command `slotproof` over a mutant, and nothing else: whatever else is made from the same core
// would bring the right code along, and the linker might take that.

#include "harness/check/target_under_test.h"
#include "harness/cli/cli.h"
#include "harness/engine/supervisor/fuzz_command.h"

int main(int argc, char** argv) {
  const slotproof::Target* const targets[] = {&slotproof::TargetUnderTest()};
  return slotproof::Main(argc, argv, targets,
                         {.version = "mutant", .commands = slotproof::FuzzCommands()});
}
