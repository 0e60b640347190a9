// A lock of what threads of a shared heap use in turns, containers for example (thread_use.h):
//
//   ParkedLock lock(thread, mutex);       until the end of the scope
//
// The thread parks while it waits for its turn. Who has it comes to safe points, and those who wait
// would hold up whoever wants to stop the world.
#ifndef SLOTPROOF_CORE_HEAP_CONCURRENT_PARKED_LOCK_H_
#define SLOTPROOF_CORE_HEAP_CONCURRENT_PARKED_LOCK_H_

#include <mutex>

namespace slotproof::core {

class ParkedLock {
 public:
  // `Thread` is a ConcurrentHeap's. What is not in a frame may be freed meanwhile.
  template <class Thread>
  ParkedLock(Thread& thread, std::mutex& mutex) : mutex_(mutex) {
    thread.Park();
    mutex_.lock();
    thread.Unpark();
  }
  ParkedLock(const ParkedLock&) = delete;
  ParkedLock& operator=(const ParkedLock&) = delete;
  ~ParkedLock() { mutex_.unlock(); }

 private:
  std::mutex& mutex_;
};

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_CONCURRENT_PARKED_LOCK_H_
