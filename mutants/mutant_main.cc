// The command `slotproof` over a mutant of the map, and nothing else: whatever else is made from
// core/map would bring the right code along, and the linker might take that.

#include "harness/cli/cli.h"
#include "harness/engine/supervisor/fuzz_command.h"
#include "subjects/map/targets.h"

int main(int argc, char** argv) {
  const slotproof::Target* const targets[] = {&slotproof::MapTarget()};
  return slotproof::Main(argc, argv, targets,
                         {.version = "mutant", .commands = slotproof::FuzzCommands()});
}
