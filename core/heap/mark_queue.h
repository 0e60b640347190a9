// The grey objects: those that are marked and not yet scanned.
//
//   worker A   | first | second |                      worker B   | first | second |
//                  \        \   full ones                              ^
//                   '--------'----------->  shared list  --------------'  when both are empty
//
// Each worker puts and takes at one end of two buffers of its own, as the runtime's gcWork does:
// with two, a worker that goes to and fro at a buffer's edge does not trouble the others. A full
// buffer goes to the list that all share. What a worker holds, others cannot see: before marking
// can end, every worker flushes.
//
// Nothing throws. Where there is no memory for another buffer, what was to be put is left out, and
// the queue says that it has overflowed: some grey objects are to be found by their marks alone.
#ifndef SLOTPROOF_CORE_HEAP_MARK_QUEUE_H_
#define SLOTPROOF_CORE_HEAP_MARK_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/sync/atomic.h"

namespace slotproof::core {

// Grey objects, or pieces of large ones, by the address where scanning begins.
struct MarkBuffer {
  static constexpr std::size_t kMost = 253;

  std::size_t size = 0;
  std::array<std::byte*, kMost> objects;
};

// What all workers share.
class MarkQueue {
 public:
  using Buffer = std::unique_ptr<MarkBuffer>;

  // A buffer is full with this many objects, at most MarkBuffer::kMost. Fewer let short programs of
  // a test fill some.
  explicit MarkQueue(std::size_t full_size = MarkBuffer::kMost) : full_size_(full_size) {
    SLOTPROOF_ASSERT(full_size != 0 && full_size <= MarkBuffer::kMost);
  }
  std::size_t full_size() const { return full_size_; }

  Buffer TakeFull() { return Take(full_); }
  // An empty buffer, a new one if need be; null if there is no memory for one.
  Buffer TakeEmpty() {
    Buffer buffer = Take(empty_);
    return buffer != nullptr ? std::move(buffer) : MakeBuffer();
  }
  // One that holds at least one object goes to the full ones, another to the empty ones. Both have
  // room for all buffers.
  void Give(Buffer buffer) {
    const std::lock_guard lock(mutex_);
    (buffer->size != 0 ? full_ : empty_).push_back(std::move(buffer));
  }

  bool IsEmpty() const {
    const std::lock_guard lock(mutex_);
    return full_.empty();
  }

  // The bytes of marked objects, but for what workers have not flushed.
  std::uint64_t marked_bytes() const { return marked_bytes_.Load(); }
  void CountMarked(std::uint64_t bytes) { marked_bytes_.FetchAdd(bytes); }
  void ForgetMarked() { marked_bytes_.Store(0); }

  void Overflow() {
    const std::lock_guard lock(mutex_);
    has_overflowed_ = true;
  }
  bool has_overflowed() const {
    const std::lock_guard lock(mutex_);
    return has_overflowed_;
  }
  // Whether it has since it was last asked this.
  bool TakeOverflow() {
    const std::lock_guard lock(mutex_);
    return std::exchange(has_overflowed_, false);
  }

  std::size_t MetadataBytes() const {
    const std::lock_guard lock(mutex_);
    return (full_.size() + empty_.size()) * sizeof(MarkBuffer);
  }

  // Calls f for each object in the shared list.
  template <class F>
  void ForEach(const F& f) const {
    const std::lock_guard lock(mutex_);
    for (const Buffer& buffer : full_) {
      for (std::size_t i = 0; i < buffer->size; ++i) f(buffer->objects[i]);
    }
  }

 private:
  Buffer Take(std::vector<Buffer>& from) {
    const std::lock_guard lock(mutex_);
    if (from.empty()) return nullptr;
    Buffer buffer = std::move(from.back());
    from.pop_back();
    return buffer;
  }

  Buffer MakeBuffer() {
    const std::lock_guard lock(mutex_);
    try {
      for (std::vector<Buffer>* const list : {&full_, &empty_}) {
        if (list->capacity() == made_) list->reserve(2 * made_ + 4);
      }
      Buffer buffer = std::make_unique<MarkBuffer>();
      ++made_;
      return buffer;
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
  }

  const std::size_t full_size_;
  mutable std::mutex mutex_;
  std::vector<Buffer> full_;
  std::vector<Buffer> empty_;
  std::size_t made_ = 0;  // buffers, wherever they are
  bool has_overflowed_ = false;
  Relaxed<std::uint64_t> marked_bytes_;
};

// What one worker has of it. For one thread at a time.
class MarkWork {
 public:
  explicit MarkWork(MarkQueue& queue) : queue_(queue) {}
  MarkWork(const MarkWork&) = delete;
  MarkWork& operator=(const MarkWork&) = delete;

  void Put(std::byte* object) {
    if ((first_ == nullptr || first_->size == queue_.full_size()) && !MakeRoom()) [[unlikely]]
      return queue_.Overflow();
    __builtin_prefetch(object);  // it is scanned soon
    first_->objects[first_->size++] = object;
  }

  // The object put last among those that the worker holds, else one of the shared list; null when
  // there is none.
  std::byte* Take() {
    if (IsEmpty(first_) && !Refill()) [[unlikely]]
      return nullptr;
    return first_->objects[--first_->size];
  }

  bool IsEmpty() const { return IsEmpty(first_) && IsEmpty(second_); }

  // What the worker has marked is counted where nobody else writes (gcWork.bytesMarked).
  void CountMarked(std::uint64_t bytes) { marked_bytes_ += bytes; }
  std::uint64_t marked_bytes() const { return marked_bytes_; }

  // Gives all of it to the shared list, and to the shared count.
  void Flush() {
    queue_.CountMarked(std::exchange(marked_bytes_, 0));
    if (first_ != nullptr) queue_.Give(std::move(first_));
    if (second_ != nullptr) queue_.Give(std::move(second_));
  }

  std::size_t MetadataBytes() const {
    return ((first_ != nullptr ? 1U : 0U) + (second_ != nullptr ? 1U : 0U)) * sizeof(MarkBuffer);
  }

  template <class F>
  void ForEach(const F& f) const {
    for (const MarkQueue::Buffer* buffer : {&first_, &second_}) {
      if (*buffer == nullptr) continue;
      for (std::size_t i = 0; i < (*buffer)->size; ++i) f((*buffer)->objects[i]);
    }
  }

 private:
  static bool IsEmpty(const MarkQueue::Buffer& buffer) {
    return buffer == nullptr || buffer->size == 0;
  }

  // What is rare stays out of Put and Take, which every object passes through. False: there is no
  // memory.
  [[gnu::noinline]] bool MakeRoom() {
    std::swap(first_, second_);
    if (first_ != nullptr && first_->size != queue_.full_size()) return true;
    MarkQueue::Buffer empty = queue_.TakeEmpty();
    if (empty == nullptr) return false;
    if (first_ != nullptr) queue_.Give(std::move(first_));
    first_ = std::move(empty);
    return true;
  }
  // False: there is nothing.
  [[gnu::noinline]] bool Refill() {
    if (IsEmpty(first_)) std::swap(first_, second_);
    if (!IsEmpty(first_)) return true;
    MarkQueue::Buffer full = queue_.TakeFull();
    if (full == nullptr) return false;
    if (first_ != nullptr) queue_.Give(std::move(first_));
    first_ = std::move(full);
    return true;
  }

  MarkQueue& queue_;
  MarkQueue::Buffer first_;
  MarkQueue::Buffer second_;
  std::uint64_t marked_bytes_ = 0;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_MARK_QUEUE_H_
