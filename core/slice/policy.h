// Everything about a slice that a program, a test or a proof may want to choose.
//
// A policy is a class of types and constants. To change one thing, inherit from DefaultSlicePolicy
// and hide that member:
//
//   struct OldGrowth : DefaultSlicePolicy<int> {
//     static constexpr GrowthRule kGrowthRule = GrowthRule::kGo117;
//   };
//
// `Runtime` is what stands around a slice: it hands out memory and hears of events. Each slice
// holds one, a nil slice too, and passes it on to what is made from it; assignment takes that of
// the source, so an array goes back to where it came from. It is copied without throwing, like a
// pointer to something that outlives the slices. Allocate may throw std::bad_alloc;
// Free and OnEvent may not throw.
//
// `Fatal` must not return. The default ends the program, as the runtime does; a test's policy may
// throw instead, so no function that can reach it is noexcept.
#ifndef SLOTPROOF_CORE_SLICE_POLICY_H_
#define SLOTPROOF_CORE_SLICE_POLICY_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <type_traits>

#include "core/base/assert.h"
#include "core/base/failure.h"
#include "core/base/huge_pages.h"
#include "core/slice/backing_array.h"
#include "core/slice/events.h"
#include "core/slice/growth.h"

namespace slotproof::core {

// The runtime of production: the program's own memory, and nobody listening.
struct SliceRuntime {
  static void* Allocate(std::size_t bytes, std::size_t align) {
    void* memory = align <= __STDCPP_DEFAULT_NEW_ALIGNMENT__
                       ? ::operator new(bytes)
                       : ::operator new(bytes, std::align_val_t{align});
    // A growth touches all of a large array at once: fewer, larger pages halve its cost.
    AskForHugePages(memory, bytes);
    return memory;
  }
  static void Free(void* memory, std::size_t bytes, std::size_t align) noexcept {
    if (align <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
      ::operator delete(memory, bytes);
    } else {
      ::operator delete(memory, bytes, std::align_val_t{align});
    }
  }
  static constexpr void OnEvent(SliceEvent) noexcept {}
};

template <class R>
concept SliceRuntimeLike =
    std::is_nothrow_copy_constructible_v<R> && std::is_nothrow_copy_assignable_v<R> &&
    requires(R runtime, void* memory, std::size_t size, SliceEvent event) {
      { runtime.Allocate(size, size) } -> std::same_as<void*>;
      runtime.Free(memory, size, size);
      runtime.OnEvent(event);
    };

template <class T>
struct DefaultSlicePolicy {
  using Runtime = SliceRuntime;

  // What growth and make count with. An empty class has no size, as struct{}.
  static constexpr std::int64_t kElemBytes =
      std::is_empty_v<T> ? 0 : static_cast<std::int64_t>(sizeof(T));
  static constexpr GrowthRule kGrowthRule = GrowthRule::kGo118;

  // How arrays are kept: by counting the windows, or by a collector (core/heap/collected_slice.h),
  // which sees the link of each window.
  using Array = BackingArray<T>;
  using ArrayLink = Array*;

  static constexpr bool kAssertions = kAssertionsEnabled;

  [[noreturn]] static void Fatal(FailureKind, std::string_view message) { EndProgram(message); }
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_POLICY_H_
