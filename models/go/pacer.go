// The pacer: a controller of our own that is given numbers, and the runtime's with its own.
package main

// #include "heap_abi.h"
import "C"

import (
	"runtime"
	"runtime/debug"
	"unsafe"
)

// runtime.gcControllerState, of which the names here are those of the runtime's.
type gcControllerState struct {
	gcPercent           int32
	_                   uint32
	memoryLimit         int64
	heapMinimum         uint64
	runway              uint64
	consMark            float64
	consMarkController  [7]float64
	_                   uint32
	gcPercentHeapGoal   uint64
	sweepDistMinTrigger uint64
	triggered           uint64
	lastHeapGoal        uint64
	heapLive            uint64
	heapScan            uint64
	lastHeapScan        uint64
	lastStackScan       uint64
	maxStackScan        uint64
	globalsScan         uint64
	heapMarked          uint64
	_                   [14]uint64 // of the marking that runs
	heapInUse           uint64
	heapReleased        uint64
	heapFree            uint64
	totalAlloc          uint64
	totalFree           uint64
	mappedReady         uint64
	test                bool
	_                   [64]byte
}

//go:linkname gcController runtime.gcController
var gcController gcControllerState

//go:linkname setGCPercent runtime.(*gcControllerState).setGCPercent
func setGCPercent(c *gcControllerState, percent int32) int32

//go:linkname setMemoryLimit runtime.(*gcControllerState).setMemoryLimit
func setMemoryLimit(c *gcControllerState, limit int64) int64

//go:linkname commit runtime.(*gcControllerState).commit
func commit(c *gcControllerState, isSweepDone bool)

//go:linkname memoryLimitHeapGoal runtime.(*gcControllerState).memoryLimitHeapGoal
func memoryLimitHeapGoal(c *gcControllerState) uint64

//go:linkname trigger runtime.(*gcControllerState).trigger
func trigger(c *gcControllerState) (trigger, goal uint64)

//export SlotproofGoPace
func SlotproofGoPace(cases *C.SlotproofGoPacing, count C.int64_t) {
	for i := range unsafe.Slice(cases, int(count)) {
		pacing := &unsafe.Slice(cases, int(count))[i]
		if pacing.heap_free+pacing.heap_alloc > pacing.mapped_ready {
			panic("models/go: the runtime waits for these numbers to change")
		}
		// A test's controller asks for no locks.
		c := gcControllerState{
			test:          true,
			triggered:     ^uint64(0),
			heapMarked:    uint64(pacing.marked),
			heapLive:      uint64(pacing.marked),
			lastStackScan: uint64(pacing.stack_scan),
			globalsScan:   uint64(pacing.globals_scan),
			mappedReady:   uint64(pacing.mapped_ready),
			heapFree:      uint64(pacing.heap_free),
			totalAlloc:    uint64(pacing.heap_alloc),
		}
		setGCPercent(&c, int32(pacing.gc_percent))
		setMemoryLimit(&c, int64(pacing.memory_limit))
		commit(&c, true)
		// So long a runway leads to the earliest trigger that there may be.
		c.runway = ^uint64(0)
		setAnswers(pacing, &c)
	}
}

func setAnswers(pacing *C.SlotproofGoPacing, c *gcControllerState) {
	pacing.goal_of_percent = C.uint64_t(c.gcPercentHeapGoal)
	pacing.goal_of_limit = C.uint64_t(memoryLimitHeapGoal(c))
	triggerAt, goal := trigger(c)
	pacing.trigger, pacing.goal = C.uint64_t(triggerAt), C.uint64_t(goal)
}

//export SlotproofGoPaceRuntime
func SlotproofGoPaceRuntime(percent C.int32_t, limit, live C.int64_t,
	pacing *C.SlotproofGoPacing) {
	alone(1, func() {
		kept := make([]byte, int(live))
		collect()
		// Not before: while a sweep is unfinished the goal is higher.
		defer debug.SetGCPercent(debug.SetGCPercent(int(percent)))
		debug.SetMemoryLimit(int64(limit))
		before := readController(&gcController)
		for {
			runtime.ReadMemStats(&memStats)
			*pacing = readController(&gcController)
			if *pacing == before {
				break
			}
			// The scavenger came between, or a cache was flushed.
			before = *pacing
		}
		setAnswers(pacing, &gcController)
		pacing.goal = C.uint64_t(memStats.NextGC)
		runtime.KeepAlive(kept)
	})
}

func readController(c *gcControllerState) C.SlotproofGoPacing {
	return C.SlotproofGoPacing{
		marked:       C.uint64_t(c.heapMarked),
		stack_scan:   C.uint64_t(c.lastStackScan),
		globals_scan: C.uint64_t(c.globalsScan),
		gc_percent:   C.int64_t(c.gcPercent),
		memory_limit: C.uint64_t(c.memoryLimit),
		mapped_ready: C.uint64_t(c.mappedReady),
		heap_free:    C.uint64_t(c.heapFree),
		heap_alloc:   C.uint64_t(c.totalAlloc - c.totalFree),
	}
}
