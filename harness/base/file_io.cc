#include "harness/base/file_io.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace slotproof {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ > STDERR_FILENO) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;

  int get() const { return fd_; }

  // Closing may be where a write's error shows.
  int Close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd);
  }

 private:
  int fd_;
};

tl::unexpected<Error> Failed(const std::string& path, std::string_view what, int error,
                             std::string_view remedy) {
  return Unexpected(fmt::format("{}: {}: {}; {}", path, what, std::strerror(error), remedy));
}

// 0, or the error's number.
int WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

Expected<std::string> ReadAll(const std::string& path, int fd, std::size_t limit) {
  std::string bytes;
  char chunk[1 << 16];
  while (true) {
    const ssize_t count = ::read(fd, chunk, sizeof(chunk));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed(path, "cannot read this file", errno, "copy it anew");
    if (count == 0) return bytes;
    bytes.append(chunk, static_cast<std::size_t>(count));
    if (bytes.size() > limit) {
      return Unexpected(
          fmt::format("{}: too large for a trace, the limit is {} bytes; if it is one, shorten it",
                      path, limit));
    }
  }
}

constexpr std::string_view kArchiveEnd = ".zip/";

bool IsInArchive(const std::string& path) {
  const std::size_t at = path.find(kArchiveEnd);
  struct stat status = {};
  return at != std::string::npos &&
         ::stat(path.substr(0, at + kArchiveEnd.size() - 1).c_str(), &status) == 0 &&
         S_ISREG(status.st_mode);
}

// Starts `unzip -p ARCHIVE NAME` with its output in a pipe; -1 when that cannot be done.
pid_t StartUnzip(const std::string& archive, const std::string& name, int* output) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const char* const argv[] = {"unzip", "-p", archive.c_str(), name.c_str(), nullptr};
  pid_t child = -1;
  const int error =
      ::posix_spawnp(&child, argv[0], &actions, nullptr, const_cast<char* const*>(argv), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  *output = ends[0];
  return error == 0 ? child : -1;
}

Expected<std::string> ReadFromArchive(const std::string& path, std::size_t limit) {
  const std::size_t split = path.find(kArchiveEnd) + kArchiveEnd.size() - 1;
  int output = -1;
  const pid_t child = StartUnzip(path.substr(0, split), path.substr(split + 1), &output);
  const FileDescriptor pipe(output);
  if (child < 0) return Failed(path, "cannot start unzip", errno, "install it, or unzip by hand");
  Expected<std::string> bytes = ReadAll(path, pipe.get(), limit);
  if (!bytes) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (bytes && status != 0) {
    return Unexpected(path + ": the archive has no such file or is damaged; look with unzip -l");
  }
  return bytes;
}

std::string_view WriteRemedy(int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return "free some space or choose another place";
  }
  return "choose a place that can be written";
}

// A terminal, a pipe, /dev/full: nothing to rename over.
Expected<void> WriteDevice(const std::string& path, std::string_view bytes) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const int error = file.get() < 0 ? errno : WriteAll(file.get(), bytes);
  if (error != 0) return Failed(path, "cannot be written", error, WriteRemedy(error));
  return {};
}

}  // namespace

Expected<std::string> ReadFile(const std::string& path, std::size_t limit) {
  if (IsInArchive(path)) return ReadFromArchive(path, limit);
  const FileDescriptor file(path == "-" ? STDIN_FILENO
                                        : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    return Failed(path, "cannot open this file", errno,
                  errno == EACCES ? "make it readable" : "check the path");
  }
  struct stat status = {};
  if (::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return Unexpected(path + ": this is a directory; name a file in it");
  }
  return ReadAll(path, file.get(), limit);
}

Expected<void> WriteFile(const std::string& path, std::string_view bytes) {
  struct stat status = {};
  const bool is_device = ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  if (is_device) return WriteDevice(path, bytes);
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  const std::string temporary =
      fmt::format("{}.{}.{}.tmp", folder, std::string_view(path).substr(folder.size()), ::getpid());
  FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  int error = file.get() < 0 ? errno : 0;
  if (error != 0) return Failed(path, "cannot be written", error, WriteRemedy(error));
  error = WriteAll(file.get(), bytes);
  // Some file systems report a full disk no sooner than here.
  if (error == 0 && ::fsync(file.get()) != 0 && errno != EINVAL) error = errno;
  if (file.Close() != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(temporary.c_str());
  return Failed(path, "cannot be written", error, WriteRemedy(error));
}

}  // namespace slotproof
