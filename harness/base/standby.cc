#include "harness/base/standby.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <exception>
#include <iostream>
#include <string>

#include "harness/base/signal_safe.h"

namespace slotproof {
namespace {

// The length goes first: an end of the stream would not be seen while other children of the owner
// hold the pipe open.
[[noreturn]] void BeTheStandby(const std::function<void(std::string_view)>& body, int requests,
                               pid_t owner) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::size_t size = 0;
  if (::getppid() != owner || !ReadRaw(requests, &size, sizeof(size))) ::_exit(1);
  int code = 0;
  try {
    std::string message(size, '\0');
    if (!ReadRaw(requests, message.data(), size)) ::_exit(1);
    body(message);
  } catch (const std::exception& exception) {
    std::cerr << "uncaught: " << exception.what() << "\n";
    code = 1;
  }
  ::_exit(code);
}

}  // namespace

Standby::Standby(const std::function<void(std::string_view)>& body) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  const pid_t owner = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::close(ends[1]);
    BeTheStandby(body, ends[0], owner);
  }
  ::close(ends[0]);
  requests_ = ends[1];
}

Standby::~Standby() {
  if (requests_ >= 0) ::close(requests_);
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  WaitForEnd(process_);
}

bool Standby::Ask(std::initializer_list<std::string_view> message) {
  if (process_ < 0) return false;
  std::size_t size = 0;
  for (const std::string_view part : message) size += part.size();
  // A standby that is gone is an error of the write, not the end of this process.
  ::signal(SIGPIPE, SIG_IGN);
  bool sent = WriteRaw(requests_, &size, sizeof(size)) == 0;
  for (const std::string_view part : message) {
    sent = sent && WriteRaw(requests_, part.data(), part.size()) == 0;
  }
  if (!sent) return false;
  const int status = WaitForEnd(process_);
  process_ = -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace slotproof
