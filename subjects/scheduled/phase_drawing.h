#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_PHASE_DRAWING_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_PHASE_DRAWING_H_

#include <cstdint>
#include <span>
#include <string>

// A phase as a table, a column a thread and a row a moment:
//
//   t0                   t1
//   insert k1 v1
//     point 7: to t1
//                        delete k1
//                          was there
//     was absent

namespace slotproof {

struct Moment {
  std::uint32_t thread = 0;
  std::string text;
};

// The moments are in their order. Threads without any have no column.
std::string DrawPhase(std::span<const Moment> moments, std::uint32_t threads);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_PHASE_DRAWING_H_
