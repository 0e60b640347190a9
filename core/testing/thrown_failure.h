// A container's fatal error as an exception, for policies of tests.
#ifndef SLOTPROOF_CORE_TESTING_THROWN_FAILURE_H_
#define SLOTPROOF_CORE_TESTING_THROWN_FAILURE_H_

#include <stdexcept>
#include <string>
#include <string_view>

#include "core/base/failure.h"

namespace slotproof::core {

struct ThrownFailure : std::runtime_error {
  ThrownFailure(FailureKind failure, std::string_view message)
      : std::runtime_error(std::string(message)), kind(failure) {}
  FailureKind kind;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_TESTING_THROWN_FAILURE_H_
