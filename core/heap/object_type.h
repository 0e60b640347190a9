// What objects of one type look like to the collector: how large they are, and where their pointers
// lie.
//
//   struct Node { Node* next; std::uint64_t count; Node* other; };
//
//   word          0        1       2
//   pointer map   1        0       1        ObjectType(sizeof(Node), 0b101)
//
// A pointer lies in a whole word, at a multiple of eight bytes. What has none is never scanned.
#ifndef SLOTPROOF_CORE_HEAP_OBJECT_TYPE_H_
#define SLOTPROOF_CORE_HEAP_OBJECT_TYPE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/assert.h"

namespace slotproof::core {

inline constexpr std::size_t kWordBytes = sizeof(void*);

class ObjectType {
 public:
  // A type of at most 64 words, or one whose pointers all lie in its first 64. Bit i of the map is
  // for word i.
  constexpr explicit ObjectType(std::size_t bytes, std::uint64_t map = 0)
      : bytes_(bytes), first_words_(map), pointer_words_(WordsOf(map)) {
    SLOTPROOF_ASSERT(pointer_words_ * kWordBytes <= bytes);
    SLOTPROOF_ASSERT(map == 0 || bytes % kWordBytes == 0);
  }

  // Bit i % 64 of map[i / 64] is for word i. The map must outlive the type.
  constexpr ObjectType(std::size_t bytes, std::span<const std::uint64_t> map)
      : bytes_(bytes), more_words_(map.data()) {
    for (std::size_t i = 0; i < map.size(); ++i) {
      if (map[i] != 0) pointer_words_ = i * 64 + WordsOf(map[i]);
    }
    SLOTPROOF_ASSERT(pointer_words_ * kWordBytes <= bytes);
    SLOTPROOF_ASSERT(pointer_words_ == 0 || bytes % kWordBytes == 0);
  }

  constexpr std::size_t bytes() const { return bytes_; }
  constexpr bool HasPointers() const { return pointer_words_ != 0; }
  // Words up to the last pointer, with it.
  constexpr std::size_t pointer_words() const { return pointer_words_; }

  // Of a type with more than 64 pointer words: the map up to its last bit.
  constexpr std::span<const std::uint64_t> words_of_map() const {
    SLOTPROOF_ASSERT(pointer_words_ > 64);
    return {more_words_, (pointer_words_ + 63) / 64};
  }

  constexpr bool IsPointer(std::size_t word) const {
    if (word >= pointer_words_) return false;
    if (more_words_ != nullptr) return (more_words_[word / 64] >> (word % 64) & 1) != 0;
    return (first_words_ >> word & 1) != 0;
  }

 private:
  static constexpr std::size_t WordsOf(std::uint64_t map) {
    return static_cast<std::size_t>(std::bit_width(map));
  }

  std::size_t bytes_;
  std::uint64_t first_words_ = 0;
  const std::uint64_t* more_words_ = nullptr;
  std::size_t pointer_words_ = 0;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_OBJECT_TYPE_H_
