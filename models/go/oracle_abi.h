// What the two halves of the oracle hand each other, whatever it is asked about; plain C, for cgo
// reads it too. slice_abi.h has what belongs to slices.
//
//   C++  --cases, room for as many results-->  Go (c-archive)  -->  the Go runtime
//        <--results filled in---------------
//
// Memory belongs to the C++ side; the Go side keeps no pointer to it.
#ifndef SLOTPROOF_MODELS_GO_ORACLE_ABI_H_
#define SLOTPROOF_MODELS_GO_ORACLE_ABI_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { kSlotproofGoDone, kSlotproofGoPanicked, kSlotproofGoDeclined };

enum {
  kSlotproofGoMessageRoom = 168,
  // The code of a panic that is not a bounds error.
  kSlotproofGoNoCode = -1
};

// How a case ended. Of the rest a panic sets all, a refusal the message, success nothing.
typedef struct {
  int64_t status;
  int64_t code, x, y;
  int64_t message_bytes;
  char message[kSlotproofGoMessageRoom];
} SlotproofGoOutcome;

// cgo declares the functions once more, without const, and the two must agree.
void SlotproofGoVersion(char* text, int64_t room);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // SLOTPROOF_MODELS_GO_ORACLE_ABI_H_
