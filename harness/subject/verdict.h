#ifndef SLOTPROOF_HARNESS_SUBJECT_VERDICT_H_
#define SLOTPROOF_HARNESS_SUBJECT_VERDICT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace slotproof {

// How a run ended. The names below are part of signatures and must not change.
enum class Outcome : std::uint8_t {
  kPass,
  kMismatch,         // subject and model disagree about a result
  kInvariant,        // a law of the subject's structure is broken
  kFatal,            // the subject stopped itself ("fatal error: ...") or let an exception escape
  kNondeterminism,   // the same trace observed twice gave two digests
  kSanitizer,        // a sanitizer ended the process
  kRace,             // ThreadSanitizer reported a data race
  kLeak,             // LeakSanitizer reported a leak
  kSignal,           // the process died of a signal
  kHang,             // the time limit was reached
  kDeadlock,         // threads wait for each other, or for a signal that has come
  kDataRace,         // the scheduler saw one
  kNotLinearizable,  // what concurrent calls answered is no answer of any order of them
};

std::string_view OutcomeName(Outcome outcome);
std::optional<Outcome> OutcomeFromName(std::string_view name);

// A run's result is a value. Everything but kPass is a failure, and then the other members are set.
struct Verdict {
  Outcome outcome = Outcome::kPass;
  std::size_t op_index = 0;  // the operation that failed; the trace's length: the final check
  std::string law;           // which check failed, a short stable name: "find.value"
  std::string expected;
  std::string actual;

  bool passed() const { return outcome == Outcome::kPass; }

  // Equal for failures of one cause: "mismatch/find.value". Holds no operand, address or time.
  std::string Signature() const;

  // One sentence: "op 12: find.value: expected v3, got absent".
  std::string Summary() const;
};

// The law that a subject broke when it stopped itself with this message: what is the same for all
// failures of one cause.
//
//   core/map/evacuate.h:30: assertion failed: x < 3   ->  assertion core/map/evacuate.h x < 3
//   concurrent map writes: 2 threads                  ->  concurrent map writes
std::string LawOfMessage(std::string_view message);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_VERDICT_H_
