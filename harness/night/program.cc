#include "harness/night/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace slotproof {
namespace {

constexpr int kCannotExec = 127;

ProgramExit FromStatus(int status) {
  if (WIFSIGNALED(status)) return {.code = 0, .signal = WTERMSIG(status)};
  return {.code = WEXITSTATUS(status), .signal = 0};
}

std::vector<std::string> FullEnvironment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!added.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : added)
    all.push_back(std::string(name).append("=").append(value));
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipes {
  std::array<int, 2> output = {-1, -1};
  std::array<int, 2> exec_error = {-1, -1};  // carries errno when exec fails, else closes

  bool Open() {
    return pipe2(output.data(), O_CLOEXEC) == 0 && pipe2(exec_error.data(), O_CLOEXEC) == 0;
  }
  void CloseAll() {
    for (int* fd : {&output[0], &output[1], &exec_error[0], &exec_error[1]}) Close(fd);
  }
  static void Close(int* fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }
};

// Only async-signal-safe calls: the parent may have threads.
[[noreturn]] void BecomeProgram(const Pipes& pipes, pid_t parent, ProgramOutput output,
                                const char* folder, char** args, char** environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kCannotExec);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = open("/dev/null", O_RDWR);
  dup2(null, STDIN_FILENO);
  if (output == ProgramOutput::kStderr) dup2(null, STDOUT_FILENO);
  dup2(pipes.output[1], output == ProgramOutput::kStderr ? STDERR_FILENO : STDOUT_FILENO);
  if (*folder == '\0' || chdir(folder) == 0) execve(args[0], args, environment);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(pipes.exec_error[1], &error, sizeof(error));
  _exit(kCannotExec);
}

}  // namespace

Expected<Program> Program::Start(const std::vector<std::string>& args,
                                 const std::map<std::string, std::string>& environment,
                                 ProgramOutput output, const std::string& folder) {
  std::vector<std::string> arg_strings = args;
  std::vector<std::string> environment_strings = FullEnvironment(environment);
  const std::vector<char*> arg_pointers = Pointers(arg_strings);
  const std::vector<char*> environment_pointers = Pointers(environment_strings);
  Pipes pipes;
  const pid_t parent = getpid();
  const pid_t pid = pipes.Open() ? fork() : -1;
  if (pid == 0) {
    BecomeProgram(pipes, parent, output, folder.c_str(), const_cast<char**>(arg_pointers.data()),
                  const_cast<char**>(environment_pointers.data()));
  }
  const int fork_error = errno;
  Pipes::Close(&pipes.output[1]);
  Pipes::Close(&pipes.exec_error[1]);
  if (pid < 0) {
    pipes.CloseAll();
    return Unexpected(args[0] + ": cannot start a process: " + std::strerror(fork_error));
  }
  int exec_error = 0;
  const bool failed = read(pipes.exec_error[0], &exec_error, sizeof(exec_error)) > 0;
  Pipes::Close(&pipes.exec_error[0]);
  if (failed) {
    waitpid(pid, nullptr, 0);
    pipes.CloseAll();
    return Unexpected(args[0] + ": cannot run this program: " + std::strerror(exec_error));
  }
  fcntl(pipes.output[0], F_SETFL, O_NONBLOCK);
  return Program(pid, pipes.output[0]);
}

Program::~Program() { Close(); }

Program::Program(Program&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_fd_(std::exchange(other.output_fd_, -1)),
      exit_(other.exit_) {}

Program& Program::operator=(Program&& other) noexcept {
  if (this == &other) return *this;
  Close();
  pid_ = std::exchange(other.pid_, -1);
  output_fd_ = std::exchange(other.output_fd_, -1);
  exit_ = other.exit_;
  return *this;
}

void Program::Close() {
  if (pid_ > 0 && !exit_) KillAndWait();
  if (output_fd_ >= 0) close(output_fd_);
  pid_ = -1;
  output_fd_ = -1;
}

std::string Program::ReadOutput() {
  std::string text;
  std::array<char, 1 << 14> chunk;
  for (;;) {
    const ssize_t bytes = read(output_fd_, chunk.data(), chunk.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(bytes));
    if (text.size() >= (1 << 20)) return text;  // the rest next time
  }
}

std::optional<ProgramExit> Program::Exit() {
  int status = 0;
  if (!exit_ && pid_ > 0 && waitpid(pid_, &status, WNOHANG) == pid_) exit_ = FromStatus(status);
  return exit_;
}

void Program::Signal(int signal) {
  if (pid_ > 0 && !exit_) kill(pid_, signal);
}

ProgramExit Program::KillAndWait() {
  if (exit_) return *exit_;
  // With what it has started itself: a shell's command, a symbolizer.
  if (pid_ > 0) kill(-pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  exit_ = FromStatus(status);
  return *exit_;
}

}  // namespace slotproof
