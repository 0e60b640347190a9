// rounds_to_detection ROUNDS: in how many rounds with real threads ThreadSanitizer reports each
// planted bug, as a table.
// rounds_to_detection ROUNDS BUG...: fails when one of these is reported in none of so many rounds.
// Both fail when a round without a bug does not end well.
//
// A round is a process that runs some drawn programs and ends at its first report.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "mutants/plant/choice.h"
#include "mutants/plant/chosen_mutant.h"
#include "mutants/sharing/planted_things.h"
#include "subjects/scheduled_sharing/sharing_programs.h"

namespace slotproof {
namespace {

constexpr std::uint64_t kProgramsOfRound = 10;
constexpr std::size_t kSteps = 100;
constexpr int kReported = 66;  // how ThreadSanitizer ends a process
constexpr int kWrong = 3;

struct Rounds {
  std::uint64_t run = 0;
  std::uint64_t reported = 0;
  std::uint64_t wrong = 0;  // ended by what came of the bug
};

// In every other program all threads begin at once, and otherwise one by one: a thread that runs
// beside others meets what they do, one that runs after them all that they did.
std::barrier<> all_there(kSharingThreads);
constexpr SharingHooks kOneByOne = {.fail = [](const char*) { _exit(kWrong); },
                                    .begin_operation = [] {}};
constexpr SharingHooks kAtOnce = {.fail = kOneByOne.fail,
                                  .begin_operation = kOneByOne.begin_operation,
                                  .begin_thread = [] { all_there.arrive_and_wait(); }};

[[noreturn]] void RunRound(SharedThing thing, std::uint64_t round) {
  static_cast<void>(std::freopen("/dev/null", "w", stderr));
  for (std::uint64_t i = 0; i < kProgramsOfRound; ++i) {
    RunSharingProgram(DrawSharingProgram(thing, round * kProgramsOfRound + i, kSteps),
                      i % 2 == 0 ? kOneByOne : kAtOnce);
  }
  _exit(0);
}

Rounds RunRounds(SharedThing thing, std::uint64_t count, bool stops_at_first) {
  Rounds rounds;
  for (std::uint64_t round = 1; round <= count; ++round) {
    const pid_t child = fork();
    if (child == 0) RunRound(thing, round);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) std::abort();
    const bool reported = WIFEXITED(status) && WEXITSTATUS(status) == kReported;
    ++rounds.run;
    rounds.reported += reported ? 1 : 0;
    rounds.wrong += !reported && status != 0 ? 1 : 0;
    if (reported && stops_at_first) break;
  }
  return rounds;
}

void PrintRow(const std::string& name, const Rounds& rounds) {
  std::printf("| %s | %ju of %ju | %ju |\n", name.c_str(), std::uintmax_t{rounds.reported},
              std::uintmax_t{rounds.run}, std::uintmax_t{rounds.wrong});
  std::fflush(stdout);
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  using namespace slotproof;
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100;
  const std::vector<std::string_view> only(argv + std::min(argc, 2), argv + argc);
  bool as_expected = true;
  std::printf("| bug | rounds that report it | end otherwise |\n|---|---:|---:|\n");
  std::fflush(stdout);
  for (const SharedThing thing : kSharedThings) {
    const Rounds rounds = RunRounds(thing, count, false);
    PrintRow("none: " + NameOfThing(thing), rounds);
    as_expected &= rounds.reported + rounds.wrong == 0;
  }
  for (const mutants::Flag& flag : mutants::AllFlags()) {
    if (!only.empty() && std::ranges::find(only, flag.mutant) == only.end()) continue;
    const mutants::ChosenMutant chosen(flag);
    const Rounds rounds = RunRounds(ThingOf(flag), count, !only.empty());
    PrintRow("`" + std::string(flag.mutant) + "`", rounds);
    as_expected &= rounds.reported != 0 || only.empty();
  }
  return as_expected ? 0 : 1;
}
