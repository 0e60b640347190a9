#ifndef SLOTPROOF_HARNESS_SCHED_STORY_H_
#define SLOTPROOF_HARNESS_SCHED_STORY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/sched/trail.h"

namespace slotproof::sched {

// A trail in words, a line a scene:
//
//   insert k0 v1                                              an operation begins
//     point 2: reads A = #1                                   what matters later
//     point 3: to t1                                          the schedule says so: it could go on
//     point 5: swaps A for #2: it is #1 again, as at point 2, by t1's insert k1 v3
//     was absent                                              its answer
//
// Told are the reads of what another thread's operation wrote, and those that were out of date when
// their own operation wrote there: a store over what it never saw is a lost update, a swap that
// found the same value written anew has an ABA before it; and those that saw an older store, where
// memory lets them. A, B ... are atomics or locks, and #1, #2
// ... are values too large to be told as numbers: pointers, and numbers with a tag.
struct Scene {
  std::size_t deed = 0;  // in the trail
  ThreadId thread = 0;
  std::string text;
  std::optional<std::size_t> from = std::nullopt;  // the deed whose effect it saw
  ThreadId to = kNoThread;                         // who goes on after a switch
};

// What the trail does not know.
struct Teller {
  std::function<std::string(const Deed& begin)> operation;  // "insert k0 v1"
  std::function<std::string(const Deed& answer)> answer;
  std::function<std::string(ThreadId thread)> name;  // "t0"
  std::string failure;                               // what to say where it failed; may be empty
  bool tells_idle_signals = true;                    // also those that nobody waits for
};

std::vector<Scene> TellStory(const Trail& trail, const Teller& teller);

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_STORY_H_
