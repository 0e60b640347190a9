// The Go runtime as an oracle: a C archive whose functions do in Go what the models and the code
// under test do in C++. This file has what all parts share; slice.go has the slices,
// heap.go, heap_graph.go and pacer.go have the heap.
//
// A call from C++ costs a microsecond or two, so each function takes a batch of cases.
package main

// #include "oracle_abi.h"
import "C"

import (
	"reflect"
	"runtime"
	"runtime/debug"
	"unsafe"
)

// Garbage is collected when this much is in use, rather than at each doubling of a tiny heap:
// append's cases leave behind nothing but garbage.
const heapBytes = 64 << 20

func init() {
	// Sampling would take stack traces in the middle of a batch, and draw random numbers.
	runtime.MemProfileRate = 0
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(heapBytes)
}

func main() {}

//export SlotproofGoVersion
func SlotproofGoVersion(text *C.char, room C.int64_t) {
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(text)), int(room))
	bytes[copy(bytes[:room-1], runtime.Version())] = 0
}

// conclude is deferred around a case, which has set its outcome unless the runtime panicked. Any
// other panic is a mistake of the oracle and goes on.
func conclude(outcome *C.SlotproofGoOutcome) {
	switch reason := recover().(type) {
	case nil:
	case runtime.Error:
		outcome.status = C.kSlotproofGoPanicked
		outcome.code, outcome.x, outcome.y = boundsOf(reason)
		setMessage(outcome, reason.Error())
	default:
		panic(reason)
	}
}

// boundsOf reads the fields of a runtime.boundsError.
func boundsOf(reason runtime.Error) (code, x, y C.int64_t) {
	fields := reflect.ValueOf(reason)
	if fields.Type().String() != "runtime.boundsError" {
		return C.kSlotproofGoNoCode, 0, 0
	}
	return C.int64_t(fields.FieldByName("code").Uint()), C.int64_t(fields.FieldByName("x").Int()),
		C.int64_t(fields.FieldByName("y").Int())
}

func decline(outcome *C.SlotproofGoOutcome, why string) {
	outcome.status = C.kSlotproofGoDeclined
	setMessage(outcome, why)
}

func setMessage(outcome *C.SlotproofGoOutcome, text string) {
	if len(text) > len(outcome.message) {
		panic("models/go: no room for this message, raise kSlotproofGoMessageRoom: " + text)
	}
	room := unsafe.Slice((*byte)(unsafe.Pointer(&outcome.message)), len(outcome.message))
	outcome.message_bytes = C.int64_t(copy(room, text))
}
