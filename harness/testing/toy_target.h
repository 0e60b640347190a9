#ifndef SLOTPROOF_HARNESS_TESTING_TOY_TARGET_H_
#define SLOTPROOF_HARNESS_TESTING_TOY_TARGET_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "harness/subject/target.h"
#include "harness/subject/vocabulary.h"

// A stack of keys, as small as a subject can be, to test the framework itself. Its vocabulary
// "toy" has an operand of each kind and a header field of each kind; its targets are one stack,
// correct or with one planted bug:
//
//   toy                 correct
//   toy_wrong_pop       popping an odd key from a stack deeper than 4 gives the key below
//   toy_broken_mark     rewinding leaves the marks above the new top: an invariant breaks
//   toy_fatal           the fatal error of its own when the same key is pushed three times running
//   toy_exception       ... an exception instead
//   toy_segv            ... a null pointer is written to
//   toy_abort           ... abort()
//   toy_overflow        ... a write beyond a heap block: only a sanitizer sees it
//   toy_undefined       ... a shift by too much: only a sanitizer sees it
//   toy_race            ... two threads write without a lock: only ThreadSanitizer sees it
//   toy_leak            ... a block is forgotten: only LeakSanitizer sees it
//   toy_hang            ... an endless loop
//   toy_exit            ... the process exits
//   toy_random          ... an observation that differs from run to run
//   toy_stuck           ... an endless loop while another thread holds the lock of stderr
//   toy_ruined_heap     ... the allocator aborts, and would again at the next allocation
//   toy_sometimes       ... a fatal error, in every other run
//   toy_hoards          ... 64 KiB are kept for ever; no leak, since it can be reached
//   toy_two_bugs        as toy_wrong_pop; also, once a mark was set, popping an even key gives the
//                       next one: two bugs that break one law at one operation

namespace slotproof::testing {

enum class Plant : std::uint8_t {
  kNone,
  kWrongPop,
  kBrokenMark,
  kFatal,
  kException,
  kSegv,
  kAbort,
  kOverflow,
  kUndefined,
  kRace,
  kLeak,
  kHang,
  kExit,
  kRandom,
  kStuck,
  kRuinedHeap,
  kSometimes,
  kTwoBugs,
  kHoards,
};

// Operations by their place in the vocabulary.
enum ToyOp : std::uint8_t {
  kPush,
  kPop,
  kPushMany,
  kPopMany,
  kPeek,
  kMark,
  kRewind,
  kPushFrom,
  kClear,
  kAim,
};

// Goals by their place in the table.
enum ToyGoal : std::uint8_t { kGrew, kRewound, kEmptied };

const Vocabulary& ToyVocabulary();

const Target& ToyTarget(Plant plant = Plant::kNone);

std::span<const Target* const> AllToyTargets();

// "toy_laws": toy_wrong_pop under the laws "strict"; by its default, "lax", nothing is wrong with
// it. Not among AllToyTargets().
const Target& LawsToyTarget();

// Its vocabulary is called "toy" too and differs, as a later version would.
const Target& OtherVersionToyTarget();

}  // namespace slotproof::testing

#endif  // SLOTPROOF_HARNESS_TESTING_TOY_TARGET_H_
