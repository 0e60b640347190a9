#ifndef SLOTPROOF_HARNESS_BASE_CHILD_PROCESS_H_
#define SLOTPROOF_HARNESS_BASE_CHILD_PROCESS_H_

#include <sys/mman.h>
#include <sys/types.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

// A function run in a child of this process, which may die there in any way:
//
//   parent ──fork──► child: body(channel) ─► _exit(0)
//     ▲                        │
//     ├──── what it sent ◄─────┤ a pipe
//     └──── stderr ◄───────────┘ a pipe
//
// The child has this process's memory as it was, one thread, no core dump, and dies with its
// parent. It is killed when the time limit is reached: without a heartbeat since its start, with
// one since the heartbeat last changed.

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

// Something in memory that a child changes and its parent sees, also after the child's end.
template <class T>
class Shared {
 public:
  Shared()
      : memory_(
            ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    value_ = new (memory_) T{};
  }
  ~Shared() { ::munmap(memory_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T* get() const { return value_; }
  T* operator->() const { return value_; }

 private:
  void* memory_;
  T* value_ = nullptr;
};

// Counts steps, each of which may take the whole time limit.
using Heartbeat = std::atomic<std::uint64_t>;

struct ChildResult {
  enum class End : std::uint8_t { kExited, kSignalled, kTimedOut };

  End end = End::kExited;
  int code = 0;        // the exit code, or the signal's number
  std::string sent;    // through the channel
  std::string errors;  // standard error, the first megabyte
};

// Throws std::system_error when no process can be started.
ChildResult RunInChild(const std::function<void(const ChildChannel&)>& body,
                       std::chrono::milliseconds time_limit, const Heartbeat* heartbeat = nullptr);

// A child that serves one request after the other, until it dies of one: a process for many, where
// few are fatal. What it writes to standard error is lost.
class ServingChild {
 public:
  // Throws std::system_error when no process can be started.
  explicit ServingChild(const std::function<void(std::string_view request)>& serve);
  ~ServingChild();
  ServingChild(const ServingChild&) = delete;
  ServingChild& operator=(const ServingChild&) = delete;

  enum class Answer : std::uint8_t { kServed, kDied, kTimedOut };

  // After an answer other than kServed it is not to be asked again. What throws dies.
  Answer Ask(std::string_view request, std::chrono::milliseconds time_limit);

 private:
  pid_t child_;
  int socket_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_CHILD_PROCESS_H_
