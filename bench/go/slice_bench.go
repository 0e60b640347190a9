// Go's slices on the work of slice_bench.cc: the same elements, appended one by one. Writes what
// measure.py reads of Google Benchmark's JSON.
//
//	slice_bench [SECONDS]    of each measurement, at least; default 0.5
//
// The collector has its default settings and all processors; garbage of earlier work is collected
// before each measurement.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

type measurement struct {
	RunName        string  `json:"run_name"`
	RunType        string  `json:"run_type"`
	ItemsPerSecond float64 `json:"items_per_second"`
	Arrays         uint64  `json:"arrays"`
	Bytes          uint64  `json:"bytes"`
	Sum            uint64  `json:"sum"`
}

// What has been filled last: without it, the compiler could leave work out.
var filled []uint64

func grow(n int) {
	var s []uint64
	for i := 0; i < n; i++ {
		s = append(s, uint64(i))
	}
	filled = s
}

func makeFirst(n int) {
	s := make([]uint64, 0, n)
	for i := 0; i < n; i++ {
		s = append(s, uint64(i))
	}
	filled = s
}

// How long so many repetitions take.
func repeat(fill func(n int), n, repetitions int) time.Duration {
	runtime.GC()
	start := time.Now()
	for r := 0; r < repetitions; r++ {
		fill(n)
	}
	return time.Since(start)
}

// What one repetition allocates: the least of some with the collector off, as the runtime itself
// allocates at times, the collector's workers above all.
func allocated(fill func(n int), n int) (arrays, bytes uint64) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	var before, after runtime.MemStats
	for r := 0; r < 5; r++ {
		runtime.ReadMemStats(&before)
		fill(n)
		runtime.ReadMemStats(&after)
		if count := after.Mallocs - before.Mallocs; r == 0 || count < arrays {
			arrays, bytes = count, after.TotalAlloc-before.TotalAlloc
		}
	}
	return arrays, bytes
}

func measure(name string, fill func(n int), n int, least time.Duration) measurement {
	repetitions := 1
	took := repeat(fill, n, repetitions)
	for ; took < least; took = repeat(fill, n, repetitions) {
		repetitions *= 2
	}
	arrays, bytes := allocated(fill, n)
	m := measurement{
		RunName:        fmt.Sprintf("go/%s/%d", name, n),
		RunType:        "iteration",
		ItemsPerSecond: float64(n*repetitions) / took.Seconds(),
		Arrays:         arrays,
		Bytes:          bytes,
	}
	for _, item := range filled {
		m.Sum += item
	}
	return m
}

func main() {
	seconds := 0.5
	if len(os.Args) > 1 {
		seconds, _ = strconv.ParseFloat(os.Args[1], 64)
	}
	if seconds <= 0 {
		fmt.Fprintln(os.Stderr, "usage: slice_bench [SECONDS]")
		os.Exit(2)
	}
	least := time.Duration(seconds * float64(time.Second))
	var report struct {
		Benchmarks []measurement `json:"benchmarks"`
	}
	for _, n := range []int{1, 1000, 1000000} {
		report.Benchmarks = append(report.Benchmarks,
			measure("grow", grow, n, least), measure("make", makeFirst, n, least))
	}
	encoder := json.NewEncoder(os.Stdout)
	if err := encoder.Encode(report); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
