#include "harness/base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <system_error>

#include "harness/base/signal_safe.h"

namespace slotproof {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostErrors = std::size_t{1} << 20;
// How long the parent trusts that the end of the pipes tells it of the child's end: a grandchild
// may hold them open.
constexpr milliseconds kLongestNap{20};

constexpr int kMostYields = 1000;

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
  }
  ~Pipe() {
    CloseRead();
    CloseWrite();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void CloseRead() { Close(&ends_[0]); }
  void CloseWrite() { Close(&ends_[1]); }

  // Takes what is there; false once there will be nothing more.
  bool Drain(std::string* text, std::size_t most) {
    char chunk[1 << 14];
    while (true) {
      const ssize_t count = ::read(read_end(), chunk, sizeof(chunk));
      if (count < 0) return errno == EAGAIN || errno == EINTR;
      if (count == 0) return false;
      text->append(chunk,
                   std::min(static_cast<std::size_t>(count), most - std::min(most, text->size())));
    }
  }

 private:
  static void Close(int* fd) {
    if (*fd >= 0) ::close(*fd);
    *fd = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

[[noreturn]] void BeTheChild(const std::function<void()>& body, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::dup2(errors, STDERR_FILENO);
  int code = 0;
  try {
    body();
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "uncaught: %s\n", exception.what());
    code = 1;
  }
  // Neither the parent's buffers nor its atexit() functions are the child's to run.
  ::_exit(code);
}

// The time that is left of a limit, which each change of the heartbeat starts anew.
class Countdown {
 public:
  Countdown(milliseconds limit, const Heartbeat* heartbeat)
      : limit_(limit), heartbeat_(heartbeat), deadline_(Clock::now() + limit) {}

  milliseconds Left() {
    const std::uint64_t beats = heartbeat_ == nullptr ? 0 : heartbeat_->load();
    const Clock::time_point now = Clock::now();
    if (beats != last_beats_) deadline_ = now + limit_;
    last_beats_ = beats;
    return std::chrono::ceil<milliseconds>(deadline_ - now);
  }

 private:
  milliseconds limit_;
  const Heartbeat* heartbeat_;
  std::uint64_t last_beats_ = 0;
  Clock::time_point deadline_;
};

// Reads both pipes until the child is gone or its time is up; true when it is gone.
bool WaitFor(pid_t child, Pipe* channel, Pipe* errors, Countdown* countdown, ChildResult* result,
             int* status) {
  for (const Pipe* pipe : {channel, errors}) ::fcntl(pipe->read_end(), F_SETFL, O_NONBLOCK);
  bool channel_open = true;
  bool errors_open = true;
  int yields = 0;
  while (true) {
    const milliseconds left = countdown->Left();
    if (left <= milliseconds::zero()) return false;
    if (channel_open || errors_open) {
      std::array<pollfd, 2> polled = {{
          {.fd = channel_open ? channel->read_end() : -1, .events = POLLIN, .revents = 0},
          {.fd = errors_open ? errors->read_end() : -1, .events = POLLIN, .revents = 0},
      }};
      ::poll(polled.data(), polled.size(), static_cast<int>(std::min(left, kLongestNap).count()));
    }
    // Asked before the last drain, so that nothing sent before the end is missed.
    const bool gone = ::waitpid(child, status, WNOHANG) == child;
    if (channel_open) channel_open = channel->Drain(&result->sent, result->sent.max_size());
    if (errors_open) errors_open = errors->Drain(&result->errors, kMostErrors);
    if (gone) return true;
    // With both pipes closed the child is about to be gone.
    if (!channel_open && !errors_open)
      ++yields < kMostYields ? ::sched_yield() : ::poll(nullptr, 0, 1);
  }
}

// False when the other end is gone.
bool SendAll(int socket, const void* bytes, std::size_t size) {
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t sent = ::send(socket, from, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    from += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

void ServeAll(const std::function<void(std::string_view)>& serve, int socket) {
  std::string request;
  for (std::size_t size = 0; ReadRaw(socket, &size, sizeof(size));) {
    request.resize(size);
    if (!ReadRaw(socket, request.data(), size)) return;
    serve(request);
    if (!SendAll(socket, "", 1)) return;
  }
}

}  // namespace

void ChildChannel::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return;
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
}

ChildResult RunInChild(const std::function<void(const ChildChannel&)>& body,
                       milliseconds time_limit, const Heartbeat* heartbeat) {
  Pipe channel;
  Pipe errors;
  Countdown countdown(time_limit, heartbeat);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) BeTheChild([&] { body(ChildChannel(channel.write_end())); }, errors.write_end());
  channel.CloseWrite();
  errors.CloseWrite();
  ChildResult result;
  int status = 0;
  if (!WaitFor(child, &channel, &errors, &countdown, &result, &status)) {
    ::kill(child, SIGKILL);
    WaitForEnd(child);
    result.end = ChildResult::End::kTimedOut;
  } else if (WIFSIGNALED(status)) {
    result.end = ChildResult::End::kSignalled;
    result.code = WTERMSIG(status);
  } else {
    result.code = WEXITSTATUS(status);
  }
  return result;
}

ServingChild::ServingChild(const std::function<void(std::string_view)>& serve) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  child_ = ::fork();
  if (child_ == 0) {
    ::close(ends[0]);
    BeTheChild([&] { ServeAll(serve, ends[1]); }, ::open("/dev/null", O_WRONLY | O_CLOEXEC));
  }
  const int error = errno;
  ::close(ends[1]);
  socket_ = ends[0];
  if (child_ > 0) return;
  ::close(socket_);
  throw std::system_error(error, std::generic_category(), "fork");
}

ServingChild::~ServingChild() {
  ::close(socket_);
  ::kill(child_, SIGKILL);
  WaitForEnd(child_);
}

ServingChild::Answer ServingChild::Ask(std::string_view request, milliseconds time_limit) {
  const std::size_t size = request.size();
  if (!SendAll(socket_, &size, sizeof(size)) || !SendAll(socket_, request.data(), size)) {
    return Answer::kDied;
  }
  Countdown countdown(time_limit, /*heartbeat=*/nullptr);
  for (milliseconds left = countdown.Left(); left > milliseconds::zero(); left = countdown.Left()) {
    pollfd polled = {.fd = socket_, .events = POLLIN, .revents = 0};
    char answer = 0;
    if (::poll(&polled, 1, static_cast<int>(left.count())) > 0) {
      return ReadRaw(socket_, &answer, sizeof(answer)) ? Answer::kServed : Answer::kDied;
    }
  }
  return Answer::kTimedOut;
}

}  // namespace slotproof
