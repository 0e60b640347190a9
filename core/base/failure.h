// What is wrong when a container gives up, and how a program then ends.
#ifndef SLOTPROOF_CORE_BASE_FAILURE_H_
#define SLOTPROOF_CORE_BASE_FAILURE_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace slotproof::core {

enum class FailureKind : std::uint8_t {
  kConcurrentWrites,
  kConcurrentReadAndWrite,
  kConcurrentIterationAndWrite,
  kBadMapState,
  kMarkedFree,
  kBadPointer,
  kAssertion,
};

// As the runtime ends one.
[[noreturn]] inline void EndProgram(std::string_view message) {
  std::fprintf(stderr, "fatal error: %.*s\n", static_cast<int>(message.size()), message.data());
  std::abort();
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_BASE_FAILURE_H_
