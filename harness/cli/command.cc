#include "harness/cli/command.h"

#include <cstdlib>
#include <filesystem>

namespace slotproof {

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
