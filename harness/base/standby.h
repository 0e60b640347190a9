#ifndef SLOTPROOF_HARNESS_BASE_STANDBY_H_
#define SLOTPROOF_HARNESS_BASE_STANDBY_H_

#include <sys/types.h>

#include <functional>
#include <initializer_list>
#include <string_view>

// A process that waits for the death of this one, to do what a dying process cannot:
//
//   Standby(body) ──fork──► waits, with the memory as it is now
//         │ dies, in a signal handler
//   Ask(message) ─────────► body(message)
//   returns ◄────────────── ends
//
// Both write to the same standard error. The standby goes when its owner goes.

namespace slotproof {

class Standby {
 public:
  // `body` runs in the other process. Without a process to be had, Ask() is false.
  explicit Standby(const std::function<void(std::string_view message)>& body);
  ~Standby();
  Standby(const Standby&) = delete;
  Standby& operator=(const Standby&) = delete;

  // Waits for the standby to end; true when the body did. Fit for a signal handler.
  bool Ask(std::initializer_list<std::string_view> message);

 private:
  pid_t process_ = -1;  // -1: there is none, or none any more
  int requests_ = -1;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_STANDBY_H_
