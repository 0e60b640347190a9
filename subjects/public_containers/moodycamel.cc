// moodycamel::ConcurrentQueue: many producers, many consumers. Items of one producer leave in the
// order in which they came; of two producers' items nothing is promised, nor is a consumer that
// gets nothing told that nothing was there.

#include <array>

#include <concurrentqueue/blockingconcurrentqueue.h>
#include <concurrentqueue/concurrentqueue.h>

#include "subjects/public_containers/judge.h"
#include "subjects/public_containers/programs.h"

namespace slotproof::public_containers {
namespace {

using linear::Code;
using linear::kNil;
using linear::Value;

using Queue = moodycamel::ConcurrentQueue<Value>;

void Put(Queue& queue, std::uint32_t thread, Value value) {
  Call(thread, {.code = Code::kEnqueue, .b = value}, [&] {
    queue.enqueue(value);
    return linear::kAnyResult;
  });
}

Value Take(Queue& queue, std::uint32_t thread) {
  return Call(thread, {.code = Code::kDequeue}, [&] {
    Value value = kNil;
    return queue.try_dequeue(value) ? value : kNil;
  });
}

constexpr Value Item(std::uint32_t producer, Value number) {
  return producer * kOfProducer + number;
}

// Takes what is left: so many items.
void Drain(Queue& queue, int left) {
  for (; left > 0; --left) {
    if (Take(queue, 0) == kNil) sched::Fail("an item is lost");
  }
  if (Take(queue, 0) != kNil) sched::Fail("an item came twice");
}

void TwoProducersOneConsumer() {
  StartRecord();
  Queue queue;
  int taken = 0;
  std::thread consumer([&] {
    for (int i = 0; i < 2; ++i) taken += Take(queue, 3) != kNil ? 1 : 0;
  });
  Together(
      [&] {
        Put(queue, 1, Item(1, 1));
        Put(queue, 1, Item(1, 2));
      },
      [&] { Put(queue, 2, Item(2, 1)); });
  consumer.join();
  Drain(queue, 3 - taken);
  Judge(Contract::kStreams);
}

void TwoConsumers() {
  StartRecord();
  Queue queue;
  Put(queue, 0, Item(1, 1));
  std::array<int, 3> taken{};
  Together(
      [&] {
        taken[1] += Take(queue, 1) != kNil ? 1 : 0;
        Put(queue, 1, Item(2, 1));
      },
      [&] {
        taken[2] += Take(queue, 2) != kNil ? 1 : 0;
        taken[2] += Take(queue, 2) != kNil ? 1 : 0;
      });
  Drain(queue, 2 - taken[1] - taken[2]);
  Judge(Contract::kStreams);
}

// NOLINTBEGIN(readability-identifier-naming): the library's names.
struct BlocksOfTwo : moodycamel::ConcurrentQueueDefaultTraits {
  static constexpr std::size_t BLOCK_SIZE = 2;
  static constexpr std::size_t IMPLICIT_INITIAL_INDEX_SIZE = 2;
};
// NOLINTEND(readability-identifier-naming)

// Two items of one block leave by the hands of two, who give the block back together.
void SmallBlocks() {
  moodycamel::ConcurrentQueue<Value, BlocksOfTwo> queue;
  std::array<Value, 3> got{};
  const auto take = [&](std::size_t thread) {
    Value value = kNil;
    while (!queue.try_dequeue(value)) std::this_thread::yield();
    got[thread] = value;
  };
  std::thread consumer([&] { take(1); });
  queue.enqueue(1);
  queue.enqueue(2);
  queue.enqueue(3);
  take(0);
  consumer.join();
  take(2);
  if (got[0] + got[1] + got[2] != 6) sched::Fail("an item is lost");
}

// Nobody sleeps while an item waits for him.
void Blocking() {
  moodycamel::BlockingConcurrentQueue<Value> queue;
  Value sum = 0;
  std::thread consumer([&] {
    for (int i = 0; i < 2; ++i) {
      Value value = kNil;
      queue.wait_dequeue(value);
      sum += value;
    }
  });
  Together([&] { queue.enqueue(1); }, [&] { queue.enqueue(2); });
  consumer.join();
  if (sum != 3) sched::Fail("an item is lost");
}

// Misuse: the order of one producer taken for that of all.
void OneOrderOfAll() {
  StartRecord();
  Queue queue;
  Together(
      [&] {
        Put(queue, 1, Item(1, 1));
        Take(queue, 1);
      },
      [&] { Put(queue, 2, Item(2, 1)); });
  Take(queue, 0);
  Judge(Contract::kQueue);
}

// Misuse: who gets nothing takes the queue for empty.
void NothingMeansEmpty() {
  StartRecord();
  Queue queue;
  moodycamel::ProducerToken token(queue);
  std::thread producer([&] {
    for (Value i = 1; i <= 2; ++i) {
      Call(3, {.code = Code::kEnqueue, .b = Item(3, i)}, [&] {
        queue.enqueue(token, Item(3, i));
        return linear::kAnyResult;
      });
    }
  });
  Together([&] { Take(queue, 1); },
           [&] {
             Take(queue, 2);
             Take(queue, 2);
           });
  producer.join();
  Judge(Contract::kStreamsOrEmpty);
}

// Misuse: a token, which is one producer's, in two threads.
void SharedToken() {
  Queue queue;
  moodycamel::ProducerToken token(queue);
  Together([&] { queue.enqueue(token, 1); }, [&] { queue.enqueue(token, 2); });
}

constexpr std::array kPrograms = {
    ContainerProgram{"TwoProducersOneConsumer", &TwoProducersOneConsumer},
    ContainerProgram{.name = "TwoConsumers", .run = &TwoConsumers, .is_small = true},
    ContainerProgram{.name = "SmallBlocks", .run = &SmallBlocks, .is_small = true},
    ContainerProgram{"Blocking", &Blocking},
    ContainerProgram{"OneOrderOfAll", &OneOrderOfAll, "failed"},
    ContainerProgram{.name = "NothingMeansEmpty",
                     .run = &NothingMeansEmpty,
                     .ending = "failed",
                     .stale_ending = ""},
    ContainerProgram{"SharedToken", &SharedToken, "data race"},
};

}  // namespace

std::span<const ContainerProgram> MoodycamelPrograms() { return kPrograms; }

}  // namespace slotproof::public_containers
