#ifndef SLOTPROOF_HARNESS_TRACE_LAWS_H_
#define SLOTPROOF_HARNESS_TRACE_LAWS_H_

#include <string_view>

#include "harness/base/error.h"
#include "harness/subject/target.h"

// Choosing the laws that a target is judged by (Target::laws). Who chooses, the first that says
// any:
//
//   --laws NAME or $SLOTPROOF_LAWS   the user
//   the trace's file                 whoever saved it
//   the target                       its default

namespace slotproof {

// The target as these laws judge it. An error, opened by `where`, names the choices, or says that
// the target has none.
Expected<const Target*> UnderLaws(const Target& target, std::string_view laws,
                                  std::string_view where = {});

// The same for the laws that a trace names. One that names none means the default.
Expected<const Target*> UnderLawsOfTrace(const Target& target, std::string_view laws,
                                         std::string_view where = {});

// For a trace that is run on another target than its own: these laws if there are any such there,
// else the default.
const Target& UnderLikeLaws(const Target& target, std::string_view laws);

// $SLOTPROOF_LAWS; empty when nobody says any.
std::string_view LawsOfEnvironment();

// The target of a program without options of its own, a test or a fuzzer, by $SLOTPROOF_LAWS. A
// name that the target does not know ends the program with the exit code of wrong usage.
const Target& UnderLawsOfEnvironment(const Target& target);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_TRACE_LAWS_H_
