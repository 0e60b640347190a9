// Go's heap on the work of pauses_bench.cc: the same trees, the same operations, the same results.
//
//	pauses_bench BYTES MUTATORS CYCLES QUIET_MS
//
// A goroutine has one cycle after the other (runtime.GC); GOGC=100, so that the pacer begins none by
// itself, as long as little is allocated in one of them. The collector is off in the quiet time. All
// processors. How long stops are, the runtime tells in buckets, a sixteenth wide: it is their ends.
package main

import (
	"fmt"
	"math/bits"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// As bench/durations.h has them.
type durations struct {
	buckets        [16 * 61]uint64
	count, longest uint64
}

func bucketOf(ns uint64) uint64 {
	if ns < 16 {
		return ns
	}
	exponent := bits.Len64(ns) - 5
	return uint64(exponent)*16 + ns>>exponent
}

func endOf(bucket uint64) uint64 {
	if bucket < 16 {
		return bucket
	}
	return (bucket%16+17)<<(bucket/16-1) - 1
}

func (d *durations) add(ns uint64) {
	d.buckets[bucketOf(ns)]++
	d.count++
	if ns > d.longest {
		d.longest = ns
	}
}

func (d *durations) addAll(others *durations) {
	for i, count := range others.buckets {
		d.buckets[i] += count
	}
	d.count += others.count
	if others.longest > d.longest {
		d.longest = others.longest
	}
}

func (d *durations) quantile(share float64) uint64 {
	left := uint64(share * float64(d.count))
	for i, count := range d.buckets {
		if left < count {
			if end := endOf(uint64(i)); end < d.longest {
				return end
			}
			break
		}
		left -= count
	}
	return d.longest
}

const garbage = 4

type node struct {
	left, right  *node
	value, other uint64
}

var (
	roots []*node
	// What an operation allocates and does not keep.
	lasts []*[16]*node // each one's is another cache line
)

func (n *node) grow(depth int, nextValue *uint64) {
	n.value = *nextValue
	*nextValue++
	if depth == 0 {
		return
	}
	n.left = new(node)
	n.left.grow(depth-1, nextValue)
	n.right = new(node)
	n.right.grow(depth-1, nextValue)
}

func (n *node) all() (count, sum uint64) {
	if n == nil {
		return 0, 0
	}
	leftCount, leftSum := n.left.all()
	rightCount, rightSum := n.right.all()
	return leftCount + rightCount + 1, leftSum + rightSum + n.value
}

func allNodes() (count, sum uint64) {
	for _, root := range roots {
		ofTree, sumOfTree := root.all()
		count += ofTree
		sum += sumOfTree
	}
	return count, sum
}

const (
	quietPhase = iota
	collectingPhase
	over
)

type worker struct {
	number  int
	depth   int
	numbers uint64
	phases  [over]durations
}

func (w *worker) operate() {
	random := splitMix(w.numbers)
	w.numbers++
	for i := 0; i < garbage; i++ {
		lasts[w.number][0] = new(node)
	}
	leaf := new(node)
	swapped := int((random >> 32) % uint64(w.depth))
	n := roots[w.number]
	for level := 0; level < w.depth; level++ {
		if level == swapped {
			n.left, n.right = n.right, n.left
		}
		child := &n.right
		if random&1 != 0 {
			child = &n.left
		}
		next := *child
		if level == w.depth-1 {
			leaf.value = next.value
			*child = leaf
		}
		n = next
		random = random>>1 | random<<63
	}
}

func (w *worker) run(phase *int32) {
	last := time.Now()
	for {
		now := atomic.LoadInt32(phase)
		if now == over {
			return
		}
		w.operate()
		ended := time.Now()
		w.phases[now].add(uint64(ended.Sub(last)))
		last = ended
	}
}

func pauses() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/gc/pauses:seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64Histogram()
}

// Those since then: how many, the middle one, the longest.
func pausesSince(before *metrics.Float64Histogram) (count uint64, median, longest float64) {
	after := pauses()
	for i := range after.Counts {
		after.Counts[i] -= before.Counts[i]
		count += after.Counts[i]
	}
	seen := uint64(0)
	for i, here := range after.Counts {
		if here == 0 {
			continue
		}
		longest = after.Buckets[i+1]
		if seen <= count/2 {
			median = longest
		}
		seen += here
	}
	return count, median, longest
}

func report(name string, count uint64, seconds float64, sum uint64) {
	fmt.Printf("RESULT %s %d %.9f %d\n", name, count, seconds, sum)
}

func reportOperations(phase string, d *durations, took time.Duration) {
	report(phase+"operations", d.count, took.Seconds(), 0)
	report(phase+"operation_rare", 1, float64(d.quantile(0.9999))*1e-9, 0)
	report(phase+"operation_longest", 1, float64(d.longest)*1e-9, 0)
}

func bench(bytes uint64, mutators int, cycles uint64, quiet time.Duration) {
	depth := 1
	for (uint64(4)<<depth)*32*uint64(mutators) <= bytes {
		depth++
	}
	roots = make([]*node, mutators)
	var grown, ended sync.WaitGroup
	var phase int32
	begin := make(chan struct{})
	workers := make([]*worker, mutators)
	for number := range workers {
		workers[number] = &worker{number: number, depth: depth, numbers: uint64(number) << 40}
		lasts = append(lasts, new([16]*node))
	}
	for _, w := range workers {
		grown.Add(1)
		ended.Add(1)
		go func(w *worker) {
			root := new(node)
			roots[w.number] = root
			nextValue := uint64(0)
			root.grow(w.depth, &nextValue)
			grown.Done()
			<-begin
			w.run(&phase)
			ended.Done()
		}(w)
	}
	grown.Wait()
	nodes, sum := allNodes()
	runtime.GC()
	debug.SetGCPercent(-1)
	close(begin)
	time.Sleep(quiet)
	stops := pauses()
	debug.SetGCPercent(100)
	atomic.StoreInt32(&phase, collectingPhase)
	start := time.Now()
	for cycle := uint64(0); cycle < cycles; cycle++ {
		runtime.GC()
	}
	took := time.Since(start)
	atomic.StoreInt32(&phase, over)
	ended.Wait()
	count, median, longest := pausesSince(stops)
	kept, keptSum := allNodes()

	report("cycles", cycles, took.Seconds(), 0)
	report("stop_median", count, median, 0)
	report("stop_longest", 1, longest, 0)
	var all [over]durations
	for _, w := range workers {
		for phase := range all {
			all[phase].addAll(&w.phases[phase])
		}
	}
	reportOperations("", &all[collectingPhase], took)
	reportOperations("quiet_", &all[quietPhase], quiet)
	report("refused", 0, 0, 0)
	report("nodes", nodes, 0, sum)
	report("kept", kept, 0, keptSum)
}

func main() {
	if len(os.Args) == 5 {
		bytes, _ := strconv.ParseUint(os.Args[1], 10, 64)
		mutators, _ := strconv.Atoi(os.Args[2])
		cycles, _ := strconv.ParseUint(os.Args[3], 10, 64)
		quiet, _ := strconv.Atoi(os.Args[4])
		if mutators > 0 && cycles > 0 && bytes >= uint64(mutators)*1024 {
			bench(bytes, mutators, cycles, time.Duration(quiet)*time.Millisecond)
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: pauses_bench BYTES MUTATORS CYCLES QUIET_MS")
	os.Exit(2)
}
