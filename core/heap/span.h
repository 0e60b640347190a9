// A run of pages that is cut into objects of one size.
//
//   objects      | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | rest |
//   alloc bits     1   0   1   1   0   0   1   0           of the last sweep
//   free index                     ^                       all before it are allocated
//   so free are                    4   5       7
//   mark bits      1   0   0   1   1   0   0   0           of the cycle that runs
//
// The allocator never sets an alloc bit: it moves the free index to the next clear one. A sweep
// makes the mark bits the alloc bits, clears them and sets the free index back to 0. Clear bits are
// looked for 64 at a time, in a copy that is shifted along (the alloc cache).
//
// A span has pointers or not. If it has, pointer bits say of each word whether it is one.
//
// Invariants: the laws "span." and "mark." of heap_laws.h.
#ifndef SLOTPROOF_CORE_HEAP_SPAN_H_
#define SLOTPROOF_CORE_HEAP_SPAN_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "core/base/assert.h"
#include "core/heap/object_type.h"
#include "core/heap/size_classes.h"
#include "core/heap/special.h"
#include "core/sync/atomic.h"

namespace slotproof::core {

// A size class, once without pointers (the runtime's noscan) and once with.
using SpanClass = std::uint8_t;
inline constexpr std::size_t kSpanClasses = 2 * kSizeClassBytes.size();

constexpr SpanClass SpanClassOf(std::size_t size_class, bool pointers) {
  return static_cast<SpanClass>(2 * size_class + (pointers ? 1 : 0));
}

class alignas(64) Span {
 public:
  static constexpr std::size_t kMostObjects = kPageBytes / 8;
  static constexpr std::size_t kNone = SIZE_MAX;

  // Class 0 is for one large object that takes the whole run. False: no memory for pointer bits.
  bool Begin(std::byte* base, std::size_t pages, SpanClass span_class, bool zeroed) {
    base_ = base;
    pages_ = pages;
    span_class_ = span_class;
    const std::size_t size_class = span_class / 2;
    object_bytes_ = size_class == 0 ? pages * kPageBytes : kSizeClassBytes[size_class];
    objects_ = static_cast<std::uint32_t>(pages * kPageBytes / object_bytes_);
    reciprocal_ =
        size_class == 0 ? 0 : ~std::uint32_t{0} / static_cast<std::uint32_t>(object_bytes_) + 1;
    needs_zero_ = !zeroed;
    alloc_bits_.fill(0);
    for (Relaxed<std::uint64_t>& word : mark_bits_) word.Store(0);
    Refill();
    allocated_ = 0;
    if (!HasPointers()) return true;
    pointer_bits_.reset(new (std::nothrow) PointerWord[PointerGroups()]());
    return pointer_bits_ != nullptr;
  }
  void End() {
    pointer_bits_.reset();
    std::vector<Special>().swap(specials_);
    base_ = nullptr;
  }

  std::byte* base() const { return base_; }
  std::size_t pages() const { return pages_; }
  std::size_t bytes() const { return pages_ * kPageBytes; }
  std::size_t object_bytes() const { return object_bytes_; }
  std::size_t objects() const { return objects_; }
  SpanClass span_class() const { return span_class_; }
  bool IsLarge() const { return span_class_ < 2; }
  bool HasPointers() const { return span_class_ % 2 != 0; }
  bool needs_zero() const { return needs_zero_; }
  // How many objects are allocated.
  std::size_t allocated() const { return allocated_; }
  bool IsFull() const { return allocated_ == objects_; }
  std::size_t free_index() const { return free_index_; }

  std::byte* ObjectAt(std::size_t index) const { return base_ + index * object_bytes_; }
  // The object that the address lies in, which is within the run; objects() for the rest behind the
  // last one. As the runtime divides: by the reciprocal, exact for every offset in a span.
  std::size_t IndexOf(const void* address) const {
    const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(address) - base_);
    SLOTPROOF_ASSERT(offset < bytes());
    return static_cast<std::size_t>(std::uint64_t{offset} * reciprocal_ >> 32);
  }

  bool IsFree(std::size_t index) const {
    return index >= free_index_ && !TestBit(alloc_bits_[index / 64], index);
  }

  // Takes the first free object; kNone when the span is full.
  std::size_t TakeFree() {
    while (alloc_cache_ == 0) {
      const std::size_t next = (free_index_ / 64 + 1) * 64;
      if (next >= objects_) {
        free_index_ = objects_;
        return kNone;
      }
      free_index_ = next;
      alloc_cache_ = ~alloc_bits_[next / 64];
    }
    const auto skipped = static_cast<std::size_t>(std::countr_zero(alloc_cache_));
    const std::size_t index = free_index_ + skipped;
    if (index >= objects_) {
      free_index_ = objects_;
      alloc_cache_ = 0;
      return kNone;
    }
    free_index_ = index + 1;
    alloc_cache_ = alloc_cache_ >> skipped >> 1;
    if (free_index_ % 64 == 0 && free_index_ < objects_) {
      alloc_cache_ = ~alloc_bits_[free_index_ / 64];
    }
    ++allocated_;
    return index;
  }

  bool IsMarked(std::size_t index) const { return TestBit(mark_bits_[index / 64].Load(), index); }
  // False: it was marked before. Alone: nobody else marks an object of the span meanwhile.
  template <bool kAlone = false>
  bool Mark(std::size_t index) {
    const std::uint64_t bit = std::uint64_t{1} << (index % 64);
    Relaxed<std::uint64_t>& word = mark_bits_[index / 64];
    const std::uint64_t before = word.Load();
    if ((before & bit) != 0) return false;
    if constexpr (!kAlone) return (word.FetchOr(bit) & bit) == 0;
    word.Store(before | bit);
    return true;
  }

  // Ends a sweep: what is marked is what is allocated.
  void MarksBecomeAllocs() {
    allocated_ = 0;
    for (std::size_t word = 0; word * 64 < objects_; ++word) {
      alloc_bits_[word] = mark_bits_[word].Load();
      mark_bits_[word].Store(0);
      allocated_ += static_cast<std::uint32_t>(std::popcount(alloc_bits_[word]));
    }
    needs_zero_ = true;
    Refill();
  }

  // Of the word at this address, which is in an object of a span with pointers.
  bool IsPointer(const void* word) const {
    const std::size_t index = WordOf(word);
    return TestBit(PointerGroup(index / 64), index);
  }
  // The bits of 64 words at once, the first of which is word 64 * group of the span.
  std::uint64_t PointerGroup(std::size_t group) const { return pointer_bits_[group].Load(); }
  // Says where the pointers of `count` neighbours of the type are, the first of which begins the
  // object; the object's other words hold none.
  void SetPointers(std::size_t index, const ObjectType& type, std::size_t count) {
    const std::size_t first = WordOf(ObjectAt(index));
    const std::size_t words = object_bytes_ / kWordBytes;
    ClearPointers(first, words);
    const std::size_t stride = type.bytes() / kWordBytes;
    for (std::size_t element = 0; element < count; ++element) {
      if (type.pointer_words() > 64) {
        SetLongMap(first + element * stride, type);
        continue;
      }
      for (std::size_t word = 0; word < type.pointer_words(); ++word) {
        if (!type.IsPointer(word)) continue;
        const std::size_t at = first + element * stride + word;
        SetBits(pointer_bits_[at / 64], std::uint64_t{1} << (at % 64));
      }
    }
  }
  // Calls f for each pointer among the words from `begin` to `end`, which are within one object.
  template <class F>
  void ForEachPointer(std::byte* begin, std::byte* end, const F& f) const {
    std::size_t word = WordOf(begin);
    const std::size_t last = word + static_cast<std::size_t>(end - begin) / kWordBytes;
    while (word < last) {
      std::uint64_t bits = PointerGroup(word / 64) >> (word % 64);
      const std::size_t here = std::min(last - word, 64 - word % 64);
      if (here < 64) bits &= (std::uint64_t{1} << here) - 1;
      for (; bits != 0; bits &= bits - 1) {
        const std::size_t at = word + static_cast<std::size_t>(std::countr_zero(bits));
        f(reinterpret_cast<void**>(base_ + at * kWordBytes));
      }
      word += here;
    }
  }

  std::vector<Special>& specials() { return specials_; }
  const std::vector<Special>& specials() const { return specials_; }

  // The generation of the heap in which it was swept last (heap.h).
  std::uint32_t swept_in() const { return swept_in_; }
  void set_swept_in(std::uint32_t generation) { swept_in_ = generation; }
  bool in_cache() const { return in_cache_; }
  void set_in_cache(bool in_cache) { in_cache_ = in_cache; }

  std::size_t MapBytes() const {
    return HasPointers() ? PointerGroups() * sizeof(std::uint64_t) : 0;
  }
  std::size_t SpecialBytes() const { return specials_.capacity() * sizeof(Special); }

 private:
  friend struct SpanTester;

  // Objects share words, and who marks one of them may read what another is being given. Only
  // whoever allocates from the span writes.
  using PointerWord = Relaxed<std::uint64_t>;
  static void SetBits(PointerWord& word, std::uint64_t bits) { word.Store(word.Load() | bits); }

  std::size_t PointerGroups() const { return bytes() / kWordBytes / 64; }
  static bool TestBit(std::uint64_t word, std::size_t index) {
    return (word >> (index % 64) & 1) != 0;
  }
  std::size_t WordOf(const void* address) const {
    return static_cast<std::size_t>(static_cast<const std::byte*>(address) - base_) / kWordBytes;
  }
  void Refill() {
    free_index_ = 0;
    alloc_cache_ = ~alloc_bits_[0];
  }
  // 64 words at a time.
  void SetLongMap(std::size_t first, const ObjectType& type) {
    const std::size_t shift = first % 64;
    PointerWord* target = &pointer_bits_[first / 64];
    for (const std::uint64_t map : type.words_of_map()) {
      SetBits(*target++, map << shift);
      // Bits that there are: beyond the span's last word is nothing to write to.
      if (const std::uint64_t rest = map >> 1 >> (63 - shift); rest != 0) SetBits(*target, rest);
    }
  }
  void ClearPointers(std::size_t first, std::size_t words) {
    while (words != 0) {
      const std::size_t here = std::min(words, 64 - first % 64);
      pointer_bits_[first / 64].And(~((~std::uint64_t{0} >> (64 - here)) << (first % 64)));
      first += here;
      words -= here;
    }
  }

  // What marking reads of each object's span comes first, in one line of the cache.
  std::byte* base_ = nullptr;
  std::size_t object_bytes_ = 0;
  std::unique_ptr<PointerWord[]> pointer_bits_;
  std::uint32_t objects_ = 0;
  std::uint32_t reciprocal_ = 0;
  SpanClass span_class_ = 0;
  bool needs_zero_ = false;
  bool in_cache_ = false;
  std::uint32_t allocated_ = 0;
  std::uint64_t alloc_cache_ = 0;
  std::size_t free_index_ = 0;
  std::size_t pages_ = 0;
  std::uint32_t swept_in_ = 0;
  std::array<std::uint64_t, kMostObjects / 64> alloc_bits_{};
  std::array<Relaxed<std::uint64_t>, kMostObjects / 64> mark_bits_{};
  std::vector<Special> specials_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_SPAN_H_
