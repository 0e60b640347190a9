// Stops the threads of a program where they stand still, or has each of them do something at such a
// place while the others run (the runtime's stopTheWorld and forEachP).
//
//   World<Thread>::Member self(world, thread);     this thread runs, and takes part from now on
//   self.SafePoint();                              often: here it may be stopped, or asked to do
//   something
//
//   running --SafePoint, when asked to--> parked --Start--> running
//          --Park, before it waits for something--> parked --Unpark, if nobody has stopped the
//                                                           world--> running
//
// Stop returns when every member is parked. Handshake returns when every member has done what is
// asked: a running one by itself at its next safe point, of a parked one the caller does it. A
// member that never comes to a safe point is waited for without end.
//
// One thread at a time may stop the world or ask for a handshake, and no running member may: it
// would wait for itself.
//
// Locks: the world's own comes before any that the work of a handshake takes. Nobody waits for the
// world while holding another.
#ifndef SLOTPROOF_CORE_HEAP_CONCURRENT_WORLD_H_
#define SLOTPROOF_CORE_HEAP_CONCURRENT_WORLD_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/sync/atomic.h"

namespace slotproof::core {

// Nobody measures how long the world is stopped.
struct NoStopObserver {
  static void OnStopping() {}  // the threads are asked to stand still
  static void OnStarted() {}   // they are woken
};

// `Thread` is what a handshake's work is given of a member. `StopObserver` is told of stops by the
// one who stops the world.
template <class Thread, class StopObserver = NoStopObserver>
class World {
 public:
  class Member {
   public:
    // Waits while the world is stopped.
    Member(World& world, Thread& thread) : world_(world), thread_(thread) { world_.Join(*this); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    // Does first what a handshake may be waiting for.
    ~Member() { world_.Leave(*this); }

    void SafePoint() {
      if (world_.wanted_.Load()) [[unlikely]]
        world_.Answer(*this);
    }
    // From here to Unpark the thread must not touch what the world guards.
    void Park() { world_.Park(*this); }
    void Unpark() { world_.Unpark(*this); }

   private:
    friend class World;

    World& world_;
    Thread& thread_;
    bool parked_ = false;
    bool asked_ = false;  // by a handshake, and has not answered
  };
  using Work = std::function<void(Thread&)>;

  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { SLOTPROOF_ASSERT(members_.empty()); }

  void Stop() {
    StopObserver::OnStopping();
    std::unique_lock lock(mutex_);
    SLOTPROOF_ASSERT(!stopped_ && unanswered_ == 0);
    stopped_ = true;
    wanted_.Store(true);
    all_parked_.wait(lock, [this] { return running_ == 0; });
  }
  void Start() {
    const std::lock_guard lock(mutex_);
    SLOTPROOF_ASSERT(stopped_ && running_ == 0);
    stopped_ = false;
    wanted_.Store(false);
    started_.notify_all();
    StopObserver::OnStarted();
  }
  // The work of one member at a time, under the world's lock.
  void Handshake(Work work) {
    std::unique_lock lock(mutex_);
    SLOTPROOF_ASSERT(!stopped_ && unanswered_ == 0);
    work_ = std::move(work);
    for (Member* const member : members_) {
      if (member->parked_) {
        work_(member->thread_);
      } else {
        member->asked_ = true;
        ++unanswered_;
      }
    }
    wanted_.Store(unanswered_ != 0);
    all_answered_.wait(lock, [this] { return unanswered_ == 0; });
    wanted_.Store(false);
  }
  // Of a stopped world: calls f for each member's thread.
  template <class F>
  void ForEachThread(const F& f) {
    const std::lock_guard lock(mutex_);
    SLOTPROOF_ASSERT(stopped_ && running_ == 0);
    for (Member* const member : members_) f(member->thread_);
  }

 private:
  void Join(Member& member) {
    std::unique_lock lock(mutex_);
    members_.reserve(members_.size() + 1);
    WaitForStart(lock);
    members_.push_back(&member);
    ++running_;
  }
  void Leave(Member& member) {
    const std::lock_guard lock(mutex_);
    SLOTPROOF_ASSERT(!member.parked_);
    DoAsked(member);
    std::erase(members_, &member);
    StopRunning();
  }
  void Answer(Member& member) {
    std::unique_lock lock(mutex_);
    DoAsked(member);
    if (!stopped_) return;
    member.parked_ = true;
    StopRunning();
    WaitForStart(lock);
    member.parked_ = false;
    ++running_;
  }
  void Park(Member& member) {
    const std::lock_guard lock(mutex_);
    SLOTPROOF_ASSERT(!member.parked_);
    DoAsked(member);
    member.parked_ = true;
    StopRunning();
  }
  void Unpark(Member& member) {
    std::unique_lock lock(mutex_);
    SLOTPROOF_ASSERT(member.parked_);
    WaitForStart(lock);
    member.parked_ = false;
    ++running_;
  }

  void DoAsked(Member& member) {
    if (!std::exchange(member.asked_, false)) return;
    work_(member.thread_);
    if (--unanswered_ == 0) all_answered_.notify_all();
  }
  void StopRunning() {
    if (--running_ == 0) all_parked_.notify_all();
  }
  void WaitForStart(std::unique_lock<std::mutex>& lock) {
    started_.wait(lock, [this] { return !stopped_; });
  }

  std::mutex mutex_;
  std::condition_variable all_parked_;
  std::condition_variable all_answered_;
  std::condition_variable started_;
  std::vector<Member*> members_;
  Work work_;
  std::size_t running_ = 0;
  std::size_t unanswered_ = 0;
  bool stopped_ = false;
  Relaxed<bool> wanted_;  // stopped, or some have not answered
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_CONCURRENT_WORLD_H_
