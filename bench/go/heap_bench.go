// Go's heap on the work of heap_bench.cc: the same objects, graphs and checksums.
//
//	heap_bench alloc LEAST_OBJECTS
//	heap_bench mark BYTES CYCLES
//
// One processor, so that all that the collector does is in the time; GOGC=100. Garbage of earlier
// work is collected before each measurement.
package main

import (
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
	"unsafe"
)

const (
	mostBytes = 1 << 30
	ringBytes = 8 << 20
	mixedRing = 1 << 14
)

func report(name string, count uint64, took time.Duration, sum uint64) {
	fmt.Printf("RESULT %s %d %.9f %d\n", name, count, took.Seconds(), sum)
}

type pair struct {
	p unsafe.Pointer
	v uint64
}

var (
	anchor unsafe.Pointer = unsafe.Pointer(new(pair))
	last   unsafe.Pointer
	ring   []unsafe.Pointer
)

func made[T any](pointers bool, i uint64) unsafe.Pointer {
	object := unsafe.Pointer(new(T))
	if pointers {
		*(*unsafe.Pointer)(object) = anchor
	} else {
		*(*uint64)(object) = i
	}
	return object
}

func nameOf(caseName string, bytes uint64, pointers bool) string {
	kind := "bytes"
	if pointers {
		kind = "pointers"
	}
	return fmt.Sprintf("%s/%s/%d", caseName, kind, bytes)
}

func runGarbage[T any](pointers bool, times uint64) (sum uint64) {
	for i := uint64(0); i < times; i++ {
		object := made[T](pointers, i)
		last = object
		if pointers {
			sum++
		} else {
			sum += *(*uint64)(object)
		}
	}
	return sum
}

func benchGarbage[T any](bytes uint64, pointers bool, count uint64) {
	runGarbage[T](pointers, count/4)
	runtime.GC()
	start := time.Now()
	sum := runGarbage[T](pointers, count)
	report(nameOf("garbage", bytes, pointers), count, time.Since(start), sum)
	last = nil
}

func runRing[T any](pointers bool, times uint64, slot int) int {
	for i := uint64(0); i < times; i++ {
		ring[slot] = made[T](pointers, i)
		slot++
		if slot == len(ring) {
			slot = 0
		}
	}
	return slot
}

func benchRing[T any](bytes uint64, pointers bool, count uint64) {
	slots := uint64(ringBytes) / bytes
	if slots > count {
		slots = count
	}
	ring = make([]unsafe.Pointer, slots)
	slot := runRing[T](pointers, slots, 0)
	runtime.GC()
	start := time.Now()
	runRing[T](pointers, count, slot)
	took := time.Since(start)
	sum := uint64(0)
	for _, object := range ring {
		if !pointers {
			sum += *(*uint64)(object)
		} else if *(*unsafe.Pointer)(object) == anchor {
			sum++
		}
	}
	report(nameOf("ring", bytes, pointers), count, took, sum)
	ring = nil
}

func benchSize[T any](pointers bool, leastObjects uint64) {
	var t T
	bytes := uint64(unsafe.Sizeof(t))
	count := leastObjects
	if count > mostBytes/bytes {
		count = mostBytes / bytes
	}
	benchGarbage[T](bytes, pointers, count)
	benchRing[T](bytes, pointers, count)
}

func mixedSizes() []uint32 {
	sizes := make([]uint32, 1<<16)
	for i := range sizes {
		random := splitMix(uint64(i))
		shift := 1 + bits.TrailingZeros64(random)
		if shift > 15 {
			shift = 15
		}
		most := uint64(1) << shift
		sizes[i] = uint32(most - (random>>32)%(most/2))
	}
	return sizes
}

func runMixed(sizes []uint32, times uint64) (bytes uint64) {
	for i := uint64(0); i < times; i++ {
		size := sizes[i%uint64(len(sizes))]
		var object unsafe.Pointer
		if i%2 == 0 {
			made := make([]byte, size)
			made[0] = byte(i)
			object = unsafe.Pointer(&made[0])
		} else {
			made := make([]pair, (size+15)/16)
			made[0].p = anchor
			object = unsafe.Pointer(&made[0])
		}
		bytes += uint64(size)
		if i/2%4 == 0 {
			ring[i/8*2%mixedRing+i%2] = object
		} else {
			last = object
		}
	}
	return bytes
}

func benchMixed(count uint64) {
	sizes := mixedSizes()
	ring = make([]unsafe.Pointer, mixedRing)
	runMixed(sizes, count/4)
	runtime.GC()
	start := time.Now()
	bytes := runMixed(sizes, count)
	report("mixed", count, time.Since(start), bytes)
	ring, last = nil, nil
}

func benchAlloc(n uint64) {
	benchSize[uint64](false, n)
	benchSize[[2]uint64](false, n)
	benchSize[[4]uint64](false, n)
	benchSize[[8]uint64](false, n)
	benchSize[[16]uint64](false, n)
	benchSize[[128]uint64](false, n)
	benchSize[[1024]uint64](false, n)
	benchSize[[4096]uint64](false, n)
	benchSize[unsafe.Pointer](true, n)
	benchSize[pair](true, n)
	benchSize[[2]pair](true, n)
	benchSize[[4]pair](true, n)
	benchSize[[8]pair](true, n)
	benchSize[[64]pair](true, n)
	benchSize[[512]pair](true, n)
	benchSize[[2048]pair](true, n)
	benchMixed(n)
}

type node struct {
	next  *node
	value uint64
}

type treeNode struct {
	left, right  *treeNode
	value, other uint64
}

type graph struct {
	objects, bytes, sum uint64
	root                any
}

func buildList(bytes uint64) graph {
	nodes := bytes / 16
	var first, last *node
	for i := uint64(0); i < nodes; i++ {
		n := &node{value: i}
		if last == nil {
			first = n
		} else {
			last.next = n
		}
		last = n
	}
	g := graph{objects: nodes, bytes: nodes * 16, root: first}
	for n := first; n != nil; n = n.next {
		g.sum += n.value
	}
	return g
}

var nextValue uint64

func (n *treeNode) grow(depth int) {
	n.value = nextValue
	nextValue++
	if depth == 0 {
		return
	}
	n.left = new(treeNode)
	n.left.grow(depth - 1)
	n.right = new(treeNode)
	n.right.grow(depth - 1)
}

func (n *treeNode) sum() uint64 {
	if n == nil {
		return 0
	}
	return n.value + n.left.sum() + n.right.sum()
}

func buildTree(bytes uint64) graph {
	depth := 0
	for (uint64(4)<<depth)*32 <= bytes+32 {
		depth++
	}
	nextValue = 0
	root := new(treeNode)
	root.grow(depth)
	objects := uint64(2)<<depth - 1
	return graph{objects: objects, bytes: objects * 32, sum: root.sum(), root: root}
}

func buildArray(bytes uint64, shuffled bool) graph {
	items := bytes / 24
	slots := make([]*node, items)
	for i := range slots {
		slots[i] = &node{value: uint64(i)}
	}
	if shuffled {
		for i := items - 1; i > 0; i-- {
			j := splitMix(i) % (i + 1)
			slots[i], slots[j] = slots[j], slots[i]
		}
	}
	g := graph{objects: items + 1, bytes: items * 24, root: slots}
	for _, n := range slots {
		g.sum += n.value
	}
	return g
}

func buildMap(bytes uint64) graph {
	items := bytes / 32
	nodes := map[*node]*node{}
	for i := uint64(0); i < items; i++ {
		n := &node{value: i}
		nodes[n] = n
	}
	g := graph{objects: items, bytes: items * 32, root: nodes}
	for _, n := range nodes {
		g.sum += n.value
	}
	return g
}

func benchMark(name string, cycles uint64, build func() graph) {
	g := build()
	runtime.GC()
	start := time.Now()
	for cycle := uint64(0); cycle < cycles; cycle++ {
		runtime.GC()
	}
	took := time.Since(start)
	report(name+"/objects", cycles*g.objects, took, g.sum)
	report(name+"/bytes", cycles*g.bytes, took, g.sum)
	// The longest time that all stood still, of the cycles just seen.
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	longest := time.Duration(0)
	for cycle := uint64(0); cycle < cycles && cycle < uint64(len(stats.Pause)); cycle++ {
		if stats.Pause[cycle] > longest {
			longest = stats.Pause[cycle]
		}
	}
	report(name+"/pause", 1, longest, 0)
	runtime.KeepAlive(g.root)
}

func benchMarks(bytes, cycles uint64) {
	benchMark("list", cycles, func() graph { return buildList(bytes) })
	benchMark("tree", cycles, func() graph { return buildTree(bytes) })
	benchMark("array", cycles, func() graph { return buildArray(bytes, false) })
	benchMark("shuffled", cycles, func() graph { return buildArray(bytes, true) })
	benchMark("map", cycles, func() graph { return buildMap(bytes) })
}

func main() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(100)
	var numbers []uint64
	for i := 2; i < len(os.Args); i++ {
		number, _ := strconv.ParseUint(os.Args[i], 10, 64)
		numbers = append(numbers, number)
	}
	switch {
	case len(numbers) == 1 && numbers[0] >= 40 && os.Args[1] == "alloc":
		benchAlloc(numbers[0])
	case len(numbers) == 2 && numbers[0] >= 40 && numbers[1] > 0 && os.Args[1] == "mark":
		benchMarks(numbers[0], numbers[1])
	default:
		fmt.Fprintln(os.Stderr, "usage: heap_bench alloc LEAST_OBJECTS | mark BYTES CYCLES")
		os.Exit(2)
	}
}
