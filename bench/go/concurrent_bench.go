// Go's sync.Map on the work of concurrent_bench.cc: the same keys, the same random numbers, the same
// checksums.
//
//	concurrent_bench LOAD THREADS OPERATIONS
//
// As many processors as threads; the collector has its default settings. Garbage of the preparations
// is collected before the measurement.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const (
	keys      = 65536
	perThread = 1 << 40
)

type worker struct {
	m                              *sync.Map
	numbers, ownKeys, oldest, next uint64
	sum                            uint64
	_                              [64]byte // the next one's is another cache line
}

func (w *worker) fill() {
	for n := w.oldest; n < w.next; n++ {
		w.m.Store(splitMix(n), n)
	}
}

func (w *worker) loadOwn() {
	for n := w.oldest; n < w.next; n++ {
		w.load(splitMix(n))
	}
}

func (w *worker) load(key uint64) {
	if value, ok := w.m.Load(key); ok {
		w.sum += value.(uint64) + 1
	}
}

func (w *worker) readMostly(operations uint64) {
	for i := uint64(0); i < operations; i++ {
		random := splitMix(w.numbers)
		w.numbers++
		key := splitMix(random % keys)
		if (random>>32)%100 == 0 {
			w.m.Store(key, random)
		} else {
			w.load(key)
		}
	}
}

func (w *worker) writeHalf(operations uint64) {
	for i := uint64(0); i < operations; i++ {
		random := splitMix(w.numbers)
		w.numbers++
		key := splitMix(random % keys)
		if what := (random >> 32) % 8; what < 4 {
			w.load(key)
		} else if what < 7 {
			w.m.Store(key, random)
		} else {
			w.m.Delete(key)
		}
	}
}

func (w *worker) replace(operations uint64) {
	for done := uint64(0); done < operations; done++ {
		random := splitMix(w.numbers)
		w.numbers++
		what := (random >> 32) % 4
		if what == 3 {
			w.m.Delete(splitMix(w.oldest))
			w.oldest++
			w.m.Store(splitMix(w.next), random)
			w.next++
			done++
			continue
		}
		key := splitMix(w.oldest + (random&0xffffffff)%w.ownKeys)
		if what == 2 {
			w.m.Store(key, random)
		} else {
			w.load(key)
		}
	}
}

func bench(load string, threads, operations uint64) {
	run := map[string]func(*worker, uint64){
		"read": (*worker).readMostly, "write": (*worker).writeHalf, "replace": (*worker).replace,
	}[load]
	var m sync.Map
	workers := make([]worker, threads)
	for number := range workers {
		w := &workers[number]
		w.m, w.ownKeys, w.numbers = &m, keys/threads, uint64(number)*perThread
		w.oldest = uint64(number) * w.ownKeys
		if load == "replace" {
			w.oldest = w.numbers
		}
		w.next = w.oldest + w.ownKeys
	}
	for number := range workers {
		workers[number].fill()
	}
	for number := range workers {
		workers[number].loadOwn()
	}
	runtime.GC()

	var ended sync.WaitGroup
	begin := make(chan struct{})
	for number := range workers {
		ended.Add(1)
		go func(w *worker) {
			<-begin
			run(w, operations/threads)
			ended.Done()
		}(&workers[number])
	}
	start := time.Now()
	close(begin)
	ended.Wait()
	took := time.Since(start)

	sum := uint64(0)
	for number := range workers {
		workers[number].loadOwn()
		sum += workers[number].sum
	}
	fmt.Printf("RESULT operations %d %.9f %d\n", operations/threads*threads, took.Seconds(), sum)
}

func main() {
	if len(os.Args) == 4 {
		load := os.Args[1]
		threads, _ := strconv.ParseUint(os.Args[2], 10, 32)
		operations, _ := strconv.ParseUint(os.Args[3], 10, 64)
		known := load == "read" || load == "write" || load == "replace"
		if known && threads > 0 && keys%threads == 0 && operations >= threads {
			runtime.GOMAXPROCS(int(threads))
			bench(load, threads, operations)
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: concurrent_bench read|write|replace THREADS OPERATIONS")
	os.Exit(2)
}
