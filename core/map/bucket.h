// One bucket: eight slots, their tophash bytes, and the link to an overflow bucket.
//
//   byte 0        8                    8 + 8k                 8 + 8k + 8e
//        +--------+--------------------+----------------------+----------+
//        | t0..t7 | key0 key1 .. key7  | elem0 elem1 .. elem7 | overflow |
//        +--------+--------------------+----------------------+----------+
//
// All keys are together and then all elements, so that a key of 8 bytes and an element of 1 need
// no padding in between. The overflow pointer is the last word. Examples in bytes: u64 to u64 144,
// i32 to i32 80, 16-byte to 16-byte 272, u64 to nothing 80, u8 to u8 32.
//
//   inline     up to 128 bytes: the object is in the slot
//   indirect   larger: the slot holds a pointer to an object of its own
//   empty      an empty class takes no room at all
//
// A slot does not know whether it holds an object; its tophash byte says so (see bucket_array.h
// for the rules). What can be copied as bytes is never destroyed, and its stale bytes stay
// readable, as they do in the runtime.
#ifndef SLOTPROOF_CORE_MAP_BUCKET_H_
#define SLOTPROOF_CORE_MAP_BUCKET_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace slotproof::core {

inline constexpr std::size_t kMaxInlineBytes = 128;

enum class SlotKind : std::uint8_t { kInline, kIndirect, kEmpty };

template <class T>
inline constexpr SlotKind kSlotKind = std::is_empty_v<T> && std::is_trivial_v<T> ? SlotKind::kEmpty
                                      : sizeof(T) > kMaxInlineBytes ? SlotKind::kIndirect
                                                                    : SlotKind::kInline;

// The keys or the elements of one bucket.
template <class T, int kWidth, SlotKind kKind = kSlotKind<T>>
class SlotArray;

template <class T, int kWidth>
class SlotArray<T, kWidth, SlotKind::kInline> {
 public:
  // Whether a slot must be told when its object goes away.
  static constexpr bool kOwnsObjects = !std::is_trivially_copyable_v<T>;
  static constexpr bool kRelocatesNoexcept =
      std::is_trivially_copyable_v<T> || std::is_nothrow_move_constructible_v<T>;
  static constexpr std::size_t kSlotBytes = sizeof(T);

  T* Get(int slot) noexcept { return std::launder(reinterpret_cast<T*>(Address(slot))); }
  const T* Get(int slot) const noexcept {
    return std::launder(reinterpret_cast<const T*>(bytes_ + Offset(slot)));
  }

  template <class... Args>
  void Construct(int slot, Args&&... args) {
    ::new (static_cast<void*>(Address(slot))) T(std::forward<Args>(args)...);
  }
  void Destroy(int slot) noexcept {
    if constexpr (kOwnsObjects) std::destroy_at(Get(slot));
  }
  // Moves an object here; its old slot holds none afterwards.
  void Relocate(int slot, SlotArray& from, int from_slot) noexcept(kRelocatesNoexcept) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      std::memcpy(Address(slot), from.Address(from_slot), sizeof(T));
    } else {
      Construct(slot, std::move(*from.Get(from_slot)));
      from.Destroy(from_slot);
    }
  }
  void Zero(int slot) noexcept { std::memset(Address(slot), 0, sizeof(T)); }
  bool IsZero(int slot) const noexcept {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      if (bytes_[Offset(slot) + i] != std::byte{0}) return false;
    }
    return true;
  }

 private:
  static std::size_t Offset(int slot) noexcept {
    return static_cast<std::size_t>(slot) * sizeof(T);
  }
  std::byte* Address(int slot) noexcept { return bytes_ + Offset(slot); }

  alignas(T) std::byte bytes_[sizeof(T) * kWidth];
};

template <class T, int kWidth>
class SlotArray<T, kWidth, SlotKind::kIndirect> {
 public:
  static constexpr bool kOwnsObjects = true;
  static constexpr bool kRelocatesNoexcept = true;
  static constexpr std::size_t kSlotBytes = sizeof(T*);

  T* Get(int slot) noexcept { return objects_[slot]; }
  const T* Get(int slot) const noexcept { return objects_[slot]; }

  template <class... Args>
  void Construct(int slot, Args&&... args) {
    objects_[slot] = new T(std::forward<Args>(args)...);
  }
  void Destroy(int slot) noexcept {
    delete objects_[slot];
    objects_[slot] = nullptr;
  }
  void Relocate(int slot, SlotArray& from, int from_slot) noexcept {
    objects_[slot] = std::exchange(from.objects_[from_slot], nullptr);
  }
  void Zero(int slot) noexcept { objects_[slot] = nullptr; }
  bool IsZero(int slot) const noexcept { return objects_[slot] == nullptr; }

 private:
  T* objects_[kWidth];
};

template <class T, int kWidth>
class SlotArray<T, kWidth, SlotKind::kEmpty> {
 public:
  static constexpr bool kOwnsObjects = false;
  static constexpr bool kRelocatesNoexcept = true;
  static constexpr std::size_t kSlotBytes = 0;

  // All objects of an empty class are alike; one stands for all.
  T* Get(int) const noexcept { return &the_object; }
  template <class... Args>
  void Construct(int, Args&&...) noexcept {}
  void Destroy(int) noexcept {}
  void Relocate(int, SlotArray&, int) noexcept {}
  void Zero(int) noexcept {}
  bool IsZero(int) const noexcept { return true; }

 private:
  inline static T the_object{};
};

template <class Key, class Value, class Policy>
struct Bucket {
  static constexpr int kWidth = Policy::kBucketWidth;
  static_assert(kWidth == 2 || kWidth == 4 || kWidth == 8, "a bucket has 2, 4 or 8 slots");
  using Keys = SlotArray<Key, kWidth>;
  using Elems = SlotArray<Value, kWidth>;

  // Whether slots hold objects that somebody must destroy.
  static constexpr bool kOwnsObjects = Keys::kOwnsObjects || Elems::kOwnsObjects;
  // Whether a collector would scan buckets; a slot that owns something counts as a pointer.
  static constexpr bool kHasPointers =
      kOwnsObjects || (kSlotKind<Key> != SlotKind::kEmpty && Policy::template kHasPointers<Key>) ||
      (kSlotKind<Value> != SlotKind::kEmpty && Policy::template kHasPointers<Value>);

  // A collector does not look into buckets without pointers, at the link no more than at the rest.
  using Link = std::conditional_t<kHasPointers, typename Policy::template Link<Bucket>, Bucket*>;

  std::uint8_t tophash[kWidth];
  [[no_unique_address]] Keys keys;
  [[no_unique_address]] Elems elems;
  Link overflow;

  // Starts loading what lies behind the first cache line; keys and elements are needed as soon as
  // the tophash bytes have been compared.
  void Prefetch() const noexcept {
    constexpr std::size_t kCacheLine = 64;
    const auto* address = reinterpret_cast<const std::byte*>(this);
    if constexpr (sizeof(Bucket) > kCacheLine) __builtin_prefetch(address + kCacheLine);
    if constexpr (sizeof(Bucket) > 2 * kCacheLine) __builtin_prefetch(address + 2 * kCacheLine);
    if constexpr (sizeof(Bucket) > 3 * kCacheLine) __builtin_prefetch(address + 3 * kCacheLine);
    if constexpr (sizeof(Bucket) > 4 * kCacheLine) __builtin_prefetch(address + 4 * kCacheLine);
  }

  std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this) + DataOffset(); }
  // Where key data begins: after the tophash bytes, aligned.
  static constexpr std::size_t DataOffset() noexcept {
    constexpr std::size_t align = kSlotKind<Key> == SlotKind::kInline     ? alignof(Key)
                                  : kSlotKind<Key> == SlotKind::kIndirect ? alignof(void*)
                                                                          : 1;
    return (kWidth + align - 1) / align * align;
  }
  // Zeroes keys, elements and the overflow link; the tophash bytes stay.
  void ZeroData() noexcept { Policy::ZeroMemory(data(), sizeof(Bucket) - DataOffset()); }
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_MAP_BUCKET_H_
