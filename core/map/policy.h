// Everything about a map that a program, a test or a proof may want to choose.
//
// A policy is a class of types and constants. To change one thing, inherit from DefaultMapPolicy
// and hide that member:
//
//   struct TwoSlotPolicy : DefaultMapPolicy<int> {
//     static constexpr int kBucketWidth = 2;
//     static constexpr std::size_t kLoadFactorNumerator = 3;
//     static constexpr std::size_t kLoadFactorDenominator = 2;
//   };
//
// `Hash` and `Equal` go together. A policy with an Equal of its own needs a Hash of its own, which
// is asked for, and says so in kReflexiveKey and kNeedsKeyUpdate if a key may be unequal to itself,
// or equal to one that differs.
//
// `Random` draws with Rand32() and Rand64(). A copy of a map, and a map that another is moved to,
// goes on with the random numbers of its source, which turns to others by Split() (random.h); a
// Random without Split() is copied.
//
// `Fatal` must not return. The default ends the program, as the runtime does; a test's policy may
// throw instead, so no function that can reach it is noexcept.
#ifndef SLOTPROOF_CORE_MAP_POLICY_H_
#define SLOTPROOF_CORE_MAP_POLICY_H_

#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/assert.h"
#include "core/base/failure.h"
#include "core/map/bucket_array.h"
#include "core/map/events.h"
#include "core/map/hash.h"
#include "core/map/key_traits.h"
#include "core/map/random.h"

namespace slotproof::core {

template <class Key>
struct DefaultMapPolicy {
  using Random = WyRand;
  using Hash = RuntimeHash<Key>;
  // Where a view can be looked up, there is no need for a key.
  using Equal =
      std::conditional_t<std::is_same_v<Key, std::string>, std::equal_to<>, std::equal_to<Key>>;
  using Probe = NoProbe;

  // Slots of a bucket: 2, 4 or 8.
  static constexpr int kBucketWidth = 8;
  // Growth begins above this many entries a bucket, as a fraction: 6.5.
  static constexpr std::size_t kLoadFactorNumerator = 13;
  static constexpr std::size_t kLoadFactorDenominator = 2;

  static constexpr bool kReflexiveKey = kIsReflexive<Key>;
  static constexpr bool kNeedsKeyUpdate = core::kNeedsKeyUpdate<Key>;
  // Asked for the key and for the element type.
  template <class T>
  static constexpr bool kHasPointers = core::kHasPointers<T>;

  // How arrays are kept: by counting who refers to them, or by a collector (core/heap/map.h). With
  // a collector, links between tables, arrays and buckets are written, and parts of buckets zeroed,
  // through its write barrier; a Local is an iterator's, which is a root.
  template <class Bucket, class Policy>
  using Array = BucketArray<Bucket, Policy>;
  template <class T>
  using Link = T*;
  template <class T>
  using Local = T*;
  static void ZeroMemory(void* memory, std::size_t bytes) noexcept {
    std::memset(memory, 0, bytes);
  }

  static constexpr bool kAssertions = kAssertionsEnabled;

  [[noreturn]] static void Fatal(FailureKind, std::string_view message) { EndProgram(message); }
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_POLICY_H_
