// boost::lockfree: a queue and a stack of many threads, and a ring of one producer and one
// consumer.

#include <array>

#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>
#include <boost/lockfree/stack.hpp>

#include "subjects/public_containers/judge.h"
#include "subjects/public_containers/programs.h"

namespace slotproof::public_containers {
namespace {

using linear::Code;
using linear::kNil;
using linear::Value;

template <class Container>
bool Put(Container& container, std::uint32_t thread, Value value) {
  bool room = false;
  Call(thread, {.code = Code::kEnqueue, .b = value}, [&] {
    room = container.push(value);
    return linear::kAnyResult;
  });
  return room;
}

template <class Container>
Value Take(Container& container, std::uint32_t thread) {
  return Call(thread, {.code = Code::kDequeue}, [&] {
    Value value = kNil;
    return container.pop(value) ? value : kNil;
  });
}

template <class Container>
void TakeRest(Container& container) {
  while (Take(container, 0) != kNil) {
  }
}

// Nodes are used again: the second thread's are those that the first one emptied.
template <class Container>
void PutAndTake(Contract contract) {
  StartRecord();
  Container container(2);
  Together(
      [&] {
        Put(container, 1, 1);
        Take(container, 1);
      },
      [&] {
        Put(container, 2, 2);
        Take(container, 2);
        Put(container, 2, 3);
        Take(container, 2);
      });
  TakeRest(container);
  Judge(contract);
}

void Queue() { PutAndTake<boost::lockfree::queue<Value>>(Contract::kQueue); }
void Stack() { PutAndTake<boost::lockfree::stack<Value>>(Contract::kStack); }

using Ring = boost::lockfree::spsc_queue<Value, boost::lockfree::capacity<2>>;

void RingOfTwo() {
  StartRecord();
  Ring ring;
  Together(
      [&] {
        Put(ring, 1, 1);
        Put(ring, 1, 2);
      },
      [&] {
        Take(ring, 2);
        Take(ring, 2);
      });
  TakeRest(ring);
  Judge(Contract::kQueue);
}

// Misuse: two producers.
void RingOfTwoProducers() {
  Ring ring;
  Together([&] { ring.push(1); }, [&] { ring.push(2); });
}

// Misuse: somebody else takes what one has seen to be there.
void EmptyThenPop() {
  boost::lockfree::queue<Value> queue(1);
  queue.push(1);
  const auto take = [&] {
    Value value = kNil;
    if (!queue.empty() && !queue.pop(value)) sched::Fail("nothing was there");
  };
  Together(take, take);
}

constexpr std::array kPrograms = {
    ContainerProgram{"Queue", &Queue, "data race"},
    ContainerProgram{"Stack", &Stack, "data race"},
    ContainerProgram{
        .name = "QueueButForRaces", .run = &Queue, .stale_ending = "failed", .races_fail = false},
    ContainerProgram{.name = "StackButForRaces", .run = &Stack, .races_fail = false},
    ContainerProgram{.name = "RingOfTwo", .run = &RingOfTwo, .is_small = true},
    ContainerProgram{"RingOfTwoProducers", &RingOfTwoProducers, "data race"},
    ContainerProgram{.name = "EmptyThenPop",
                     .run = &EmptyThenPop,
                     .ending = "failed",
                     .stale_ending = "failed",
                     .races_fail = false},
};

}  // namespace

std::span<const ContainerProgram> BoostPrograms() { return kPrograms; }

}  // namespace slotproof::public_containers
