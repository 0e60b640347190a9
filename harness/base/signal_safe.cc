#include "harness/base/signal_safe.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>

namespace slotproof {
namespace {

// A path put together in place.
class Path {
 public:
  bool Append(std::string_view text) {
    if (text.size() >= text_.size() - size_) return false;
    std::ranges::copy(text, text_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
    return true;
  }
  char* text() { return text_.data(); }

 private:
  std::array<char, PATH_MAX> text_{};
  std::size_t size_ = 0;
};

// Like mkdir -p; what is missing shows when the file is opened.
void MakeFolder(std::string_view folder) {
  Path path;
  if (!path.Append(folder)) return;
  for (std::size_t i = 1; i < folder.size(); ++i) {
    if (folder[i] != '/') continue;
    path.text()[i] = '\0';
    ::mkdir(path.text(), 0777);
    path.text()[i] = '/';
  }
}

}  // namespace

bool ReadRaw(int fd, void* bytes, std::size_t size) {
  char* to = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t count = ::read(fd, to, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

int WaitForEnd(pid_t child) {
  int status = -1;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

int WriteRaw(int fd, const void* bytes, std::size_t size) {
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t written = ::write(fd, from, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    from += written;
    size -= static_cast<std::size_t>(written);
  }
  return 0;
}

RawText& RawText::Add(std::string_view text) {
  text = text.substr(0, array_.size() - size_);
  std::ranges::copy(text, array_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += text.size();
  return *this;
}

RawText& RawText::AddNumber(std::int64_t number) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), number);
  return Add({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

RawText& RawText::AddHex(std::uint64_t number, std::size_t digits) {
  while (digits > 0) Add({&"0123456789abcdef"[number >> (4 * --digits) & 15], 1});
  return *this;
}

void SayRaw(std::string_view text) { WriteRaw(STDERR_FILENO, text.data(), text.size()); }

void SayRawHex(std::span<const std::uint8_t> bytes) {
  std::array<char, 1024> text;
  std::size_t size = 0;
  for (const std::uint8_t byte : bytes) {
    text[size++] = "0123456789abcdef"[byte >> 4];
    text[size++] = "0123456789abcdef"[byte & 15];
    if (size < text.size()) continue;
    SayRaw({text.data(), size});
    size = 0;
  }
  SayRaw({text.data(), size});
}

int SaveFileRaw(std::string_view folder, std::string_view name,
                std::span<const std::uint8_t> bytes) {
  Path path;
  Path temporary;
  if (!path.Append(folder) || !path.Append(name) || !temporary.Append(folder) ||
      !temporary.Append(".") || !temporary.Append(name) || !temporary.Append(".tmp")) {
    return ENAMETOOLONG;
  }
  MakeFolder(folder);
  const int fd = ::open(temporary.text(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return errno;
  int error = WriteRaw(fd, bytes.data(), bytes.size());
  if (::close(fd) != 0 && error == 0) error = errno;
  if (error == 0 && ::rename(temporary.text(), path.text()) != 0) error = errno;
  if (error != 0) ::unlink(temporary.text());
  return error;
}

void DieOf(int signal) {
  ::signal(signal, SIG_DFL);
  sigset_t only = {};
  ::sigemptyset(&only);
  ::sigaddset(&only, signal);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

}  // namespace slotproof
