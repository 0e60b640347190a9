#ifndef SLOTPROOF_MODELS_HEAP_MODEL_H_
#define SLOTPROOF_MODELS_HEAP_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/pool_model.h"

// What a garbage-collected heap does, as simply as it can be said: a graph, and who reaches what.
//
//   roots     stacks, globals, handles, pools, finalizers that are due
//     |
//     v       an arrow is a pointer: an object, and where in it
//   object --> object --> object
//
// Objects are numbered as they come. Tiny ones share a block, and the block is the object then.
//
// When a cycle begins and when its marking ends, the model works out what can be reached, and from
// that says of each object what the collector may do with it:
//
//                      when the cycle began     when marking ended        then it
//   born before        unreachable              unreachable               is freed, or finalized
//                      reachable                unreachable               may be either: it floats
//                      -                        reachable                 stays
//   born since         -                         -                        stays
//
// An object with a finalizer counts as unreachable unless something else reaches it, but what else
// it refers to counts as reachable. When it would be freed it is queued instead, once; the queue is
// a root. Freed reports are checked against this, and after a sweep what must be gone is.
//
// A weak handle can bring back what floats, or what nobody has marked yet while marking goes on.

namespace slotproof {

class HeapModel {
 public:
  using Id = std::uint32_t;  // 0: none

  struct Pointer {
    Id object = 0;
    std::uint32_t offset = 0;  // bytes

    friend bool operator==(const Pointer&, const Pointer&) = default;
  };

  struct Object {
    std::size_t bytes = 0;             // as the allocator rounds them
    std::size_t shape = 0;             // whatever the owner wants to know it by
    std::vector<Pointer> fields = {};  // its pointers, in the order of their words
    bool has_finalizer = false;
    bool is_gone = false;
    std::uint32_t born_in = 0;  // how many cycles had begun
  };

  enum class Fate : std::uint8_t { kStays, kFloats, kDies };

  // Where the field lies in an object of the shape: bytes.
  using OffsetOf = std::size_t (*)(std::size_t shape, std::size_t field);
  static constexpr std::size_t EachWord(std::size_t, std::size_t field) { return 8 * field; }

  void Reset(std::size_t mutators, std::size_t globals, std::size_t handles,
             OffsetOf offset_of = EachWord);

  // An object whose fields are null.
  Id Add(std::size_t bytes, std::size_t shape, std::size_t fields);
  // Where the tiny allocator puts so many bytes, 1 to 15, for this mutator (mallocgc).
  struct Tiny {
    bool shared;           // in the block that there was
    Id block;              // which, or nothing yet
    std::uint32_t offset;  // in it
  };
  Tiny PlaceTiny(std::size_t mutator, std::size_t bytes) const;
  // Takes it: in a block that is there, or a new one, added for it.
  Pointer AddTiny(std::size_t mutator, std::size_t bytes, std::size_t shape);

  const Object& object(Id id) const { return objects_[id]; }
  Object& object(Id id) { return objects_[id]; }
  // Every object that is not gone is among 1 to last().
  Id last() const { return static_cast<Id>(objects_.size() - 1); }

  using Stack = std::vector<Pointer>;
  Stack& stack(std::size_t mutator) { return stacks_[mutator]; }
  const Stack& stack(std::size_t mutator) const { return stacks_[mutator]; }
  std::size_t mutators() const { return stacks_.size(); }
  std::vector<Pointer>& globals() { return globals_; }
  const std::vector<Pointer>& globals() const { return globals_; }
  // What containers keep outside of objects, as it is at the moment.
  std::vector<Pointer>& container_roots() { return container_roots_; }
  std::vector<Pointer>& handles() { return handles_; }
  const std::vector<Pointer>& handles() const { return handles_; }
  struct Pooled {
    Pointer pointer;
    std::uint64_t cycle = 0;  // in which it went in
  };
  PoolModel<Pooled>& pool() { return pool_; }

  // Finalizers that are due, and their order. What Queue says is an error's name, or nothing.
  std::string_view Queue(Id id);
  const std::deque<Id>& due() const { return due_; }
  Id TakeDue();

  // A weak handle's object has been asked for. Whether it must be had, need not be, or cannot.
  enum class Upgrade : std::uint8_t { kMust, kMay, kCannot };
  Upgrade UpgradeOf(Id id) const;
  // It was had.
  void Upgraded(Id id);

  void BeginCycle();
  void EndMarking();
  bool is_marking() const { return is_marking_; }
  std::uint64_t cycles() const { return cycles_begun_; }
  // Nothing is left to sweep: the first law that this breaks, or nothing.
  std::string_view EndSweep();

  // The first object that must go and has not; 0: none.
  Id FirstToDie() const;

  // The subject has freed the object: the law that this breaks, or nothing.
  std::string_view Free(Id id);
  Fate FateOf(Id id) const { return fates_.size() > id ? fates_[id] : Fate::kStays; }

  // For each object, whether something reaches it now.
  const std::vector<bool>& Reachable();
  // The shortest way to a reachable object, for people: "r2 of m0 -> o3.f1 -> o5".
  std::string PathTo(Id id) const;
  // Bytes of what must be marked in a cycle that ends now, and of what may be.
  std::uint64_t LeastMarked();
  std::uint64_t MostMarked() const;

  std::size_t objects_alive() const { return alive_; }
  std::uint64_t bytes_alive() const { return bytes_alive_; }
  std::uint64_t bytes_ever() const { return bytes_ever_; }
  std::uint64_t mallocs() const { return mallocs_; }

  // The goal of Go 1.18 and later (gcControllerState.commit), without a memory limit.
  static std::uint64_t Goal(std::uint64_t marked, std::uint64_t stacks, std::uint64_t globals,
                            std::int32_t percent, std::uint64_t minimum);

 private:
  void Reach(Id id);
  void ReachFields(Id id);
  // Whether the field's pointer is to the object that it is in; of a large one, which is marked in
  // pieces, to the same piece.
  bool LeadsToItself(Id id, std::size_t field) const;
  void ReachAll(std::span<const Pointer> pointers);
  void FollowPending();

  struct TinyBlock {
    Id block = 0;
    std::uint32_t offset = 0;
  };

  OffsetOf offset_of_ = EachWord;
  std::vector<Object> objects_;
  std::vector<Stack> stacks_;
  std::vector<Pointer> globals_;
  std::vector<Pointer> handles_;
  std::vector<Pointer> container_roots_;
  std::vector<TinyBlock> tiny_;  // a block for each mutator
  PoolModel<Pooled> pool_;
  std::deque<Id> due_;

  bool is_marking_ = false;
  std::uint32_t cycles_begun_ = 0;
  std::vector<bool> doomed_;  // unreachable when the cycle began
  std::vector<bool> kept_;    // marked for sure in this cycle, whatever reaches it
  std::vector<Fate> fates_;   // since marking ended

  std::vector<bool> reachable_;
  std::vector<Id> pending_;
  std::size_t alive_ = 0;
  std::uint64_t bytes_alive_ = 0;
  std::uint64_t bytes_ever_ = 0;
  std::uint64_t mallocs_ = 0;
};

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_HEAP_MODEL_H_
