#ifndef SLOTPROOF_HARNESS_NIGHT_FUZZER_OUTPUT_H_
#define SLOTPROOF_HARNESS_NIGHT_FUZZER_OUTPUT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace slotproof {

// What libFuzzer says of itself, a line now and then:
//
//   #4096  NEW    cov: 512 ft: 2048 corp: 97/12Kb lim: 4096 exec/s: 2048 rss: 64Mb L: 40/98 MS: ...
struct FuzzerStatus {
  std::uint64_t runs = 0;
  std::uint64_t edges = 0;     // cov
  std::uint64_t features = 0;  // ft
  std::uint64_t rss_mb = 0;
};

// Nothing for a line that is not a status line with coverage.
std::optional<FuzzerStatus> ParseStatusLine(std::string_view line);

// The file of "... Test unit written to FILE"; empty for any other line.
std::string_view ParseArtifactLine(std::string_view line);

// Cuts a stream into lines; an overlong line comes in parts.
class LineSplitter {
 public:
  void Add(std::string_view bytes, const std::function<void(std::string_view)>& on_line);

 private:
  static constexpr std::size_t kLongestLine = 1 << 16;
  std::string partial_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_NIGHT_FUZZER_OUTPUT_H_
