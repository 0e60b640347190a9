// What a map has to know about its key and element types. The runtime's compiler works it out; here
// traits say what is known of a type, and a program may specialise them for its own. What cannot be
// known is not assumed.
//
//   kComparesAsBytes<T>  two values are equal exactly if their bytes are. Known of integers, enums
//                        and pointers, and, where the compiler tells (clang), of a class whose ==
//                        is defaulted all the way down. Such a class is hashed by its bytes.
//   kIsReflexive<T>      k == k for every k. Known of what compares as bytes, of strings, and of
//                        arrays, pairs and tuples of these. Not so of floats (NaN), nor of a class
//                        with an == of its own: the map asks each key, which costs a comparison
//                        when an entry moves or is iterated over.
//   kNeedsKeyUpdate<T>   equal keys may differ (+0 and -0, views of different memory), so that an
//                        overwrite must store the new key as well.
//   kHasPointers<T>      a collector would have to scan it. Buckets without pointers are never
//                        zeroed when evacuated and keep a list of their overflow buckets.
//
//   struct Name { std::string text; int id; bool operator==(const Name&) const = default; };
//   template <>
//   inline constexpr bool slotproof::core::kIsReflexive<Name> = true;
#ifndef SLOTPROOF_CORE_MAP_KEY_TRAITS_H_
#define SLOTPROOF_CORE_MAP_KEY_TRAITS_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <complex>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace slotproof::core {

namespace internal_key_traits {

template <class T>
inline constexpr bool kIsComplex = false;
template <class T>
inline constexpr bool kIsComplex<std::complex<T>> = true;

template <class T>
inline constexpr bool kIsArray = false;
template <class T, std::size_t kSize>
inline constexpr bool kIsArray<std::array<T, kSize>> = true;

// A pair is a tuple of two.
template <class T>
inline constexpr bool kIsTuple = false;
template <class First, class Second>
inline constexpr bool kIsTuple<std::pair<First, Second>> = true;
template <class... Elements>
inline constexpr bool kIsTuple<std::tuple<Elements...>> = true;

// Those that compare character by character; other traits may do as they like.
template <class T>
inline constexpr bool kIsString = false;
template <class Char, class Allocator>
inline constexpr bool kIsString<std::basic_string<Char, std::char_traits<Char>, Allocator>> = true;

template <class T>
inline constexpr bool kIsStringView = false;
template <class Char>
inline constexpr bool kIsStringView<std::basic_string_view<Char, std::char_traits<Char>>> = true;

// An enum may have an == of its own. Only such a one is found by this name.
template <class T>
concept HasOwnEquality = requires(const T& value) { operator==(value, value); };

// Whether == is the language's own comparison of bits.
template <class T>
inline constexpr bool kIsWord =
    !std::is_class_v<T> && !std::is_union_v<T> && std::is_trivially_copyable_v<T> &&
    std::has_unique_object_representations_v<T> && !std::is_member_function_pointer_v<T> &&
    !(std::is_enum_v<T> && HasOwnEquality<T>);

#if defined(__has_builtin)
#if __has_builtin(__is_trivially_equality_comparable)
#define SLOTPROOF_KNOWS_DEFAULTED_EQUALITY 1
#endif
#endif

template <class T>
consteval bool ComparesAsBytes() {
  if constexpr (kIsWord<T>) {
    return true;
  } else if constexpr (requires { bool{T::kComparesAsBytes}; }) {
    return T::kComparesAsBytes;
  } else if constexpr (std::is_class_v<T>) {
#if defined(SLOTPROOF_KNOWS_DEFAULTED_EQUALITY)
    return __is_trivially_equality_comparable(T);
#else
    return false;
#endif
  } else {
    return false;
  }
}

#undef SLOTPROOF_KNOWS_DEFAULTED_EQUALITY

// A fold would nest as deep as a tuple is long, and the compiler has a limit.
consteval bool AnyIs(bool wanted, std::initializer_list<bool> values) {
  return std::ranges::find(values, wanted) != values.end();
}

}  // namespace internal_key_traits

template <class T>
inline constexpr bool kComparesAsBytes = internal_key_traits::ComparesAsBytes<T>();
template <class Rep, class Period>
inline constexpr bool kComparesAsBytes<std::chrono::duration<Rep, Period>> = kComparesAsBytes<Rep>;
template <class Clock, class Duration>
inline constexpr bool kComparesAsBytes<std::chrono::time_point<Clock, Duration>> =
    kComparesAsBytes<Duration>;

// Arrays, pairs and tuples go by their elements.
template <class T>
inline constexpr bool kIsReflexive = kComparesAsBytes<T> || internal_key_traits::kIsString<T> ||
                                     internal_key_traits::kIsStringView<T> ||
                                     std::is_null_pointer_v<T> || std::is_member_pointer_v<T>;
template <class T, std::size_t kSize>
inline constexpr bool kIsReflexive<std::array<T, kSize>> = kIsReflexive<T>;
template <class First, class Second>
inline constexpr bool kIsReflexive<std::pair<First, Second>> =
    kIsReflexive<First> && kIsReflexive<Second>;
template <class... Elements>
inline constexpr bool kIsReflexive<std::tuple<Elements...>> =
    !internal_key_traits::AnyIs(false, {kIsReflexive<Elements>...});

template <class T>
inline constexpr bool kNeedsKeyUpdate =
    std::is_copy_assignable_v<T> && !internal_key_traits::kIsWord<T> && !std::is_empty_v<T> &&
    !internal_key_traits::kIsString<T>;
template <class T, std::size_t kSize>
inline constexpr bool kNeedsKeyUpdate<std::array<T, kSize>> = kNeedsKeyUpdate<T>;
template <class First, class Second>
inline constexpr bool kNeedsKeyUpdate<std::pair<First, Second>> =
    std::is_copy_assignable_v<std::pair<First, Second>> &&
    (kNeedsKeyUpdate<First> || kNeedsKeyUpdate<Second>);
template <class... Elements>
inline constexpr bool kNeedsKeyUpdate<std::tuple<Elements...>> =
    std::is_copy_assignable_v<std::tuple<Elements...>> &&
    internal_key_traits::AnyIs(true, {kNeedsKeyUpdate<Elements>...});

template <class T>
inline constexpr bool kHasPointers =
    std::is_pointer_v<T> || std::is_member_pointer_v<T> || internal_key_traits::kIsStringView<T> ||
    !std::is_trivially_copyable_v<T>;
template <class T, std::size_t kSize>
inline constexpr bool kHasPointers<std::array<T, kSize>> = kHasPointers<T>;
template <class First, class Second>
inline constexpr bool kHasPointers<std::pair<First, Second>> =
    kHasPointers<First> || kHasPointers<Second>;
template <class... Elements>
inline constexpr bool kHasPointers<std::tuple<Elements...>> =
    internal_key_traits::AnyIs(true, {kHasPointers<Elements>...});

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_KEY_TRAITS_H_
