// What the tests of the slice share: a runtime which counts events and memory, a policy that turns
// fatal errors into exceptions, short ways to make and read slices, and a way to a private window.
#ifndef SLOTPROOF_CORE_SLICE_SLICE_TEST_UTIL_H_
#define SLOTPROOF_CORE_SLICE_SLICE_TEST_UTIL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/slice/slice.h"
#include "core/testing/thrown_failure.h"

namespace slotproof::core {

// Opens a slice's window to a test.
struct SliceTestPeer {
  template <class S>
  static auto& Window(S& slice) {
    return slice.window_;
  }
};

struct SliceCounters {
  std::array<std::size_t, kSliceEventCount> events{};
  std::size_t allocations = 0;
  std::size_t live_arrays = 0;
  std::size_t live_bytes = 0;
  // Allocations to come before one fails; none does if negative.
  std::ptrdiff_t allocations_left = -1;

  std::size_t operator[](SliceEvent event) const { return events[static_cast<std::size_t>(event)]; }
};

// Slices with the same counters count together.
class CountingRuntime {
 public:
  CountingRuntime() = default;
  explicit CountingRuntime(SliceCounters* counters) : counters_(counters) {}

  void* Allocate(std::size_t bytes, std::size_t align) {
    if (counters_ != nullptr) {
      if (counters_->allocations_left == 0) throw std::bad_alloc();
      if (counters_->allocations_left > 0) --counters_->allocations_left;
    }
    void* memory = SliceRuntime::Allocate(bytes, align);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % align, 0U);
    if (counters_ == nullptr) return memory;
    ++counters_->allocations;
    ++counters_->live_arrays;
    counters_->live_bytes += bytes;
    return memory;
  }
  void Free(void* memory, std::size_t bytes, std::size_t align) {
    SliceRuntime::Free(memory, bytes, align);
    if (counters_ == nullptr) return;
    --counters_->live_arrays;
    counters_->live_bytes -= bytes;
  }
  void OnEvent(SliceEvent event) {
    if (counters_ != nullptr) ++counters_->events[static_cast<std::size_t>(event)];
  }

 private:
  SliceCounters* counters_ = nullptr;
};

// Fatal errors throw, events are counted, assertions are always on.
template <class T>
struct SliceTestPolicy : DefaultSlicePolicy<T> {
  using Runtime = CountingRuntime;
  static constexpr bool kAssertions = true;
  [[noreturn]] static void Fatal(FailureKind kind, std::string_view message) {
    throw ThrownFailure(kind, message);
  }
};

template <class T>
using TestSlice = Slice<T, SliceTestPolicy<T>>;

// A test that counts, and that gives everything back.
class CountingTest : public testing::Test {
 protected:
  ~CountingTest() override {
    EXPECT_EQ(counters_.live_arrays, 0U) << "leaked or freed twice";
    EXPECT_EQ(counters_.live_bytes, 0U) << "freed with another size than it was allocated with";
  }

  CountingRuntime runtime() { return CountingRuntime(&counters_); }
  template <class T = int>
  TestSlice<T> Nil() {
    return TestSlice<T>(runtime());
  }
  template <class T = int>
  TestSlice<T> Make(std::int64_t len, std::int64_t cap) {
    return TestSlice<T>::Make(len, cap, runtime()).value();
  }
  // Elements 0, 1, 2 ... up to len.
  TestSlice<int> Iota(std::int64_t len, std::int64_t cap) {
    TestSlice<int> made = Make(len, cap);
    for (std::int64_t i = 0; i < len; ++i) EXPECT_TRUE(made.Set(i, static_cast<int>(i)));
    return made;
  }

  SliceCounters counters_;
};

template <class T, class Policy>
std::vector<T> Contents(const Slice<T, Policy>& slice) {
  std::vector<T> contents;
  for (std::int64_t i = 0; i < slice.len(); ++i) contents.push_back(slice[i]);
  return contents;
}

inline std::vector<int> Ints(std::initializer_list<int> ints) { return ints; }
inline std::vector<int> IotaVector(int first, int last) {
  std::vector<int> ints(static_cast<std::size_t>(last - first));
  std::iota(ints.begin(), ints.end(), first);
  return ints;
}

template <class T, class Policy>
void ExpectLawful(const Slice<T, Policy>& slice) {
  const auto violation = slice.CheckInvariants();
  EXPECT_FALSE(violation.has_value()) << violation->law << ": " << violation->message;
}

template <class T>
std::string MessageOf(const Checked<T>& result) {
  return result ? "no error" : result.error().Message();
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_SLICE_TEST_UTIL_H_
