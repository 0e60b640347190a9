#include "harness/sched/runtime.h"

#include <sys/single_threaded.h>

#include <exception>

#include "harness/sched/arena.h"
#include "harness/sched/fiber.h"

namespace slotproof::sched {
namespace {

constexpr std::uint64_t Digested(std::uint64_t digest, std::uint64_t value) {
  digest = (digest ^ value) * 0xff51afd7ed558ccd;
  return digest ^ digest >> 32;
}

}  // namespace

std::string_view EndingName(Ending ending) {
  switch (ending) {
    case Ending::kDone:
      return "done";
    case Ending::kFailed:
      return "failed";
    case Ending::kDeadlock:
      return "deadlock";
    case Ending::kLostWakeup:
      return "lost wake-up";
    case Ending::kLivelock:
      return "livelock";
    case Ending::kRace:
      return "data race";
    case Ending::kUseAfterFree:
      return "use after free";
    case Ending::kCrash:
      return "crash";
    case Ending::kLockMisuse:
      return "lock misuse";
    case Ending::kLeakedThread:
      return "leaked thread";
    case Ending::kUnsupported:
      return "unsupported";
    case Ending::kNondeterminism:
      return "nondeterminism";
    case Ending::kGivenUp:
      return "given up";
  }
  return "?";
}

constinit thread_local ThreadId Runtime::current_thread = kNoThread;
constinit thread_local bool Runtime::inside_runtime = false;

Runtime& Runtime::Get() {
  static Runtime runtime;
  return runtime;
}

void Runtime::Forget() { detector_.Forget(); }

void Runtime::Thread::Start() {
  result = nullptr;
  operation = 0;
  points = 0;
  stop_at = Strategy::kNever;
  slice = 0;
  ended = false;
  joined = false;
  signalled = false;
  timed = false;
  clock.Clear();
  at_release_fence.Clear();
  to_acquire.Clear();
  at_exit.clear();
  locals.clear();
  spin_used = 0;
  spin_next = 0;
  time_read = 0;
}

const RunResult& Runtime::Run(void (*program)(void*), void* argument, Strategy& strategy,
                              const RunOptions& options) {
  struct Main {
    void (*program)(void*);
    void* argument;
    static void* Body(void* self) {
      const auto* const main = static_cast<Main*>(self);
      main->program(main->argument);
      return nullptr;
    }
  };
  Main main{.program = program, .argument = argument};

  // Or libstdc++ would count the owners of a shared_ptr without atomics: no real thread is there.
  __libc_single_threaded = 0;
  strategy_ = &strategy;
  options_ = options;
  slept_ = 0;
  idle_rounds_ = 0;
  keys_used_ = 0;
  able_ = ThreadSet{};
  yielded_ = ThreadSet{};
  view_.alive = ThreadSet{};
  result_.ending = Ending::kDone;
  result_.message.clear();
  result_.schedule.clear();
  result_.switched_at.clear();
  result_.race.reset();
  result_.points = 0;
  result_.decisions = 0;
  result_.threads = 0;
  result_.digest = 0x9e3779b97f4a7c15;
  detector_.Begin();
  atomics_.NextEpoch();
  if (Stale()) stores_.Begin();
  if (options.continues) {
    objects_.ForEach([](std::uintptr_t, SyncObject& object) { object.clock.Clear(); });
  } else {
    objects_.NextEpoch();
    Arena::Get().Reset();
  }

  strategy.Begin();
  current_thread = 0;
  Create(&Main::Body, &main, 0);
  inside_runtime = true;  // until the fiber runs
  threads_[0].joined = true;
  Fibers::Get().Enter(0);
  current_thread = kNoThread;
  inside_runtime = false;
  for (OnceFlag* const flag : once_flags_) *flag = 0;
  once_flags_.clear();
  strategy.End();
  return result_;
}

void Runtime::End(Ending ending, std::string_view message) {
  inside_runtime = true;  // the message may lie in the arena, its copy must not
  result_.ending = ending;
  result_.message = message;
  if (ending == Ending::kRace) {
    const RacingAccess& earlier = result_.race->earlier;
    Keep({.kind = Deed::Kind::kRace, .other = earlier.thread, .address = earlier.event.address});
  } else if (ending != Ending::kGivenUp) {
    Keep({.kind = Deed::Kind::kFailure});
  }
  Fibers::Get().Leave();
}

void Runtime::Point(const Event& event, bool matters) {
  Thread& thread = Current();
  CountPoint();
  if (result_.points > options_.max_points) {
    End(Ending::kLivelock, "no end after " + std::to_string(options_.max_points) + " points");
  }
  if (++thread.slice > options_.slice_points) {
    YieldNow();
    idle_rounds_ = 0;  // it computes, and does not wait
  }
  const bool asked = matters && strategy_->DecidesEverywhere();
  if (asked || thread.points == thread.stop_at || !Can(current_thread, event) ||
      yielded_.Has(current_thread)) {
    Decide(event);
  }
}

void Runtime::Decide(const Event& event) {
  const ThreadId self = current_thread;
  view_.pending[self] = event;
  strategy_->Arrived(self, view_);
  RefreshEnabled(self);
  const ThreadId next = PickNext();
  if (next != self) SwitchTo(next);
  strategy_->Executes(self, view_);
  result_.digest = Digested(result_.digest, self << 8 | static_cast<std::uint64_t>(event.kind));
  AskForStop(self);
}

void Runtime::AskForStop(ThreadId thread) {
  Thread& of = threads_[thread];
  of.stop_at = strategy_->StopAt(thread, of.operation, of.points);
}

void Runtime::BeginOperation() {
  const Inside inside;
  Thread& thread = Current();
  ++thread.operation;
  thread.points = 0;
  AskForStop(current_thread);
  Keep({.kind = Deed::Kind::kBegin});
}

ThreadId Runtime::PickNext() {
  ThreadSet candidates = able_.Without(yielded_);
  if (candidates.empty()) {
    if (able_.empty()) EndStuck();
    if (++idle_rounds_ > options_.livelock_rounds) {
      End(Ending::kLivelock, "all threads wait for each other's progress");
    }
    yielded_ = ThreadSet{};
    candidates = able_;
  }
  ThreadId next = candidates.First();
  if (candidates.size() > 1 || strategy_->PicksAlone()) {
    ++result_.decisions;
    view_.current = current_thread;
    view_.operation = Current().operation;
    view_.points = Current().points;
    view_.enabled = candidates;
    next = strategy_->Pick(view_);
    if (next == kNoThread) End(Ending::kGivenUp, "");
    if (!candidates.Has(next)) {
      End(Ending::kNondeterminism, NameOf(next) + " could go on here before, and cannot now");
    }
  }
  // A thread that yields could go on: that it does not is part of the schedule.
  if (next != (able_.Has(current_thread) ? current_thread : candidates.First())) {
    const Thread& thread = Current();
    result_.schedule.push_back(
        {.from = current_thread, .operation = thread.operation, .at = thread.points, .to = next});
    result_.switched_at.push_back(result_.points);
  }
  return next;
}

std::uint32_t Runtime::PickStore(std::uint32_t stores) {
  if (stores == 1) return 0;
  const Thread& thread = Current();
  ++result_.decisions;
  view_.current = current_thread;
  view_.operation = thread.operation;
  view_.points = thread.points;
  const std::uint32_t back = strategy_->PickStore(view_, stores);
  if (back >= stores) {
    End(Ending::kNondeterminism,
        NameOf(current_thread) + " could see an older value here before, and cannot now");
  }
  if (back == 0) return 0;
  result_.schedule.push_back({.from = current_thread,
                              .operation = thread.operation,
                              .at = thread.points,
                              .to = current_thread,
                              .back = back});
  result_.switched_at.push_back(result_.points);
  result_.digest = Digested(result_.digest, back);
  return back;
}

void Runtime::SwitchTo(ThreadId next) {
  const ThreadId self = current_thread;
  KeepWait(self, next);
  threads_[next].slice = 0;
  current_thread = next;
  Fibers::Get().Switch(self, next);
}

void Runtime::YieldNow() {
  Current().slice = 0;
  yielded_.Add(current_thread);
  strategy_->Yields(current_thread);
}

void Runtime::Progress() {
  yielded_ = ThreadSet{};
  idle_rounds_ = 0;
}

void Runtime::RefreshEnabled(ThreadId thread) {
  if (Can(thread, view_.pending[thread])) {
    able_.Add(thread);
  } else {
    able_.Remove(thread);
  }
}

void Runtime::Recheck(std::uintptr_t object) {
  view_.alive.Without(ThreadSet::Of(current_thread)).ForEach([&](ThreadId thread) {
    const Event& pending = view_.pending[thread];
    if (pending.address == object || pending.mutex == object) RefreshEnabled(thread);
  });
}

// A new fiber begins here, when it is picked for the first time.
void Runtime::RunThread() {
  Runtime& runtime = Get();
  Thread& thread = runtime.Current();
  runtime.CountPoint();
  runtime.strategy_->Executes(runtime.current_thread, runtime.view_);
  runtime.AskForStop(runtime.current_thread);
  inside_runtime = false;
  // What the program throws is its failure; nothing may leave a fiber.
  try {
    thread.result = thread.body(thread.argument);
  } catch (const std::exception& error) {
    runtime.End(Ending::kFailed, std::string("uncaught exception: ") + error.what());
  } catch (...) {
    runtime.End(Ending::kFailed, "uncaught exception");
  }
  runtime.RunExits();
  runtime.EndThread();
}

void Runtime::RunExits() {
  Thread& thread = Current();
  while (!thread.at_exit.empty()) {
    const auto [body, argument] = thread.at_exit.back();
    thread.at_exit.pop_back();
    body(argument);
  }
}

void Runtime::EndThread() {
  inside_runtime = true;
  Thread& thread = Current();
  CountPoint();
  thread.ended = true;
  view_.alive.Remove(current_thread);
  able_.Remove(current_thread);
  yielded_.Remove(current_thread);
  Progress();
  thread.clock.Advance(current_thread);
  Recheck(current_thread + 1);  // who joins it
  if (view_.alive.empty()) {
    for (ThreadId i = 0; i < result_.threads; ++i) {
      if (!threads_[i].joined) {
        End(Ending::kLeakedThread, NameOf(i) + " was neither joined nor detached");
      }
    }
    Fibers::Get().Leave();
  }
  SwitchTo(PickNext());
  std::terminate();
}

ThreadId Runtime::Create(void* (*body)(void*), void* argument, std::uintptr_t pc) {
  const Inside inside;
  const ThreadId parent = current_thread;
  const ThreadId child = result_.threads;
  if (child == kMaxThreads) {
    End(Ending::kUnsupported, "more than " + std::to_string(kMaxThreads) + " threads");
  }
  ++result_.threads;
  Thread& thread = threads_[child];
  thread.Start();
  thread.body = body;
  thread.argument = argument;
  if (child != 0) {
    CountPoint();
    thread.clock.Assign(threads_[parent].clock);
    threads_[parent].clock.Advance(parent);
  }
  thread.clock.Advance(child);
  Fibers::Get().Prepare(child, &Runtime::RunThread);
  view_.alive.Add(child);
  able_.Add(child);
  view_.pending[child] = {.kind = EventKind::kStart, .pc = pc};
  strategy_->Created(parent, child);
  strategy_->Arrived(child, view_);
  return child;
}

void* Runtime::Join(ThreadId thread, std::uintptr_t pc) {
  const Inside inside;
  if (thread >= result_.threads) End(Ending::kUnsupported, "join of a thread that is not there");
  if (threads_[thread].joined) {
    End(Ending::kLockMisuse, NameOf(thread) + " is joined twice, or was detached");
  }
  Point({.kind = EventKind::kJoin, .address = thread + 1, .pc = pc}, false);
  threads_[thread].joined = true;
  Current().clock.Join(threads_[thread].clock);
  return threads_[thread].result;
}

void Runtime::Detach(ThreadId thread) {
  if (thread < result_.threads) threads_[thread].joined = true;
}

void Runtime::Exit(void* result) {
  Current().result = result;
  RunExits();
  EndThread();
}

void Runtime::Yield(std::uintptr_t pc) {
  const Inside inside;
  YieldNow();
  Point({.kind = EventKind::kYield, .pc = pc}, true);
}

void Runtime::Sleep(std::uint64_t nanoseconds, std::uintptr_t pc) {
  Yield(pc);
  slept_ += nanoseconds;
}

std::uint64_t Runtime::ReadClock(std::uintptr_t pc) {
  const Inside inside;
  Thread& thread = Current();
  Point({.kind = EventKind::kYield, .pc = pc}, false);
  if (thread.time_read != slept_) {
    // Time has passed since it last looked: it has news, so this is no livelock.
    idle_rounds_ = 0;
    thread.time_read = slept_;
  }
  NoteSpin(kClock, pc);
  if (yielded_.Has(current_thread)) slept_ += kTimeOfSpin;
  return Now();
}

void Runtime::AtThreadExit(void (*body)(void*), void* argument) {
  const Inside inside;
  Current().at_exit.emplace_back(body, argument);
}

std::size_t Runtime::NewKey(void (*destroy)(void*)) {
  const Inside inside;
  if (keys_used_ == keys_.size()) keys_.push_back({.index = NewLocal()});
  keys_[keys_used_].destroy = destroy;
  return keys_used_++;
}

void*& Runtime::Local(std::size_t index) {
  const Inside inside;
  std::vector<void*>& locals = Current().locals;
  if (locals.size() <= index) locals.resize(index + 1, nullptr);
  return locals[index];
}

bool Runtime::Can(ThreadId thread, const Event& event) {
  switch (event.kind) {
    case EventKind::kLock: {
      const SyncObject& mutex = objects_.At(event.address);
      return !mutex.taken();
    }
    case EventKind::kLockShared:
      return objects_.At(event.address).owner == kNoThread;
    case EventKind::kWake:
      if (!threads_[thread].signalled && !threads_[thread].timed) return false;
      return event.mutex == 0 || !objects_.At(event.mutex).taken();
    case EventKind::kJoin:
      return threads_[event.address - 1].ended;
    case EventKind::kSemaphore:
      return threads_[thread].timed || objects_.At(event.address).count > 0;
    case EventKind::kBarrier:
      return threads_[thread].signalled;
    default:
      return true;
  }
}

std::string Runtime::DescribeWait(ThreadId thread) {
  const Event& event = view_.pending[thread];
  const std::string self = NameOf(thread);
  switch (event.kind) {
    case EventKind::kLock:
    case EventKind::kLockShared: {
      const SyncObject& mutex = objects_.At(event.address);
      const ThreadId holder = mutex.owner != kNoThread ? mutex.owner : mutex.readers.First();
      return self + " waits for a lock of " + (holder == thread ? "its own" : NameOf(holder));
    }
    case EventKind::kWake:
      if (threads_[thread].signalled) return self + " was woken and waits for its mutex";
      return self + " waits for a signal";
    case EventKind::kJoin:
      return self + " waits for the end of " + NameOf(static_cast<ThreadId>(event.address - 1));
    case EventKind::kSemaphore:
      return self + " waits for a semaphore";
    case EventKind::kBarrier:
      return self + " waits at a barrier";
    default:
      return self + " waits";
  }
}

void Runtime::EndStuck() {
  std::string message;
  bool lost = false;
  view_.alive.ForEach([&](ThreadId thread) {
    message += (message.empty() ? "" : "; ") + DescribeWait(thread);
    KeepWait(thread, kNoThread);
    const Event& event = view_.pending[thread];
    if (event.kind == EventKind::kWake && !threads_[thread].signalled) {
      lost |= objects_.At(event.address).signalled_in_vain;
    }
  });
  if (lost) message += "; a signal came when nobody waited";
  End(lost ? Ending::kLostWakeup : Ending::kDeadlock, message);
}

}  // namespace slotproof::sched
