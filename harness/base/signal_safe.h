#ifndef SLOTPROOF_HARNESS_BASE_SIGNAL_SAFE_H_
#define SLOTPROOF_HARNESS_BASE_SIGNAL_SAFE_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// What a signal handler may do in a process whose heap is in ruins and whose locks are held: system
// calls only, no allocation, no lock, no buffer of the standard library.

namespace slotproof {

// Writes all of it; 0, or the error's number.
int WriteRaw(int fd, const void* bytes, std::size_t size);

// Reads all of it; false when the end comes before, or an error.
bool ReadRaw(int fd, void* bytes, std::size_t size);

// Waits until the child has ended; its wait status, -1 if there is no such child.
int WaitForEnd(pid_t child);

// Writes to standard error, as far as that takes it.
void SayRaw(std::string_view text);
void SayRawHex(std::span<const std::uint8_t> bytes);

// A text put together in an array; what does not fit is cut off.
class RawText {
 public:
  explicit RawText(std::span<char> array) : array_(array) {}

  RawText& Add(std::string_view text);
  RawText& AddNumber(std::int64_t number);
  RawText& AddHex(std::uint64_t number, std::size_t digits);  // the lowest digits

  std::string_view text() const { return {array_.data(), size_}; }

 private:
  std::span<char> array_;
  std::size_t size_ = 0;
};

// Writes FOLDER/NAME, all of it or nothing, and makes the folder if there is none. `folder` ends in
// '/' or is empty. Returns 0, or the error's number.
int SaveFileRaw(std::string_view folder, std::string_view name,
                std::span<const std::uint8_t> bytes);

// Ends the process as this signal does.
[[noreturn]] void DieOf(int signal);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_SIGNAL_SAFE_H_
