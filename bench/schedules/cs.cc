#include <array>
#include <cstddef>
#include <mutex>
#include <span>

#include "bench/schedules/program.h"
#include "bench/schedules/racy.h"
#include "bench/schedules/sets.h"
#include "bench/schedules/thread.h"

// SCTBench's set CS ("concurrent software"): textbook programs. Those that come in several widths
// are in wide.cc.

namespace slotproof::bench {
namespace {

// A deposit, a withdrawal and a check, each under the account's lock. The check has the wrong
// formula for the balance once both are done, so it fails whenever it runs last: 3 threads, no
// preemption.
struct Account {
  std::mutex mutex;
  int before = 1;
  int deposit = 2;
  int withdrawal = 4;
  int balance = before;
  bool deposited = false;
  bool withdrawn = false;
};

void Deposit(Account& account) {
  const std::lock_guard lock(account.mutex);
  account.balance = account.balance + account.deposit;
  account.deposited = true;
}

void Withdraw(Account& account) {
  const std::lock_guard lock(account.mutex);
  account.balance = account.balance - account.withdrawal;
  account.withdrawn = true;
}

void CheckAccount(Account& account) {
  const std::lock_guard lock(account.mutex);
  if (!account.deposited || !account.withdrawn) return;
  Require(account.balance == account.before - account.deposit - account.withdrawal,
          "the balance is wrong after the deposit and the withdrawal");
}

void RunAccount() {
  Account account;
  const Thread check = Start<CheckAccount>(account);
  const Thread deposit = Start<Deposit>(account);
  const Thread withdraw = Start<Withdraw>(account);
  withdraw.Join();
  deposit.Join();
  check.Join();
}

// A driver that counts the requests under way, and a stop that waits until the last one is done. A
// request asks whether the driver is stopping and only then counts itself: when all of the stop
// comes in between, the request works on a stopped driver. 2 threads, 1 preemption.
struct Driver {
  std::mutex mutex;  // makes a count and its read one step
  int pending = 1;   // one for the driver itself
  Racy<bool> stopping = false;
  Racy<bool> all_done = false;
  Racy<bool> stopped = false;
};

void FinishRequest(Driver& driver) {
  int pending;
  {
    const std::lock_guard lock(driver.mutex);
    driver.pending = driver.pending - 1;
    pending = driver.pending;
  }
  if (pending == 0) driver.all_done = true;
}

void RequestWork(Driver& driver) {
  if (!driver.stopping) {
    {
      const std::lock_guard lock(driver.mutex);
      driver.pending = driver.pending + 1;
    }
    Require(!driver.stopped, "a request works on a stopped driver");
  }
  FinishRequest(driver);
}

void StopDriver(Driver& driver) {
  driver.stopping = true;
  FinishRequest(driver);
  if (driver.all_done) driver.stopped = true;
}

void RunBluetoothDriver() {
  Driver driver;
  const Thread stop = Start<StopDriver>(driver);
  const Thread work = Start<RequestWork>(driver);
  work.Join();
  stop.Join();
}

// Two classes of users of one room: the first of a class takes the room's lock, the last gives it
// back, and a lock guards the counts. Who waits for the room keeps the counts' lock, which the
// other class needs to leave: a deadlock when one class asks while the other is inside. 4 threads,
// of which two do nothing; 1 preemption.
struct Room {
  std::mutex counts;
  std::mutex room;
  int users_of_class_a = 0;
  int users_of_class_b = 0;
};

void Visit(Room& room, int& users) {
  room.counts.lock();
  users = users + 1;
  if (users == 1) room.room.lock();
  room.counts.unlock();

  room.counts.lock();
  users = users - 1;
  if (users == 0) room.room.unlock();
  room.counts.unlock();
}

void VisitAsClassA(Room& room) { Visit(room, room.users_of_class_a); }
void VisitAsClassB(Room& room) { Visit(room, room.users_of_class_b); }
void StayAway(Room&) {}

void RunCarter01() {
  Room room;
  const Thread a = Start<VisitAsClassA>(room);
  const Thread b = Start<VisitAsClassB>(room);
  const Thread idle = Start<StayAway>(room);
  const Thread idle_too = Start<StayAway>(room);
  a.Join();
  b.Join();
  idle.Join();
  idle_too.Join();
}

// A log of ten entries that one thread fills and another one reads, by turns as two flags say. Each
// makes seven attempts and skips those for which it is not its turn, but the reader expects the
// number of its attempt: it fails once it has skipped one and not all. 2 threads, 1 preemption.
struct Log {
  static constexpr int kCapacity = 10;
  static constexpr int kAttempts = 7;
  static constexpr int kNothing = -1;

  std::mutex mutex;
  std::array<char, kCapacity> entries{};
  int first = 0;
  int next = 0;
  bool may_send = true;
  bool may_receive = false;
};

void Insert(Log& log, int entry) {
  if (log.next >= Log::kCapacity) return;
  log.entries[static_cast<std::size_t>(log.next)] = static_cast<char>(entry);
  log.next = (log.next + 1) % Log::kCapacity;
}

int Remove(Log& log) {
  if (log.next <= 0 || log.first >= Log::kCapacity) return Log::kNothing;
  log.first = log.first + 1;
  return log.entries[static_cast<std::size_t>(log.first - 1)];
}

void Send(Log& log) {
  for (int i = 0; i < Log::kAttempts; ++i) {
    const std::lock_guard lock(log.mutex);
    if (!log.may_send) continue;
    Insert(log, i);
    log.may_send = false;
    log.may_receive = true;
  }
}

void Receive(Log& log) {
  for (int i = 0; i < Log::kAttempts; ++i) {
    const std::lock_guard lock(log.mutex);
    if (!log.may_receive) continue;
    Require(Remove(log) == i, "the entry is not the one of this attempt");
    log.may_receive = false;
    log.may_send = true;
  }
}

void RunCircularBuffer() {
  Log log;
  const Thread send = Start<Send>(log);
  const Thread receive = Start<Receive>(log);
  send.Join();
  receive.Join();
}

// Two threads take two locks in opposite order. 1 preemption.
struct TwoLocks {
  std::mutex a;
  std::mutex b;
  int counter = 1;
};

void TakeAThenB(TwoLocks& locks) {
  const std::lock_guard first(locks.a);
  const std::lock_guard second(locks.b);
  locks.counter = locks.counter + 1;
}

void TakeBThenA(TwoLocks& locks) {
  const std::lock_guard first(locks.b);
  const std::lock_guard second(locks.a);
  locks.counter = locks.counter - 1;
}

void RunDeadlock01() {
  TwoLocks locks;
  const Thread ab = Start<TakeAThenB>(locks);
  const Thread ba = Start<TakeBThenA>(locks);
  ab.Join();
  ba.Join();
}

// Two threads add to a sum under its lock, a third fails when it sees the whole sum: when it runs
// last, although it was made first. 3 threads, no preemption.
struct Sum {
  std::mutex mutex;
  int sum = 0;
};

template <int kSummand>
void Add(Sum& sum) {
  const std::lock_guard lock(sum.mutex);
  sum.sum = sum.sum + kSummand;
}

void ExpectLessThanAll(Sum& sum) {
  const std::lock_guard lock(sum.mutex);
  Require(sum.sum < 3, "both summands are there");
}

void RunLazy01() {
  Sum sum;
  const Thread check = Start<ExpectLessThanAll>(sum);
  const Thread two = Start<Add<2>>(sum);
  const Thread one = Start<Add<1>>(sum);
  one.Join();
  two.Join();
  check.Join();
}

// A queue of twenty that one thread fills and another one empties, by turns, with the same mistake
// as circular_buffer on both sides: attempts that were skipped count. 2 threads, 1 preemption.
struct Queue {
  static constexpr std::size_t kSize = 20;

  std::mutex mutex;
  std::array<int, kSize> elements{};
  std::size_t head = 0;
  std::size_t tail = 0;
  int amount = 0;
  std::array<int, kSize> stored{};
  bool may_enqueue = true;
  bool may_dequeue = false;
};

void Enqueue(Queue& queue, int value) {
  queue.elements[queue.tail] = value;
  queue.amount = queue.amount + 1;
  queue.tail = queue.tail == Queue::kSize ? 1 : queue.tail + 1;
}

int Dequeue(Queue& queue) {
  const int value = queue.elements[queue.head];
  queue.amount = queue.amount - 1;
  queue.head = queue.head == Queue::kSize ? 1 : queue.head + 1;
  return value;
}

void Fill(Queue& queue) {
  int value = 0;
  {
    const std::lock_guard lock(queue.mutex);
    Enqueue(queue, value);
    queue.stored[0] = value;
    Require(queue.head != queue.tail, "the queue is empty after an insertion");
  }
  for (std::size_t i = 1; i < Queue::kSize; ++i) {
    const std::lock_guard lock(queue.mutex);
    if (!queue.may_enqueue) continue;
    ++value;
    Enqueue(queue, value);
    queue.stored[i] = value;
    queue.may_enqueue = false;
    queue.may_dequeue = true;
  }
}

void Empty(Queue& queue) {
  for (std::size_t i = 0; i < Queue::kSize; ++i) {
    const std::lock_guard lock(queue.mutex);
    if (!queue.may_dequeue) continue;
    Require(Dequeue(queue) == queue.stored[i], "the element is not the one of this attempt");
    queue.may_dequeue = false;
    queue.may_enqueue = true;
  }
}

void RunQueue() {
  Queue queue;
  const Thread fill = Start<Fill>(queue);
  const Thread empty = Start<Empty>(queue);
  fill.Join();
  empty.Join();
}

// One thread pushes ten times, another one pops ten times from when the first element has come: it
// fails when it gets ahead. 2 threads, 1 preemption.
struct Stack {
  static constexpr int kSize = 10;

  std::mutex mutex;
  int top = 0;
  std::array<int, kSize> elements{};
  bool started = false;
};

void PushAll(Stack& stack) {
  for (int i = 0; i < Stack::kSize; ++i) {
    const std::lock_guard lock(stack.mutex);
    Require(stack.top != Stack::kSize, "the stack is full");
    stack.elements[static_cast<std::size_t>(stack.top)] = i;
    stack.top = stack.top + 1;
    stack.started = true;
  }
}

void PopAll(Stack& stack) {
  for (int i = 0; i < Stack::kSize; ++i) {
    const std::lock_guard lock(stack.mutex);
    if (!stack.started) continue;
    Require(stack.top != 0, "the stack is empty");
    stack.top = stack.top - 1;
  }
}

void RunStack() {
  Stack stack;
  const Thread push = Start<PushAll>(stack);
  const Thread pop = Start<PopAll>(stack);
  push.Join();
  pop.Join();
}

// Three threads hand a number on, in a ring; a fourth one expects it to be the same everywhere once
// all have done so. It fails when it comes last and the others did not come in order: 4 threads, no
// preemption.
struct Ring {
  std::mutex mutex;
  int x1 = 1;
  int x2 = 2;
  int x3 = 1;
  bool done1 = false;
  bool done2 = false;
  bool done3 = false;
};

void Step1(Ring& ring) {
  const std::lock_guard lock(ring.mutex);
  ring.x1 = (ring.x3 + 1) % 4;
  ring.done1 = true;
}

void Step2(Ring& ring) {
  const std::lock_guard lock(ring.mutex);
  ring.x2 = ring.x1;
  ring.done2 = true;
}

void Step3(Ring& ring) {
  const std::lock_guard lock(ring.mutex);
  ring.x3 = ring.x2;
  ring.done3 = true;
}

void CheckRing(Ring& ring) {
  const std::lock_guard lock(ring.mutex);
  if (!ring.done1 || !ring.done2 || !ring.done3) return;
  Require(ring.x1 == ring.x2 && ring.x2 == ring.x3, "the number is not the same everywhere");
}

void RunTokenRing() {
  Ring ring;
  const Thread first = Start<Step1>(ring);
  const Thread second = Start<Step2>(ring);
  const Thread third = Start<Step3>(ring);
  const Thread check = Start<CheckRing>(ring);
  check.Join();
  third.Join();
  second.Join();
  first.Join();
}

constexpr Program kPrograms[] = {
    {"CS/account", RunAccount, 4, "the check's formula is wrong when it runs last"},
    {"CS/bluetooth_driver", RunBluetoothDriver, 3, "a stop between a request's check and count"},
    {"CS/carter01", RunCarter01, 5, "deadlock: who waits for the room keeps the counts' lock"},
    {"CS/circular_buffer", RunCircularBuffer, 3, "the reader counts attempts that it skipped"},
    {"CS/deadlock01", RunDeadlock01, 3, "deadlock: two locks in opposite order"},
    {"CS/lazy01", RunLazy01, 4, "the check runs last"},
    {"CS/queue", RunQueue, 3, "both sides count attempts that they skipped"},
    {"CS/stack", RunStack, 3, "pops get ahead of pushes"},
    {"CS/token_ring", RunTokenRing, 5, "a number handed on out of order"},
};

}  // namespace

std::span<const Program> CsPrograms() { return kPrograms; }

}  // namespace slotproof::bench
