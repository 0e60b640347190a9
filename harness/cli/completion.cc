#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/command.h"

// Completion scripts are made from the program's own options, so that they cannot fall behind.

namespace slotproof {
namespace {

std::vector<const CLI::App*> Commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// "--target" for each option that has a long name.
std::vector<const CLI::Option*> LongOptions(const CLI::App& command) {
  std::vector<const CLI::Option*> options;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_lnames().empty()) options.push_back(option);
  }
  return options;
}

std::vector<std::string> TargetNames(const Context& context) {
  std::vector<std::string> names;
  for (const Target* target : context.targets) names.emplace_back(target->name);
  return names;
}

// For single quotes of any shell.
std::string Quotable(std::string text) {
  std::erase_if(text, [](char c) { return c == '\'' || c == '[' || c == ']' || c == ':'; });
  return text;
}

std::string BashScript(const CLI::App& app, const Context& context) {
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* command : Commands(app)) {
    names.push_back(command->get_name());
    std::vector<std::string> options;
    for (const CLI::Option* option : LongOptions(*command)) {
      options.push_back("--" + option->get_lnames().front());
    }
    cases += fmt::format("    {}) words='{}' ;;\n", command->get_name(), fmt::join(options, " "));
  }
  return fmt::format(
      "_slotproof() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words=\n"
      "  if [[ $previous == --target ]]; then\n"
      "    COMPREPLY=($(compgen -W '{}' -- \"$current\"))\n"
      "    return\n"
      "  fi\n"
      "  case ${{COMP_WORDS[1]}} in\n{}"
      "    *) words='{} --help --version' ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "  if (( COMP_CWORD > 1 )); then COMPREPLY+=($(compgen -f -- \"$current\")); fi\n"
      "}}\n"
      "complete -o filenames -F _slotproof slotproof\n",
      fmt::join(TargetNames(context), " "), cases, fmt::join(names, " "));
}

std::string ZshScript(const CLI::App& app, const Context& context) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : Commands(app)) {
    commands +=
        fmt::format("    '{}:{}'\n", command->get_name(), Quotable(command->get_description()));
    cases += fmt::format("      {}) _arguments", command->get_name());
    for (const CLI::Option* option : LongOptions(*command)) {
      const std::string& name = option->get_lnames().front();
      cases += fmt::format(" '--{}[{}]", name, Quotable(option->get_description()));
      if (name == "target") {
        cases += fmt::format(":target:({})", fmt::join(TargetNames(context), " "));
      } else if (option->get_items_expected_max() > 0) {
        cases += ":value:";
      }
      cases += "'";
    }
    cases += " '*:file:_files' ;;\n";
  }
  return fmt::format(
      "#compdef slotproof\n"
      "_slotproof() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "  else\n"
      "    case $words[2] in\n{}    esac\n"
      "  fi\n"
      "}}\n"
      "compdef _slotproof slotproof\n",
      commands, cases);
}

std::string FishScript(const CLI::App& app, const Context& context) {
  std::string script;
  for (const CLI::App* command : Commands(app)) {
    script += fmt::format("complete -c slotproof -n __fish_use_subcommand -f -a {} -d '{}'\n",
                          command->get_name(), Quotable(command->get_description()));
    for (const CLI::Option* option : LongOptions(*command)) {
      const std::string& name = option->get_lnames().front();
      script += fmt::format(
          "complete -c slotproof -n '__fish_seen_subcommand_from {}' -l {} -d "
          "'{}'",
          command->get_name(), name, Quotable(option->get_description()));
      if (name == "target") {
        script += fmt::format(" -x -a '{}'", fmt::join(TargetNames(context), " "));
      } else if (option->get_items_expected_max() > 0) {
        script += " -r";
      }
      script += '\n';
    }
  }
  return script;
}

}  // namespace

void AddCompletionCommand(CLI::App& app, Context& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "completion", "Print a completion script: source <(slotproof completion bash)");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &app, &context] {
    context.out << (*shell == "bash"  ? BashScript(app, context)
                    : *shell == "zsh" ? ZshScript(app, context)
                                      : FishScript(app, context));
  });
}

}  // namespace slotproof
