#include "harness/check/every_fuse.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "harness/base/child_process.h"
#include "harness/subject/fuse.h"

extern "C" __attribute__((weak)) int __lsan_do_recoverable_leak_check();

namespace slotproof {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBatch{1'000};  // of one child
constexpr std::string_view kPrefix = "fuse_";

// One trace of a sweep: where its fuse is lit, which, and how long it is.
struct Variant {
  std::size_t op;
  std::size_t fuse;  // index into FuseOps()
  std::uint32_t steps;
};

Op Lit(const Vocabulary& vocabulary, std::size_t code, std::uint32_t steps) {
  Op op = {.code = static_cast<std::uint8_t>(code)};
  SetOperandValue(&op, vocabulary.ops[code].operands[0], steps - 1);
  return op;
}

Trace WithoutFuses(const Trace& trace, std::span<const std::size_t> fuses) {
  Trace without = {.header = trace.header, .ops = {}};
  std::ranges::copy_if(trace.ops, std::back_inserter(without.ops), [&](const Op& op) {
    return std::ranges::find(fuses, op.code) == fuses.end();
  });
  return without;
}

Trace With(const Vocabulary& vocabulary, const Trace& trace, std::span<const std::size_t> fuses,
           const Variant& variant) {
  Trace with = trace;
  with.ops.insert(with.ops.begin() + static_cast<std::ptrdiff_t>(variant.op),
                  Lit(vocabulary, fuses[variant.fuse], variant.steps));
  return with;
}

// How many steps each operation takes that this fuse would count: it is lit before each, so long
// that it cannot burn.
std::vector<std::uint32_t> CountSteps(const Target& target, const Trace& trace, std::size_t fuse) {
  constexpr std::uint32_t kEndless = std::numeric_limits<std::uint32_t>::max();
  const std::unique_ptr<Session> session = target.new_session();
  std::vector<std::uint32_t> steps(trace.ops.size());
  session->Reset(trace.header);
  for (std::size_t i = 0; i < trace.ops.size(); ++i) {
    if (session->Step(Lit(*target.vocabulary, fuse, 1)) == StepResult::kFailed) return steps;
    if (Fuse::StepsLeft() == 0) return steps;  // nothing here makes this subject throw
    Fuse::Lengthen(kEndless);
    if (session->Step(trace.ops[i]) == StepResult::kFailed) return steps;
    steps[i] = kEndless - Fuse::StepsLeft();
  }
  session->Finish();
  return steps;
}

// The same in a child, as bytes that are not there when it died.
std::vector<std::uint32_t> CountStepsApart(const Target& target, const Trace& trace,
                                           std::size_t fuse, std::chrono::milliseconds time_limit) {
  const ChildResult child = RunInChild(
      [&](const ChildChannel& channel) {
        const std::vector<std::uint32_t> steps = CountSteps(target, trace, fuse);
        channel.Send(
            {reinterpret_cast<const char*>(steps.data()), steps.size() * sizeof(std::uint32_t)});
      },
      time_limit);
  std::vector<std::uint32_t> steps(trace.ops.size());
  const std::size_t bytes = steps.size() * sizeof(std::uint32_t);
  if (bytes != 0 && child.sent.size() == bytes) std::memcpy(steps.data(), child.sent.data(), bytes);
  return steps;
}

// How far a child has come.
struct Progress {
  Heartbeat beats = 0;
  std::atomic<std::size_t> next = 0;  // the variant that runs, or that would be next
  std::atomic<bool> failed = false;
  std::atomic<bool> leaked = false;
};

class Sweeper {
 public:
  Sweeper(const Target& target, const Trace& trace, const FuseSweepOptions& options)
      : target_(&target), options_(&options) {
    sweep_.fuses = FuseOps(*target.vocabulary);
    sweep_.burnt.resize(sweep_.fuses.size());
    trace_ = WithoutFuses(trace, sweep_.fuses);
  }

  FuseSweep Run() {
    const Clock::time_point end = Clock::now() + options_->budget;
    Plan();
    while (sweep_.ran < variants_.size() && !sweep_.finding && Clock::now() < end) {
      sweep_.stopped = options_->stop != nullptr && options_->stop();
      if (sweep_.stopped) break;
      RunBatch();
      if (options_->on_progress) options_->on_progress(sweep_);
    }
    return std::move(sweep_);
  }

 private:
  void Plan() {
    for (std::size_t fuse = 0; fuse < sweep_.fuses.size(); ++fuse) {
      const std::size_t code = sweep_.fuses[fuse];
      const std::uint32_t longest = target_->vocabulary->ops[code].operands[0].limit;
      const std::vector<std::uint32_t> counted =
          CountStepsApart(*target_, trace_, code, options_->isolate.time_limit);
      for (std::size_t op = 0; op < counted.size(); ++op) {
        const std::uint32_t most = std::min(counted[op], longest);
        sweep_.beyond += counted[op] - most;
        for (std::uint32_t steps = 1; steps <= most; ++steps) {
          variants_.push_back({.op = op, .fuse = fuse, .steps = steps});
        }
      }
    }
    std::ranges::sort(variants_, {}, [](const Variant& variant) {
      return std::tuple(variant.steps, variant.op, variant.fuse);
    });
    sweep_.planned = variants_.size();
  }

  Trace TraceOf(std::size_t variant) const {
    return With(*target_->vocabulary, trace_, sweep_.fuses, variants_[variant]);
  }

  // The child's work: from progress->next on, for a while or up to what fails.
  void RunSome(Progress* progress) const {
    const Clock::time_point end = Clock::now() + kBatch;
    RunOptions options = options_->run;
    options.determinism_share = 0;  // what fails is run again alone
    Runner runner(*target_, options);
    while (progress->next < variants_.size() && Clock::now() < end) {
      progress->beats.fetch_add(1);
      if (!runner.Run(TraceOf(progress->next)).passed()) {
        progress->failed = true;
        return;
      }
      progress->next.fetch_add(1);
    }
    progress->beats.fetch_add(1);
    if (__lsan_do_recoverable_leak_check != nullptr && options_->isolate.check_leaks) {
      progress->leaked = __lsan_do_recoverable_leak_check() != 0;
    }
  }

  void RunBatch() {
    const std::size_t first = sweep_.ran;
    const Shared<Progress> progress;
    progress->next = first;
    const ChildResult child = RunInChild([&](const ChildChannel&) { RunSome(progress.get()); },
                                         options_->isolate.time_limit, &progress->beats);
    const std::size_t next = progress->next;
    for (; sweep_.ran < next; ++sweep_.ran) ++sweep_.burnt[variants_[sweep_.ran].fuse];
    const bool died = child.end != ChildResult::End::kExited || child.code != 0;
    if (progress->failed || died) {
      // Died at the very end: whatever the last one left.
      RunAlone(std::min(next, variants_.size() - 1), child.errors);
    } else if (progress->leaked) {
      FindLeak(first, next);
    }
  }

  // The verdict on what failed or ended the child. If it passes alone, what it did to the process
  // was not its doing, and the death is told as it was.
  void RunAlone(std::size_t variant, const std::string& report) {
    Trace trace = TraceOf(variant);
    IsolatedRun run = RunIsolatedWithReport(*target_, trace, options_->run, options_->isolate);
    if (run.verdict.passed()) {
      run.verdict = {.outcome = Outcome::kNondeterminism,
                     .op_index = variants_[variant].op,
                     .law = "every_fuse",
                     .expected = "the same end alone as behind " + std::to_string(variant) +
                                 " other traces in one process",
                     .actual = "a failure behind those, and none alone"};
      run.report = report;
    }
    if (variant == sweep_.ran) {
      ++sweep_.ran;
      ++sweep_.burnt[variants_[variant].fuse];
    }
    sweep_.finding = FuseSweep::Finding{.trace = std::move(trace), .run = std::move(run)};
  }

  // Which of those that ran in a child leaks; none when the child's leaks were its parent's.
  void FindLeak(std::size_t first, std::size_t last) {
    for (std::size_t variant = first; variant < last; ++variant) {
      Trace trace = TraceOf(variant);
      IsolatedRun run = RunIsolatedWithReport(*target_, trace, options_->run, options_->isolate);
      if (run.verdict.passed()) continue;
      sweep_.finding = FuseSweep::Finding{.trace = std::move(trace), .run = std::move(run)};
      return;
    }
  }

  const Target* target_;
  const FuseSweepOptions* options_;
  Trace trace_;
  std::vector<Variant> variants_;
  FuseSweep sweep_;
};

}  // namespace

std::vector<std::size_t> FuseOps(const Vocabulary& vocabulary) {
  std::vector<std::size_t> fuses;
  for (std::size_t code = 0; code < vocabulary.ops.size(); ++code) {
    const OpSpec& op = vocabulary.ops[code];
    const bool counts = op.operands.size() == 1 && op.operands[0].kind == OperandKind::kCount;
    if (counts && op.name.starts_with(kPrefix)) fuses.push_back(code);
  }
  return fuses;
}

FuseSweep SweepFuses(const Target& target, const Trace& trace, const FuseSweepOptions& options) {
  return Sweeper(target, trace, options).Run();
}

}  // namespace slotproof
