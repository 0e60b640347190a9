#include <pthread.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <span>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// SCTBench's set CB ("concurrency bugs"): bugs of larger programs, cut down to the threads and the
// accesses that take part.

namespace slotproof::bench {
namespace {

// A download in parts. A thread a part moves its offset and then adds to the total of all parts
// under a lock; another one, told to stop, writes a log of the offsets and the total so that the
// download can be resumed. The two do not agree when bytes came in between, or when a part has
// moved its offset only. 3 threads, 1 preemption; most schedules show it.
struct Download {
  static constexpr std::size_t kParts = 2;
  static constexpr int kChunks = 4;
  static constexpr int kChunkBytes = 8;

  struct Part {
    Racy<int> begin = 0;
    Racy<int> end = 0;
    Racy<int> offset = 0;
    Racy<bool> done = false;
  };

  std::array<Part, kParts> parts;
  std::mutex mutex;
  Racy<int> total = 0;
};

template <std::size_t kPart>
void DownloadPart(Download& download) {
  Download::Part& part = download.parts[kPart];
  while (part.offset < part.end) {
    part.offset = part.offset + Download::kChunkBytes;
    const std::lock_guard lock(download.mutex);
    download.total = download.total + Download::kChunkBytes;
  }
  part.done = true;
}

void SaveLog(Download& download) {
  int saved = 0;
  for (const Download::Part& part : download.parts) {
    const int begin = part.begin;
    saved += part.offset - begin;
    (void)static_cast<int>(part.end);
    (void)static_cast<bool>(part.done);
  }
  Require(saved == download.total, "the log's parts do not add up to its total");
}

void RunAget() {
  Download download;
  int begin = 0;
  for (Download::Part& part : download.parts) {
    part.begin = begin;
    part.offset = begin;
    begin += Download::kChunks * Download::kChunkBytes;
    part.end = begin;
  }
  const Thread first = Start<DownloadPart<0>>(download);
  const Thread second = Start<DownloadPart<1>>(download);
  const Thread save = Start<SaveLog>(download);
  first.Join();
  second.Join();
  save.Join();
}

// A compressor: run() reads blocks into a queue, two consumers compress them, a writer takes what
// they made in order. At the end run() waits for the writer and deletes the queue, but a consumer
// may still be on its way to find out that the queue is empty for good. 4 threads, no preemption: a
// consumer that was woken for the end and does not get to run is enough.
struct Fifo {
  static constexpr std::size_t kCapacity = 2;

  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
  pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
  std::array<int, kCapacity> blocks{};
  std::size_t head = 0;
  std::size_t count = 0;
};

struct Compressor {
  static constexpr int kBlocks = 3;

  Racy<Fifo*> fifo = nullptr;
  Racy<bool> all_read = false;

  pthread_mutex_t output_mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t output_ready = PTHREAD_COND_INITIALIZER;
  std::array<bool, kBlocks> output{};
};

void ReadBlocks(Compressor& compressor, Fifo& fifo) {
  for (int block = 0; block < Compressor::kBlocks; ++block) {
    pthread_mutex_lock(&fifo.mutex);
    while (fifo.count == Fifo::kCapacity) pthread_cond_wait(&fifo.not_full, &fifo.mutex);
    fifo.blocks[(fifo.head + fifo.count) % Fifo::kCapacity] = block;
    fifo.count = fifo.count + 1;
    pthread_mutex_unlock(&fifo.mutex);
    pthread_cond_signal(&fifo.not_empty);
  }
  // The original's consumers look at this every second; here they are woken.
  pthread_mutex_lock(&fifo.mutex);
  compressor.all_read = true;
  pthread_cond_broadcast(&fifo.not_empty);
  pthread_mutex_unlock(&fifo.mutex);
}

void Compress(Compressor& compressor) {
  Fifo* const fifo = compressor.fifo;
  for (;;) {
    pthread_mutex_lock(&fifo->mutex);
    while (fifo->count == 0) {
      if (compressor.all_read) {
        pthread_mutex_unlock(&fifo->mutex);
        return;
      }
      pthread_cond_wait(&fifo->not_empty, &fifo->mutex);
    }
    const int block = fifo->blocks[fifo->head];
    fifo->head = (fifo->head + 1) % Fifo::kCapacity;
    fifo->count = fifo->count - 1;
    pthread_mutex_unlock(&fifo->mutex);
    pthread_cond_signal(&fifo->not_full);

    pthread_mutex_lock(&compressor.output_mutex);
    compressor.output[static_cast<std::size_t>(block)] = true;
    pthread_cond_signal(&compressor.output_ready);
    pthread_mutex_unlock(&compressor.output_mutex);
  }
}

void WriteBlocks(Compressor& compressor) {
  for (const bool& ready : compressor.output) {
    pthread_mutex_lock(&compressor.output_mutex);
    while (!ready) pthread_cond_wait(&compressor.output_ready, &compressor.output_mutex);
    pthread_mutex_unlock(&compressor.output_mutex);
  }
}

void RunPbzip2() {
  Compressor compressor;
  Fifo* const fifo = new Fifo;
  compressor.fifo = fifo;
  const Thread first = Start<Compress>(compressor);
  const Thread second = Start<Compress>(compressor);
  const Thread writer = Start<WriteBlocks>(compressor);
  ReadBlocks(compressor, *fifo);
  writer.Join();
  delete fifo;  // too early
  first.Join();
  second.Join();
}

// A text that grows, with a lock for each operation. Appending another one asks that one for its
// length and then for so many of its characters: two operations, between which it may have become
// shorter. The other thread makes it as long as before right afterwards. 2 threads, 2 preemptions.
class Text {
 public:
  explicit Text(std::span<const char> characters) { Append(characters); }

  std::size_t length() {
    const std::lock_guard lock(mutex_);
    return length_;
  }

  void CopyFirst(std::size_t count, char* destination) {
    const std::lock_guard lock(mutex_);
    Require(count <= length_, "more characters are wanted than the text has");
    for (std::size_t i = 0; i < count; ++i) destination[i] = characters_[i];
  }

  void Append(std::span<const char> characters) {
    const std::lock_guard lock(mutex_);
    for (const char character : characters) {
      characters_[length_] = character;
      length_ = length_ + 1;
    }
  }

  void Append(Text& other) {
    const std::lock_guard lock(mutex_);
    const std::size_t added = other.length();
    other.CopyFirst(added, &characters_[length_]);
    length_ = length_ + added;
  }

  void EraseAll() {
    const std::lock_guard lock(mutex_);
    length_ = 0;
  }

 private:
  std::mutex mutex_;
  std::size_t length_ = 0;
  std::array<char, 16> characters_{};
};

constexpr std::array<char, 3> kAbc = {'a', 'b', 'c'};

struct Texts {
  Text shared{kAbc};
  Text copy{{}};
};

void Replace(Texts& texts) {
  texts.shared.EraseAll();
  texts.shared.Append(kAbc);
}

void CopyText(Texts& texts) { texts.copy.Append(texts.shared); }

void RunStringBuffer() {
  Texts texts;
  const Thread replace = Start<Replace>(texts);
  const Thread copy = Start<CopyText>(texts);
  replace.Join();
  copy.Join();
}

constexpr Program kPrograms[] = {
    {"CB/aget-bug2", RunAget, 4, "a log's parts and its total are of two times"},
    {"CB/pbzip2-0.9.4", RunPbzip2, 4, "the queue is deleted while a consumer looks for more"},
    {"CB/stringbuffer-jdk1.4", RunStringBuffer, 3, "a length and characters of two times"},
};

}  // namespace

std::span<const Program> CbPrograms() { return kPrograms; }

}  // namespace slotproof::bench
