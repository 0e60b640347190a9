// Assertions: statements that hold whenever the code around them is right.
//
//   SLOTPROOF_ASSERT(condition)
//       aborts with file, line and the text of the condition.
//   SLOTPROOF_POLICY_ASSERT(Policy, condition)
//       reports to `Policy::Fatal`, so that a test can turn the failure into a value, and asks
//       `Policy::kAssertions` whether to check at all.
//
// Both cost nothing under NDEBUG: the condition is compiled, so it cannot rot, and never evaluated.
#ifndef SLOTPROOF_CORE_BASE_ASSERT_H_
#define SLOTPROOF_CORE_BASE_ASSERT_H_

#include <cstdio>
#include <cstdlib>

namespace slotproof::core {

#ifdef NDEBUG
inline constexpr bool kAssertionsEnabled = false;
#else
inline constexpr bool kAssertionsEnabled = true;
#endif

[[noreturn]] inline void AssertionFailed(const char* message) {
  std::fprintf(stderr, "%s\n", message);
  std::abort();
}

}  // namespace slotproof::core

#define SLOTPROOF_STRINGIFY_INNER(x) #x
#define SLOTPROOF_STRINGIFY(x) SLOTPROOF_STRINGIFY_INNER(x)

#define SLOTPROOF_ASSERT(...)                                                                \
  do {                                                                                       \
    if constexpr (::slotproof::core::kAssertionsEnabled) {                                   \
      if (!(__VA_ARGS__)) [[unlikely]]                                                       \
        ::slotproof::core::AssertionFailed(                                                  \
            __FILE__ ":" SLOTPROOF_STRINGIFY(__LINE__) ": assertion failed: " #__VA_ARGS__); \
    }                                                                                        \
  } while (false)

#define SLOTPROOF_POLICY_ASSERT(Policy, ...)                                                  \
  do {                                                                                        \
    if constexpr (Policy::kAssertions) {                                                      \
      if (!(__VA_ARGS__)) [[unlikely]]                                                        \
        Policy::Fatal(::slotproof::core::FailureKind::kAssertion, __FILE__                    \
                      ":" SLOTPROOF_STRINGIFY(__LINE__) ": assertion failed: " #__VA_ARGS__); \
    }                                                                                         \
  } while (false)

#endif  // SLOTPROOF_CORE_BASE_ASSERT_H_
