#ifndef SLOTPROOF_BENCH_SCHEDULES_THREAD_H_
#define SLOTPROOF_BENCH_SCHEDULES_THREAD_H_

#include <pthread.h>

#include <cstdlib>

// Threads of the benchmark's programs, made by pthread_create itself. A std::thread keeps what it
// calls in an object on the heap, and each access to that would be a point where the scheduler may
// switch: these programs count their steps by the dozen.

namespace slotproof::bench {

class Thread {
 public:
  Thread() = default;
  explicit Thread(pthread_t id) : id_(id) {}

  void Join() const { pthread_join(id_, nullptr); }

 private:
  pthread_t id_{};
};

// A thread that runs kBody(state). What tells threads with the same body apart can be an argument
// of its template.
template <auto kBody, typename State>
Thread Start(State& state) {
  pthread_t id;
  const int error = pthread_create(
      &id, nullptr,
      [](void* argument) -> void* {
        kBody(*static_cast<State*>(argument));
        return nullptr;
      },
      &state);
  if (error != 0) std::abort();
  return Thread(id);
}

}  // namespace slotproof::bench

#endif  // SLOTPROOF_BENCH_SCHEDULES_THREAD_H_
