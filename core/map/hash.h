// How keys are hashed: the runtime's portable hash, word for word.
//
//   memory      a wyhash of the bytes; integers, enums, pointers, arrays of them
//   strings     the same over the contents
//   floats      +0 and -0 hash alike; every NaN hashes to a fresh random number, so that a map
//               full of NaNs does not become one long chain
//   empty       the seed
//   pairs, tuples, complex, arrays of anything else   element by element, each hash seeding the
//               next. The runtime takes neighbouring plain words of a struct together: a pair of
//               two words hashes unlike its struct of two, which is a class that compares as bytes.
//
// A class is hashed by what goes with its ==, the first of these that there is:
//   `uint64_t RuntimeHashValue(const T&, uint64_t seed)`, found beside the type
//   std::hash, its result mixed with the seed; so is an enum that has an == of its own
//   its bytes, if kComparesAsBytes<T> (key_traits.h) says that equal values have equal bytes
// Without any of them it does not compile.
//
// A map accepts any functor: (key), (key, hash0) or (key, hash0, random). The last form is the
// full one; only it can treat NaN as the runtime does.
#ifndef SLOTPROOF_CORE_MAP_HASH_H_
#define SLOTPROOF_CORE_MAP_HASH_H_

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/map/key_traits.h"
#include "core/map/mix.h"

namespace slotproof::core {

// The runtime draws these words at start; fixed ones make every run alike. Odd, as it demands.
// On 64-bit machines only the first is used.
inline constexpr std::array<std::uint64_t, 4> kDefaultHashKeys = {
    0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5};

namespace internal_hash {

inline constexpr std::uint64_t kM1 = 0xa0761d6478bd642f;
inline constexpr std::uint64_t kM2 = 0xe7037ed1a0b428db;
inline constexpr std::uint64_t kM3 = 0x8ebc6af09c88c6e3;
inline constexpr std::uint64_t kM4 = 0x589965cc75374cc3;
inline constexpr std::uint64_t kM5 = 0x1d8e4e27c47d124f;
inline constexpr std::uint64_t kFloatC0 = 33054211828000289;
inline constexpr std::uint64_t kFloatC1 = 23344194077549503;

inline std::uint64_t Read32(const unsigned char* p) noexcept {
  std::uint32_t value;
  std::memcpy(&value, p, sizeof(value));
  return value;
}
inline std::uint64_t Read64(const unsigned char* p) noexcept {
  std::uint64_t value;
  std::memcpy(&value, p, sizeof(value));
  return value;
}

// More than 16 bytes: three lanes of 16 while more than 48 remain, then one lane, and the last 16
// bytes of the input, which may overlap what was read, are left to the caller.
inline std::uint64_t FoldLongInput(const unsigned char*& p, std::size_t& left,
                                   std::uint64_t seed) noexcept {
  if (left > 48) {
    std::uint64_t seed1 = seed;
    std::uint64_t seed2 = seed;
    for (; left > 48; left -= 48) {
      seed = MixHash(Read64(p) ^ kM2, Read64(p + 8) ^ seed);
      seed1 = MixHash(Read64(p + 16) ^ kM3, Read64(p + 24) ^ seed1);
      seed2 = MixHash(Read64(p + 32) ^ kM4, Read64(p + 40) ^ seed2);
      p += 48;
    }
    seed ^= seed1 ^ seed2;
  }
  for (; left > 16; left -= 16) {
    seed = MixHash(Read64(p) ^ kM2, Read64(p + 8) ^ seed);
    p += 16;
  }
  return seed;
}

template <class T>
concept HasHashValue = requires(const T& value, std::uint64_t seed) {
  { RuntimeHashValue(value, seed) } -> std::convertible_to<std::uint64_t>;
};
template <class T>
concept HasStdHash = requires(const T& value) {
  { std::hash<T>{}(value) } -> std::convertible_to<std::size_t>;
};
template <class T>
concept StringLike = std::same_as<T, std::string> || std::same_as<T, std::string_view>;

template <class T>
inline constexpr bool kHashesAsBytes =
    !HasHashValue<T> && (std::is_class_v<T> || std::is_union_v<T>
                             ? !HasStdHash<T> && !std::is_empty_v<T> && kComparesAsBytes<T>
                             : internal_key_traits::kIsWord<T>);
template <class T, std::size_t kSize>
inline constexpr bool kHashesAsBytes<std::array<T, kSize>> = kSize != 0 && kHashesAsBytes<T>;

}  // namespace internal_hash

// `size` bytes at `data`, seeded; exactly memhashFallback.
inline std::uint64_t MemHash(const void* data, std::uint64_t seed, std::size_t size,
                             std::uint64_t hash_key = kDefaultHashKeys[0]) noexcept {
  using namespace internal_hash;
  const auto* p = static_cast<const unsigned char*>(data);
  seed ^= hash_key ^ kM1;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (size > 16) {
    std::size_t left = size;
    seed = FoldLongInput(p, left, seed);
    a = Read64(p + left - 16);
    b = Read64(p + left - 8);
  } else if (size >= 8) {
    a = Read64(p);
    b = Read64(p + size - 8);
  } else if (size >= 4) {
    a = Read32(p);
    b = Read32(p + size - 4);
  } else if (size > 0) {
    a = p[0];
    a |= static_cast<std::uint64_t>(p[size >> 1]) << 8;
    a |= static_cast<std::uint64_t>(p[size - 1]) << 16;
  } else {
    return seed;
  }
  return MixHash(kM5 ^ size, MixHash(a ^ kM2, b ^ seed));
}

// The hash of one value by the rules above; chains through `seed`.
template <std::uint64_t kHashKey, class T, class Random>
std::uint64_t HashValue(const T& value, std::uint64_t seed, Random& random) {
  using namespace internal_hash;
  if constexpr (HasHashValue<T>) {
    return RuntimeHashValue(value, seed);
  } else if constexpr (std::floating_point<T>) {
    static_assert(sizeof(T) <= 8, "long double has no hash; convert it or supply a functor");
    if (value == T{0}) return kFloatC1 * (kFloatC0 ^ seed);
    if (value != value) return kFloatC1 * (kFloatC0 ^ seed ^ random.Rand32());
    return MemHash(&value, seed, sizeof(T), kHashKey);
  } else if constexpr (StringLike<T>) {
    return MemHash(value.data(), seed, value.size(), kHashKey);
  } else if constexpr (kHashesAsBytes<T>) {
    return MemHash(&value, seed, sizeof(T), kHashKey);
  } else if constexpr (std::is_empty_v<T>) {
    return seed;
  } else if constexpr (internal_key_traits::kIsComplex<T>) {
    return HashValue<kHashKey>(value.imag(), HashValue<kHashKey>(value.real(), seed, random),
                               random);
  } else if constexpr (internal_key_traits::kIsArray<T>) {
    for (const auto& element : value) seed = HashValue<kHashKey>(element, seed, random);
    return seed;
  } else if constexpr (internal_key_traits::kIsTuple<T>) {
    // In order, and no fold: the compiler nests those only so deep.
    const auto chain = [&](const auto&... elements) {
      static_cast<void>(std::initializer_list<std::uint64_t>{
          (seed = HashValue<kHashKey>(elements, seed, random))...});
      return seed;
    };
    return std::apply(chain, value);
  } else {
    static_assert(
        HasStdHash<T>,
        "this key type has no hash that is known to go with its ==: specialise std::hash, "
        "write RuntimeHashValue(const T&, uint64_t seed) beside it, give the policy a Hash "
        "functor or, if equal values have equal bytes, say so by a member kComparesAsBytes");
    const std::uint64_t word = std::hash<T>{}(value);
    return MemHash(&word, seed, sizeof(word), kHashKey);
  }
}

// The default Hash of a map.
template <class Key, std::uint64_t kHashKey = kDefaultHashKeys[0]>
struct RuntimeHash {
  template <class Random>
  std::uint64_t operator()(const Key& key, std::uint32_t hash0, Random& random) const {
    return HashValue<kHashKey>(key, hash0, random);
  }
};
// Of a string and of a view of the same text alike.
template <std::uint64_t kHashKey>
struct RuntimeHash<std::string, kHashKey> {
  using is_transparent = void;

  template <class Random>
  std::uint64_t operator()(const std::string& key, std::uint32_t hash0, Random& random) const {
    return HashValue<kHashKey>(key, hash0, random);
  }
  template <class Random>
  std::uint64_t operator()(std::string_view key, std::uint32_t hash0, Random& random) const {
    return HashValue<kHashKey>(key, hash0, random);
  }
};

// Whether a functor, of hash or equality, takes more than keys.
template <class Functor>
inline constexpr bool kIsTransparent = requires { typename Functor::is_transparent; };

// Whether a functor is one of these, which know of no equality but ==.
template <class Hash>
inline constexpr bool kIsRuntimeHash = false;
template <class Key, std::uint64_t kHashKey>
inline constexpr bool kIsRuntimeHash<RuntimeHash<Key, kHashKey>> = true;

// Calls a functor of any of the three accepted forms.
template <class Hash, class Key, class Random>
std::uint64_t InvokeHash(const Hash& hash, const Key& key, std::uint32_t hash0, Random& random) {
  if constexpr (std::is_invocable_v<const Hash&, const Key&, std::uint32_t, Random&>) {
    return static_cast<std::uint64_t>(hash(key, hash0, random));
  } else if constexpr (std::is_invocable_v<const Hash&, const Key&, std::uint32_t>) {
    return static_cast<std::uint64_t>(hash(key, hash0));
  } else {
    return static_cast<std::uint64_t>(hash(key));
  }
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_HASH_H_
