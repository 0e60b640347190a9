#include "harness/report/replay_line.h"

#include <algorithm>
#include <cstdlib>

#include "harness/base/shell_quoted.h"

namespace slotproof {
namespace {

// /base/sandbox/linux-sandbox/7/execroot/... -> /base/execroot/...
void LeaveSandbox(std::string* path) {
  const std::size_t sandbox = path->find("/sandbox/");
  if (sandbox == std::string::npos) return;
  const std::size_t execroot = path->find("/execroot/", sandbox);
  if (execroot == std::string::npos) return;
  const auto between = path->begin() + static_cast<std::ptrdiff_t>(sandbox);
  const auto end = path->begin() + static_cast<std::ptrdiff_t>(execroot);
  if (std::count(between, end, '/') == 3) path->erase(between, end);
}

}  // namespace

std::string LastingPath(const std::string& path) {
  const char* outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (outputs == nullptr || *outputs == '\0') return path;
  std::string folder = outputs;
  if (!folder.ends_with('/')) folder += '/';
  if (!path.starts_with(folder)) return path;
  std::string lasting = folder + "outputs.zip/" + path.substr(folder.size());
  LeaveSandbox(&lasting);
  return lasting;
}

std::string CommandLabel(std::string_view configuration) {
  std::string label = "//:slotproof";
  if (configuration != "plain") label.append("_").append(configuration);
  return label;
}

std::string ReplayLine(const std::string& path, const Target& target,
                       std::string_view configuration) {
  std::string options;
  if (const auto laws = LawsToSay(target); !laws.empty()) {
    options.append("--laws ").append(laws).append(" ");
  }
  return "replay: bazel run " + CommandLabel(configuration) + " -- replay " + options +
         ShellQuoted(LastingPath(path));
}

}  // namespace slotproof
