#ifndef SLOTPROOF_HARNESS_CLI_TRACE_COMMAND_H_
#define SLOTPROOF_HARNESS_CLI_TRACE_COMMAND_H_

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/check/isolate.h"
#include "harness/cli/command.h"
#include "harness/shrink/shrinker.h"
#include "harness/subject/verdict.h"
#include "harness/trace/trace_file.h"

// What the subcommands that take a trace have in common.

namespace slotproof {

struct TraceArgs {
  std::string file;
  std::string target;        // empty: the file says it
  std::string laws;          // empty: the file or the target says them
  double time_limit_s = 20;  // for one operation
  bool check_every_op = false;
  bool in_process = false;
};

// --target and --laws, and for those that run the trace --time-limit, --check-every-op and
// --in-process.
void AddTargetOption(CLI::App* command, TraceArgs* args);
void AddRunOptions(CLI::App* command, TraceArgs* args);
void AddFileArgument(CLI::App* command, TraceArgs* args);

// Prints the error, sets the exit code and returns nothing when the file cannot be loaded. Sets
// *json, if there is one, to what it then says of the file.
std::optional<LoadedTrace> LoadOrFail(Context& context, const TraceArgs& args,
                                      nlohmann::ordered_json* json = nullptr);

// The same for a command of one file, which prints that JSON if it is asked to.
std::optional<LoadedTrace> LoadOrFailInJson(Context& context, const TraceArgs& args, bool as_json);

// How these arguments ask for a trace to be run: twice, to see whether it does the same.
RunOptions ToRunOptions(const TraceArgs& args);
std::chrono::milliseconds TimeLimit(const TraceArgs& args);

// Isolated unless args say otherwise.
IsolatedRun RunLoaded(const LoadedTrace& loaded, const TraceArgs& args);

// Shrinks with the runner that the failure needs: a child for what ends the process. Ctrl-C stops
// it at the smallest trace so far. `expand` as in ShrinkOptions.
ShrinkResult ShrinkLoaded(Context& context, const LoadedTrace& loaded, const IsolatedRun& failed,
                          const TraceArgs& args, bool expand);

// Where to save what was made of a file, known before the work begins: `out`, or the file's name
// with the extension (".min.trace"), beside the file. What was to lie there and cannot (an archive,
// a folder of somebody else's) lies in the user's folder.
Expected<std::filesystem::path> PlaceToSave(const std::string& file, const std::string& out,
                                            const char* extension);

// "a.trace: toy, 12 operations, found by property seed=42 (asan)"; "map by the laws spec" where
// these are not the default.
std::string DescribeTrace(const std::string& file, const LoadedTrace& loaded);

// The operation of this index as text; the final check has one more than the last.
std::string DescribeOp(const LoadedTrace& loaded, std::size_t op_index);

// Where it failed, law, expected and actual, a line each.
void PrintFailure(Context& context, const LoadedTrace& loaded, const Verdict& verdict);

// What the trace says and could not be done, in a line: the first remark, and how many there are;
// and whether its switches were counted by another version of the points.
void PrintRemarks(Context& context, const LoadedTrace& loaded, std::span<const Remark> remarks);

void PrintJson(Context& context, const nlohmann::ordered_json& json);

nlohmann::ordered_json VerdictJson(const std::string& file, const LoadedTrace& loaded,
                                   const Verdict& verdict);
// The same with the remarks.
nlohmann::ordered_json RunJson(const std::string& file, const LoadedTrace& loaded,
                               const IsolatedRun& run);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CLI_TRACE_COMMAND_H_
