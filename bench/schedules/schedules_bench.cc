// How many schedules each strategy needs to the first failure of each program of program.h.
//
//   schedules_bench [--trials N] [--schedules N] [--seconds N] [--program NAME] [--strategy NAME]
//
// A trial has a seed of its own and ends with the first failure, or in vain after so many schedules
// or, to look at every thousand, seconds. For measure.py it prints lines
//
//   FOUND <program> <strategy> <found> <trials> <mean> <least> <greatest> <most in vain> <CPU s>
//   PUBLISHED <program> <technique> <found> <trials> <mean> <least> <greatest> <in vain>
//   GOAL <program> <threads> <mean or -> <technique or ->
//   SPEED <case> <strategy> <schedules a second> <points> <decisions> <switches>
//
// where mean, least and greatest are of the trials that found it, and CPU seconds those of a whole
// trial, on average.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "bench/result.h"
#include "bench/schedules/program.h"
#include "bench/schedules/published.h"
#include "bench/schedules/speed_programs.h"
#include "harness/sched/crash.h"
#include "harness/sched/explore.h"

namespace slotproof::bench {
namespace {

struct Options {
  std::uint64_t trials = 20;
  std::uint64_t schedules = 100'000;
  double seconds = 10;
  std::string_view program;
  std::string_view strategy;
};

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// Schedules to the first failure; 0 if there was none. *tried is how many were run.
std::uint64_t Trial(const Program& program, sched::StrategyName name, std::uint64_t seed,
                    const Options& options, std::uint64_t* tried) {
  // The programs race on purpose; the published techniques count what comes of it.
  const sched::RunOptions run = {.races_fail = false};
  sched::Runtime::Get().Forget();
  sched::Choices choices(seed);
  sched::Mix mix(name, choices);
  const sched::Program body = program.run;
  const double start = CpuSeconds();
  for (*tried = 1; *tried <= options.schedules; ++*tried) {
    if (sched::RunOnce(body, mix, run).failed()) return *tried;
    if (*tried % 1000 == 0 && CpuSeconds() - start > options.seconds) break;
  }
  return 0;
}

void Measure(const Program& program, sched::StrategyName name, const Options& options) {
  std::uint64_t found = 0;
  std::uint64_t sum = 0;
  std::uint64_t least = 0;
  std::uint64_t greatest = 0;
  std::uint64_t in_vain = 0;
  const double start = CpuSeconds();
  for (std::uint64_t seed = 1; seed <= options.trials; ++seed) {
    std::uint64_t tried = 0;
    const std::uint64_t schedules = Trial(program, name, seed, options, &tried);
    if (schedules == 0) {
      in_vain = std::max(in_vain, tried);
      continue;
    }
    least = found == 0 ? schedules : std::min(least, schedules);
    greatest = std::max(greatest, schedules);
    sum += schedules;
    ++found;
  }
  const auto trials = static_cast<double>(options.trials);
  std::printf("FOUND %s %s %lu %lu %.1f %lu %lu %lu %.6f\n", program.name.data(),
              sched::NameOf(name).data(), found, options.trials,
              found == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(found), least,
              greatest, in_vain, (CpuSeconds() - start) / trials);
  std::fflush(stdout);
}

void PrintPublished(const Program& program) {
  const PublishedRow* const row = FindPublished(program.name);
  if (row == nullptr) return;
  for (std::size_t i = 0; i < kTechniques; ++i) {
    const Published& figure = row->figures[i];
    if (!figure.ran) continue;
    std::printf("PUBLISHED %s %s %d %d %g %g %g %g\n", program.name.data(),
                kTechniqueNames[i].data(), figure.found, figure.trials, figure.mean, figure.least,
                figure.greatest, figure.in_vain);
  }
  const std::optional<double> goal = Goal(*row);
  const std::optional<Technique> leader = Leader(*row);
  std::printf("GOAL %s %d ", program.name.data(), program.threads);
  if (goal && leader) {
    std::printf("%g %s\n", *goal, kTechniqueNames[*leader].data());
  } else {
    std::printf("- -\n");
  }
}

void MeasureSpeed(const SpeedProgram& program, sched::StrategyName name, std::uint64_t schedules) {
  sched::Runtime::Get().Forget();
  sched::Choices choices(1);
  sched::Mix mix(name, choices);
  const sched::Program body = program.run;
  std::uint64_t points = 0;
  std::uint64_t decisions = 0;
  std::uint64_t switches = 0;
  const Stopwatch watch;
  for (std::uint64_t i = 0; i < schedules; ++i) {
    const sched::RunResult& result = sched::RunOnce(body, mix, {});
    points += result.points;
    decisions += result.decisions;
    switches += result.schedule.size();
  }
  const double seconds = watch.Seconds();
  const auto all = static_cast<double>(schedules);
  std::printf("SPEED %s %s %.0f %.1f %.1f %.1f\n", program.name.data(), sched::NameOf(name).data(),
              all / seconds, static_cast<double>(points) / all,
              static_cast<double>(decisions) / all, static_cast<double>(switches) / all);
}

// False when the arguments are wrong.
bool Parse(int count, char** arguments, Options* options) {
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = arguments[i];
    const char* const value = arguments[i + 1];
    if (name == "--trials") {
      options->trials = std::strtoull(value, nullptr, 10);
    } else if (name == "--schedules") {
      options->schedules = std::strtoull(value, nullptr, 10);
    } else if (name == "--seconds") {
      options->seconds = std::strtod(value, nullptr);
    } else if (name == "--program") {
      options->program = value;
    } else if (name == "--strategy") {
      options->strategy = value;
    } else {
      return false;
    }
  }
  return count % 2 == 1 && options->trials > 0;
}

}  // namespace

int Main(int count, char** arguments) {
  Options options;
  if (!Parse(count, arguments, &options)) {
    std::fprintf(stderr,
                 "usage: schedules_bench [--trials N] [--schedules N] [--seconds N] "
                 "[--program NAME] [--strategy NAME]\n");
    return 2;
  }
  sched::CatchCrashes();
  for (std::size_t i = 0; i < sched::kStrategies; ++i) {
    const auto name = static_cast<sched::StrategyName>(i);
    if (!options.strategy.empty() && options.strategy != sched::NameOf(name)) continue;
    for (const SpeedProgram& program : SpeedPrograms()) {
      if (options.program.empty()) MeasureSpeed(program, name, options.schedules);
    }
    for (const Program& program : Programs()) {
      if (!options.program.empty() && options.program != program.name) continue;
      if (i == 0) PrintPublished(program);
      Measure(program, name, options);
    }
  }
  return 0;
}

}  // namespace slotproof::bench

int main(int count, char** arguments) { return slotproof::bench::Main(count, arguments); }
