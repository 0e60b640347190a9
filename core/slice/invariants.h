// The laws of a slice between operations. CheckInvariants reports the first one broken; each law
// has a short stable name.
//
// kSliceLaws below is the list. A window is a slice's array, pointer, length and capacity
// (backing_array.h). The laws speak of one slice; what several see of one array is the business of
// whoever knows them all.
//
// Cost: O(1). BrokenSliceLaw allocates nothing and serves as the assertion after each operation.
#ifndef SLOTPROOF_CORE_SLICE_INVARIANTS_H_
#define SLOTPROOF_CORE_SLICE_INVARIANTS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/slice/backing_array.h"

namespace slotproof::core {

struct SliceLaw {
  std::string_view name;
  std::string_view statement;
};

inline constexpr std::array kSliceLaws = std::to_array<SliceLaw>({
    {"len", "the length is from 0 to the capacity"},
    {"nil", "a null pointer has no array, no length and no capacity"},
    {"zero_size", "elements without size have no array and all lie at the common base"},
    {"base", "a pointer without an array is the common base, and has no capacity"},
    {"array.cells", "an array has at least one cell"},
    {"array.cell", "the pointer points at the begin of a cell of its array"},
    {"array.past_end",
     "the pointer does not point past the end of its array, even with capacity 0"},
    {"array.window", "the capacity ends with the array or before"},
});

struct SliceViolation {
  std::string_view law;
  std::string message;
};

// The name of the first law that the window breaks, or nothing.
template <std::int64_t kElemBytes, class T, class Array, class Link>
std::string_view BrokenSliceLaw(const SliceWindow<T, Array, Link>& s) {
  if (s.len < 0 || s.len > s.cap) return "len";
  if (s.data == nullptr) return s.array == nullptr && s.cap == 0 ? "" : "nil";
  if constexpr (kElemBytes == 0) {
    return s.array == nullptr && s.data == ZeroBase<T>() ? "" : "zero_size";
  } else {
    if (s.array == nullptr) return s.data == ZeroBase<T>() && s.cap == 0 ? "" : "base";
    if (s.array->cap() < 1) return "array.cells";
    const auto first = reinterpret_cast<std::uintptr_t>(s.array->cells());
    const auto at = reinterpret_cast<std::uintptr_t>(s.data);
    if (at < first || (at - first) % sizeof(T) != 0) return "array.cell";
    const auto offset = (at - first) / sizeof(T);
    const auto cells = static_cast<std::uint64_t>(s.array->cap());
    if (offset >= cells) return "array.past_end";
    if (static_cast<std::uint64_t>(s.cap) > cells - offset) return "array.window";
    return "";
  }
}

template <std::int64_t kElemBytes, class T, class Array, class Link>
std::optional<SliceViolation> CheckInvariants(const SliceWindow<T, Array, Link>& s) {
  const std::string_view law = BrokenSliceLaw<kElemBytes>(s);
  if (law.empty()) return std::nullopt;
  std::string message = "len " + std::to_string(s.len) + ", cap " + std::to_string(s.cap);
  message += s.data == nullptr ? ", a null pointer" : "";
  if (s.array == nullptr) {
    message += ", no array";
  } else {
    const auto distance = reinterpret_cast<std::uintptr_t>(s.data) -
                          reinterpret_cast<std::uintptr_t>(s.array->cells());
    message += ", " + std::to_string(static_cast<std::int64_t>(distance)) + " bytes into " +
               std::to_string(s.array->cap()) + " cells of " + std::to_string(sizeof(T));
  }
  return SliceViolation{.law = law, .message = std::move(message)};
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_INVARIANTS_H_
