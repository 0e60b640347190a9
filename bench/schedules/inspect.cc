#include <pthread.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <span>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// Programs that came with the model checker Inspect.

namespace slotproof::bench {
namespace {

// A buffer of two in a ring of three slots, two producers and two consumers of four items each. A
// consumer that has found the buffer filled lets go of the lock and takes it again before it takes
// the item; another consumer may have taken it. 4 threads, 1 preemption.
struct BoundedBuffer {
  static constexpr std::size_t kSlots = 3;
  static constexpr int kItemsEach = 4;

  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
  pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
  std::array<int, kSlots> items{};
  std::size_t head = 0;
  std::size_t rear = 0;
  int waiting_producers = 0;
  int waiting_consumers = 0;
};

std::size_t NextSlot(std::size_t slot) { return (slot + 1) % BoundedBuffer::kSlots; }

void Put(BoundedBuffer& buffer, int item) {
  pthread_mutex_lock(&buffer.mutex);
  if (NextSlot(buffer.rear) == buffer.head) {
    buffer.waiting_producers = buffer.waiting_producers + 1;
    while (NextSlot(buffer.rear) == buffer.head) {
      pthread_cond_wait(&buffer.not_full, &buffer.mutex);
    }
    buffer.waiting_producers = buffer.waiting_producers - 1;
  }
  buffer.items[buffer.rear] = item;
  buffer.rear = NextSlot(buffer.rear);
  if (buffer.waiting_consumers > 0) pthread_cond_signal(&buffer.not_empty);
  pthread_mutex_unlock(&buffer.mutex);
}

void Get(BoundedBuffer& buffer) {
  pthread_mutex_lock(&buffer.mutex);
  if (buffer.head == buffer.rear) {
    buffer.waiting_consumers = buffer.waiting_consumers + 1;
    while (buffer.head == buffer.rear) pthread_cond_wait(&buffer.not_empty, &buffer.mutex);
    buffer.waiting_consumers = buffer.waiting_consumers - 1;
  }
  pthread_mutex_unlock(&buffer.mutex);
  pthread_mutex_lock(&buffer.mutex);
  Require(buffer.head != buffer.rear, "the buffer that was filled is empty");
  buffer.head = NextSlot(buffer.head);
  if (buffer.waiting_producers > 0) pthread_cond_signal(&buffer.not_full);
  pthread_mutex_unlock(&buffer.mutex);
}

void Produce(BoundedBuffer& buffer) {
  for (int i = 0; i < BoundedBuffer::kItemsEach; ++i) Put(buffer, i);
}

void Consume(BoundedBuffer& buffer) {
  for (int i = 0; i < BoundedBuffer::kItemsEach; ++i) Get(buffer);
}

void RunBoundedBuffer() {
  BoundedBuffer buffer;
  std::array<Thread, 4> threads;
  threads[0] = Start<Produce>(buffer);
  threads[1] = Start<Produce>(buffer);
  threads[2] = Start<Consume>(buffer);
  threads[3] = Start<Consume>(buffer);
  for (const Thread& thread : threads) thread.Join();
}

// A library for traces, with a record on the heap for each thread that it knows of. One thread ends
// the library, which deletes all records, while another one still traces and run() still removes
// records: every record is used or deleted after that. 2 threads; every schedule shows it, some at
// the end only.
struct Trace {
  static constexpr std::size_t kThreads = 3;

  struct Record {
    int level = 1;
    int messages = 0;
  };

  std::mutex mutex;
  Racy<bool> enabled = true;
  std::array<Racy<Record*>, kThreads> records;
};

void WriteMessage(Trace& trace, std::size_t thread) {
  if (!trace.enabled) return;
  const std::lock_guard lock(trace.mutex);
  Trace::Record* const record = trace.records[thread];
  if (record->level > 0) record->messages = record->messages + 1;
}

void RemoveThread(Trace& trace, std::size_t thread) {
  const std::lock_guard lock(trace.mutex);
  Trace::Record* const record = trace.records[thread];
  if (record->level > 0) delete record;
}

void EndTrace(Trace& trace) {
  trace.enabled = false;
  for (const Racy<Trace::Record*>& record : trace.records) delete record;
}

void WriteMessages(Trace& trace) {
  WriteMessage(trace, 2);
  WriteMessage(trace, 2);
}

void RunCtrace() {
  Trace trace;
  for (Racy<Trace::Record*>& record : trace.records) record = new Trace::Record;
  const Thread end = Start<EndTrace>(trace);
  const Thread write = Start<WriteMessages>(trace);
  write.Join();
  RemoveThread(trace, 2);
  end.Join();
  RemoveThread(trace, 1);
}

// A quicksort on a pool of two threads. Who has partitioned its part looks for an idle thread and
// hands it the left half. It marks that thread as working before it takes the thread's lock and
// tells it which half: a thread that has not gone to sleep yet sees the mark, sorts nothing (it has
// no part so far), is idle again, and the half stays as it is. 2 threads, 1 preemption, and the
// second thread must not have come to its wait before.
struct Sort {
  static constexpr std::size_t kElements = 24;
  static constexpr std::size_t kThreads = 2;
  static constexpr int kFork = 4;      // parts of more elements may be handed over
  static constexpr int kSmallest = 7;  // parts of fewer are not partitioned

  enum Condition { kIdle, kWorking, kEnding };

  struct Worker {
    Racy<Condition> condition = kIdle;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
    Racy<int*> begin = nullptr;  // its part
    Racy<int*> end = nullptr;
  };

  std::array<int, kElements> elements{};
  std::array<Worker, kThreads> workers;
  std::mutex pool_mutex;
  std::size_t idle = kThreads;
};

// Marked as working, its lock taken. Or nothing.
Sort::Worker* TakeIdleWorker(Sort& sort) {
  const std::lock_guard lock(sort.pool_mutex);
  for (Sort::Worker& worker : sort.workers) {
    if (worker.condition != Sort::kIdle) continue;
    sort.idle = sort.idle - 1;
    worker.condition = Sort::kWorking;
    pthread_mutex_lock(&worker.mutex);
    return &worker;
  }
  return nullptr;
}

// What a part's elements are does not take part in the bug, so that these two are no steps of the
// program; the original has 81.
#define SLOTPROOF_NOT_SCHEDULED __attribute__((no_sanitize_thread))

// Moves what is less than the first element to its left; returns where that is then.
SLOTPROOF_NOT_SCHEDULED int* Partition(int* begin, int* end) {
  const int pivot = *begin;
  int* last_less = begin;
  for (int* element = begin + 1; element != end; ++element) {
    const int value = *element;
    if (value >= pivot) continue;
    ++last_less;
    *element = *last_less;
    *last_less = value;
  }
  *begin = *last_less;
  *last_less = pivot;
  return last_less;
}

SLOTPROOF_NOT_SCHEDULED void SortByInsertion(int* begin, int* end) {
  for (int* sorted = begin; sorted != end; ++sorted) {
    const int value = *sorted;
    int* hole = sorted;
    for (; hole != begin && hole[-1] > value; --hole) *hole = hole[-1];
    *hole = value;
  }
}

SLOTPROOF_NOT_SCHEDULED bool IsSorted(const int* begin, const int* end) {
  for (; end - begin > 1; ++begin) {
    if (begin[0] > begin[1]) return false;
  }
  return true;
}

void SortPart(Sort& sort, int* begin, int* end) {
  while (end - begin >= Sort::kSmallest) {
    int* const middle = Partition(begin, end);
    Sort::Worker* helper = nullptr;
    if (middle - begin > Sort::kFork && end - middle - 1 > Sort::kFork) {
      helper = TakeIdleWorker(sort);
    }
    if (helper != nullptr) {
      helper->begin = begin;
      helper->end = middle;
      pthread_cond_signal(&helper->changed);
      pthread_mutex_unlock(&helper->mutex);
    } else {
      SortPart(sort, begin, middle);
    }
    begin = middle + 1;
  }
  SortByInsertion(begin, end);
}

// Whether this was the last one at work, which then ends the others.
bool BecomeIdle(Sort& sort, Sort::Worker& self) {
  const std::lock_guard lock(sort.pool_mutex);
  self.condition = Sort::kIdle;
  sort.idle = sort.idle + 1;
  if (sort.idle != Sort::kThreads) return false;
  for (Sort::Worker& worker : sort.workers) {
    if (&worker == &self) continue;
    pthread_mutex_lock(&worker.mutex);
    worker.condition = Sort::kEnding;
    pthread_cond_signal(&worker.changed);
    pthread_mutex_unlock(&worker.mutex);
  }
  return true;
}

template <std::size_t kWorker>
void Work(Sort& sort) {
  Sort::Worker& self = sort.workers[kWorker];
  do {
    pthread_mutex_lock(&self.mutex);
    while (self.condition == Sort::kIdle) pthread_cond_wait(&self.changed, &self.mutex);
    pthread_mutex_unlock(&self.mutex);
    if (self.condition == Sort::kEnding) return;
    Require(self.condition == Sort::kWorking, "a thread was woken for nothing");
    SortPart(sort, self.begin, self.end);
  } while (!BecomeIdle(sort, self));
}

void RunQsort() {
  Sort sort;
  // The first one is in the middle, so that there are two halves to hand over.
  for (std::size_t i = 0; i < Sort::kElements; ++i) {
    sort.elements[i] = static_cast<int>((i * 7 + 12) % Sort::kElements);
  }
  const Thread first = Start<Work<0>>(sort);
  const Thread second = Start<Work<1>>(sort);
  Sort::Worker& worker = sort.workers[0];
  pthread_mutex_lock(&worker.mutex);
  worker.begin = sort.elements.data();
  worker.end = sort.elements.data() + Sort::kElements;
  worker.condition = Sort::kWorking;
  sort.idle = sort.idle - 1;
  pthread_cond_signal(&worker.changed);
  pthread_mutex_unlock(&worker.mutex);
  first.Join();
  second.Join();
  const int* const begin = sort.elements.data();
  Require(IsSorted(begin, begin + Sort::kElements), "a part is not sorted");
}

constexpr Program kPrograms[] = {
    {"Insp/boundedBuffer", RunBoundedBuffer, 5, "a consumer gives up the lock after its check"},
    {"Insp/ctrace-test", RunCtrace, 3, "the library's end deletes records in use"},
    {"Insp/qsort_mt", RunQsort, 3, "a thread marked as working is not yet told its part"},
};

}  // namespace

std::span<const Program> InspectPrograms() { return kPrograms; }

}  // namespace slotproof::bench
