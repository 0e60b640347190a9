#ifndef SLOTPROOF_HARNESS_CHECK_EVERY_FUSE_H_
#define SLOTPROOF_HARNESS_CHECK_EVERY_FUSE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/check/isolate.h"
#include "harness/check/runner.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"

// One trace, run once for each step at which something in it could throw:
//
//   insert k7           fuse_alloc x1         fuse_alloc x2               insert k7
//   insert k8     ──►   insert k7             insert k7         ...       fuse_hash x1
//                       insert k8             insert k8                   insert k8
//
// A first run counts the steps of each kind that each operation takes. Then each of these traces
// has one fuse, which burns in the operation behind it, and goes on to the end: what the throw has
// damaged may show late. Those with the shortest fuses come first, so that a sweep that runs out of
// time has been in every operation. The trace's own fuses are left out: to replay it runs those.
//
// Operations called fuse_... with a count alone are fuses (harness/subject/fuse.h). One is at most
// as long as its count can say, so an operation of more steps is swept up to there.
//
// The traces run in one child for a second, then in another, so that what ends the process is a
// finding like any other.

namespace slotproof {

// The operations of the vocabulary that light a fuse.
std::vector<std::size_t> FuseOps(const Vocabulary& vocabulary);

struct FuseSweep {
  // The first trace that failed, with its fuse.
  struct Finding {
    Trace trace;
    IsolatedRun run;
  };

  std::vector<std::size_t> fuses;  // the vocabulary's operations
  std::vector<std::size_t> burnt;  // of each, traces run in which it burnt
  std::size_t planned = 0;         // traces
  std::size_t ran = 0;             // of them
  bool stopped = false;            // as asked
  std::size_t beyond = 0;          // steps that no fuse is long enough for
  std::optional<Finding> finding;
};

struct FuseSweepOptions {
  RunOptions run;
  IsolateOptions isolate;                    // the time limit is one of a whole trace
  std::chrono::milliseconds budget{60'000};  // after which no other trace begins
  std::function<void(const FuseSweep&)> on_progress;
  bool (*stop)() = nullptr;  // asked now and then
};

// The trace without fuses should pass, and the vocabulary have some.
FuseSweep SweepFuses(const Target& target, const Trace& trace, const FuseSweepOptions& options);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CHECK_EVERY_FUSE_H_
