#include "harness/night/fuzzer_output.h"

#include <charconv>

namespace slotproof {
namespace {

std::optional<std::uint64_t> NumberAfter(std::string_view line, std::string_view label) {
  const std::size_t at = line.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = line.substr(at + label.size());
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<FuzzerStatus> ParseStatusLine(std::string_view line) {
  if (!line.starts_with('#')) return std::nullopt;
  const auto runs = NumberAfter(line, "#");
  const auto edges = NumberAfter(line, " cov:");
  const auto features = NumberAfter(line, " ft:");
  if (!runs || !edges || !features) return std::nullopt;
  return FuzzerStatus{.runs = *runs,
                      .edges = *edges,
                      .features = *features,
                      .rss_mb = NumberAfter(line, " rss:").value_or(0)};
}

std::string_view ParseArtifactLine(std::string_view line) {
  constexpr std::string_view kLabel = "Test unit written to ";
  const std::size_t at = line.find(kLabel);
  return at == std::string_view::npos ? std::string_view() : line.substr(at + kLabel.size());
}

void LineSplitter::Add(std::string_view bytes,
                       const std::function<void(std::string_view)>& on_line) {
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    partial_.append(bytes.substr(0, end));
    on_line(partial_);
    partial_.clear();
    bytes.remove_prefix(end + 1);
  }
  partial_.append(bytes);
  if (partial_.size() < kLongestLine) return;
  on_line(partial_);
  partial_.clear();
}

}  // namespace slotproof
