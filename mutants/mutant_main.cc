// The command `slotproof` over a mutant, and nothing else: whatever else is made from the same core
// would bring the right code along, and the linker might take that.

#include "harness/cli/cli.h"
#include "harness/night/fuzz_command.h"
#include "harness/subject/target_under_test.h"

int main(int argc, char** argv) {
  const slotproof::Target* const targets[] = {&slotproof::TargetUnderTest()};
  return slotproof::Main(argc, argv, targets,
                         {.version = "mutant", .commands = slotproof::FuzzCommands()});
}
