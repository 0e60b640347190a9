#include "harness/night/minimize_corpus.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string_view>
#include <system_error>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/night/fuzzer_output.h"
#include "harness/night/program.h"
#include "harness/night/state.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 50;
constexpr double kTerminalProgressEverySeconds = 0.5;
constexpr double kPlainProgressEverySeconds = 10;

double SecondsSince(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

// An open file that a child finds by name without there being a name in any folder.
class NamelessFile {
 public:
  explicit NamelessFile(int fd) : fd_(fd) {}
  ~NamelessFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  NamelessFile(NamelessFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  NamelessFile& operator=(NamelessFile&&) = delete;

  int fd() const { return fd_; }
  std::string path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), fd_); }

 private:
  int fd_;
};

struct Input {
  std::string path;
  std::uintmax_t bytes = 0;
  std::vector<std::uint64_t> features;  // that no input before it in the same process covers
  bool ran = false;
};

// Smallest first.
std::vector<Input> InputsOf(const std::string& dir) {
  std::vector<Input> inputs;
  for (const std::string& path : RunFolder::FilesIn(dir)) {
    std::error_code gone;
    inputs.push_back({.path = path, .bytes = fs::file_size(path, gone), .features = {}});
  }
  std::sort(inputs.begin(), inputs.end(), [](const Input& a, const Input& b) {
    return std::tie(a.bytes, a.path) < std::tie(b.bytes, b.path);
  });
  return inputs;
}

// libFuzzer's control file of a merge: the names of the inputs, then, by its inner process,
//
//   STARTED 7 52       input 7, of 52 bytes, is about to run
//   FT 7 12 4096       it ran, and covers these features
//   COV 7 33           and these edges
class MergeControl {
 public:
  static Expected<MergeControl> Make(std::vector<Input> inputs) {
    MergeControl control(std::move(inputs));
    std::string text = fmt::format("{}\n0\n", control.inputs_.size());
    for (const Input& input : control.inputs_) {
      const auto name = control.NameOf(input);
      if (!name) return tl::unexpected(name.error());
      text.append(*name).append("\n");
    }
    const auto bytes = static_cast<ssize_t>(text.size());
    if (control.file_.fd() < 0 || ::write(control.file_.fd(), text.data(), text.size()) != bytes) {
      return Unexpected(fmt::format("cannot keep the names of the inputs in memory: {}; free some",
                                    std::strerror(errno)));
    }
    control.read_to_ = bytes;
    return control;
  }

  std::string path() const { return file_.path(); }
  const std::vector<Input>& inputs() const { return inputs_; }
  std::size_t started() const { return started_; }

  // Takes in what the inner process has written since; whether there was something.
  bool Update() {
    std::string text(1 << 16, '\0');
    const std::int64_t before = read_to_;
    for (;;) {
      const ssize_t count = ::pread(file_.fd(), text.data(), text.size(), read_to_);
      if (count <= 0) return read_to_ != before;
      read_to_ += count;
      for (const char c : std::string_view(text.data(), static_cast<std::size_t>(count))) {
        if (c != '\n') {
          line_ += c;
        } else {
          Take(line_);
          line_.clear();
        }
      }
    }
  }

  // After the end of a process: the next one cannot read half of a line.
  void DropPartialLine() {
    read_to_ -= static_cast<std::int64_t>(line_.size());
    line_.clear();
    [[maybe_unused]] const int cut = ::ftruncate(file_.fd(), read_to_);
  }

 private:
  explicit MergeControl(std::vector<Input> inputs)
      : inputs_(std::move(inputs)), file_(::memfd_create("merge", MFD_CLOEXEC)) {}

  // As the inner process, which stands in the corpus, finds it: a line of text.
  Expected<std::string> NameOf(const Input& input) {
    std::string name = fs::path(input.path).filename().string();
    if (name.find('\n') == std::string::npos) return name;
    unprintable_.emplace_back(::open(input.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (unprintable_.back().fd() >= 0) return unprintable_.back().path();
    return Unexpected(fmt::format("{}: cannot open this file: {}; give it a name without newlines",
                                  input.path, std::strerror(errno)));
  }

  void Take(std::string_view line) {
    const std::size_t space = line.find(' ');
    const std::string_view marker = line.substr(0, space);
    if (space == std::string_view::npos) return;
    line.remove_prefix(space);
    const std::size_t place = Number(&line).value_or(inputs_.size());
    if (place >= inputs_.size()) return;
    if (marker == "STARTED") started_ = place + 1;
    if (marker != "FT") return;
    inputs_[place].ran = true;
    while (const auto feature = Number(&line)) inputs_[place].features.push_back(*feature);
  }

  static std::optional<std::uint64_t> Number(std::string_view* line) {
    if (!line->starts_with(' ')) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(line->data() + 1, line->data() + line->size(), number);
    if (error != std::errc()) return std::nullopt;
    line->remove_prefix(static_cast<std::size_t>(end - line->data()));
    return number;
  }

  std::vector<Input> inputs_;
  NamelessFile file_;
  std::vector<NamelessFile> unprintable_;
  std::int64_t read_to_ = 0;
  std::string line_;
  std::size_t started_ = 0;
};

// What a dying fuzzer says that tells most: our own line, or else the sanitizer's or libFuzzer's.
class LastWords {
 public:
  void Add(std::string_view line) {
    constexpr std::string_view kSummary = "SUMMARY: ";
    constexpr std::string_view kOurs = "slotproof: ";
    if (line.starts_with(kOurs)) ours_ = line.substr(kOurs.size());
    if (line.starts_with(kSummary)) summary_ = line.substr(kSummary.size());
    if (!line.empty()) last_ = line;
  }
  const std::string& last() const { return last_; }
  std::string Reason(const ProgramExit& exit) const {
    if (!ours_.empty()) return ours_;
    if (!summary_.empty()) return summary_;
    return exit.signal != 0 ? fmt::format("ended by signal {}", exit.signal)
                            : fmt::format("ended with exit code {}", exit.code);
  }

 private:
  std::string ours_;
  std::string summary_;
  std::string last_;
};

class Merge {
 public:
  Merge(const MinimizeOptions& options, MergeControl control, std::ostream& out)
      : options_(&options), control_(std::move(control)), out_(&out) {}

  // Runs each input.
  Expected<void> Run() {
    while (control_.started() < control_.inputs().size()) {
      const std::size_t before = control_.started();
      auto ran = RunProcess();
      if (!ran) return ran;
      if (control_.started() == before) {
        return Unexpected(fmt::format(
            "{}: the merge failed: it ran no input{}{}; name a libFuzzer program of the target",
            options_->fuzzer, words_.last().empty() ? "" : ": ", words_.last()));
      }
    }
    ClearProgress();
    return {};
  }

  std::size_t failed() const { return failed_; }
  const std::vector<Input>& inputs() const { return control_.inputs(); }

 private:
  // Until it has run all inputs, or dies or hangs at one.
  Expected<void> RunProcess() {
    // Its own time limit is off: an input that hangs may hang libFuzzer's report of it, too.
    auto program = Program::Start(
        {fs::absolute(options_->fuzzer).string(), "-merge_inner=1",
         "-merge_control_file=" + control_.path(), "-exact_artifact_path=/dev/null", "-timeout=0"},
        {}, ProgramOutput::kStderr, options_->dir);
    if (!program) return tl::unexpected(program.error());
    words_ = {};
    LineSplitter lines;
    Clock::time_point last_news = Clock::now();
    std::optional<ProgramExit> exit;
    bool hangs = false;
    while (!exit) {
      pollfd polled = {.fd = program->output_fd(), .events = POLLIN, .revents = 0};
      poll(&polled, 1, kPollMs);
      exit = program->Exit();
      lines.Add(program->ReadOutput(), [&](std::string_view line) { words_.Add(line); });
      if (control_.Update()) last_news = Clock::now();
      ShowProgress();
      hangs = !exit && SecondsSince(last_news) > options_->timeout_seconds;
      if (hangs) exit = program->KillAndWait();
    }
    control_.Update();
    control_.DropPartialLine();
    const std::size_t started = control_.started();
    if (started != 0 && !control_.inputs()[started - 1].ran) {
      NoteFailure(control_.inputs()[started - 1].path,
                  hangs ? fmt::format("hangs: stopped after {} s", options_->timeout_seconds)
                        : words_.Reason(*exit));
    }
    return {};
  }

  void NoteFailure(const std::string& path, const std::string& reason) {
    // A process that dies before its first input leaves the last one's failure as it was.
    if (control_.started() == failed_at_) return;
    failed_at_ = control_.started();
    ++failed_;
    ClearProgress();
    *out_ << "failed, kept: " << path << ": " << reason << "\n" << std::flush;
  }

  void ShowProgress() {
    const double every =
        options_->terminal ? kTerminalProgressEverySeconds : kPlainProgressEverySeconds;
    if (SecondsSince(last_progress_) < every) return;
    last_progress_ = Clock::now();
    *out_ << (options_->terminal ? "\r\x1b[K" : "")
          << fmt::format("{} of {} inputs, {} failed", control_.started(), control_.inputs().size(),
                         failed_)
          << (options_->terminal ? "" : "\n") << std::flush;
    progress_shown_ = options_->terminal;
  }

  void ClearProgress() {
    if (progress_shown_) *out_ << "\r\x1b[K";
    progress_shown_ = false;
  }

  const MinimizeOptions* options_;
  MergeControl control_;
  std::ostream* out_;
  LastWords words_;
  std::size_t failed_ = 0;
  std::size_t failed_at_ = 0;
  Clock::time_point last_progress_ = Clock::now();
  bool progress_shown_ = false;
};

// Those that cover only what smaller ones cover.
std::vector<std::string> Superfluous(const std::vector<Input>& inputs) {
  std::vector<std::string> paths;
  std::unordered_set<std::uint64_t> covered;
  for (const Input& input : inputs) {
    bool keeps = !input.ran;
    for (const std::uint64_t feature : input.features) keeps |= covered.insert(feature).second;
    if (!keeps) paths.push_back(input.path);
  }
  return paths;
}

}  // namespace

Expected<CorpusSizes> MinimizeCorpus(const MinimizeOptions& options, std::ostream& out) {
  auto control = MergeControl::Make(InputsOf(options.dir));
  if (!control) return tl::unexpected(control.error());
  CorpusSizes sizes = {.before = control->inputs().size()};
  if (sizes.before == 0) {
    return Unexpected(options.dir + ": holds no input; name the folder of a corpus");
  }
  // The corpus of a run that is on grows under our hands.
  const RunFolder run(fs::absolute(fs::path(options.dir) / "..").lexically_normal().string());
  std::optional<RunLock> lock;
  if (fs::exists(run.state())) {
    auto taken = RunLock::Take(run);
    if (!taken) return tl::unexpected(taken.error());
    lock.emplace(*std::move(taken));
  }
  Merge merge(options, *std::move(control), out);
  if (const auto ran = merge.Run(); !ran) return tl::unexpected(ran.error());
  sizes.failed = merge.failed();
  const std::vector<std::string> superfluous = Superfluous(merge.inputs());
  sizes.after = sizes.before - superfluous.size();
  if (sizes.after == 0) {
    return Unexpected(options.fuzzer +
                      ": the merge kept no input, and so nothing was removed; name a program that "
                      "is built to count what it covers");
  }
  for (const std::string& path : superfluous) {
    std::error_code error;
    fs::remove(path, error);
    if (!error) continue;
    return Unexpected(path + ": cannot be removed: " + error.message() +
                      "; make its folder writable");
  }
  return sizes;
}

}  // namespace slotproof
