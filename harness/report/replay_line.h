#ifndef SLOTPROOF_HARNESS_REPORT_REPLAY_LINE_H_
#define SLOTPROOF_HARNESS_REPORT_REPLAY_LINE_H_

#include <string>
#include <string_view>

#include "harness/base/build_info.h"
#include "harness/subject/target.h"

namespace slotproof {

// The one line that replays a saved trace, in the configuration it failed in, fit for a shell:
//
//   replay: bazel run //:slotproof_asan -- replay /home/me/toy-mismatch-pop.key-1f2e3d4c.trace
//
// A trace that was not judged by its target's default laws says so, as its file does:
//
//   replay: bazel run //:slotproof -- replay --laws spec /home/me/map-mismatch-...trace
//
std::string ReplayLine(const std::string& path, const Target& target,
                       std::string_view configuration = Configuration());

// Where a file is once this process is over. Bazel moves what a test leaves in its output folder
// out of the sandbox and into test.outputs/outputs.zip; such a path is written outputs.zip/NAME,
// which ReadFile() takes. Any other path stays as it is.
std::string LastingPath(const std::string& path);

// The program of a configuration: "//:slotproof", "//:slotproof_asan", "//:slotproof_tsan".
std::string CommandLabel(std::string_view configuration = Configuration());

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_REPORT_REPLAY_LINE_H_
