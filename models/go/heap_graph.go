// What collections do to a graph of objects: which are finalized, which are freed.
//
// The roots are one slice. Where an object lies is known as a number beside it, which keeps nothing
// alive; after a collection the bits of its span say whether it is still there.
package main

// #include "heap_abi.h"
import "C"

import (
	"runtime"
	"unsafe"
)

type root struct {
	pointer unsafe.Pointer
	object  int32
}

type graph struct {
	roots       []root
	addresses   []uintptr // 0: freed
	events      []C.SlotproofGoGraphEvent
	eventCount  int
	collections int32
}

//export SlotproofGoRunGraph
func SlotproofGoRunGraph(steps *C.SlotproofGoGraphStep, count C.int64_t, slots C.int32_t,
	events *C.SlotproofGoGraphEvent, room C.int64_t) C.int64_t {
	g := &graph{
		roots:  make([]root, int(slots)),
		events: unsafe.Slice(events, int(room)),
		// Has room for all, so that nothing but the graph's objects is allocated.
		addresses: make([]uintptr, 0, int(count)),
	}
	alone(1, func() {
		for i := range unsafe.Slice(steps, int(count)) {
			g.step(&unsafe.Slice(steps, int(count))[i])
		}
		g.end()
	})
	return C.int64_t(g.eventCount)
}

func (g *graph) step(step *C.SlotproofGoGraphStep) {
	if step.op == C.kSlotproofGoCollect {
		g.collect()
		return
	}
	at := &g.roots[step.slot]
	switch step.op {
	case C.kSlotproofGoNew:
		at.pointer = allocate(&step.layout)
		at.object = int32(len(g.addresses))
		g.addresses = append(g.addresses, uintptr(at.pointer))
		return
	case C.kSlotproofGoCopy:
		if from := g.roots[step.from]; from.pointer != nil {
			at.object = from.object
			at.pointer = unsafe.Add(g.base(from), int(step.offset))
		}
		return
	}
	if at.pointer == nil {
		return
	}
	switch step.op {
	case C.kSlotproofGoStore:
		word := (*unsafe.Pointer)(unsafe.Add(g.base(*at), 8*int(step.word)))
		if step.from < 0 {
			*word = nil
		} else if from := g.roots[step.from].pointer; from != nil {
			*word = from
		}
	case C.kSlotproofGoDrop:
		*at = root{}
	case C.kSlotproofGoFinalize:
		g.finalize(*at, int32(step.from))
	case C.kSlotproofGoForget:
		runtime.SetFinalizer((*byte)(g.base(*at)), nil)
	default:
		panic("models/go: a step of a graph that is unknown")
	}
}

// base is where the root's object begins.
func (g *graph) base(r root) unsafe.Pointer {
	return unsafe.Add(r.pointer, int(g.addresses[r.object])-int(uintptr(r.pointer)))
}

func (g *graph) finalize(r root, into int32) {
	object := r.object
	base := (*byte)(g.base(r))
	// A second one would be fatal.
	runtime.SetFinalizer(base, nil)
	runtime.SetFinalizer(base, func(p *byte) {
		g.report(C.kSlotproofGoFinalized, object)
		if into >= 0 {
			g.roots[into] = root{pointer: unsafe.Pointer(p), object: object}
		}
	})
}

func (g *graph) collect() {
	g.collections++
	collect()
	for object, address := range g.addresses {
		if address != 0 && isFree(address) {
			g.addresses[object] = 0
			g.report(C.kSlotproofGoFreed, int32(object))
		}
	}
}

func (g *graph) report(what, object int32) {
	g.events[g.eventCount] = C.SlotproofGoGraphEvent{
		collection: C.int32_t(g.collections), what: C.int32_t(what), object: C.int32_t(object),
	}
	g.eventCount++
}

// end leaves no finalizer behind that later batches would meet.
func (g *graph) end() {
	for _, address := range g.addresses {
		if address != 0 {
			runtime.SetFinalizer((*byte)(unsafe.Pointer(address)), nil)
		}
	}
	for i := range g.roots {
		g.roots[i] = root{}
	}
}
