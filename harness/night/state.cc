#include "harness/night/state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/file_io.h"

namespace slotproof {

namespace fs = std::filesystem;

// For the JSON library, which looks for them beside the types.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(FuzzExample, shape, summary, operations,
                                                one_minimal, file, replay)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(FuzzFinding, signature, summary, first_seen,
                                                first_seen_after, operations, one_minimal, file,
                                                replay, earlier, deaths, met_in_this_run, shape,
                                                examples, looks)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(UnreproducedInput, file, replay)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(FuzzState, target, laws, started, elapsed_seconds,
                                                planned_seconds, jobs, seed, restarts, edges,
                                                features, ended_by, findings, unreproduced,
                                                unreproduced_count)

KnownFailure FuzzFinding::Known() const {
  KnownFailure known = {.signature = signature, .looks = looks, .shapes = {shape}};
  for (const FuzzExample& example : examples) known.shapes.push_back(example.shape);
  return known;
}

FuzzFinding* FuzzState::Find(std::string_view signature) {
  const auto it = std::find_if(findings.begin(), findings.end(), [&](const FuzzFinding& finding) {
    return finding.signature == signature;
  });
  return it == findings.end() ? nullptr : &*it;
}

Expected<void> RunFolder::Make(std::size_t workers) const {
  std::vector<std::string> folders = {corpus(), findings(), stats(), dir_ + "/log"};
  for (std::size_t i = 0; i < workers; ++i) folders.push_back(inbox(i));
  for (const std::string& folder : folders) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
      return Unexpected(folder + ": cannot make this folder: " + error.message() +
                        "; choose another one with --out");
    }
  }
  return {};
}

std::vector<std::string> RunFolder::FilesIn(const std::string& dir) {
  std::vector<std::string> files;
  std::error_code error;
  for (auto it = fs::directory_iterator(dir, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    std::error_code gone;
    if (it->is_regular_file(gone)) files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

FuzzStats RunFolder::TotalStats() const {
  FuzzStats total;
  for (const std::string& file : FilesIn(stats())) {
    if (const auto part = ReadStats(file)) AddStats(*part, &total);
  }
  return total;
}

Expected<RunLock> RunLock::Take(const RunFolder& folder) {
  RunLock lock(::open(folder.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.fd_ < 0) {
    return Unexpected(folder.lock() + ": cannot be opened: " + std::strerror(errno) +
                      "; make the folder writable");
  }
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) == 0) {
    const std::string pid = std::to_string(::getpid()) + "\n";
    [[maybe_unused]] const bool noted =
        ::ftruncate(lock.fd_, 0) == 0 && ::pwrite(lock.fd_, pid.data(), pid.size(), 0) > 0;
    return lock;
  }
  std::array<char, 16> pid{};
  const ssize_t size = ::pread(lock.fd_, pid.data(), pid.size(), 0);
  std::string_view owner(pid.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return Unexpected(folder.dir() + ": process " + std::string(owner.substr(0, owner.find('\n'))) +
                        " is fuzzing in this folder; choose another one, or wait for its end",
                    Error::Kind::kUsage);
}

RunLock::~RunLock() {
  if (fd_ >= 0) ::close(fd_);
}

Expected<FuzzState> LoadState(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return FuzzState{};
  const Expected<std::string> text = ReadFile(path);
  if (!text) return tl::unexpected(text.error());
  const auto json = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  try {
    return json.get<FuzzState>();
  } catch (const nlohmann::json::exception& exception) {
    return Unexpected(path + ": not the state of a fuzzing run (" + exception.what() +
                      "); move it away to start anew");
  }
}

Expected<void> SaveState(const FuzzState& state, const std::string& path) {
  return WriteFile(
      path,
      nlohmann::json(state).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

Expected<void> CheckIsOf(const Target& target, const FuzzState& last, const RunFolder& folder) {
  const bool same_target = last.target == target.name;
  if (last.target.empty() || (same_target && last.laws == LawsToSay(target))) return {};
  std::string owner = "the target " + last.target;
  if (same_target) {
    owner += " by the laws ";
    owner += last.laws.empty() ? target.by_laws.front()->laws : last.laws;
  }
  return Unexpected(
      fmt::format("{} belongs to {}; choose another folder with --out", folder.dir(), owner),
      Error::Kind::kUsage);
}

std::uint64_t TimesMet(const FuzzFinding& finding, const FuzzStats& stats) {
  std::uint64_t times = finding.earlier + finding.deaths;
  const std::string name = finding.signature.substr(0, kSignatureBytes - 1);
  for (std::size_t i = 0; i < stats.signature_count; ++i) {
    if (stats.signatures[i].name() == name) times += stats.signatures[i].count;
  }
  return times;
}

FuzzState NextRun(const FuzzState& last, const FuzzStats& stats) {
  FuzzState next;
  next.findings = last.findings;
  next.unreproduced = last.unreproduced;
  next.unreproduced_count = last.unreproduced_count;
  for (FuzzFinding& finding : next.findings) {
    finding.earlier = TimesMet(finding, stats);
    finding.deaths = 0;
    finding.met_in_this_run = false;
  }
  return next;
}

std::string UtcNow() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc);
  return text;
}

}  // namespace slotproof
