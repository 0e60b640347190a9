#ifndef SLOTPROOF_MUTANTS_SHARING_PLANTED_THINGS_H_
#define SLOTPROOF_MUTANTS_SHARING_PLANTED_THINGS_H_

#include <string_view>

#include "mutants/plant/choice.h"
#include "subjects/scheduled_sharing/sharing_programs.h"

namespace slotproof {

// In which thing a bug is planted: its name begins with it.
inline SharedThing ThingOf(const mutants::Flag& flag) {
  const std::string_view name(flag.mutant);
  if (name.starts_with("sharing_free_list_")) return SharedThing::kFreeList;
  if (name.starts_with("sharing_pool_")) return SharedThing::kPool;
  return SharedThing::kWindows;
}

}  // namespace slotproof

#endif  // SLOTPROOF_MUTANTS_SHARING_PLANTED_THINGS_H_
