#ifndef SLOTPROOF_HARNESS_LINEAR_MEMO_H_
#define SLOTPROOF_HARNESS_LINEAR_MEMO_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/linear/model.h"

// The configurations that a search has met: a hash set that only grows, and is emptied for the next
// history without giving anything back.
//
//   places_   [ 0 | 3 | 0 | 1 | 2 | ... ]         open addressing; which entry, from 1
//   entries_  [ state, front | ... ]
//   masks_    [ words of entry 1 | of entry 2 | ...]
//
// What a configuration is, checker.h says.

namespace slotproof::linear {

template <Model M>
class Memo {
 public:
  using State = typename M::State;

  // `words` is how many each mask has.
  void Clear(std::size_t words) {
    words_ = words;
    entries_.clear();
    masks_.clear();
    Spread(kFewest);
  }

  // False when it was there.
  bool Insert(const M& model, State state, std::uint32_t front,
              std::span<const std::uint64_t> mask) {
    const std::uint32_t hash = HashOf(model, state, front, mask);
    std::size_t place = hash & (size_ - 1);
    for (; places_[place] != 0; place = (place + 1) & (size_ - 1)) {
      const std::size_t at = places_[place] - 1;
      const Entry& entry = entries_[at];
      if (entry.hash == hash && entry.front == front && HasMask(at, mask) &&
          model.Equal(entry.state, state)) {
        return false;
      }
    }
    entries_.push_back({.state = state, .front = front, .hash = hash});
    masks_.insert(masks_.end(), mask.begin(), mask.end());
    places_[place] = static_cast<std::uint32_t>(entries_.size());
    if (entries_.size() > size_ / 2) Spread(2 * size_);
    return true;
  }

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const {
    return entries_.size() * (sizeof(Entry) + words_ * sizeof(std::uint64_t)) +
           size_ * sizeof(std::uint32_t);
  }

 private:
  static constexpr std::size_t kFewest = 64;

  struct Entry {
    State state;
    std::uint32_t front;
    std::uint32_t hash;
  };

  static std::uint32_t HashOf(const M& model, State state, std::uint32_t front,
                              std::span<const std::uint64_t> mask) {
    std::uint64_t hash = Mix(model.Hash(state) + front);
    for (const std::uint64_t word : mask) hash = Mix(hash + word);
    return static_cast<std::uint32_t>(hash);
  }

  bool HasMask(std::size_t at, std::span<const std::uint64_t> mask) const {
    return std::equal(mask.begin(), mask.end(), masks_.data() + at * words_);
  }

  // Over this many places, a power of two.
  void Spread(std::size_t size) {
    size_ = size;
    if (places_.size() < size) places_.resize(size);
    std::fill_n(places_.begin(), size, 0u);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      std::size_t place = entries_[i].hash & (size_ - 1);
      while (places_[place] != 0) place = (place + 1) & (size_ - 1);
      places_[place] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::size_t words_ = 0;
  std::size_t size_ = 0;  // of places_ in use
  std::vector<std::uint32_t> places_;
  std::vector<Entry> entries_;
  std::vector<std::uint64_t> masks_;
};

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MEMO_H_
