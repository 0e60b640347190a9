#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/command.h"

// Completion scripts are made from the program's own options, so that they cannot fall behind.

namespace slotproof {
namespace {

std::vector<const CLI::App*> Commands(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// What may stand where an option's value or an argument does.
struct Values {
  std::vector<std::string> words;
  bool files = false;

  std::string Joined() const { return fmt::format("{}", fmt::join(words, " ")); }
};

// CLI11 shows the members that a value must be one of in the type: "TEXT:{text,trace,raw}".
std::vector<std::string> MembersIn(std::string_view type) {
  std::vector<std::string> members;
  const std::size_t open = type.find('{');
  if (open == std::string_view::npos) return members;
  std::string_view rest = type.substr(open + 1, type.find('}', open) - open - 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    members.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return members;
}

Values ValuesOf(const CLI::Option& option, const Context& context) {
  Values values;
  if (option.get_single_name() == "target") {
    for (const Target* target : context.targets) values.words.emplace_back(target->name);
    return values;
  }
  if (option.get_single_name() == "laws") {
    for (const Target* target : context.targets) {
      for (const Target* choice : target->by_laws) values.words.emplace_back(choice->laws);
    }
    std::ranges::sort(values.words);
    const auto again = std::ranges::unique(values.words);
    values.words.erase(again.begin(), again.end());
    return values;
  }
  const std::string type = option.get_type_name();
  values.words = MembersIn(type);
  values.files = values.words.empty() && type.starts_with("TEXT");
  return values;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// Those with a dash, but for hidden ones.
std::vector<const CLI::Option*> Options(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) {
    return !option->get_lnames().empty() && !option->get_group().empty();
  });
}

std::vector<const CLI::Option*> Arguments(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::string LongName(const CLI::Option& option) { return "--" + option.get_lnames().front(); }

// For single quotes of any shell.
std::string Quotable(std::string text) {
  std::erase_if(text, [](char c) { return c == '\'' || c == '[' || c == ']' || c == ':'; });
  return text;
}

std::string BashValues(const Values& values) {
  return fmt::format("words='{}' files={:d}", values.Joined(), values.files);
}

// One arm of the case over subcommands: after an option its values, else options and arguments.
std::string BashArm(const CLI::App& command, const Context& context) {
  std::string arms;
  Values others;
  for (const CLI::Option* option : Options(command)) {
    others.words.push_back(LongName(*option));
    if (!TakesValue(*option)) continue;
    std::string pattern = LongName(*option);
    for (const std::string& name : option->get_snames()) pattern += " | -" + name;
    arms += fmt::format("        {}) {} ;;\n", pattern, BashValues(ValuesOf(*option, context)));
  }
  for (const CLI::Option* argument : Arguments(command)) {
    const Values values = ValuesOf(*argument, context);
    others.words.insert(others.words.end(), values.words.begin(), values.words.end());
    others.files |= values.files;
  }
  return fmt::format(
      "    {})\n"
      "      case $previous in\n{}"
      "        *) {} ;;\n"
      "      esac ;;\n",
      command.get_name(), arms, BashValues(others));
}

std::string BashScript(const CLI::App& app, const Context& context) {
  std::vector<std::string> names;
  std::string arms;
  for (const CLI::App* command : Commands(app)) {
    names.push_back(command->get_name());
    arms += BashArm(*command, context);
  }
  return fmt::format(
      "_slotproof() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  local command=${{COMP_WORDS[1]}} words= files=0\n"
      "  (( COMP_CWORD > 1 )) || command=\n"
      "  case $command in\n{}"
      "    *) words='{} --help --version' ;;\n"
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\"\n"
      "                           (( files )) && compgen -f -- \"$current\")\n"
      "}}\n"
      "complete -o filenames -F _slotproof slotproof\n",
      arms, fmt::join(names, " "));
}

std::string ZshValues(const Values& values) {
  return values.files ? "_files" : values.words.empty() ? "" : "(" + values.Joined() + ")";
}

std::string ZshArm(const CLI::App& command, const Context& context) {
  std::string arm = fmt::format("      {}) _arguments", command.get_name());
  for (const CLI::Option* option : Options(command)) {
    arm += fmt::format(" '{}[{}]", LongName(*option), Quotable(option->get_description()));
    if (TakesValue(*option)) {
      arm += fmt::format(":{}:{}", option->get_lnames().front(),
                         ZshValues(ValuesOf(*option, context)));
    }
    arm += "'";
  }
  for (const CLI::Option* argument : Arguments(command)) {
    arm += fmt::format(" '{}:{}:{}'", argument->get_items_expected_max() > 1 ? "*" : "",
                       argument->get_single_name(), ZshValues(ValuesOf(*argument, context)));
  }
  return arm + " ;;\n";
}

std::string ZshScript(const CLI::App& app, const Context& context) {
  std::string commands;
  std::string arms;
  for (const CLI::App* command : Commands(app)) {
    commands +=
        fmt::format("    '{}:{}'\n", command->get_name(), Quotable(command->get_description()));
    arms += ZshArm(*command, context);
  }
  return fmt::format(
      "#compdef slotproof\n"
      "_slotproof() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "  else\n"
      "    shift words\n"
      "    (( CURRENT-- ))\n"
      "    case $words[1] in\n{}    esac\n"
      "  fi\n"
      "}}\n"
      "compdef _slotproof slotproof\n",
      commands, arms);
}

// The end of a `complete` line for these values.
std::string FishValues(const Values& values) {
  if (values.files) return " -r";
  return values.words.empty() ? " -x" : " -x -a '" + values.Joined() + "'";
}

std::string FishLines(const CLI::App& command, const Context& context) {
  const std::string within =
      fmt::format("complete -c slotproof -n '__fish_seen_subcommand_from {}'", command.get_name());
  std::string lines =
      fmt::format("complete -c slotproof -n __fish_use_subcommand -f -a {} -d '{}'\n",
                  command.get_name(), Quotable(command.get_description()));
  for (const CLI::Option* option : Options(command)) {
    lines += fmt::format("{} -l {}", within, option->get_lnames().front());
    for (const std::string& name : option->get_snames()) lines += " -s " + name;
    lines += fmt::format(" -d '{}'", Quotable(option->get_description()));
    if (TakesValue(*option)) lines += FishValues(ValuesOf(*option, context));
    lines += '\n';
  }
  for (const CLI::Option* argument : Arguments(command)) {
    const Values values = ValuesOf(*argument, context);
    // Files are what fish completes by itself.
    if (!values.files) lines += fmt::format("{} -f -a '{}'\n", within, values.Joined());
  }
  return lines;
}

std::string FishScript(const CLI::App& app, const Context& context) {
  std::string script;
  for (const CLI::App* command : Commands(app)) script += FishLines(*command, context);
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
