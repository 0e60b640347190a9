// What the two halves of the slice oracle hand each other, in the manner of oracle_abi.h.
#ifndef SLOTPROOF_MODELS_GO_SLICE_ABI_H_
#define SLOTPROOF_MODELS_GO_SLICE_ABI_H_

#include <stdint.h>

// Not by its path from the root: cgo compiles a flat folder.
#include "oracle_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { kSlotproofGoSlice, kSlotproofGoNilSlice, kSlotproofGoArrayPointer, kSlotproofGoString };

enum {
  kSlotproofGoIndex,       // s[i]
  kSlotproofGoLow,         // s[i:]
  kSlotproofGoHigh,        // s[:j]
  kSlotproofGoLowHigh,     // s[i:j]
  kSlotproofGoHighMax,     // s[:j:k]
  kSlotproofGoLowHighMax,  // s[i:j:k]
  kSlotproofGoToArray      // (*[i]T)(s)
};

enum {
  // Cells (or bytes of text) that stand behind an operand whose elements have a size.
  kSlotproofGoMostCells = 4096,
  kSlotproofGoArrayCells = 4,
  kSlotproofGoMostElemBytes = 4096
};

typedef struct {
  int64_t elem_bytes, old_cap, need;
  int64_t sure_of_panic;
} SlotproofGoAppendCase;

typedef struct {
  int64_t elem_bytes, len, cap;
} SlotproofGoMakeCase;

typedef struct {
  int32_t operand, form;
  int64_t elem_bytes, len, cap;
  int64_t i, j, k;
} SlotproofGoExpression;

// The window is set if the outcome is kSlotproofGoDone. It comes first: successes then touch one
// cache line.
typedef struct {
  int64_t is_nil, offset, len, cap;
  SlotproofGoOutcome outcome;
} SlotproofGoWindow;

void SlotproofGoRoundUp(uint64_t* sizes, int64_t count);
void SlotproofGoAppend(SlotproofGoAppendCase* cases, SlotproofGoWindow* results, int64_t count);
void SlotproofGoMake(SlotproofGoMakeCase* cases, SlotproofGoWindow* results, int64_t count);
void SlotproofGoEvaluate(SlotproofGoExpression* cases, SlotproofGoWindow* results, int64_t count);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // SLOTPROOF_MODELS_GO_SLICE_ABI_H_
