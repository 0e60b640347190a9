// Two goroutines on one map of the real runtime, without a lock: the programs of bench/misuse, on
// real cores. What the runtime throws ends a process, so the rounds run in child processes, which
// count in memory that they share with their parent.
//
//	misuse_bench ROUNDS SECONDS NAME ENTRIES THREAD0 THREAD1
//
// ends after so many rounds, or seconds, and prints GO, NAME, an ending and its count, with tabs in
// between, for each ending. The endings are those of bench/misuse/judge.h; "corrupted" is a length
// that is not the number of entries, which is all that Go lets be seen of a table.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

type operation struct {
	kind  byte
	key   uint32
	value uint32
}

type program struct {
	entries uint32
	threads [2][]operation
}

func operationsOf(text string, thread int) (ops []operation) {
	for i, word := range strings.Fields(text) {
		key, _ := strconv.Atoi(word[1:])
		ops = append(ops, operation{word[0], uint32(key), uint32(1000*(thread+1) + i)})
	}
	return ops
}

func (p *program) fill() map[uint32]uint32 {
	m := make(map[uint32]uint32)
	for key := uint32(1); key <= p.entries; key++ {
		m[key] = 100 + key
	}
	return m
}

const keys = 32

// What a goroutine was answered.
type seen struct {
	answers  [2]uint32
	iterated [keys]uint32
	badly    bool
}

func (s *seen) run(m map[uint32]uint32, ops []operation) {
	for i, op := range ops {
		switch op.kind {
		case 'i':
			m[op.key] = op.value
		case 'f':
			s.answers[i] = m[op.key]
		case 'd':
			delete(m, op.key)
		case 'c':
			for key := range m { // as the language clears a map
				delete(m, key)
			}
		case 'r':
			for key, value := range m {
				if key >= keys || s.iterated[key] != 0 {
					s.badly = true
				} else {
					s.iterated[key] = value
				}
			}
		}
	}
}

// What may come of a program, as bench/misuse/judge.h says.
type judge struct {
	contents map[string]bool
	all      map[string]bool
	values   map[uint32]map[uint32]bool
	steady   map[uint32]bool
	iterates [2]bool
}

func show(m map[uint32]uint32) string {
	var text strings.Builder
	for key := uint32(0); key < keys; key++ {
		if value, ok := m[key]; ok {
			fmt.Fprintf(&text, "%d=%d ", key, value)
		}
	}
	return text.String()
}

func newJudge(p *program) *judge {
	j := &judge{map[string]bool{}, map[string]bool{}, map[uint32]map[uint32]bool{}, map[uint32]bool{}, [2]bool{}}
	had := func(key, value uint32) {
		if j.values[key] == nil {
			j.values[key] = map[uint32]bool{}
		}
		j.values[key][value] = true
	}
	start := p.fill()
	for key, value := range start {
		had(key, value)
		j.steady[key] = true
	}
	for thread, ops := range p.threads {
		for _, op := range ops {
			switch op.kind {
			case 'i':
				had(op.key, op.value)
				delete(j.steady, op.key)
			case 'd':
				delete(j.steady, op.key)
			case 'c':
				j.steady = map[uint32]bool{}
			case 'r':
				j.iterates[thread] = true
			}
		}
	}
	j.explain(p, [2]int{}, start, [2][2]uint32{})
	return j
}

// All orders from here on.
func (j *judge) explain(p *program, done [2]int, contents map[uint32]uint32, answers [2][2]uint32) {
	last := true
	for thread, ops := range p.threads {
		if done[thread] == len(ops) {
			continue
		}
		last = false
		op := ops[done[thread]]
		after := map[uint32]uint32{}
		if op.kind != 'c' {
			for key, value := range contents {
				after[key] = value
			}
		}
		then := answers
		switch op.kind {
		case 'i':
			after[op.key] = op.value
		case 'd':
			delete(after, op.key)
		case 'f':
			then[thread][done[thread]] = contents[op.key]
		}
		next := done
		next[thread]++
		j.explain(p, next, after, then)
	}
	if last {
		j.contents[show(contents)] = true
		j.all[show(contents)+fmt.Sprint(answers)] = true
	}
}

func (j *judge) iteratedWell(s *seen) bool {
	for key := uint32(0); key < keys; key++ {
		value := s.iterated[key]
		if value == 0 && j.steady[key] || value != 0 && !j.values[key][value] {
			return false
		}
	}
	return !s.badly
}

const (
	unnoticed = iota
	wrongAnswer
	lost
	corrupted
	rounds
	counters
)

func (j *judge) of(m map[uint32]uint32, s *[2]seen) int {
	entries := 0
	for range m {
		entries++
	}
	if entries != len(m) {
		return corrupted
	}
	text := show(m)
	if !j.contents[text] {
		return lost
	}
	for thread, iterates := range j.iterates {
		if iterates && !j.iteratedWell(&s[thread]) {
			return wrongAnswer
		}
	}
	if !j.all[text+fmt.Sprint([2][2]uint32{s[0].answers, s[1].answers})] {
		return wrongAnswer
	}
	return unnoticed
}

var sink uint32

func spin(times uint32) {
	for i := uint32(0); i < times; i++ {
		sink += i
	}
}

// Rounds until there have been so many, or the time is over, or the runtime throws.
func child(p *program, most uint64, seconds float64, count []uint64) {
	begin := time.Now()
	j := newJudge(p)
	var m map[uint32]uint32
	var result [2]seen
	var begun, ended uint64
	random := uint64(time.Now().UnixNano())
	var delays [2]uint32
	go func() {
		for round := uint64(1); ; round++ {
			for atomic.LoadUint64(&begun) != round {
			}
			spin(delays[1])
			result[1].run(m, p.threads[1])
			atomic.StoreUint64(&ended, round)
		}
	}()
	for round := uint64(1); atomic.LoadUint64(&count[rounds]) < most; round++ {
		if round%64 == 0 && time.Since(begin).Seconds() > seconds {
			return
		}
		m = p.fill()
		result = [2]seen{}
		random = random*6364136223846793005 + 1442695040888963407
		delays = [2]uint32{uint32(random>>33) % 64, uint32(random>>45) % 64}
		atomic.AddUint64(&count[rounds], 1)
		atomic.StoreUint64(&begun, round)
		spin(delays[0])
		result[0].run(m, p.threads[0])
		for atomic.LoadUint64(&ended) != round {
		}
		atomic.AddUint64(&count[j.of(m, &result)], 1)
	}
}

func shared(file *os.File) []uint64 {
	memory, err := syscall.Mmap(int(file.Fd()), 0, counters*8, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return unsafe.Slice((*uint64)(unsafe.Pointer(&memory[0])), counters)
}

// How a child died: the runtime's first words.
func lastWords(output string) string {
	for _, line := range strings.Split(output, "\n") {
		for _, start := range []string{"fatal error: ", "panic: ", "runtime: "} {
			if strings.HasPrefix(line, start) {
				return strings.TrimPrefix(line, "fatal error: ")
			}
		}
	}
	return "crash"
}

func main() {
	most, _ := strconv.ParseUint(os.Args[1], 10, 64)
	seconds, _ := strconv.ParseFloat(os.Args[2], 64)
	entries, _ := strconv.Atoi(os.Args[4])
	p := &program{uint32(entries), [2][]operation{operationsOf(os.Args[5], 0), operationsOf(os.Args[6], 1)}}
	if os.Getenv("MISUSE_CHILD") != "" {
		child(p, most, seconds, shared(os.NewFile(3, "counters")))
		return
	}
	file, err := os.CreateTemp("", "misuse")
	if err != nil {
		panic(err)
	}
	os.Remove(file.Name())
	file.Truncate(counters * 8)
	count := shared(file)
	died := map[string]uint64{}
	self, _ := os.Executable()
	for start := time.Now(); count[rounds] < most && time.Since(start).Seconds() < seconds; {
		var output bytes.Buffer
		command := exec.Command(self, os.Args[1:]...)
		command.Env = append(os.Environ(), "MISUSE_CHILD=1", "GOMAXPROCS=2", "GOTRACEBACK=none")
		command.ExtraFiles = []*os.File{file}
		command.Stderr = &output
		command.Start()
		hung := time.AfterFunc(20*time.Second, func() { command.Process.Kill() })
		if command.Wait() != nil {
			words := lastWords(output.String())
			if !hung.Stop() {
				words = "no end"
			}
			died[words]++
		}
		hung.Stop()
	}
	for ending, name := range []string{"unnoticed", "wrong answer", "lost", "corrupted"} {
		if count[ending] != 0 {
			fmt.Printf("GO\t%s\t%s\t%d\n", os.Args[3], name, count[ending])
		}
	}
	for words, times := range died {
		fmt.Printf("GO\t%s\t%s\t%d\n", os.Args[3], words, times)
	}
}
