#include "harness/cli/cli.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/build_info.h"
#include "harness/base/suggest.h"

namespace slotproof {
namespace {

bool IsTerminal(const std::ostream* stream, const std::ostream& standard, int fd) {
  return stream == &standard && ::isatty(fd) != 0;
}

bool WantsColours(const ToolConfig& config) {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return !dumb && IsTerminal(config.out, std::cout, STDOUT_FILENO);
}

// The subcommand that was being parsed, or the program.
const CLI::App& Active(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : *chosen.front();
}

std::vector<std::string> KnownWords(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(command->get_name());
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    for (const std::string& name : option->get_snames()) words.push_back("-" + name);
  }
  return words;
}

// CLI11 says no more than what it did not expect.
std::string DescribeUsageError(const CLI::App& app, const CLI::ParseError& error, int argc,
                               const char* const* argv) {
  const CLI::App& active = Active(app);
  if (argc < 2) return "say what to do";
  std::string_view word;
  const std::vector<std::string> remaining = active.remaining(true);
  if (&active == &app) word = argv[1];
  if (word.empty() && !remaining.empty()) word = remaining.front();
  const std::vector<std::string> words = KnownWords(active);
  const bool is_unknown =
      !word.empty() && std::find(words.begin(), words.end(), word) == words.end();
  if (!is_unknown) return error.what();
  if (word.starts_with('-') && ::access(UserPath(std::string(word)).c_str(), F_OK) == 0) {
    return fmt::format("unknown option {}; if the file of this name is meant, write ./{}",
                       Quoted(word), word);
  }
  const std::vector<std::string_view> known(words.begin(), words.end());
  return fmt::format("unknown {} {}{}",
                     word.starts_with("-") ? "option"
                     : &active == &app     ? "command"
                                           : "argument",
                     Quoted(word), Suggestion(word, known));
}

int FailUsage(const CLI::App& app, Context& context, std::string message) {
  const CLI::App& active = Active(app);
  if (!message.ends_with('?')) message += ';';
  context.err << "slotproof: " << message << " see slotproof "
              << (&active == &app ? "" : active.get_name() + " ") << "--help\n";
  return kExitUsage;
}

void AddCommands(CLI::App& app, Context& context, const ToolConfig& config) {
  for (const auto& add :
       {&AddReplayCommand, &AddExplainCommand, &AddShrinkCommand, &AddConvertCommand,
        &AddToTestCommand, &AddListCommand, &AddLinearizeCommand}) {
    add(app, context);
  }
  for (const AddCommand& add : config.commands) add(app, context);
  AddCompletionCommand(app, context);
}

}  // namespace

int Main(int argc, const char* const* argv, std::span<const Target* const> targets,
         const ToolConfig& config) {
  // A limit on file sizes is to be an error of the write, not the end of the process.
  ::signal(SIGXFSZ, SIG_IGN);
  Context context = {.targets = targets,
                     .out = *config.out,
                     .err = *config.err,
                     .colours = WantsColours(config),
                     .show_progress = IsTerminal(config.err, std::cerr, STDERR_FILENO)};
  CLI::App app("Replays, explains, shrinks and finds failures of data structures.", "slotproof");
  app.set_version_flag("--version",
                       fmt::format("slotproof {} ({})", config.version, Configuration()));
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 passed or done, 1 failure reproduced, 2 wrong usage,\n"
      "3 an input that cannot be read or an output that cannot be written,\n"
      "130 interrupted.");
  AddCommands(app, context, config);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    context.out << app.help();
    return kExitPassed;
  } catch (const CLI::CallForVersion& version) {
    context.out << version.what() << "\n";
    return kExitPassed;
  } catch (const CLI::ParseError& error) {
    return FailUsage(app, context, DescribeUsageError(app, error, argc, argv));
  } catch (const std::exception& error) {
    context.Fail({.message = error.what()});
  }
  if (!context.out.flush()) {
    context.Fail({.message = "standard output cannot be written: free some space or send it "
                             "elsewhere"});
  }
  return context.exit_code;
}

}  // namespace slotproof
