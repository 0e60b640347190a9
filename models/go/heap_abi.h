// What the two halves of the heap oracle hand each other, in the manner of oracle_abi.h.
#ifndef SLOTPROOF_MODELS_GO_HEAP_ABI_H_
#define SLOTPROOF_MODELS_GO_HEAP_ABI_H_

#include <stdint.h>

// Not by its path from the root: cgo compiles a flat folder.
#include "oracle_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

// The classes that runtime.MemStats counts one by one.
enum { kSlotproofGoStatClasses = 61 };

// `count` neighbours of `bytes` each. Bit i of the map: word i of each is a pointer.
typedef struct {
  int64_t bytes, count;
  uint64_t pointer_map;
} SlotproofGoLayout;

// An object, and the span that it is cut from.
typedef struct {
  uint64_t address;
  int64_t object_bytes, size_class, has_pointers;
  int64_t span_pages, span_objects;
} SlotproofGoBlock;

// Of runtime.MemStats.
typedef struct {
  uint64_t mallocs, frees, heap_objects, heap_alloc, total_alloc, num_gc, num_forced_gc;
  uint64_t class_mallocs[kSlotproofGoStatClasses], class_frees[kSlotproofGoStatClasses];
} SlotproofGoMemStats;

enum {
  kSlotproofGoNew,       // slot = new object; numbered as they come, from 0
  kSlotproofGoStore,     // word of the object that the slot leads to = from
  kSlotproofGoCopy,      // slot = from's object + offset
  kSlotproofGoDrop,      // slot = nil
  kSlotproofGoFinalize,  // SetFinalizer; it stores the object into `from`, or nowhere
  kSlotproofGoForget,    // SetFinalizer(nil)
  kSlotproofGoCollect    // runtime.GC, then all finalizers that are due
};

// A step whose slot, or from, is nil is skipped. To store from slot -1 is to store nil.
typedef struct {
  int32_t op, slot, from, word;
  int64_t offset;
  SlotproofGoLayout layout;
} SlotproofGoGraphStep;

enum { kSlotproofGoFinalized, kSlotproofGoFreed };

typedef struct {
  int32_t collection, what, object;
} SlotproofGoGraphEvent;

enum { kSlotproofGoPut, kSlotproofGoGet, kSlotproofGoCollectPool };

// What a Get finds is filled in, -1 for nothing. A worker is a P.
typedef struct {
  int32_t op, worker;
  int64_t item;
} SlotproofGoPoolStep;

// What gcControllerState has, and what it answers.
typedef struct {
  uint64_t marked, stack_scan, globals_scan;
  int64_t gc_percent;
  uint64_t memory_limit, mapped_ready, heap_free, heap_alloc;
  uint64_t goal_of_percent, goal_of_limit, goal, trigger;
} SlotproofGoPacing;

void SlotproofGoAllocate(SlotproofGoLayout* layouts, SlotproofGoBlock* blocks, int64_t count);
// Five statistics: before, after the allocations; before they are done again, after a collection
// that frees those that are not kept, after one that frees all.
void SlotproofGoCount(SlotproofGoLayout* layouts, int8_t* kept, int64_t count,
                      SlotproofGoMemStats* stats);
// How many events there were; there must be room.
int64_t SlotproofGoRunGraph(SlotproofGoGraphStep* steps, int64_t count, int32_t slots,
                            SlotproofGoGraphEvent* events, int64_t room);
void SlotproofGoUsePool(SlotproofGoPoolStep* steps, int64_t count, int32_t workers);
void SlotproofGoPace(SlotproofGoPacing* cases, int64_t count);
// The runtime's own pacer after a collection of `live` bytes; all of it is filled in.
void SlotproofGoPaceRuntime(int32_t gc_percent, int64_t memory_limit, int64_t live,
                            SlotproofGoPacing* pacing);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // SLOTPROOF_MODELS_GO_HEAP_ABI_H_
