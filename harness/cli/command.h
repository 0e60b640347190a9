#ifndef SLOTPROOF_HARNESS_CLI_COMMAND_H_
#define SLOTPROOF_HARNESS_CLI_COMMAND_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "harness/base/error.h"
#include "harness/subject/target.h"

// What a subcommand of `slotproof` is made of. Each is a function that adds itself to the program:
//
//   void AddReplayCommand(CLI::App& app, Context& context) {
//     auto args = std::make_shared<Args>();
//     CLI::App* command = app.add_subcommand("replay", "Run traces and print their verdicts");
//     command->add_option("file", args->files)->required();
//     command->callback([args, &context] { context.exit_code = ...; });
//   }
//
// It prints to context.out and context.err and leaves its exit code in the context. Subcommands
// from elsewhere are given to Main() in ToolConfig::commands; help, completion and the suggestions
// for misspelt words know them as they know the built-in ones.

// CLI11's headers take seconds to compile, and who only calls Main() needs none of them.
namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
class Validator;
}  // namespace CLI

namespace slotproof {

enum ExitCode : int {
  kExitPassed = 0,      // passed, or done
  kExitFailure = 1,     // a failure was reproduced
  kExitUsage = 2,       // wrong usage
  kExitUnreadable = 3,  // an input cannot be read or an output cannot be written
  kExitUnknown = 4,     // a limit was reached before there was a verdict (linearize)
  kExitInterrupted = 130,
};

struct Context {
  std::span<const Target* const> targets;
  std::ostream& out;
  std::ostream& err;
  bool colours = false;        // of out
  bool show_progress = false;  // err is a terminal
  int exit_code = kExitPassed;

  // Prints the error and sets the exit code it calls for.
  void Fail(const Error& error);

  std::string Bold(std::string_view text) const { return Styled("1", text); }
  std::string Red(std::string_view text) const { return Styled("31;1", text); }
  std::string Green(std::string_view text) const { return Styled("32", text); }

 private:
  std::string Styled(std::string_view code, std::string_view text) const;
};

using AddCommand = std::function<void(CLI::App&, Context&)>;

// Relative paths are of the folder in which the user said `bazel run`, not of the one that Bazel
// runs programs in. "-" stays as it is.
std::string UserPath(const std::string& path);

// Checks of options' values. CLI11's own take -1 for a large number and 1e400 for a time.
CLI::Validator WholeNumber(std::uint64_t least, std::uint64_t most);
CLI::Validator SecondsAbove0();
CLI::Validator TimeOrNone();

void AddReplayCommand(CLI::App& app, Context& context);
void AddExplainCommand(CLI::App& app, Context& context);
void AddShrinkCommand(CLI::App& app, Context& context);
void AddConvertCommand(CLI::App& app, Context& context);
void AddToTestCommand(CLI::App& app, Context& context);
void AddListCommand(CLI::App& app, Context& context);
void AddLinearizeCommand(CLI::App& app, Context& context);
void AddCompletionCommand(CLI::App& app, Context& context);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_CLI_COMMAND_H_
