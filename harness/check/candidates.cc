#include "harness/check/candidates.h"

#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "harness/base/child_process.h"

namespace slotproof {
namespace {

using Law = std::function<Verdict(const Trace&)>;

static_assert(std::is_trivially_copyable_v<Header> && std::is_trivially_copyable_v<Op>);

// For a child with the same program.
std::string BytesOf(const Trace& trace) {
  std::string bytes(reinterpret_cast<const char*>(&trace.header), sizeof(trace.header));
  bytes.append(reinterpret_cast<const char*>(trace.ops.data()), trace.ops.size() * sizeof(Op));
  return bytes;
}

Trace TraceOf(std::string_view bytes) {
  Trace trace;
  std::memcpy(&trace.header, bytes.data(), sizeof(trace.header));
  bytes.remove_prefix(sizeof(trace.header));
  trace.ops.resize(bytes.size() / sizeof(Op));
  if (!bytes.empty()) std::memcpy(trace.ops.data(), bytes.data(), bytes.size());
  return trace;
}

// In the child whose death is all that is asked for: no report, which takes longer than the rest.
bool dies_in_silence = false;

class Candidates {
 public:
  Candidates(const Law& together, const Law& alone, std::chrono::milliseconds time_limit)
      : together_(together), alone_(alone), time_limit_(time_limit) {}

  Verdict Run(const Trace& trace) {
    if (!child_) {
      child_.emplace([this](std::string_view bytes) {
        dies_in_silence = true;
        together_(TraceOf(bytes));
      });
    }
    const ServingChild::Answer answer = child_->Ask(BytesOf(trace), time_limit_);
    if (answer == ServingChild::Answer::kServed) return {};
    child_.reset();
    return answer == ServingChild::Answer::kDied ? alone_(trace) : Verdict{};
  }

 private:
  Law together_;
  Law alone_;
  std::chrono::milliseconds time_limit_;
  std::optional<ServingChild> child_;
};

}  // namespace

// AddressSanitizer calls it before its report.
extern "C" void __asan_on_error() {
  if (dies_in_silence) ::_exit(1);
}

Law RunsOfCandidates(Outcome sought, const Law& together, const Law& alone,
                     std::chrono::milliseconds time_limit) {
  if (sought != Outcome::kSanitizer && sought != Outcome::kSignal) return alone;
  const auto candidates = std::make_shared<Candidates>(together, alone, time_limit);
  return [candidates](const Trace& trace) { return candidates->Run(trace); };
}

Law RunsOfCandidates(const Target& target, Outcome sought, const RunOptions& options,
                     const IsolateOptions& isolate) {
  Law alone = [&target, options, isolate](const Trace& trace) {
    return RunIsolated(target, trace, options, isolate);
  };
  if (target.isolate) return alone;
  const auto runner = std::make_shared<Runner>(target, options);
  const Law together = [runner](const Trace& trace) { return runner->Run(trace); };
  return RunsOfCandidates(sought, together, alone, isolate.time_limit);
}

}  // namespace slotproof
