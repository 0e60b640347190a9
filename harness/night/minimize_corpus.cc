#include "harness/night/minimize_corpus.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/night/fuzzer_output.h"
#include "harness/night/program.h"
#include "harness/night/state.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

// Runs it to its end; the last line that it wrote, when it failed.
Expected<void> RunToEnd(const std::vector<std::string>& command) {
  auto program = Program::Start(command, {}, ProgramOutput::kStderr);
  if (!program) return tl::unexpected(program.error());
  LineSplitter lines;
  std::string last_line;
  std::optional<ProgramExit> exit;
  while (!exit) {
    pollfd polled = {.fd = program->output_fd(), .events = POLLIN, .revents = 0};
    poll(&polled, 1, 100);
    exit = program->Exit();
    lines.Add(program->ReadOutput(), [&](std::string_view line) { last_line = line; });
  }
  if (exit->code == 0 && exit->signal == 0) return {};
  return Unexpected(fmt::format("{}: the merge failed: {}", command[0], last_line));
}

}  // namespace

Expected<CorpusSizes> MinimizeCorpus(const std::string& fuzzer, const std::string& dir) {
  CorpusSizes sizes;
  sizes.before = RunFolder::FilesIn(dir).size();
  if (sizes.before == 0) return Unexpected(dir + ": holds no input; name the folder of a corpus");
  // The corpus of a run that is on grows under our hands.
  const RunFolder run(fs::absolute(fs::path(dir) / "..").lexically_normal().string());
  std::optional<RunLock> lock;
  if (fs::exists(run.state())) {
    auto taken = RunLock::Take(run);
    if (!taken) return tl::unexpected(taken.error());
    lock.emplace(*std::move(taken));
  }
  const std::string fresh = (fs::path(dir) / "").parent_path().string() + ".minimized";
  std::error_code error;
  fs::remove_all(fresh, error);
  fs::create_directories(fresh, error);
  if (error) return Unexpected(fresh + ": cannot make this folder: " + error.message());
  // By itself libFuzzer names this after its process, whose number another container has, too.
  const std::string control = fresh + ".control";
  fs::remove(control, error);
  Expected<void> done = RunToEnd({fuzzer, "-merge=1", "-merge_control_file=" + control,
                                  "-artifact_prefix=" + fresh + ".", fresh, dir});
  fs::remove(control, error);
  sizes.after = RunFolder::FilesIn(fresh).size();
  if (done && sizes.after == 0) done = Unexpected(fuzzer + ": the merge kept no input");
  if (done && renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, dir.c_str(), RENAME_EXCHANGE) != 0) {
    done = Unexpected(
        fmt::format("{}: cannot change places with {}: {}", dir, fresh, std::strerror(errno)));
  }
  fs::remove_all(fresh, error);  // the old inputs, or after an error the new ones
  if (!done) return tl::unexpected(done.error());
  return sizes;
}

}  // namespace slotproof
