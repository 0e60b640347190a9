#ifndef SLOTPROOF_SUBJECTS_ELEMENTS_FRAGILE_H_
#define SLOTPROOF_SUBJECTS_ELEMENTS_FRAGILE_H_

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "harness/subject/fuse.h"
#include "subjects/elements/elements.h"

// Keys and elements whose copies may throw, so that fuses reach what a container does about it.
//
//   ThrowingMove   copy and move may throw: a container that keeps its promise copies it
//   ThrowingCopy   copy may throw, move does not
//   MoveOnly       move does not throw, and there is no copy
//   ThrowingZero   as ThrowingMove, and the zero value may throw, too
//
// Each burns Fuse::kCopy in what may throw, and Fuse::kEqual in ==. They are counted while they
// live: one that is destroyed twice or never shows in the count.

namespace slotproof {

// A number that shows when it is read after its end.
class Fragile {
 public:
  explicit Fragile(std::uint64_t number) : number_(number), check_(~number) { ++alive; }
  Fragile(const Fragile& other) : Fragile(other.number_) {}
  Fragile& operator=(const Fragile& other) = default;
  ~Fragile() {
    check_ = number_;
    --alive;
  }

  bool sound() const { return check_ == ~number_; }
  std::uint64_t number() const { return number_; }

  // Objects of all these kinds in this thread.
  static std::ptrdiff_t Alive() { return alive; }

 private:
  // core's map hashes such a key by it.
  friend std::uint64_t RuntimeHashValue(const Fragile& key, std::uint64_t seed) {
    std::uint64_t hash = (key.number_ + 1) * 0x9e3779b97f4a7c15 ^ seed;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
    return (hash ^ hash >> 27) * 0x94d049bb133111eb;
  }

  static inline thread_local std::ptrdiff_t alive = 0;

  std::uint64_t number_;
  std::uint64_t check_;
};

// Its moves are copies.
class ThrowingMove : public Fragile {
 public:
  explicit ThrowingMove(std::uint64_t number = 0) : Fragile(number) {}
  ThrowingMove(const ThrowingMove& other) : Fragile(Stepped(other)) {}
  ThrowingMove& operator=(const ThrowingMove& other) {
    Fragile::operator=(Stepped(other));
    return *this;
  }

  friend bool operator==(const ThrowingMove& a, const ThrowingMove& b) {
    Fuse::Step(FuseKind::kEqual);
    return a.number() == b.number();
  }

 private:
  static const Fragile& Stepped(const ThrowingMove& other) {
    Fuse::Step(FuseKind::kCopy);
    return other;
  }
};

class ThrowingCopy : public ThrowingMove {
 public:
  using ThrowingMove::ThrowingMove;
  ThrowingCopy(const ThrowingCopy&) = default;
  ThrowingCopy(ThrowingCopy&& other) noexcept : ThrowingMove(other.number()) {}
  ThrowingCopy& operator=(const ThrowingCopy&) = default;
  ThrowingCopy& operator=(ThrowingCopy&& other) noexcept {
    Fragile::operator=(other);
    return *this;
  }
};

class ThrowingZero : public ThrowingMove {
 public:
  ThrowingZero() { Fuse::Step(FuseKind::kCopy); }
  explicit ThrowingZero(std::uint64_t number) : ThrowingMove(number) {}
};

class MoveOnly : public Fragile {
 public:
  explicit MoveOnly(std::uint64_t number = 0) : Fragile(number) {}
  MoveOnly(MoveOnly&& other) noexcept : Fragile(other) {}
  MoveOnly& operator=(MoveOnly&& other) noexcept {
    Fragile::operator=(other);
    return *this;
  }

  friend bool operator==(const MoveOnly& a, const MoveOnly& b) { return a.number() == b.number(); }
};

template <class T>
  requires std::is_base_of_v<Fragile, T>
struct ElementTraits<T> {
  static T Make(Token token) { return T(token); }
  static Token Read(const T& elem) {
    return elem.sound() && elem.number() >> 32 == 0 ? static_cast<Token>(elem.number()) : kDamaged;
  }
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_ELEMENTS_FRAGILE_H_
