#include <array>
#include <atomic>
#include <cstddef>
#include <span>
#include <thread>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// SafeStack, a lock-free stack that Dmitry Vyukov posted as a puzzle for checkers.
//
//   head_ --> 0 --> 1 --> 2 --> -1        next of each element; -1 also while a pop has it in hand
//   count_ = 3
//
// A pop takes the head's `next` out, swings the head to it and counts; the last element is never
// popped, so that a push need not be told from an end of the list. Whose swing fails puts `next`
// back, into an element that may have been popped and pushed since. It takes three threads, with
// two pops and pushes each, and six preemptions until two threads hold one element at once, and one
// more until one of them sees the other's mark on it (a search through all states of a model says
// so). All atomics are sequentially consistent.

namespace slotproof::bench {
namespace {

constexpr int kElements = 3;
constexpr int kRounds = 2;
constexpr int kNone = -1;

class SafeStack {
 public:
  SafeStack() {
    for (int i = 0; i < kElements - 1; ++i) At(i).next.store(i + 1);
    At(kElements - 1).next.store(kNone);
  }

  // kNone when there is one element at most.
  int Pop() {
    while (count_.load() > 1) {
      const int head = head_.load();
      const int next = At(head).next.exchange(kNone);
      if (next < 0) {
        std::this_thread::yield();
        continue;
      }
      int expected = head;
      if (head_.compare_exchange_strong(expected, next)) {
        count_.fetch_sub(1);
        return head;
      }
      At(head).next.exchange(next);
    }
    return kNone;
  }

  void Push(int element) {
    int head = head_.load();
    do {
      At(element).next.store(head);
    } while (!head_.compare_exchange_strong(head, element));
    count_.fetch_add(1);
  }

  // Of whoever holds it.
  Racy<int>& Mark(int element) { return At(element).mark; }

 private:
  struct Element {
    Racy<int> mark = kNone;
    std::atomic<int> next = kNone;
  };

  Element& At(int element) { return elements_[static_cast<std::size_t>(element)]; }

  std::atomic<int> head_ = 0;
  std::atomic<int> count_ = kElements;
  std::array<Element, kElements> elements_;
};

template <int kThread>
void PopAndPush(SafeStack& stack) {
  for (int round = 0; round < kRounds; ++round) {
    int element = stack.Pop();
    while (element == kNone) {
      std::this_thread::yield();
      element = stack.Pop();
    }
    stack.Mark(element) = kThread;
    Require(stack.Mark(element) == kThread, "two threads hold one element");
    stack.Push(element);
  }
}

void RunSafeStack() {
  SafeStack stack;
  const Thread first = Start<PopAndPush<0>>(stack);
  const Thread second = Start<PopAndPush<1>>(stack);
  const Thread third = Start<PopAndPush<2>>(stack);
  first.Join();
  second.Join();
  third.Join();
}

constexpr Program kPrograms[] = {
    {"SafeStack", RunSafeStack, 4, "an element is popped by two threads at once"},
};

}  // namespace

std::span<const Program> SafeStackPrograms() { return kPrograms; }

}  // namespace slotproof::bench
