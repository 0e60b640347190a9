#include "harness/night/which_target.h"

#include <poll.h>

#include <chrono>
#include <map>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "harness/engine/fuzz/entry.h"
#include "harness/night/program.h"

namespace slotproof {
namespace {

constexpr std::chrono::seconds kAnswerLimit{30};
constexpr int kAnswerPollMs = 100;

// What the program writes to its standard output until it ends.
Expected<std::string> OutputOf(const std::vector<std::string>& command,
                               const std::map<std::string, std::string>& environment) {
  auto program = Program::Start(command, environment, ProgramOutput::kStdout);
  if (!program) return tl::unexpected(program.error());
  std::string output;
  const auto deadline = std::chrono::steady_clock::now() + kAnswerLimit;
  while (std::chrono::steady_clock::now() < deadline) {
    const bool ended = program->Exit().has_value();
    output += program->ReadOutput();
    if (ended) return output;
    pollfd polled = {.fd = program->output_fd(), .events = POLLIN, .revents = 0};
    poll(&polled, 1, kAnswerPollMs);
  }
  return output;
}

}  // namespace

Expected<void> CheckFuzzer(const std::string& fuzzer, std::string_view target) {
  const auto output = OutputOf({fuzzer}, {{"SLOTPROOF_WHICH_TARGET", "1"}});
  if (!output) return tl::unexpected(output.error());
  const std::size_t answer = output->find(kTargetAnswer);
  if (answer == std::string::npos) {
    return Unexpected(
        fmt::format("{}: is no fuzzer of traces: it does not say which target it fuzzes; name one "
                    "made with SLOTPROOF_FUZZ_TARGET",
                    fuzzer),
        Error::Kind::kUsage);
  }
  const std::size_t begin = answer + kTargetAnswer.size();
  const std::string name = output->substr(begin, output->find('\n', begin) - begin);
  if (name == target) return {};
  return Unexpected(fmt::format("{}: fuzzes the target {}, not {}; name a fuzzer of {}, or fuzz {}",
                                fuzzer, name, target, target, name),
                    Error::Kind::kUsage);
}

Expected<void> CheckSlotproof(const std::string& slotproof, std::string_view target) {
  const auto output = OutputOf({slotproof, "list"}, {});
  if (!output) return tl::unexpected(output.error());
  std::istringstream lines(*output);
  for (std::string line; std::getline(lines, line);) {
    if (line.substr(0, line.find(' ')) == target) return {};
  }
  return Unexpected(fmt::format("{}: has no target {}, so it could not look at what is found; name "
                                "the slotproof command that has it",
                                slotproof, target),
                    Error::Kind::kUsage);
}

}  // namespace slotproof
