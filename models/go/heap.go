// The heap: where and in which size objects are allocated, what MemStats counts, what a pool holds.
// heap_graph.go has what collections free, pacer.go when they begin.
package main

// #include "heap_abi.h"
import "C"

import (
	"math/bits"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Garbage of a batch is collected when there is this much of it. Shorter batches are not disturbed.
const mostGarbage = 32 << 20

//go:linkname mallocgc runtime.mallocgc
func mallocgc(bytes uintptr, elem *elemType, zeroed bool) unsafe.Pointer

//go:linkname spanOf runtime.spanOf
func spanOf(address uintptr) *mspan

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

//go:linkname osyield runtime.osyield
func osyield()

// runtime._type, of which an allocation reads sizes and pointer bits alone.
type elemType struct {
	bytes        uintptr
	pointerBytes uintptr // up to the last pointer
	hash         uint32
	flags        uint8
	align        uint8
	fieldAlign   uint8
	kind         uint8
	equal        func(unsafe.Pointer, unsafe.Pointer) bool
	pointerMap   *byte
	name         int32
	pointerType  int32
}

// runtime.mspan.
type mspan struct {
	next, prev            *mspan
	list                  unsafe.Pointer
	start                 uintptr
	pages                 uintptr
	manualFree            uintptr
	freeIndex             uintptr
	objects               uintptr
	allocCache            uint64
	allocBits, markBits   unsafe.Pointer
	sweepGeneration       uint32
	reciprocal            uint32
	allocated             uint16
	class                 uint8 // the size class, and a last bit for "no pointers"
	state                 uint8
	needsZero             uint8
	allocatedBeforeCached uint16
	objectBytes           uintptr
	limit                 uintptr
	specialLock           uintptr
	specials              unsafe.Pointer
	freeIndexForScan      uintptr
}

const spanInUse = 1

var (
	heapBatch sync.Mutex
	// How many Ps there are since the last batch.
	processorsReady int
)

// alone runs a batch that counts or collects, with nothing else on the heap: no collection but those
// of the batch, and one P unless more are asked for. So many are left, as the runtime allocates when
// Ps come and go.
func alone(processors int, batch func()) {
	heapBatch.Lock()
	defer heapBatch.Unlock()
	if processorsReady != processors {
		processorsReady = processors
		runtime.GOMAXPROCS(processors)
		makeRoomForTimers()
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1<<63 - 1))
	// A goroutine that C has called keeps its thread, so that each switch to another would take one
	// of the system's.
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		defer done.Done()
		// What finalizers of earlier batches kept goes with the second.
		collect()
		collect()
		batch()
	}()
	done.Wait()
	// It is allocated, too, and is not to be freed in the middle of itself.
	runtime.KeepAlive(batch)
}

// makeRoomForTimers lets the P's list of timers grow now, rather than when the scavenger first sleeps.
func makeRoomForTimers() {
	for i := 0; i < 8; i++ {
		defer time.NewTimer(time.Hour).Stop()
	}
}

// collect returns when all finalizers that are due have run.
func collect() {
	startFinalizers.Do(func() { runtime.SetFinalizer(new([64]byte), func(*[64]byte) {}) })
	runtime.GC()
	for finq != nil || !fingwait {
		runtime.Gosched()
	}
}

// The goroutine that runs them is there once an object had one, and waits once one has run.
var startFinalizers sync.Once

//go:linkname finq runtime.finq
var finq unsafe.Pointer

//go:linkname fingwait runtime.fingwait
var fingwait bool

// Of what is being allocated; not allocated itself.
var elemToAllocate elemType

// allocate is new of the layout's array.
func allocate(layout *C.SlotproofGoLayout) unsafe.Pointer {
	bytes := uintptr(layout.bytes * layout.count)
	if layout.pointer_map == 0 {
		return mallocgc(bytes, nil, true)
	}
	elemToAllocate = elemType{
		bytes:        uintptr(layout.bytes),
		pointerBytes: uintptr(8 * bits.Len64(uint64(layout.pointer_map))),
		pointerMap:   (*byte)(unsafe.Pointer(&layout.pointer_map)),
	}
	return mallocgc(bytes, &elemToAllocate, true)
}

//export SlotproofGoAllocate
func SlotproofGoAllocate(layouts *C.SlotproofGoLayout, blocks *C.SlotproofGoBlock,
	count C.int64_t) {
	alone(1, func() {
		garbage := C.int64_t(0)
		procPin()
		for i := range unsafe.Slice(layouts, int(count)) {
			layout := &unsafe.Slice(layouts, int(count))[i]
			block := &unsafe.Slice(blocks, int(count))[i]
			setBlock(block, uintptr(allocate(layout)))
			if garbage += block.object_bytes; garbage > mostGarbage {
				garbage = 0
				procUnpin()
				collect()
				procPin()
			}
		}
		procUnpin()
	})
}

func setBlock(block *C.SlotproofGoBlock, address uintptr) {
	span := spanOf(address)
	if span == nil || span.state != spanInUse {
		panic("models/go: an object that is in no span")
	}
	block.address = C.uint64_t(address)
	block.object_bytes = C.int64_t(span.objectBytes)
	block.size_class = C.int64_t(span.class >> 1)
	block.has_pointers = C.int64_t(1 - span.class&1)
	block.span_pages = C.int64_t(span.pages)
	block.span_objects = C.int64_t(span.objects)
}

// isFree says whether what was an object is free, after a collection that swept all.
func isFree(address uintptr) bool {
	span := spanOf(address)
	if span == nil || span.state != spanInUse || address < span.start || address >= span.limit {
		return true
	}
	index := (address - span.start) / span.objectBytes
	if index < span.freeIndexForScan {
		return false
	}
	bits := *(*byte)(unsafe.Add(span.allocBits, index/8))
	return bits>>(index%8)&1 == 0
}

//export SlotproofGoCount
func SlotproofGoCount(layouts *C.SlotproofGoLayout, kept *C.int8_t, count C.int64_t,
	stats *C.SlotproofGoMemStats) {
	alone(1, func() {
		into := unsafe.Slice(stats, 5)
		objects := make([]unsafe.Pointer, int(count))
		allocateAll := func() {
			procPin()
			for i := range objects {
				objects[i] = allocate(&unsafe.Slice(layouts, int(count))[i])
			}
			procUnpin()
		}
		drop := func(all bool) {
			for i := range objects {
				if all || unsafe.Slice(kept, int(count))[i] == 0 {
					objects[i] = nil
				}
			}
			collect()
		}
		readStats(&into[0])
		allocateAll()
		readStats(&into[1])
		drop(true)
		// ReadMemStats has given back what the P had cached, also the block for tiny objects, which a
		// collection would have kept. So all is done once more, and the collection comes before it.
		readStats(&into[2])
		allocateAll()
		drop(false)
		readStats(&into[3])
		drop(true)
		readStats(&into[4])
		runtime.KeepAlive(objects)
	})
}

var memStats runtime.MemStats

func readStats(into *C.SlotproofGoMemStats) {
	runtime.ReadMemStats(&memStats)
	into.mallocs, into.frees = C.uint64_t(memStats.Mallocs), C.uint64_t(memStats.Frees)
	into.heap_objects = C.uint64_t(memStats.HeapObjects)
	into.heap_alloc = C.uint64_t(memStats.HeapAlloc)
	into.total_alloc = C.uint64_t(memStats.TotalAlloc)
	into.num_gc = C.uint64_t(memStats.NumGC)
	into.num_forced_gc = C.uint64_t(memStats.NumForcedGC)
	for i := range memStats.BySize {
		into.class_mallocs[i] = C.uint64_t(memStats.BySize[i].Mallocs)
		into.class_frees[i] = C.uint64_t(memStats.BySize[i].Frees)
	}
}

//export SlotproofGoUsePool
func SlotproofGoUsePool(steps *C.SlotproofGoPoolStep, count C.int64_t, workers C.int32_t) {
	rest := unsafe.Slice(steps, int(count))
	alone(int(workers), func() {
		pool := new(sync.Pool)
		for len(rest) != 0 {
			until := 0
			for until < len(rest) && rest[until].op != C.kSlotproofGoCollectPool {
				until++
			}
			usePool(pool, rest[:until], int(workers))
			if until < len(rest) {
				collect()
				until++
			}
			rest = rest[until:]
		}
	})
}

// usePool has a goroutine pinned to each P, and each does the steps of its P in its turn.
func usePool(pool *sync.Pool, steps []C.SlotproofGoPoolStep, workers int) {
	var done sync.WaitGroup
	var arrived, next atomic.Int64
	done.Add(workers)
	for i := 0; i < workers; i++ {
		go func() {
			defer done.Done()
			worker := procPin()
			defer procUnpin()
			arrived.Add(1)
			for arrived.Load() < int64(workers) {
				osyield()
			}
			for at := 0; at < len(steps); at = int(next.Load()) {
				if int(steps[at].worker) != worker {
					osyield()
					continue
				}
				stepOfPool(pool, &steps[at])
				next.Add(1)
			}
		}()
	}
	done.Wait()
}

func stepOfPool(pool *sync.Pool, step *C.SlotproofGoPoolStep) {
	if step.op == C.kSlotproofGoPut {
		item := int64(step.item)
		pool.Put(&item)
		return
	}
	step.item = -1
	if item, found := pool.Get().(*int64); found {
		step.item = C.int64_t(*item)
	}
}
