#ifndef SLOTPROOF_HARNESS_LINEAR_TEXT_TEXT_FORM_H_
#define SLOTPROOF_HARNESS_LINEAR_TEXT_TEXT_FORM_H_

#include <string_view>

#include "harness/base/error.h"
#include "harness/linear/text/recorded.h"

// A history as text, an event a line in the order in which they were seen:
//
//   slotproof-history 1
//   model register
//   p0 invoke write 1        # comments begin so
//   p1 invoke read
//   p0 ok
//   p1 ok 1
//   p2 invoke cas 1 2
//   p2 info                  # was not answered; fail: it did not happen
//
// docs/linearize.md has the models, their operations and what values are.

namespace slotproof::linear {

// Whether it begins like one.
bool IsTextForm(std::string_view text);

// `model` instead of the one that the file names; empty: the latter.
Expected<Recorded> ReadTextForm(std::string_view file, std::string_view text,
                                std::string_view model);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_TEXT_TEXT_FORM_H_
