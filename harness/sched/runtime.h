#ifndef SLOTPROOF_HARNESS_SCHED_RUNTIME_H_
#define SLOTPROOF_HARNESS_SCHED_RUNTIME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/sched/epoch_map.h"
#include "harness/sched/event.h"
#include "harness/sched/race_detector.h"
#include "harness/sched/schedule.h"
#include "harness/sched/store_history.h"
#include "harness/sched/strategy.h"
#include "harness/sched/sync_object.h"
#include "harness/sched/thread_set.h"
#include "harness/sched/trail.h"
#include "harness/sched/vector_clock.h"

// Runs a program of threads as fibers of one OS thread, and asks a strategy at each point of
// decision which of them goes on.
//
//   code under test, compiled with -fsanitize=thread         harness/sched
//     x = 1;              -> __tsan_write4(&x)       -> Runtime::Plain ------+
//     flag.store(1)       -> __tsan_atomic32_store   -> Runtime::AtomicPoint |-> Strategy::Pick
//     std::mutex::lock    -> pthread_mutex_lock      -> Runtime::Lock -------+        |
//     std::thread t(...)  -> pthread_create          -> Runtime::Create      fibers <-+
//
// Nothing of ThreadSanitizer's runtime is linked: the calls arrive in callbacks.cc, those of
// pthread in pthread_calls.cc, those of malloc in memory_calls.cc. Outside of a schedule they do
// what they always do.
//
// A thread that comes to a point says what it does next and waits to be picked; once picked, it
// does that and all that follows up to its next point as one step. A point is a point of *decision*
// where the order of steps may matter: at synchronisation, and at accesses to contended memory
// (RaceDetector::IsContended). What is contended is learnt from schedule to schedule.
//
// Each load sees the last store, or, with Memory::kStale, an older one that C++ allows it to see.
// Code that is not compiled so, inline assembly, and system calls but for futexes run as they are,
// as one step with what is around them.

namespace slotproof::sched {

// Which accesses to memory are points of decision. Synchronisation always is.
enum class Volume : std::uint8_t {
  kAll,        // every access
  kContended,  // those whose order can matter, as far as has been seen
  kSync,       // atomic operations alone
};

// What a load of an atomic sees.
enum class Memory : std::uint8_t {
  kSequential,  // the last store
  kStale,       // the last or an older one, which the strategy picks (StoreHistory)
};

struct RunOptions {
  // Goes on with what the run before has left: its memory and the state of its mutexes and the
  // like. All threads have ended in between, so that nothing races with what they did.
  bool continues = false;
  Volume volume = Volume::kContended;
  Memory memory = Memory::kSequential;
  bool races_fail = true;                // a data race ends the schedule as a failure
  std::uint64_t max_points = 1'000'000;  // of one schedule; more is a livelock
  std::uint32_t spin_reads = 8;          // reads of what has not changed that make a spin loop
  std::uint64_t slice_points = 10'000;   // points in a row after which a thread yields
  std::uint32_t livelock_rounds = 100;   // times that all threads wait for each other's progress
  // In messages thread i is called by the i-th of these numbers; by its own if this is null.
  const std::uint32_t* shown_as = nullptr;
  Trail* trail = nullptr;  // where to keep what happens, if anybody is to be told
};

enum class Ending : std::uint8_t {
  kDone,            // all threads ended, and nothing failed
  kFailed,          // the program said so: Fail(), assert(), abort(), an exception nobody caught
  kDeadlock,        // threads wait for each other
  kLostWakeup,      // a thread waits for a signal that came before it waited
  kLivelock,        // no end
  kRace,            // a data race
  kUseAfterFree,    // of allocated memory, or its double free
  kCrash,           // a bad address, or a stack that is full
  kLockMisuse,      // unlocked by another thread, or destroyed while locked
  kLeakedThread,    // neither joined nor detached
  kUnsupported,     // a call that cannot be scheduled
  kNondeterminism,  // a strategy that repeats a run met other threads than before
  kGivenUp,         // by the strategy
};
std::string_view EndingName(Ending ending);

struct RunResult {
  Ending ending = Ending::kDone;
  std::string message;  // one sentence; empty when done
  Schedule schedule;
  std::vector<std::uint64_t> switched_at;  // of each switch: `points` when it happened
  std::optional<DataRace> race;            // the first one
  std::uint64_t points = 0;                // of all threads
  std::uint64_t decisions = 0;             // where the strategy was asked
  std::uint32_t threads = 0;
  // Of all steps: equal for equal runs in one process.
  std::uint64_t digest = 0;

  bool failed() const { return ending != Ending::kDone && ending != Ending::kGivenUp; }
};

class Runtime {
 public:
  static Runtime& Get();

  // One schedule. The program must leave nothing behind that the next one could see, but for what
  // it allocated. The result holds until the next call.
  const RunResult& Run(void (*program)(void*), void* argument, Strategy& strategy,
                       const RunOptions& options);

  // Another program comes: forgets which memory is contended.
  void Forget();
  // Grows when memory is found to be contended.
  std::uint64_t contended_count() const { return detector_.contended_count(); }

  // Whether the caller is code under test in a schedule.
  static bool Active() { return current_thread != kNoThread && !inside_runtime; }
  // For Unobserved (unobserved.h).
  static void LookAway() { inside_runtime = true; }
  static void LookAgain() { inside_runtime = false; }
  static ThreadId current() { return current_thread; }
  // Points of all threads so far: the schedule's time.
  std::uint64_t points() const { return result_.points; }

  // How messages call a thread.
  std::string NameOf(ThreadId thread) const {
    return "t" + std::to_string(options_.shown_as == nullptr ? thread : options_.shown_as[thread]);
  }

  // Ends the schedule as a failure.
  [[noreturn]] void End(Ending ending, std::string_view message);

  // --- memory (runtime_memory.cc)
  void Plain(std::uintptr_t address, std::size_t size, bool writes, std::uintptr_t pc);
  // Before an atomic operation, and after it.
  void AtomicPoint(EventKind kind, std::uintptr_t address, std::size_t size, int order,
                   std::uintptr_t pc);
  struct AtomicEffect {
    bool reads = false;
    bool writes = false;
    bool changes = false;    // what it wrote is not what was there
    void* loaded = nullptr;  // of a load: what it saw, which may be replaced by what was older
  };
  void AtomicDone(EventKind kind, std::uintptr_t address, std::size_t size, int order,
                  AtomicEffect effect, std::uintptr_t pc);
  void Fence(int order, std::uintptr_t pc);
  void* Allocate(std::size_t size, std::size_t alignment, std::uintptr_t pc);
  void Free(void* block, std::uintptr_t pc);

  // --- threads (runtime.cc)
  ThreadId Create(void* (*body)(void*), void* argument, std::uintptr_t pc);
  void* Join(ThreadId thread, std::uintptr_t pc);
  void Detach(ThreadId thread);
  [[noreturn]] void Exit(void* result);
  void Yield(std::uintptr_t pc);
  // The thread begins its next operation: its points are counted from 1 again.
  void BeginOperation();
  // It has been answered: for the trail.
  void EndOperation();
  // Runs when the thread ends, last added first.
  void AtThreadExit(void (*body)(void*), void* argument);
  // Of pthread keys, which end with their schedule: a place, and what runs at the end of a thread.
  struct Key {
    std::size_t index = 0;
    void (*destroy)(void*) = nullptr;
  };
  std::size_t NewKey(void (*destroy)(void*));
  const Key& KeyAt(std::size_t number) const { return keys_[number]; }
  // For a thread-local variable, in all schedules.
  std::size_t NewLocal() { return ++locals_; }
  // A place of the current thread's own, null at first.
  void*& Local(std::size_t index);
  // Of the schedule, in nanoseconds: it passes with points, with sleeps and with waits in vain.
  std::uint64_t Now() const { return kTimeAtStart + result_.points * 100 + slept_; }
  // The program asks for it. A thread that does nothing else waits for time to pass.
  std::uint64_t ReadClock(std::uintptr_t pc);
  void Sleep(std::uint64_t nanoseconds, std::uintptr_t pc);

  // --- synchronisation (runtime_sync.cc); results are those of pthread
  int Lock(std::uintptr_t mutex, MutexKind kind, std::uintptr_t pc);
  int TryLock(std::uintptr_t mutex, MutexKind kind, std::uintptr_t pc);
  // Has the lock or says that the time is over, which it may be at once.
  int TimedLock(std::uintptr_t mutex, MutexKind kind, std::uint64_t until, std::uintptr_t pc);
  int TimedLockShared(std::uintptr_t mutex, std::uint64_t until, std::uintptr_t pc);
  int LockShared(std::uintptr_t mutex, std::uintptr_t pc);
  int TryLockShared(std::uintptr_t mutex, std::uintptr_t pc);
  int Unlock(std::uintptr_t mutex, std::uintptr_t pc);
  int DestroyLock(std::uintptr_t mutex);
  // A wait may end in vain unless it is kForever; then it is as late as it says.
  static constexpr std::uint64_t kForever = ~std::uint64_t{0};
  int Wait(std::uintptr_t condition, std::uintptr_t mutex, std::uint64_t until, std::uintptr_t pc);
  // Wakes so many at most that wait for the condition or the futex; how many it woke.
  static constexpr int kAll = std::numeric_limits<int>::max();
  int Signal(std::uintptr_t address, int most, std::uintptr_t pc);
  void SemaphoreInit(std::uintptr_t semaphore, std::uint32_t count);
  int SemaphoreWait(std::uintptr_t semaphore, bool tries, std::uint64_t until, std::uintptr_t pc);
  void SemaphorePost(std::uintptr_t semaphore, std::uintptr_t pc);
  std::uint64_t SemaphoreCount(std::uintptr_t semaphore);
  void BarrierInit(std::uintptr_t barrier, std::uint32_t count);
  bool BarrierWait(std::uintptr_t barrier, std::uintptr_t pc);
  // Whether it slept: the word had the value.
  bool FutexWait(const std::uint32_t* word, std::uint32_t value, std::uint64_t until,
                 std::uintptr_t pc);
  // What a program does once: whether the caller is to do it now. Others wait until it has ended.
  // Flags that a schedule sets are reset after it.
  bool BeginOnce(OnceFlag* flag, std::uintptr_t pc);
  void EndOnce(OnceFlag* flag, bool done, std::uintptr_t pc);

 private:
  static constexpr std::uint64_t kTimeAtStart = 1'000'000'000'000;
  static constexpr std::uint64_t kTimeOfSpin = 1'000'000;  // that passes for who waits for it
  static constexpr std::uintptr_t kClock = 1;              // an address that nothing else has

  struct Thread {
    void* (*body)(void*) = nullptr;
    void* argument = nullptr;
    void* result = nullptr;
    std::uint32_t operation = 0;
    std::uint64_t points = 0;  // of the operation
    std::uint64_t stop_at = 0;
    std::uint64_t slice = 0;  // points since somebody else ran
    bool ended = false;
    bool joined = false;  // or detached
    bool signalled = false;
    bool timed = false;
    VectorClock clock;
    VectorClock at_release_fence;
    VectorClock to_acquire;  // by the next acquire fence
    std::vector<std::pair<void (*)(void*), void*>> at_exit;
    std::vector<void*> locals;
    // Loads of atomics that were as before, since the thread last changed anything.
    struct SpinRead {
      std::uintptr_t pc = 0;
      std::uintptr_t address = 0;
      std::uint32_t times = 0;
    };
    std::array<SpinRead, 8> spin{};
    std::uint32_t spin_used = 0;
    std::uint32_t spin_next = 0;  // to be replaced when all are used
    std::uint64_t time_read = 0;  // what had been slept when it last looked

    void Start();
  };

  struct AtomicState {
    VectorClock clock;
    void Reset() { clock.Clear(); }
  };

  // While it lives, the callbacks do nothing: the code that runs is the scheduler's own.
  class Inside;

  Runtime() = default;

  Thread& Current() { return threads_[current_thread]; }
  static void RunThread();
  [[noreturn]] void EndThread();
  void CountPoint() {
    ++Current().points;
    ++result_.points;
  }
  void AskForStop(ThreadId thread);
  void RunExits();

  // A point of the current thread's. It comes to be a decision if it `matters`.
  void Point(const Event& event, bool matters);
  void Decide(const Event& event);
  ThreadId PickNext();
  void SwitchTo(ThreadId next);
  // Into the trail, if there is one: done by the current thread, at its point.
  void Keep(const Deed& deed) {
    if (options_.trail != nullptr) [[unlikely]]
      KeepNow(deed);
  }
  void KeepNow(Deed deed);
  void KeepWait(ThreadId thread, ThreadId to);
  // Somebody changed something: those that wait for progress may go on.
  void Progress();
  void YieldNow();
  void NoteSpin(std::uintptr_t address, std::uintptr_t pc);

  bool Stale() const { return options_.memory == Memory::kStale; }
  // Of Memory::kStale: what the store that an atomic operation sees released.
  // `back` is how many stores came after the one that was seen.
  VectorClock& Seen(EventKind kind, std::uintptr_t address, int order, void* loaded,
                    std::uint32_t* back);
  std::uint32_t PickStore(std::uint32_t stores);

  // Whether the thread can do what it says it does next.
  bool Can(ThreadId thread, const Event& event);
  void RefreshEnabled(ThreadId thread);
  // The object changed: who can have it now?
  void Recheck(std::uintptr_t object);

  [[noreturn]] void EndStuck();
  std::string Describe(const RacingAccess& access) const;
  std::string DescribeWait(ThreadId thread);
  void CheckLive(std::uintptr_t address, std::size_t size, bool writes);
  void CheckRace(const Event& event);
  // Whether an access of plain memory is a point of decision.
  bool Matters(bool contended) const {
    return options_.volume == Volume::kAll || (options_.volume == Volume::kContended && contended);
  }

  void Took(const SyncObject& object, std::uintptr_t address);
  void GiveBack(SyncObject& object, std::uintptr_t address);
  void TakeMutex(std::uintptr_t mutex);
  void TakeShared(std::uintptr_t mutex);
  void LetGo(SyncObject& object, std::uintptr_t mutex);
  bool AwaitSignal(std::uintptr_t object, std::uintptr_t mutex, std::uint64_t until,
                   std::uintptr_t pc);
  void WakeOne(SyncObject& object, std::uintptr_t condition);

  // It passes to there, unless it has.
  void PassTime(std::uint64_t until) { slept_ += until > Now() ? until - Now() : 0; }

  // Of the OS thread, and there before any constructor runs: malloc asks for them.
  static constinit thread_local ThreadId current_thread;  // whose fiber runs
  static constinit thread_local bool inside_runtime;      // the scheduler's own code runs

  Strategy* strategy_ = nullptr;
  RunOptions options_;
  std::uint64_t slept_ = 0;
  std::uint32_t idle_rounds_ = 0;
  ThreadSet able_;     // to go on, with those that have yielded
  ThreadSet yielded_;  // until somebody makes progress
  View view_;
  std::array<Thread, kMaxThreads> threads_;
  RaceDetector detector_;
  EpochMap<SyncObject> objects_;
  EpochMap<AtomicState> atomics_;  // of Memory::kSequential
  StoreHistory stores_;            // of Memory::kStale
  std::vector<Key> keys_;
  std::size_t keys_used_ = 0;
  std::size_t locals_ = 0;
  std::vector<OnceFlag*> once_flags_;  // that this schedule has set
  RunResult result_;
};

class Runtime::Inside {
 public:
  Inside() { inside_runtime = true; }
  ~Inside() { inside_runtime = false; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_RUNTIME_H_
