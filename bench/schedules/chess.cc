#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <span>
#include <thread>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// The work-stealing queues of SCTBench's set Chess: Cilk's THE protocol.
//
//          head                 tail
//           v                    v
//   | free | item | item | item | free |     an array of a power of two, used in a circle
//
// The owner pushes and pops at the tail, thieves take from the head and hold the lock meanwhile.
// Either side first moves its index and then looks whether the two have crossed; if so, it moves
// back, and the owner tries again under the lock. A thief reads its item after it has moved the
// head on, so a push has to leave one slot free: the one that a thief may still be reading.
//
// WorkStealQueue (a lock that blocks) and InterlockedWorkStealQueue (one that spins) do not leave
// that slot. A thief that has moved the head and not yet read the item gets the one that the owner
// pushes in its place: one item is done twice and one not at all. A thief and the owner, 1
// preemption, in the owner's fourth push.
//
// The queue is right in the two programs "with state". There, all functions write into a table
// where each thread is, for a model checker to read; the table grows by a thread's first entry,
// without a lock. Two thieves who enter at the same time shorten it again or empty each other's
// stack. Two thieves and the owner, 1 preemption.

namespace slotproof::bench {
namespace {

enum Function { kRun, kThief, kPush, kPop, kSteal, kPushLocked, kPopLocked, kAcquire, kRelease };

// The table of where each thread is: a stack of calls for each. It behaves as a std::vector of
// stacks that has room for all threads would, but never leaves its own memory.
class Whereabouts {
 public:
  void Enter(int thread, Function function) {
    if (size_ <= thread) Resize(thread + 1);
    Stack& stack = StackOf(thread);
    const int depth = stack.depth;
    Require(depth < kDepth, "a stack of calls is too deep");
    Call& call = stack.calls[static_cast<std::size_t>(depth)];
    call.function = function;
    call.place = 0;
    stack.depth = depth + 1;
  }

  void At(int thread, int place, long value) {
    Stack& stack = StackOf(thread);
    const int depth = stack.depth;
    Require(depth > 0, "a thread's calls are gone");
    Call& call = stack.calls[static_cast<std::size_t>(depth - 1)];
    call.place = place;
    call.value = value;
  }

  void Leave(int thread) {
    Stack& stack = StackOf(thread);
    const int depth = stack.depth;
    Require(depth > 0, "a thread's calls are gone");
    stack.depth = depth - 1;
  }

 private:
  static constexpr int kThreads = 8;
  static constexpr int kDepth = 8;

  struct Call {
    Racy<int> function = 0;
    Racy<int> place = 0;
    Racy<long> value = 0;
  };

  struct Stack {
    Racy<int> depth = 0;
    std::array<Call, kDepth> calls;
  };

  Stack& StackOf(int thread) {
    Require(thread < size_, "the table has lost a thread");
    return stacks_[static_cast<std::size_t>(thread)];
  }

  // As a vector does it: it looks how many elements are missing, makes them at the end that it
  // finds then, and moves the end on; or moves it back.
  void Resize(int size) {
    const int missing = size - size_;
    if (missing <= 0) {
      size_ = size;
      return;
    }
    const int end = size_;
    Require(end + missing <= kThreads, "the table is too long");
    for (int i = end; i < end + missing; ++i) stacks_[static_cast<std::size_t>(i)].depth = 0;
    size_ = end + missing;
  }

  std::array<Stack, kThreads> stacks_;
  Racy<int> size_ = 0;
};

// Who tells the table where a thread is, and who does not.
class Teller {
 public:
  class Frame {
   public:
    Frame(Whereabouts* whereabouts, int thread, Function function)
        : whereabouts_(whereabouts), thread_(thread) {
      whereabouts_->Enter(thread_, function);
    }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    // It may find that the program fails.
    ~Frame() noexcept(false) { whereabouts_->Leave(thread_); }

    void At(int place, long value = 0) { whereabouts_->At(thread_, place, value); }

   private:
    Whereabouts* whereabouts_;
    int thread_;
  };

  Teller(Whereabouts* whereabouts, int thread) : whereabouts_(whereabouts), thread_(thread) {}
  Frame Enter(Function function) const { return Frame(whereabouts_, thread_, function); }

 private:
  Whereabouts* whereabouts_;
  int thread_;
};

class Silent {
 public:
  struct Frame {
    void At(int /*place*/, long /*value*/ = 0) {}
  };
  Frame Enter(Function) const { return {}; }
};

class SpinLock {
 public:
  void lock() {
    while (taken_.exchange(true)) std::this_thread::yield();
  }
  void unlock() { taken_.store(false); }

 private:
  std::atomic<bool> taken_ = false;
};

struct Item {
  Racy<int> done = 0;
};

enum class PushLeaves { kNoSlot, kOneSlot };

template <typename Lock, PushLeaves kLeaves>
class WorkStealQueue {
 public:
  WorkStealQueue() = default;
  WorkStealQueue(const WorkStealQueue&) = delete;
  WorkStealQueue& operator=(const WorkStealQueue&) = delete;
  ~WorkStealQueue() { delete[] items_; }

  template <typename AnyTeller>
  Item* Steal(AnyTeller teller) {
    auto frame = teller.Enter(kSteal);
    Acquire(teller);
    const long head = head_.load();
    frame.At(1, head);
    head_.store(head + 1);
    frame.At(2);
    Item* item = nullptr;
    if (head < tail_.load()) {
      item = items_[head & mask_];
    } else {
      frame.At(3);
      head_.store(head);
    }
    frame.At(4, item != nullptr);
    Release(teller);
    return item;
  }

  template <typename AnyTeller>
  Item* Pop(AnyTeller teller) {
    auto frame = teller.Enter(kPop);
    const long tail = tail_.load() - 1;
    frame.At(1, tail);
    tail_.store(tail);
    frame.At(2);
    if (head_.load() <= tail) return items_[tail & mask_];
    frame.At(3);
    tail_.store(tail + 1);
    return PopLocked(teller);
  }

  template <typename AnyTeller>
  void Push(Item* item, AnyTeller teller) {
    auto frame = teller.Enter(kPush);
    const long tail = tail_.load();
    frame.At(1, tail);
    const long usable = kLeaves == PushLeaves::kOneSlot ? mask_ : mask_ + 1;
    if (tail >= head_.load() + usable) {
      frame.At(2);
      PushLocked(item, teller);
      return;
    }
    items_[tail & mask_] = item;
    frame.At(3);
    tail_.store(tail + 1);
  }

 private:
  template <typename AnyTeller>
  void Acquire(AnyTeller teller) {
    auto frame = teller.Enter(kAcquire);
    frame.At(0);
    lock_.lock();
  }

  template <typename AnyTeller>
  void Release(AnyTeller teller) {
    auto frame = teller.Enter(kRelease);
    frame.At(0);
    lock_.unlock();
  }

  template <typename AnyTeller>
  Item* PopLocked(AnyTeller teller) {
    auto frame = teller.Enter(kPopLocked);
    Acquire(teller);
    const long tail = tail_.load() - 1;
    frame.At(1, tail);
    tail_.store(tail);
    frame.At(2);
    Item* item = nullptr;
    if (head_.load() <= tail) {
      item = items_[tail & mask_];
    } else {
      frame.At(3);
      tail_.store(tail + 1);
    }
    frame.At(4, item != nullptr);
    if (head_.load() > tail) {  // empty: start again at the front
      frame.At(5);
      head_.store(0);
      frame.At(6);
      tail_.store(0);
    }
    frame.At(7);
    Release(teller);
    return item;
  }

  template <typename AnyTeller>
  void PushLocked(Item* item, AnyTeller teller) {
    auto frame = teller.Enter(kPushLocked);
    Acquire(teller);
    frame.At(1);
    long head = head_.load();
    const long count = tail_.load() - head;
    head = head & mask_;
    frame.At(2, head);
    head_.store(head);
    frame.At(3, count);
    tail_.store(head + count);
    if (count >= mask_) {
      const long size = 2 * (mask_ + 1);
      Item** const items = new Item*[static_cast<std::size_t>(size)];
      for (long i = 0; i < count; ++i) items[i] = items_[(head + i) & mask_];
      delete[] items_;
      items_ = items;
      mask_ = size - 1;
      frame.At(4);
      head_.store(0);
      frame.At(5);
      tail_.store(count);
    }
    Require(count < mask_, "the queue is full after it has grown");
    frame.At(6);
    const long tail = tail_.load();
    items_[tail & mask_] = item;
    frame.At(7, tail);
    tail_.store(tail + 1);
    frame.At(8);
    Release(teller);
  }

  static constexpr long kFirstSize = 2;

  Lock lock_;
  std::atomic<long> head_ = 0;
  std::atomic<long> tail_ = 0;
  Item** items_ = new Item*[kFirstSize];
  long mask_ = kFirstSize - 1;
};

constexpr int kItems = 4;
constexpr int kSteals = 2;

using Items = std::array<Item, kItems>;

void DoIfAny(Item* item) {
  if (item != nullptr) ++item->done;
}

void RequireDoneOnce(const Items& items) {
  for (const Item& item : items) Require(item.done == 1, "an item is not done, or done twice");
}

// The owner's work: two rounds of two pushes and a pop, then two pops.
template <typename Queue, typename AnyTeller>
void PushAndPopByTurns(Queue& queue, Items& items, AnyTeller teller) {
  for (std::size_t i = 0; i < kItems; i += 2) {
    queue.Push(&items[i], teller);
    queue.Push(&items[i + 1], teller);
    DoIfAny(queue.Pop(teller));
  }
  for (int i = 0; i < kItems / 2; ++i) DoIfAny(queue.Pop(teller));
}

// The same: all pushes, then all pops.
template <typename Queue, typename AnyTeller>
void PushThenPop(Queue& queue, Items& items, AnyTeller teller) {
  for (Item& item : items) queue.Push(&item, teller);
  for (int i = 0; i < kItems; ++i) DoIfAny(queue.Pop(teller));
}

template <typename Queue, typename AnyTeller>
void StealSome(Queue& queue, AnyTeller teller) {
  for (int i = 0; i < kSteals; ++i) DoIfAny(queue.Steal(teller));
}

template <typename Lock>
struct Theft {
  Items items;
  WorkStealQueue<Lock, PushLeaves::kNoSlot> queue;
};

template <typename Lock>
void Own(Theft<Lock>& theft) {
  PushAndPopByTurns(theft.queue, theft.items, Silent());
}

template <typename Lock>
void Steal(Theft<Lock>& theft) {
  StealSome(theft.queue, Silent());
}

template <typename Lock>
void RunQueue() {
  Theft<Lock> theft;
  const Thread thief = Start<Steal<Lock>>(theft);
  const Thread owner = Start<Own<Lock>>(theft);
  owner.Join();
  thief.Join();
  RequireDoneOnce(theft.items);
}

struct ToldTheft {
  Whereabouts whereabouts;
  Items items;
  WorkStealQueue<SpinLock, PushLeaves::kOneSlot> queue;
};

template <int kThread>
void StealAndTell(ToldTheft& theft) {
  const Teller teller(&theft.whereabouts, kThread);
  auto frame = teller.Enter(kThief);
  frame.At(0);
  StealSome(theft.queue, teller);
}

using Queue = decltype(ToldTheft::queue);

template <void (*kOwnersWork)(Queue&, Items&, Teller)>
void RunQueueWithState() {
  ToldTheft theft;
  const Teller teller(&theft.whereabouts, 0);
  {
    auto frame = teller.Enter(kRun);
    const Thread first = Start<StealAndTell<1>>(theft);
    const Thread second = Start<StealAndTell<2>>(theft);
    frame.At(1);
    kOwnersWork(theft.queue, theft.items, teller);
    first.Join();
    second.Join();
  }
  RequireDoneOnce(theft.items);
}

constexpr std::string_view kOverwritten =
    "a push overwrites the item that a thief is about to read";
constexpr std::string_view kTable = "two threads enter a growing table at the same time";

constexpr Program kPrograms[] = {
    {"Chess/InterlockedWorkStealQueue", RunQueue<SpinLock>, 3, kOverwritten},
    {"Chess/InterlockedWorkStealQueueWithState",
     RunQueueWithState<PushAndPopByTurns<Queue, Teller>>, 3, kTable},
    {"Chess/StateWorkStealQueue", RunQueueWithState<PushThenPop<Queue, Teller>>, 3, kTable},
    {"Chess/WorkStealQueue", RunQueue<std::mutex>, 3, kOverwritten},
};

}  // namespace

std::span<const Program> ChessPrograms() { return kPrograms; }

}  // namespace slotproof::bench
