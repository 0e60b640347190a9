#include "harness/cli/command.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace slotproof {
namespace {

constexpr double kMostSeconds = 1e6;
constexpr double kMostTime = 1e9;

// False for what is no number, and for NaN.
bool IsWithin(const std::string& text, double least, double most) {
  double value = 0;
  return CLI::detail::lexical_cast(text, value) && value >= least && value <= most;
}

}  // namespace

CLI::Validator WholeNumber(std::uint64_t least, std::uint64_t most) {
  const auto check = [=](const std::string& text) -> std::string {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value >= least && value <= most) return "";
    return fmt::format("{} is not a whole number from {} to {}", text, least, most);
  };
  return CLI::Validator(check, "");
}

CLI::Validator SecondsAbove0() {
  const auto check = [](const std::string& text) -> std::string {
    if (IsWithin(text, 1e-3, kMostSeconds)) return "";
    return fmt::format("{} is not a number of seconds from 0.001 to {:.0f}", text, kMostSeconds);
  };
  return CLI::Validator(check, "");
}

CLI::Validator TimeOrNone() {
  const auto check = [](const std::string& text) -> std::string {
    if (IsWithin(text, 0, kMostTime)) return "";
    return fmt::format("{} is not a number from 0 to {:.0f}", text, kMostTime);
  };
  return CLI::Validator(check, "");
}

void Context::Fail(const Error& error) {
  err << "slotproof: " << error.message << "\n";
  exit_code = error.kind == Error::Kind::kUsage ? kExitUsage : kExitUnreadable;
}

std::string Context::Styled(std::string_view code, std::string_view text) const {
  if (!colours) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string UserPath(const std::string& path) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || *folder == '\0' || path == "-") return path;
  return (std::filesystem::path(folder) / path).string();
}

}  // namespace slotproof
