#ifndef SLOTPROOF_HARNESS_CHECK_CHILD_PROCESS_H_
#define SLOTPROOF_HARNESS_CHECK_CHILD_PROCESS_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// A function run in a child of this process, which may die there in any way:
//
//   parent ──fork──► child: body(channel) ─► _exit(0)
//     ▲                        │
//     ├──── what it sent ◄─────┤ a pipe
//     └──── stderr ◄───────────┘ a pipe
//
// The child has this process's memory as it was, one thread, no core dump, and dies with its
// parent. It is killed when the time limit is reached.

namespace slotproof {

// The child's end of the pipe to its parent.
class ChildChannel {
 public:
  explicit ChildChannel(int fd) : fd_(fd) {}

  // Sends all of it now, so that it arrives even if the next step is fatal.
  void Send(std::string_view bytes) const;

 private:
  int fd_;
};

struct ChildResult {
  enum class End : std::uint8_t { kExited, kSignalled, kTimedOut };

  End end = End::kExited;
  int code = 0;        // the exit code, or the signal's number
  std::string sent;    // through the channel
  std::string errors;  // standard error, the first megabyte
};

// Throws std::system_error when no process can be started.
ChildResult RunInChild(const std::function<void(const ChildChannel&)>& body,
                       std::chrono::milliseconds time_limit);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CHECK_CHILD_PROCESS_H_
