// What the tests of the map share: policies which make it predictable, count its events, or turn
// its fatal errors into exceptions, and a way to its private state.
#ifndef SLOTPROOF_CORE_MAP_MAP_TEST_UTIL_H_
#define SLOTPROOF_CORE_MAP_MAP_TEST_UTIL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/map/hash_map.h"
#include "core/testing/thrown_failure.h"

namespace slotproof::core {

// Opens a map's table to a test.
struct HashMapTestPeer {
  template <class Map>
  static auto& Table(Map& map) {
    return map.table_;
  }
};

// Counts events; copies count together.
class CountingProbe {
 public:
  void operator()(MapEvent event) const { ++(*hits_)[static_cast<std::size_t>(event)]; }
  std::size_t operator[](MapEvent event) const { return (*hits_)[static_cast<std::size_t>(event)]; }

 private:
  std::shared_ptr<std::array<std::size_t, kMapEventCount>> hits_ =
      std::make_shared<std::array<std::size_t, kMapEventCount>>();
};

// Fatal errors throw, events are counted.
template <class Key>
struct TestPolicy : DefaultMapPolicy<Key> {
  using Probe = CountingProbe;
  [[noreturn]] static void Fatal(FailureKind kind, std::string_view message) {
    throw ThrownFailure(kind, message);
  }
};

// Integer keys say themselves where they go: the low 32 bits name the bucket, bits 32..39 are the
// top byte.
struct KeyIsHash {
  template <class Key>
  std::uint64_t operator()(const Key& key) const {
    const auto bits = static_cast<std::uint64_t>(key);
    return (bits & 0xffffffff) | (bits >> 32) << 56;
  }
};
struct PlacedPolicy : TestPolicy<std::uint64_t> {
  using Hash = KeyIsHash;
};
using PlacedMap = HashMap<std::uint64_t, std::uint64_t, PlacedPolicy>;
// The n-th key of a bucket in tables of up to 2^16 buckets; all have different top bytes from 10.
constexpr std::uint64_t PlacedKey(std::uint64_t bucket, std::uint64_t n) {
  return bucket | n << 16 | (10 + n % 240) << 32;
}

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <class Map>
void ExpectLawful(const Map& map) {
  const auto violation = map.CheckInvariants();
  EXPECT_FALSE(violation.has_value()) << violation->law << ": " << violation->message;
  EXPECT_TRUE(map.CheckCheapInvariants());
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_MAP_TEST_UTIL_H_
