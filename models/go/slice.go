// Slices: the capacity that append gives, rounding to size classes, slice expressions, make.
package main

// #include "slice_abi.h"
import "C"

import (
	"fmt"
	"math/bits"
	"reflect"
	"sync"
	"unsafe"
)

const (
	mostCells     = C.kSlotproofGoMostCells
	arrayCells    = C.kSlotproofGoArrayCells
	mostElemBytes = C.kSlotproofGoMostElemBytes

	// An allocation that can be had without thought.
	mostBytes = 256 << 20
	// What no allocation can be larger than; between the two the runtime would not panic but end
	// the process.
	addressBytes = 1 << 48
)

type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

//go:linkname growslice runtime.growslice
func growslice(elem unsafe.Pointer, old sliceHeader, need int) sliceHeader

//go:linkname roundupsize runtime.roundupsize
func roundupsize(size uintptr) uintptr

//export SlotproofGoRoundUp
func SlotproofGoRoundUp(sizes *C.uint64_t, count C.int64_t) {
	for i, size := range unsafe.Slice(sizes, int(count)) {
		unsafe.Slice(sizes, int(count))[i] = C.uint64_t(roundupsize(uintptr(size)))
	}
}

var (
	makeElemTypes sync.Once
	// By size: the runtime's type of an array of so many bytes, which has no pointers.
	elemTypes [mostElemBytes + 1]unsafe.Pointer
)

func elemTypeOf(bytes C.int64_t) unsafe.Pointer {
	makeElemTypes.Do(func() {
		for size := range elemTypes {
			array := reflect.ArrayOf(size, reflect.TypeOf(byte(0)))
			// The second word of an interface points to the value, here to the runtime's type.
			elemTypes[size] = (*[2]unsafe.Pointer)(unsafe.Pointer(&array))[1]
		}
	})
	return elemTypes[bytes]
}

// isTooLarge says whether so many elements are more than the oracle allocates and not so many that
// the runtime is sure to panic.
func isTooLarge(elemBytes, atLeast, atMost uint64) bool {
	high, low := bits.Mul64(elemBytes, atMost)
	if high == 0 && low <= mostBytes {
		return false
	}
	high, low = bits.Mul64(elemBytes, atLeast)
	return high == 0 && low <= addressBytes
}

func declineSize(count, elemBytes C.int64_t, result *C.SlotproofGoWindow) {
	decline(&result.outcome, fmt.Sprintf("%d elements of %d bytes might not fit into memory",
		count, elemBytes))
}

//export SlotproofGoAppend
func SlotproofGoAppend(cases *C.SlotproofGoAppendCase, results *C.SlotproofGoWindow,
	count C.int64_t) {
	into := unsafe.Slice(results, int(count))
	for i := range into {
		appendCase(&unsafe.Slice(cases, int(count))[i], &into[i])
	}
}

func appendCase(c *C.SlotproofGoAppendCase, result *C.SlotproofGoWindow) {
	if c.elem_bytes < 0 || c.elem_bytes > mostElemBytes || c.old_cap < 0 {
		decline(&result.outcome, fmt.Sprintf("elements of %d bytes, or a capacity of %d, cannot "+
			"be had", c.elem_bytes, c.old_cap))
		return
	}
	// A need below the old capacity panics before anything is allocated.
	need := uint64(c.need)
	if c.need >= c.old_cap && c.sure_of_panic == 0 &&
		isTooLarge(uint64(c.elem_bytes), need, need+need/2+512) {
		declineSize(c.need, c.elem_bytes, result)
		return
	}
	defer conclude(&result.outcome)
	// Without a length nothing is copied.
	grown := growslice(elemTypeOf(c.elem_bytes), sliceHeader{cap: int(c.old_cap)}, int(c.need))
	setWindow(result, grown, grown.data, 1)
}

//export SlotproofGoMake
func SlotproofGoMake(cases *C.SlotproofGoMakeCase, results *C.SlotproofGoWindow,
	count C.int64_t) {
	into := unsafe.Slice(results, int(count))
	for i := range into {
		makeCase(&unsafe.Slice(cases, int(count))[i], &into[i])
	}
}

func makeCase(c *C.SlotproofGoMakeCase, result *C.SlotproofGoWindow) {
	if 0 <= c.len && c.len <= c.cap &&
		isTooLarge(uint64(c.elem_bytes), uint64(c.cap), uint64(c.cap)) {
		declineSize(c.cap, c.elem_bytes, result)
		return
	}
	defer conclude(&result.outcome)
	switch c.elem_bytes {
	case 0:
		makeOf[struct{}](c, result)
	case 1:
		makeOf[byte](c, result)
	case 8:
		makeOf[uint64](c, result)
	case 24:
		makeOf[[3]uint64](c, result)
	case 4096:
		makeOf[[4096]byte](c, result)
	default:
		decline(&result.outcome, fmt.Sprintf("make knows elements of 0, 1, 8, 24 and 4096 bytes, "+
			"not %d", c.elem_bytes))
	}
}

func makeOf[T any](c *C.SlotproofGoMakeCase, result *C.SlotproofGoWindow) {
	made := make([]T, int(c.len), int(c.cap))
	header := *(*sliceHeader)(unsafe.Pointer(&made))
	setWindow(result, header, header.data, 1)
}

//export SlotproofGoEvaluate
func SlotproofGoEvaluate(cases *C.SlotproofGoExpression, results *C.SlotproofGoWindow,
	count C.int64_t) {
	into := unsafe.Slice(results, int(count))
	for i := range into {
		expressionCase(&unsafe.Slice(cases, int(count))[i], &into[i])
	}
}

var (
	cells [mostCells]uint64
	text  = string(make([]byte, mostCells))
)

func expressionCase(c *C.SlotproofGoExpression, result *C.SlotproofGoWindow) {
	hasSize := c.elem_bytes != 0
	switch {
	case c.len < 0 || c.len > c.cap || (hasSize && c.cap > mostCells):
		decline(&result.outcome, fmt.Sprintf("an operand of length %d and capacity %d "+
			"cannot be had", c.len, c.cap))
	case c.operand == C.kSlotproofGoNilSlice && c.cap == 0 && c.elem_bytes == 8:
		sliceCase[uint64](nil, 8, c, result)
	case c.operand == C.kSlotproofGoNilSlice && c.cap == 0 && !hasSize:
		sliceCase[struct{}](nil, 1, c, result)
	case c.operand == C.kSlotproofGoSlice && c.elem_bytes == 8:
		sliceCase(cells[:c.len:c.cap], 8, c, result)
	case c.operand == C.kSlotproofGoSlice && !hasSize:
		sliceCase(unsafe.Slice(new(struct{}), int(c.cap))[:c.len], 1, c, result)
	case c.operand == C.kSlotproofGoArrayPointer && c.elem_bytes == 8 && c.len == arrayCells &&
		c.cap == arrayCells:
		arrayCase((*[arrayCells]uint64)(cells[:]), c, result)
	case c.operand == C.kSlotproofGoString && c.elem_bytes == 1 && c.len == c.cap:
		stringCase(text[:c.len], c, result)
	default:
		decline(&result.outcome, fmt.Sprintf("there is no operand of kind %d with length %d, "+
			"capacity %d and elements of %d bytes", c.operand, c.len, c.cap, c.elem_bytes))
	}
}

func declineForm(c *C.SlotproofGoExpression, result *C.SlotproofGoWindow) {
	decline(&result.outcome, fmt.Sprintf("Go has no expression of form %d for an operand of kind %d",
		c.form, c.operand))
}

// sliceCase takes the stride for the offset: of elements without a size there is none, and 1 does.
func sliceCase[T any](s []T, stride uintptr, c *C.SlotproofGoExpression,
	result *C.SlotproofGoWindow) {
	defer conclude(&result.outcome)
	i, j, k := int(c.i), int(c.j), int(c.k)
	base := *(*sliceHeader)(unsafe.Pointer(&s))
	var window []T
	switch c.form {
	case C.kSlotproofGoIndex:
		setWindow(result, sliceHeader{unsafe.Pointer(&s[i]), 1, 1}, base.data, stride)
		return
	case C.kSlotproofGoToArray:
		if array, known := toArray(s, c.i); known {
			setWindow(result, sliceHeader{array, i, i}, base.data, stride)
		} else {
			decline(&result.outcome, fmt.Sprintf("the length of an array is a constant in Go, and %d is "+
				"not among those the oracle was compiled with", i))
		}
		return
	case C.kSlotproofGoLow:
		window = s[i:]
	case C.kSlotproofGoHigh:
		window = s[:j]
	case C.kSlotproofGoLowHigh:
		window = s[i:j]
	case C.kSlotproofGoHighMax:
		window = s[:j:k]
	case C.kSlotproofGoLowHighMax:
		window = s[i:j:k]
	default:
		declineForm(c, result)
		return
	}
	setWindow(result, *(*sliceHeader)(unsafe.Pointer(&window)), base.data, stride)
}

func toArray[T any](s []T, length C.int64_t) (array unsafe.Pointer, known bool) {
	switch length {
	case 0:
		return unsafe.Pointer((*[0]T)(s)), true
	case 1:
		return unsafe.Pointer((*[1]T)(s)), true
	case 2:
		return unsafe.Pointer((*[2]T)(s)), true
	case 3:
		return unsafe.Pointer((*[3]T)(s)), true
	case 4:
		return unsafe.Pointer((*[4]T)(s)), true
	case 5:
		return unsafe.Pointer((*[5]T)(s)), true
	case 6:
		return unsafe.Pointer((*[6]T)(s)), true
	case 1000:
		return unsafe.Pointer((*[1000]T)(s)), true
	case 1 << 40:
		return unsafe.Pointer((*[1 << 40]T)(s)), true
	}
	return nil, false
}

func arrayCase(a *[arrayCells]uint64, c *C.SlotproofGoExpression, result *C.SlotproofGoWindow) {
	defer conclude(&result.outcome)
	i, j, k := int(c.i), int(c.j), int(c.k)
	var window []uint64
	switch c.form {
	case C.kSlotproofGoIndex:
		setWindow(result, sliceHeader{unsafe.Pointer(&a[i]), 1, 1}, unsafe.Pointer(a), 8)
		return
	case C.kSlotproofGoLow:
		window = a[i:]
	case C.kSlotproofGoHigh:
		window = a[:j]
	case C.kSlotproofGoLowHigh:
		window = a[i:j]
	case C.kSlotproofGoHighMax:
		window = a[:j:k]
	case C.kSlotproofGoLowHighMax:
		window = a[i:j:k]
	default:
		declineForm(c, result)
		return
	}
	setWindow(result, *(*sliceHeader)(unsafe.Pointer(&window)), unsafe.Pointer(a), 8)
}

func stringCase(s string, c *C.SlotproofGoExpression, result *C.SlotproofGoWindow) {
	defer conclude(&result.outcome)
	i, j := int(c.i), int(c.j)
	base := *(*unsafe.Pointer)(unsafe.Pointer(&s))
	var window string
	switch c.form {
	case C.kSlotproofGoIndex:
		_ = s[i]
		setWindow(result, sliceHeader{unsafe.Add(base, i), 1, 1}, base, 1)
		return
	case C.kSlotproofGoLow:
		window = s[i:]
	case C.kSlotproofGoHigh:
		window = s[:j]
	case C.kSlotproofGoLowHigh:
		window = s[i:j]
	default:
		declineForm(c, result)
		return
	}
	data := *(*unsafe.Pointer)(unsafe.Pointer(&window))
	setWindow(result, sliceHeader{data, len(window), len(window)}, base, 1)
}

func setWindow(result *C.SlotproofGoWindow, window sliceHeader, base unsafe.Pointer,
	stride uintptr) {
	result.outcome.status = C.kSlotproofGoDone
	result.is_nil = 0
	if window.data == nil {
		result.is_nil = 1
	}
	result.offset = C.int64_t((uintptr(window.data) - uintptr(base)) / stride)
	result.len, result.cap = C.int64_t(window.len), C.int64_t(window.cap)
}
