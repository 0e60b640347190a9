#ifndef SLOTPROOF_HARNESS_BASE_BUILD_INFO_H_
#define SLOTPROOF_HARNESS_BASE_BUILD_INFO_H_

#include <string_view>

namespace slotproof {

// Which sanitizer this program is built with: "plain", "asan" or "tsan".
std::string_view Configuration();

// The compiler and how it compiled: "clang 19.1.7, optimized, asan".
std::string_view BuildDescription();

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_BUILD_INFO_H_
