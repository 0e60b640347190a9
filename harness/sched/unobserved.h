#ifndef SLOTPROOF_HARNESS_SCHED_UNOBSERVED_H_
#define SLOTPROOF_HARNESS_SCHED_UNOBSERVED_H_

namespace slotproof::sched {

// While it lives, what the calling thread does is no part of the program that is scheduled: no
// point, no race, and its memory is the library's and outlives the schedule. For what writes a
// history down. It must not wait for another thread. Outside of a schedule it does nothing.
class Unobserved {
 public:
  Unobserved();
  ~Unobserved();
  Unobserved(const Unobserved&) = delete;
  Unobserved& operator=(const Unobserved&) = delete;

 private:
  bool active_;
};

}  // namespace slotproof::sched

#endif  // SLOTPROOF_HARNESS_SCHED_UNOBSERVED_H_
