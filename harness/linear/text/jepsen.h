#ifndef SLOTPROOF_HARNESS_LINEAR_TEXT_JEPSEN_H_
#define SLOTPROOF_HARNESS_LINEAR_TEXT_JEPSEN_H_

#include <string_view>

#include "harness/base/error.h"
#include "harness/linear/text/recorded.h"

// A history as Jepsen writes it, in EDN: maps one behind the other, or a list or vector of them.
//
//   {:process 0, :type :invoke, :f :write, :value 3}
//   {:process 0, :type :ok,     :f :write, :value 3}
//   {:process 1, :type :invoke, :f :append, :key "x", :value "1"}
//   {:process 1, :type :info,   :f :append, :key "x", :value "1"}
//
// Other keys are not looked at; nor are events of processes that are no numbers, as the nemesis is.
// :ok is an answer, :fail did not happen, :info may have happened.

namespace slotproof::linear {

// `model` is one of ModelNames(); if it is empty the operations say it. If `is_keyed` each value is
// a vector of the key and the value, as those of jepsen.independent are. A key is also what :key
// says.
Expected<Recorded> ReadJepsen(std::string_view file, std::string_view text, std::string_view model,
                              bool is_keyed);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_TEXT_JEPSEN_H_
