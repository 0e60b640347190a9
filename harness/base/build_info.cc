#include "harness/base/build_info.h"

#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif

#if __has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
#define SLOTPROOF_CONFIGURATION "asan"
#elif __has_feature(thread_sanitizer) || defined(__SANITIZE_THREAD__)
#define SLOTPROOF_CONFIGURATION "tsan"
#else
#define SLOTPROOF_CONFIGURATION "plain"
#endif

#if defined(NDEBUG)
#define SLOTPROOF_CHECKS ", no assertions, "
#else
#define SLOTPROOF_CHECKS ", assertions, "
#endif

namespace slotproof {

std::string_view Configuration() { return SLOTPROOF_CONFIGURATION; }

std::string_view BuildDescription() { return __VERSION__ SLOTPROOF_CHECKS SLOTPROOF_CONFIGURATION; }

}  // namespace slotproof
