#include "harness/engine/fuzz/entry.h"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/signal_safe.h"
#include "harness/engine/fuzz/feedback.h"
#include "harness/report/finding.h"
#include "harness/report/replay_line.h"
#include "harness/report/situation.h"
#include "harness/trace/laws.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

// libFuzzer has it; a program that only replays files does not.
extern "C" __attribute__((weak)) std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                                              std::size_t max_size);

namespace {

// Set once a subject that failed was left behind undestroyed, as it must be.
bool subject_left_behind = false;

}  // namespace

// LeakSanitizer asks this before each check: what was left behind is no leak of the subject's. A
// process that goes on after a failure finds no leaks; its successor does.
extern "C" int __lsan_is_turned_off() { return subject_left_behind ? 1 : 0; }

namespace slotproof {
namespace {

// libFuzzer finds the counters by their section, clears them before each run and reads them after.
__attribute__((used,
               section("__libfuzzer_extra_counters"))) std::array<std::uint8_t, kFeedbackCounters>
    feedback_counters;

constexpr std::uint32_t kDeterminismShare = 256;
// Several bugs can look alike until they are shrunk, so of each situation some are saved; not many,
// since each is looked at.
constexpr std::uint64_t kLastSaved = 64;
constexpr std::uint64_t kFailuresPerMemoryCheck = 512;
constexpr std::uint64_t kRecycleMb = 1024;

// libFuzzer's alarm rings each half of its limit and a second; its report has half of the limit and
// some seconds more.
constexpr std::chrono::seconds kHangGrace{3};

// As libFuzzer has it when nobody says otherwise.
constexpr int kTimeoutSeconds = 1200;

// Of the command line; as they are by default when there is no libFuzzer.
FuzzSettings hang_settings;

// "-timeout=25" -> 25
void TakeFlag(std::string_view argument, std::string_view name, int* value) {
  if (!argument.starts_with(name)) return;
  argument.remove_prefix(name.size());
  std::from_chars(argument.data(), argument.data() + argument.size(), *value);
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::uint64_t ResidentMb() {
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  const int fields = std::fscanf(file, "%lu %lu", &total_pages, &resident_pages);
  std::fclose(file);
  if (fields != 2) return 0;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

}  // namespace

FuzzSettings HangSettings(std::span<const std::string_view> arguments) {
  constexpr std::string_view kPrefix = "-artifact_prefix=";
  FuzzSettings settings;
  int timeout_seconds = kTimeoutSeconds;
  for (const std::string_view argument : arguments) {
    TakeFlag(argument, "-timeout=", &timeout_seconds);
    TakeFlag(argument, "-timeout_exitcode=", &settings.hang_exit_code);
    if (argument.starts_with(kPrefix)) settings.artifact_prefix = argument.substr(kPrefix.size());
  }
  if (timeout_seconds <= 0) return settings;
  settings.hang_limit = 2 * std::chrono::seconds(timeout_seconds) + kHangGrace;
  return settings;
}

FuzzSettings FuzzSettings::FromEnvironment() {
  FuzzSettings settings = hang_settings;
  settings.findings_dir = Environment("SLOTPROOF_FINDINGS");
  settings.stats_path = Environment("SLOTPROOF_STATS");
  return settings;
}

FuzzEntry::FuzzEntry(const Target& target, FuzzSettings settings, Mutator::RawMutate raw_mutate)
    : target_(&target),
      settings_(std::move(settings)),
      codec_(*target.vocabulary),
      runner_(target, {.determinism_share = kDeterminismShare}),
      mutator_(target, raw_mutate, target.points == 0 ? nullptr : NewReschedule()),
      stall_watch_(settings_.hang_limit, &OnHang, this) {
  if (settings_.stats_path.empty()) return;
  std::string error;
  stats_ = StatsFile::Open(settings_.stats_path, &error);
  if (stats_ == nullptr) std::fprintf(stderr, "slotproof: %s\n", error.c_str());
}

Mutator::Reschedule FuzzEntry::NewReschedule() {
  return [this](std::uint64_t choice, Trace* trace) {
    return passed_ && *trace == trace_ && runner_.session().LetReadSeeWrite(choice, trace);
  };
}

int FuzzEntry::RunOne(std::span<const std::uint8_t> input) {
  codec_.Decode(
      input.first(std::min(input.size(), codec_.header_bytes() + settings_.max_ops * kOpBytes)),
      &trace_);
  if (stats_ != nullptr) stats_->Enter(input);
  input_ = input;
  stall_watch_.Begin();
  const Verdict verdict = runner_.Run(trace_);
  stall_watch_.End();
  passed_ = verdict.passed();
  if (stats_ != nullptr) {
    stats_->Leave();
    stats_->Update(runner_.stats());
  }
  if (!verdict.passed()) return OnFailure(verdict);
  std::array<std::uint8_t, kStateFeatures> state{};
  runner_.session().StructuralState(state);
  WriteFeedback(runner_.session().goals(), target_->goals.size(), state, feedback_counters);
  return kKeepIfInteresting;
}

int FuzzEntry::OnFailure(const Verdict& verdict) {
  const std::string signature = verdict.Signature();
  const bool goes_on = !settings_.findings_dir.empty();
  if (stats_ != nullptr) {
    stats_->Flush(runner_.stats());
    stats_->CountFailure(signature);
  }
  if (!goes_on) Crash(verdict);
  ++failures_;
  subject_left_behind = true;
  std::uint64_t& met = met_[SituationOf(*target_->vocabulary, trace_, verdict)];
  ++met;
  if (met <= kLastSaved && std::has_single_bit(met)) {
    const auto saved = SaveFindingIn(settings_.findings_dir, verdict);
    if (!saved) {
      // Not counted, so that the next one of its kind is tried again: the disk may have room by
      // then.
      --met;
      std::fprintf(stderr, "slotproof: %s\n", saved.error().message.c_str());
    }
  }
  RecycleIfLarge();
  return kReject;
}

void FuzzEntry::Crash(const Verdict& verdict) const {
  std::string text = "slotproof: " + std::string(target_->name) + ": " + verdict.Summary() + "\n" +
                     PrintTrace(*target_, trace_);
  // Under Bazel there is a place for findings; elsewhere libFuzzer writes the input down.
  const std::string dir = FindingsDirectory();
  const Expected<std::string> saved =
      dir == "." ? Unexpected("no folder for findings") : SaveFindingIn(dir, verdict);
  const std::string_view laws = LawsToSay(*target_);
  text += saved ? ReplayLine(*saved, *target_)
                : fmt::format(
                      "replay: slotproof replay --target {}{}{} FILE, with the input or "
                      "the text above",
                      target_->name, laws.empty() ? "" : " --laws ", laws);
  std::fprintf(stderr, "%s\n", text.c_str());
  std::abort();
}

Expected<std::string> FuzzEntry::SaveFindingIn(const std::string& dir,
                                               const Verdict& verdict) const {
  return SaveFinding(*target_, trace_, verdict, "fuzz", dir);
}

void FuzzEntry::RecycleIfLarge() const {
  if (failures_ % kFailuresPerMemoryCheck != 0 || ResidentMb() < kRecycleMb) return;
  std::fprintf(stderr, "slotproof: starting anew: failed subjects fill the memory\n");
  // Without exit handlers: libFuzzer's would call this a crash.
  std::_Exit(kRecycleExitCode);
}

// In a signal handler.
void FuzzEntry::OnHang(void* entry_pointer) {
  const auto* entry = static_cast<const FuzzEntry*>(entry_pointer);
  std::array<char, 64> array;
  const std::string_view name =
      RawText(array).Add("timeout-").AddHex(Checksum(entry->input_), 16).text();
  const std::string_view prefix = entry->settings_.artifact_prefix;
  if (SaveFileRaw(prefix, name, entry->input_) == 0) {
    for (const std::string_view part :
         {std::string_view("\nslotproof: hang: the report of the timeout does not end\n"
                           "Test unit written to "),
          prefix, name, std::string_view("\n")}) {
      SayRaw(part);
    }
  } else {
    SayRaw("\nslotproof: hang: the input cannot be written; in hexadecimal (xxd -r -p) it is\n");
    SayRawHex(entry->input_);
    SayRaw("\n");
  }
  ::_exit(entry->settings_.hang_exit_code);
}

FuzzEntry& ProcessFuzzEntry(const Target& target) {
  static FuzzEntry* const entry = new FuzzEntry(UnderLawsOfEnvironment(target),
                                                FuzzSettings::FromEnvironment(), LLVMFuzzerMutate);
  return *entry;
}

void SayWhichTarget(const Target& target) {
  if (Environment("SLOTPROOF_WHICH_TARGET").empty()) return;
  std::printf("%.*s%.*s\n", static_cast<int>(kTargetAnswer.size()), kTargetAnswer.data(),
              static_cast<int>(target.name.size()), target.name.data());
  std::fflush(stdout);
  std::_Exit(0);
}

void AddFuzzerDefaults(int* argc, char*** argv) {
  if (LLVMFuzzerMutate == nullptr || *argc < 1) return;
  // How often an edge was taken says little of a trace, which repeats itself; counting it keeps ten
  // times the inputs and takes most of the time. The state that matters is in the feedback.
  static char no_edge_counts[] = "-use_counters=0";
  static char no_new_functions[] = "-print_funcs=0";
  hang_settings = HangSettings(std::vector<std::string_view>(*argv, *argv + *argc));
  static std::vector<char*> arguments;
  arguments = {(*argv)[0], no_edge_counts, no_new_functions};
  arguments.insert(arguments.end(), *argv + 1, *argv + *argc);
  *argc = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  *argv = arguments.data();
}

}  // namespace slotproof
