#ifndef SLOTPROOF_HARNESS_SUBJECT_FUSE_H_
#define SLOTPROOF_HARNESS_SUBJECT_FUSE_H_

#include <cstdint>
#include <new>
#include <utility>

// Failure as an operation: from here on, the n-th step of a kind throws.
//
//   fuse_copy x3      copy   copy   copy: throws FuseBurnt, and the fuse is out
//
// What a subject promises when user code or an allocation throws is checked by the operation that
// the fuse burns in. A session lights the fuse (an operation of its vocabulary), an adapter marks
// where the container's own code runs (InsideSubject), and steps are counted there alone: what the
// harness allocates, hashes or compares does not count.
//
//   session: Fuse::Light(kHash, 2) ── adapter: InsideSubject ── hash function: Fuse::Step(kHash)
//                 ▲                                                      │
//                 └── catch: contents as they were, nothing lost? ◄──────┘
//
// Who steps: hash functions and elements of subjects/elements call Step(); allocations do by
// themselves in every program that this is linked into (alloc_fuse.cc).
//
// One fuse a thread, and at most one is lit.

namespace slotproof {

enum class FuseKind : std::uint8_t { kNone, kAlloc, kCopy, kHash, kEqual };

// What a burnt fuse throws. A container that treats a failed allocation apart sees one.
class FuseBurnt : public std::bad_alloc {
 public:
  const char* what() const noexcept override { return "thrown by a fuse"; }
};

class Fuse {
 public:
  // Replaces the one that is lit. `steps` is at least 1.
  static void Light(FuseKind kind, std::uint32_t steps) {
    lit = kind;
    steps_left = steps;
  }
  static void Douse() { lit = FuseKind::kNone; }
  // Whether one has burnt since the last call. A failed allocation may reach the session as the
  // container's own std::bad_alloc.
  static bool TakeBurnt() { return std::exchange(burnt, false); }

  // For counting: the steps that the lit fuse has left, 0 when none is lit; and to leave it as many
  // others.
  static std::uint32_t StepsLeft() { return lit == FuseKind::kNone ? 0 : steps_left; }
  static void Lengthen(std::uint32_t steps) { steps_left = steps; }

  static void Step(FuseKind kind) {
    if (Burns(kind)) [[unlikely]]
      throw FuseBurnt();
  }
  // The same for what says that it failed in another way.
  static bool Burns(FuseKind kind) { return lit == kind && inside && BurnsLit(); }

 private:
  friend class FusePause;
  friend class InsideSubject;

  [[gnu::cold, gnu::noinline]] static bool BurnsLit() {
    if (--steps_left != 0) return false;
    lit = FuseKind::kNone;
    burnt = true;
    return true;
  }

  static inline thread_local constinit FuseKind lit = FuseKind::kNone;
  static inline thread_local constinit bool inside = false;
  static inline thread_local constinit bool burnt = false;
  static inline thread_local constinit std::uint32_t steps_left = 0;
};

// While it lives, nothing burns, and then the fuse is as it was: for walks through the container.
class FusePause {
 public:
  FusePause() : lit_(std::exchange(Fuse::lit, FuseKind::kNone)) {}
  ~FusePause() { Fuse::lit = lit_; }
  FusePause(const FusePause&) = delete;
  FusePause& operator=(const FusePause&) = delete;

 private:
  FuseKind lit_;
};

// While it lives, steps count.
class InsideSubject {
 public:
  InsideSubject() { Fuse::inside = true; }
  ~InsideSubject() { Fuse::inside = false; }
  InsideSubject(const InsideSubject&) = delete;
  InsideSubject& operator=(const InsideSubject&) = delete;
};

// Runs the container's own code.
template <class Call>
decltype(auto) CallSubject(Call&& call) {
  const InsideSubject inside;
  return std::forward<Call>(call)();
}

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_FUSE_H_
