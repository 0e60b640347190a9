// The table: the state of a map (the runtime's hmap), and the small questions asked of it.
//
//   Table                                      BucketArray (2^B main buckets + spares)
//   +---------------------+            +-------------------------------------------------+
//   | count               |   buckets  | [0] -> overflow -> overflow                     |
//   | flags, B, noverflow | ---------> | [1]                                             |
//   | hash0               |            | ...                                             |
//   | nevacuate           |  old       +-------------------------------------------------+
//   | random, hash, probe | ---------> the previous array, while growing
//   +---------------------+
//
// A key lives in the chain of main bucket `hash & (2^B - 1)`. While growing, the chains of the old
// array move to the new one, one by one; nevacuate says below which index all have moved. Until an
// old chain has moved, its destinations are empty.
//
// The algorithms stand beside this header, one a file, each a function on a Table named as in the
// runtime: lookup.h, assign.h, delete.h, clear.h, evacuate.h, iterator.h, invariants.h.
#ifndef SLOTPROOF_CORE_MAP_TABLE_H_
#define SLOTPROOF_CORE_MAP_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/map/bucket.h"
#include "core/map/bucket_array.h"
#include "core/map/growth.h"
#include "core/map/policy.h"
#include "core/map/tophash.h"
#include "core/sync/atomic.h"

namespace slotproof::core {

// Bits of Table::flags.
inline constexpr std::uint8_t kIterator = 1;      // there may be an iterator using `buckets`
inline constexpr std::uint8_t kOldIterator = 2;   // there may be one using `old_buckets`
inline constexpr std::uint8_t kHashWriting = 4;   // somebody is writing
inline constexpr std::uint8_t kSameSizeGrow = 8;  // the current growth keeps the size

// Where assertions are on: which thread is writing, so that a key or an element that uses its own
// map meanwhile is told from another thread.
template <bool kAssertions>
class Writer {
 public:
  void Begin() noexcept { thread_.Store(ThisThread()); }
  void End() noexcept { thread_.Store(nullptr); }
  bool IsThisThread() const noexcept { return thread_.Load() == ThisThread(); }

 private:
  static const void* ThisThread() noexcept {
    static thread_local const char address = 0;
    return &address;
  }
  Relaxed<const void*> thread_;
};
template <>
class Writer<false> {
 public:
  static void Begin() noexcept {}
  static void End() noexcept {}
};

template <class KeyType, class ValueType, class PolicyType>
struct Table {
  using Key = KeyType;
  using Value = ValueType;
  using Policy = PolicyType;
  using Bucket = core::Bucket<Key, Value, Policy>;
  using Array = typename Policy::template Array<Bucket, Policy>;
  using ArrayLink = typename Policy::template Link<Array>;
  using TopHashes = TopHashGroup<Bucket::kWidth>;
  static constexpr int kWidth = Bucket::kWidth;
  static constexpr bool kProbed = !std::is_same_v<typename Policy::Probe, NoProbe>;
  static_assert(!kIsRuntimeHash<typename Policy::Hash> ||
                    std::is_same_v<typename Policy::Equal, std::equal_to<Key>> ||
                    std::is_same_v<typename Policy::Equal, std::equal_to<>>,
                "a policy with an Equal of its own needs a Hash that goes with it");

  Table(typename Policy::Random random_source, typename Policy::Hash hash_functor,
        typename Policy::Probe event_probe)
      : random(std::move(random_source)),
        hash(std::move(hash_functor)),
        probe(std::move(event_probe)) {}

  bool Growing() const noexcept { return old_buckets != nullptr; }
  bool SameSizeGrow() const noexcept { return (flags.Load() & kSameSizeGrow) != 0; }
  bool HashWriting() const noexcept { return (flags.Load() & kHashWriting) != 0; }
  std::size_t NoldBuckets() const noexcept {
    const unsigned old_b = SameSizeGrow() ? b : b - 1U;
    return BucketShift(old_b);
  }
  std::size_t OldBucketMask() const noexcept { return NoldBuckets() - 1; }

  // Whether inserting one more entry starts a growth.
  bool ShouldGrow() const noexcept {
    if (Growing()) return false;
    return OverLoadFactor<Policy>(count + 1, b) || TooManyOverflowBuckets(noverflow, b);
  }

  // `key` is a Key, or what the policy's Hash and Equal take for one.
  template <class KeyLike>
  std::uint64_t Hash(const KeyLike& key) const {
    return InvokeHash(hash, key, hash0, random);
  }
  template <class KeyLike>
  static bool Equal(const Key& a, const KeyLike& b) {
    return typename Policy::Equal{}(a, b);
  }
  // Whether the key can be found again; not so for NaN.
  static bool EqualsItself(const Key& key) {
    if constexpr (Policy::kReflexiveKey) {
      return true;
    } else {
      return Equal(key, key);
    }
  }

  void Report(MapEvent event) const { probe(event); }

  std::size_t count = 0;
  std::uint8_t b = 0;
  std::uint16_t noverflow = 0;
  std::uint32_t hash0 = 0;
  ArrayLink buckets = nullptr;
  ArrayLink old_buckets = nullptr;
  std::size_t nevacuate = 0;
  // Stored twice in every write, and so not beside what each write reads: processors make a load
  // wait for a store to its own 8 bytes. An iteration of a const map leaves its mark here.
  mutable Relaxed<std::uint8_t> flags;
  [[no_unique_address]] Writer<Policy::kAssertions> writer;
  // Look-ups and iterations of a const map draw and report.
  mutable typename Policy::Random random;
  [[no_unique_address]] typename Policy::Hash hash;
  [[no_unique_address]] mutable typename Policy::Probe probe;
};

// What a use of the map while it is being written to ends with.
template <class T>
[[noreturn, gnu::cold, gnu::noinline]] void FailInUse(const T& h, FailureKind kind,
                                                      std::string_view message) {
  if constexpr (T::Policy::kAssertions) {
    if (h.writer.IsThisThread()) {
      T::Policy::Fatal(FailureKind::kAssertion,
                       "a key or an element uses its own map during a write, or from the "
                       "destructor of the map; see hash_map.h");
    }
  }
  T::Policy::Fatal(kind, message);
}
template <class T>
[[noreturn]] void FailConcurrentWrites(const T& h) {
  FailInUse(h, FailureKind::kConcurrentWrites, "concurrent map writes");
}

// The time between the two looks at hashWriting in a write. Clears the flag on an exception, too.
template <class T>
class WriteSection {
 public:
  explicit WriteSection(T& h) noexcept : h_(h) {
    h_.flags.Xor(kHashWriting);
    h_.writer.Begin();
  }
  WriteSection(const WriteSection&) = delete;
  WriteSection& operator=(const WriteSection&) = delete;
  ~WriteSection() {
    if (!finished_) Clear();
  }

  void Finish() {
    if (!h_.HashWriting())
      T::Policy::Fatal(FailureKind::kConcurrentWrites, "concurrent map writes");
    Clear();
    finished_ = true;
  }

 private:
  void Clear() noexcept {
    h_.writer.End();
    h_.flags.And(static_cast<std::uint8_t>(~kHashWriting));
  }

  T& h_;
  bool finished_ = false;
};

// Counts an overflow bucket: exactly for fewer than 2^16 buckets, else with a probability that
// keeps the 16-bit counter comparable with the number of buckets.
template <class T>
void IncrNoverflow(T& h) {
  if (h.b < 16) {
    ++h.noverflow;
    return;
  }
  h.Report(MapEvent::kApproximateNoverflow);
  const std::uint32_t mask = (1U << (h.b - 15)) - 1;
  if ((h.random.Rand32() & mask) == 0) ++h.noverflow;
}

// Links a fresh overflow bucket of the new array behind `bucket`.
template <class T>
typename T::Bucket* NewOverflow(T& h, typename T::Bucket* bucket) {
  if constexpr (!T::Bucket::kHasPointers) h.buckets->ReserveListing();
  typename T::Bucket* overflow = nullptr;
  if (h.buckets->next_overflow() != nullptr) {
    overflow = h.buckets->TakeSpare();
    h.Report(MapEvent::kOverflowFromPreallocated);
    if (h.buckets->next_overflow() == nullptr) h.Report(MapEvent::kOverflowPreallocatedExhausted);
  } else {
    overflow = h.buckets->AllocateOverflow();
    h.Report(MapEvent::kOverflowAllocated);
  }
  IncrNoverflow(h);
  if constexpr (!T::Bucket::kHasPointers) h.buckets->ListOverflow(overflow);
  bucket->overflow = overflow;
  SLOTPROOF_POLICY_ASSERT(T::Policy, overflow->overflow == nullptr);
  SLOTPROOF_POLICY_ASSERT(T::Policy, overflow->tophash[0] == kEmptyRest);
  return overflow;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_TABLE_H_
