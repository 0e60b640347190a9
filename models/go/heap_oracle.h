// What the real Go 1.19 runtime does with its heap: not a model of it, the runtime itself, linked
// in.
//
//   Allocate        where objects lie, and in which class      runtime.mallocgc, its spans
//   Count           what MemStats say of them                  runtime.ReadMemStats
//   RunGraph        which are finalized and freed, and when    runtime.GC, SetFinalizer
//   UsePool         what Get finds                             sync.Pool
//   Pace            goal and trigger for numbers of a test     gcControllerState
//   PaceRuntime     the same for the runtime's own numbers     gcControllerState
//
// Collections are asked for: none runs by itself while a batch does, and finalizers that are due
// run before the next step. When Go runs them it does not promise; which ones it does.
//
// Costs: a batch collects first, which takes half a millisecond; a collection 0.1 ms.
// Threads: one at a time, and nobody may ask the slice oracle meanwhile.
#ifndef SLOTPROOF_MODELS_GO_HEAP_ORACLE_H_
#define SLOTPROOF_MODELS_GO_HEAP_ORACLE_H_

#include <array>
#include <compare>
#include <cstdint>
#include <ostream>
#include <span>
#include <vector>

namespace slotproof::go {

// `count` neighbours of `bytes` each. Bit i of the map: word i of each is a pointer.
struct Layout {
  std::int64_t bytes = 8;
  std::int64_t count = 1;
  std::uint64_t pointer_map = 0;
};

// An object, and the span that it is cut from.
struct Block {
  std::uint64_t address = 0;
  std::int64_t object_bytes = 0;
  std::int64_t size_class = 0;  // 0: large
  bool has_pointers = false;
  std::int64_t span_pages = 0;
  std::int64_t span_objects = 0;
};
// One after the other, on one P. The tiny allocator begins without a block, and with a new one
// after each 32 MiB, which are collected then.
std::vector<Block> Allocate(std::span<const Layout> layouts);

struct MemStats {
  std::uint64_t mallocs = 0;
  std::uint64_t frees = 0;
  std::uint64_t heap_objects = 0;
  std::uint64_t heap_alloc = 0;
  std::uint64_t total_alloc = 0;
  std::uint64_t num_gc = 0;
  std::uint64_t num_forced_gc = 0;
  // By size class, as far as the runtime tells.
  std::array<std::uint64_t, 61> class_mallocs{};
  std::array<std::uint64_t, 61> class_frees{};
};
struct CountedObject {
  Layout layout = {};
  bool is_kept = false;
};
struct Counts {
  MemStats before;
  MemStats allocated;  // all of them
  // To read the statistics changes what the next collection frees, so that everything is done
  // twice.
  MemStats before_again;
  MemStats thinned;  // after a collection: those that are kept
  MemStats emptied;  // after one more: none
};
Counts Count(std::span<const CountedObject> objects);

// A graph that grows from roots, which are numbered slots.
enum class GraphOp : std::uint8_t {
  kNew,       // slot = a new object; objects are numbered from 0
  kStore,     // word of the slot's object = from
  kCopy,      // slot = from's object + offset
  kDrop,      // slot = nil
  kFinalize,  // SetFinalizer, of a finalizer that stores the object into from
  kForget,    // SetFinalizer(nil)
  kCollect,   // runtime.GC; then the finalizers that are due run
};
struct GraphStep {
  GraphOp op = GraphOp::kCollect;
  std::int32_t slot = 0;  // if it is nil, all but kNew and kCopy do nothing
  std::int32_t from = 0;  // a slot; kStore: if it is nil nothing is done; -1: of nil, or nowhere
  std::int32_t word = 0;
  std::int64_t offset = 0;
  Layout layout = {};
};
enum class GraphEventKind : std::uint8_t { kFinalized, kFreed };
struct GraphEvent {
  std::int32_t collection = 0;  // from 1
  GraphEventKind what = GraphEventKind::kFreed;
  std::int32_t object = 0;

  friend auto operator<=>(const GraphEvent&, const GraphEvent&) = default;
};
// In the order of collections, and else in no order.
std::vector<GraphEvent> RunGraph(std::span<const GraphStep> steps, std::int32_t slots);

enum class PoolOp : std::uint8_t { kPut, kGet, kCollect };
struct PoolStep {
  PoolOp op = PoolOp::kGet;
  std::int32_t worker = 0;  // the number of a P
  std::int64_t item = -1;   // of kPut, not negative
};
// A new pool, and so many Ps: what each kGet finds, in their order; -1: nothing.
std::vector<std::int64_t> UsePool(std::span<const PoolStep> steps, std::int32_t workers);

struct PacingInputs {
  std::uint64_t marked = 0;
  std::uint64_t stack_scan = 0;
  std::uint64_t globals_scan = 0;
  std::int32_t gc_percent = 100;
  std::uint64_t memory_limit = 0;  // below 2^63
  std::uint64_t mapped_ready = 0;  // not less than the next two
  std::uint64_t heap_free = 0;
  std::uint64_t heap_alloc = 0;
};
struct Pacing {
  PacingInputs in;
  std::uint64_t goal_of_percent = 0;
  std::uint64_t goal_of_limit = 0;
  std::uint64_t goal = 0;
  std::uint64_t trigger = 0;  // of Pace: the earliest that it may be
};
// After a sweep has ended, and before the trigger is reached.
std::vector<Pacing> Pace(std::span<const PacingInputs> cases);
// After a collection with an object of so many bytes; the goal is MemStats.NextGC.
Pacing PaceRuntime(std::int32_t gc_percent, std::uint64_t memory_limit, std::int64_t live);

std::ostream& operator<<(std::ostream& os, const Layout& layout);
std::ostream& operator<<(std::ostream& os, const GraphEvent& event);
std::ostream& operator<<(std::ostream& os, const PacingInputs& in);

}  // namespace slotproof::go

#endif  // SLOTPROOF_MODELS_GO_HEAP_ORACLE_H_
