// The command `slotproof` over every target of this repository.

#include "harness/cli/cli.h"
#include "harness/engine/supervisor/fuzz_command.h"
#include "subjects/map/targets.h"
#include "subjects/shared_map/shared_map_session.h"

int main(int argc, char** argv) {
  const slotproof::Target* const targets[] = {
      &slotproof::MapTarget(),
      &slotproof::UnorderedMapTarget(),
      &slotproof::LockedMapTarget(),
      &slotproof::UnguardedMapTarget(),
  };
  return slotproof::Main(argc, argv, targets,
                         {.version = "0.1.0", .commands = slotproof::FuzzCommands()});
}
