// Go's map on the work of map_bench.cc: the same keys in the same order, the same number of
// operations, the same checksums.
//
//	map_bench KEY ENTRIES [LEAST_OPERATIONS]
//
// The collector has its default settings and all processors; garbage of earlier work is collected
// before each measurement. The loops are written twice, for generic code cannot use the runtime's
// fast paths for uint64 and string keys.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

func makeString(n uint64) string {
	var text [15]byte
	random := splitMix(n)
	size := 11 + random%5
	for i := uint64(0); i < size; i++ {
		text[i] = "0123456789abcdef"[random>>(4*i+4)&15]
	}
	return string(text[:size])
}

func orderedNumbers(first uint64, count int) []uint64 {
	numbers := make([]uint64, count)
	for i := range numbers {
		numbers[i] = first + uint64(i)
	}
	return numbers
}

func shuffledNumbers(first uint64, count int) []uint64 {
	numbers := orderedNumbers(first, count)
	for i := count - 1; i > 0; i-- {
		j := splitMix(first+uint64(i)) % uint64(i+1)
		numbers[i], numbers[j] = numbers[j], numbers[i]
	}
	return numbers
}

func makeKeys[K comparable](numbers []uint64, makeKey func(uint64) K) []K {
	keys := make([]K, 0, len(numbers))
	for _, number := range numbers {
		keys = append(keys, makeKey(number))
	}
	return keys
}

// What is measured of one kind of map; each returns the time taken and a checksum.
type loops[K comparable] struct {
	fill         func(keys []K) map[K]uint64
	find         func(m map[K]uint64, keys []K, repetitions int) uint64
	iterate      func(m map[K]uint64, repetitions int) uint64
	deleteInsert func(m map[K]uint64, here, gone []K, repetitions int)
}

func report(name string, count int, took time.Duration, sum uint64) {
	fmt.Printf("RESULT %s %d %.9f %d\n", name, count, took.Seconds(), sum)
}

func run[K comparable](makeKey func(uint64) K, l loops[K], entries, leastOperations int) {
	ordered := makeKeys(orderedNumbers(0, entries), makeKey)
	present := makeKeys(shuffledNumbers(0, entries), makeKey)
	absent := makeKeys(shuffledNumbers(uint64(entries), entries), makeKey)
	repetitions := (leastOperations + entries - 1) / entries
	count := repetitions * entries

	var took time.Duration
	var sum uint64
	runtime.GC()
	for r := 0; r < repetitions; r++ {
		start := time.Now()
		m := l.fill(ordered)
		took += time.Since(start)
		sum += uint64(len(m))
	}
	report("insert", count, took, sum)

	m := l.fill(ordered)
	runtime.GC()
	start := time.Now()
	sum = l.find(m, present, repetitions)
	report("hit", count, time.Since(start), sum)

	start = time.Now()
	sum = l.find(m, absent, repetitions)
	report("miss", count, time.Since(start), sum)

	start = time.Now()
	sum = l.iterate(m, repetitions)
	report("iterate", count, time.Since(start), sum)

	start = time.Now()
	l.deleteInsert(m, present, absent, repetitions)
	took = time.Since(start)
	last := present
	if repetitions%2 == 1 {
		last = absent
	}
	sum = uint64(len(m))
	for _, key := range last {
		sum += m[key]
	}
	report("delete_insert", count, took, sum)
}

var uint64Loops = loops[uint64]{
	fill: func(keys []uint64) map[uint64]uint64 {
		m := make(map[uint64]uint64)
		for i, key := range keys {
			m[key] = uint64(i)
		}
		return m
	},
	find: func(m map[uint64]uint64, keys []uint64, repetitions int) (sum uint64) {
		for r := 0; r < repetitions; r++ {
			for _, key := range keys {
				if value, ok := m[key]; ok {
					sum += value + 1
				}
			}
		}
		return sum
	},
	iterate: func(m map[uint64]uint64, repetitions int) (sum uint64) {
		for r := 0; r < repetitions; r++ {
			for key, value := range m {
				sum += key ^ value
			}
		}
		return sum
	},
	deleteInsert: func(m map[uint64]uint64, here, gone []uint64, repetitions int) {
		for r := 0; r < repetitions; r++ {
			for i := range here {
				delete(m, here[i])
				m[gone[i]] = uint64(i)
			}
			here, gone = gone, here
		}
	},
}

var stringLoops = loops[string]{
	fill: func(keys []string) map[string]uint64 {
		m := make(map[string]uint64)
		for i, key := range keys {
			m[key] = uint64(i)
		}
		return m
	},
	find: func(m map[string]uint64, keys []string, repetitions int) (sum uint64) {
		for r := 0; r < repetitions; r++ {
			for _, key := range keys {
				if value, ok := m[key]; ok {
					sum += value + 1
				}
			}
		}
		return sum
	},
	iterate: func(m map[string]uint64, repetitions int) (sum uint64) {
		for r := 0; r < repetitions; r++ {
			for key, value := range m {
				sum += uint64(len(key)) ^ value
			}
		}
		return sum
	},
	deleteInsert: func(m map[string]uint64, here, gone []string, repetitions int) {
		for r := 0; r < repetitions; r++ {
			for i := range here {
				delete(m, here[i])
				m[gone[i]] = uint64(i)
			}
			here, gone = gone, here
		}
	},
}

func main() {
	entries, leastOperations := 0, 1<<22
	if len(os.Args) > 2 {
		entries, _ = strconv.Atoi(os.Args[2])
	}
	if len(os.Args) > 3 {
		leastOperations, _ = strconv.Atoi(os.Args[3])
	}
	switch {
	case entries <= 0 || leastOperations <= 0:
	case os.Args[1] == "uint64":
		run(splitMix, uint64Loops, entries, leastOperations)
		return
	case os.Args[1] == "string":
		run(makeString, stringLoops, entries, leastOperations)
		return
	}
	fmt.Fprintln(os.Stderr, "usage: map_bench uint64|string ENTRIES [LEAST_OPERATIONS]")
	os.Exit(2)
}
