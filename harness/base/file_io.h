#ifndef SLOTPROOF_HARNESS_BASE_FILE_IO_H_
#define SLOTPROOF_HARNESS_BASE_FILE_IO_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/base/error.h"

namespace slotproof {

// A trace of 10 million operations is 40 MB; what is larger is not a trace.
inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

// The whole file. "-" is standard input, and ARCHIVE.zip/NAME a file in an archive, as Bazel keeps
// the outputs of tests. An error names the path and the remedy.
Expected<std::string> ReadFile(const std::string& path, std::size_t limit = kMaxFileBytes);

// All or nothing: writes a temporary file beside `path`, flushes it to the disk and renames it. On
// an error nothing is left behind and an existing file is as it was.
Expected<void> WriteFile(const std::string& path, std::string_view bytes);

inline std::string_view AsText(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::span<const std::uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_BASE_FILE_IO_H_
