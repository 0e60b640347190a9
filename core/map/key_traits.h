// What a map has to know about its key and element types; the runtime's compiler works it out, here
// the traits guess well and may be specialised.
//
//   kIsReflexive<T>     k == k for every k. False for floats (NaN) and for what contains them.
//   kNeedsKeyUpdate<T>  equal keys may differ (+0 and -0, views of different memory), so that an
//                       overwrite must store the new key as well.
//   kHasPointers<T>     a collector would have to scan it. Buckets without pointers are never
//                       zeroed when evacuated and keep a list of their overflow buckets.
#ifndef SLOTPROOF_CORE_MAP_KEY_TRAITS_H_
#define SLOTPROOF_CORE_MAP_KEY_TRAITS_H_

#include <compare>
#include <complex>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace slotproof::core {

namespace internal_key_traits {

template <class T>
concept TupleLike = requires { std::tuple_size<T>::value; };

template <class T>
inline constexpr bool kIsComplex = false;
template <class T>
inline constexpr bool kIsComplex<std::complex<T>> = true;

template <class T>
inline constexpr bool kIsString = false;
template <class Char, class Traits, class Allocator>
inline constexpr bool kIsString<std::basic_string<Char, Traits, Allocator>> = true;

template <class T>
inline constexpr bool kIsStringView = false;
template <class Char, class Traits>
inline constexpr bool kIsStringView<std::basic_string_view<Char, Traits>> = true;

// Whether Predicate::kValue<E> holds for every element type E of a pair, tuple or array.
template <class Predicate, class T, std::size_t... kIndices>
consteval bool AllOf(std::index_sequence<kIndices...>) {
  return (Predicate::template kValue<std::tuple_element_t<kIndices, T>> && ...);
}
template <class Predicate, class T, std::size_t... kIndices>
consteval bool AnyOf(std::index_sequence<kIndices...>) {
  return (Predicate::template kValue<std::tuple_element_t<kIndices, T>> || ...);
}
template <class T>
using Elements = std::make_index_sequence<std::tuple_size_v<T>>;

struct Reflexive {
  template <class T>
  static consteval bool Compute() {
    if constexpr (std::floating_point<T> || kIsComplex<T>) {
      return false;
    } else if constexpr (TupleLike<T>) {
      return AllOf<Reflexive, T>(Elements<T>{});
    } else if constexpr (!std::is_trivially_copyable_v<T> ||
                         std::has_unique_object_representations_v<T> || std::is_empty_v<T>) {
      return true;
    } else {
      // A plain struct with padding or with a float inside: only a total order tells them apart.
      return std::three_way_comparable<T, std::weak_ordering> || kIsStringView<T>;
    }
  }
  template <class T>
  static constexpr bool kValue = Compute<T>();
};

struct NeedsKeyUpdate {
  template <class T>
  static consteval bool Compute() {
    if constexpr (!std::is_copy_assignable_v<T>) {
      return false;
    } else if constexpr (std::integral<T> || std::is_enum_v<T> || std::is_pointer_v<T> ||
                         std::is_empty_v<T> || kIsString<T>) {
      return false;
    } else if constexpr (TupleLike<T>) {
      return AnyOf<NeedsKeyUpdate, T>(Elements<T>{});
    } else {
      return true;
    }
  }
  template <class T>
  static constexpr bool kValue = Compute<T>();
};

struct HasPointers {
  template <class T>
  static consteval bool Compute() {
    if constexpr (std::is_pointer_v<T> || std::is_member_pointer_v<T> || kIsStringView<T>) {
      return true;
    } else if constexpr (std::is_trivially_copyable_v<T>) {
      return false;
    } else if constexpr (TupleLike<T>) {
      return AnyOf<HasPointers, T>(Elements<T>{});
    } else {
      return true;
    }
  }
  template <class T>
  static constexpr bool kValue = Compute<T>();
};

}  // namespace internal_key_traits

template <class T>
inline constexpr bool kIsReflexive = internal_key_traits::Reflexive::kValue<T>;
template <class T>
inline constexpr bool kNeedsKeyUpdate = internal_key_traits::NeedsKeyUpdate::kValue<T>;
template <class T>
inline constexpr bool kHasPointers = internal_key_traits::HasPointers::kValue<T>;

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_KEY_TRAITS_H_
