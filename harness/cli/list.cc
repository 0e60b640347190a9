#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "harness/cli/command.h"
#include "harness/cli/trace_command.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

using Json = nlohmann::ordered_json;

struct ListArgs {
  std::string what = "targets";
  std::string target;
  bool json = false;
};

std::vector<const Target*> Chosen(const Context& context, const ListArgs& args) {
  std::vector<const Target*> chosen;
  for (const Target* target : context.targets) {
    if (args.target.empty() || target->name == args.target) chosen.push_back(target);
  }
  return chosen;
}

std::vector<const Vocabulary*> Vocabularies(const std::vector<const Target*>& targets) {
  std::vector<const Vocabulary*> vocabularies;
  for (const Target* target : targets) {
    if (std::ranges::find(vocabularies, target->vocabulary) == vocabularies.end()) {
      vocabularies.push_back(target->vocabulary);
    }
  }
  return vocabularies;
}

// The rows of a table as JSON objects; printed with the first two columns aligned.
Json TargetRows(const std::vector<const Target*>& targets) {
  Json rows = Json::array();
  for (const Target* target : targets) {
    rows.push_back({{"target", target->name},
                    {"vocabulary", target->vocabulary->name},
                    {"help", target->help}});
  }
  return rows;
}

// The first of a target is its default.
Json LawsRows(const std::vector<const Target*>& targets) {
  Json rows = Json::array();
  for (const Target* target : targets) {
    for (const Target* choice : target->by_laws) {
      rows.push_back(
          {{"target", choice->name}, {"laws", choice->laws}, {"help", choice->laws_help}});
    }
  }
  return rows;
}

Json VocabularyRows(const std::vector<const Target*>& targets) {
  Json rows = Json::array();
  for (const Vocabulary* vocabulary : Vocabularies(targets)) {
    for (const FieldSpec& field : vocabulary->fields) {
      const std::uint64_t limit = FieldLimit(field);
      const std::string values = field.choices.empty()
                                     ? fmt::format("0 to {}", (limit == 0 ? 1ull << 32 : limit) - 1)
                                     : fmt::format("{}", fmt::join(field.choices, ", "));
      rows.push_back({{"vocabulary", fmt::format("{} {}", vocabulary->name, vocabulary->version)},
                      {"field", field.name},
                      {"values", values},
                      {"help", field.help}});
    }
  }
  return rows;
}

Json GoalRows(const std::vector<const Target*>& targets) {
  Json rows = Json::array();
  for (const Target* target : targets) {
    for (const GoalSpec& goal : target->goals) {
      rows.push_back({{"target", target->name}, {"goal", goal.name}, {"help", goal.help}});
    }
  }
  return rows;
}

// "a slice" -> "SLICE"
std::string Placeholder(const Operand& operand) {
  std::string_view noun = OperandNoun(operand);
  for (const std::string_view article : {"a ", "an "}) {
    if (noun.starts_with(article)) noun.remove_prefix(article.size());
  }
  std::string word(noun);
  for (char& c : word) {
    c = c == ' ' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return word;
}

// "slice SLICE SLICE PLACE PLACE"
std::string OpForm(const OpSpec& op) {
  std::string form(op.name);
  for (const Operand& operand : op.operands) form += " " + Placeholder(operand);
  return form;
}

// "x1 to x16", or all the names of a choice.
std::string ValuesOf(const Operand& operand) {
  if (operand.kind == OperandKind::kChoice)
    return fmt::format("{}", fmt::join(operand.choices, " "));
  return PrintOperand(operand, 0) + " to " + PrintOperand(operand, operand.limit - 1);
}

Json OperandsJson(const OpSpec& op) {
  Json operands = Json::array();
  for (const Operand& operand : op.operands) {
    operands.push_back({{"operand", Placeholder(operand)}, {"values", ValuesOf(operand)}});
  }
  return operands;
}

Json OpRows(const std::vector<const Target*>& targets) {
  Json rows = Json::array();
  for (const Vocabulary* vocabulary : Vocabularies(targets)) {
    for (const OpSpec& op : vocabulary->ops) {
      rows.push_back({{"vocabulary", vocabulary->name},
                      {"op", OpForm(op)},
                      {"help", op.help},
                      {"operands", OperandsJson(op)}});
    }
  }
  return rows;
}

void PrintTable(Context& context, const Json& rows) {
  std::vector<std::size_t> widths;
  for (const Json& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    std::size_t column = 0;
    for (const Json& cell : row) {
      const auto& text = cell.get_ref<const std::string&>();
      widths[column] = std::max(widths[column], text.size());
      ++column;
    }
  }
  for (const Json& row : rows) {
    std::string line;
    std::size_t column = 0;
    for (const Json& cell : row) {
      line += fmt::format("{:{}}  ", cell.get_ref<const std::string&>(), widths[column++]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    context.out << line << "\n";
  }
}

// What stands for an operand, the values it may have, and the operations where it may.
struct Meaning {
  std::string placeholder;
  std::string values;
  std::vector<std::string_view> ops;
};

std::vector<Meaning> MeaningsOf(const Vocabulary& vocabulary) {
  std::vector<Meaning> meanings;
  for (const OpSpec& op : vocabulary.ops) {
    for (const Operand& operand : op.operands) {
      const std::string placeholder = Placeholder(operand);
      const std::string values = ValuesOf(operand);
      auto it = std::ranges::find_if(meanings, [&](const Meaning& meaning) {
        return meaning.placeholder == placeholder && meaning.values == values;
      });
      if (it == meanings.end()) it = meanings.insert(it, {placeholder, values, {}});
      if (it->ops.empty() || it->ops.back() != op.name) it->ops.push_back(op.name);
    }
  }
  std::ranges::sort(meanings, {}, [](const Meaning& meaning) {
    return std::tie(meaning.placeholder, meaning.values);
  });
  return meanings;
}

// The values under the table, once for each vocabulary; with the operations where these differ.
void PrintOps(Context& context, const std::vector<const Target*>& targets, Json rows) {
  for (Json& row : rows) row.erase("operands");
  PrintTable(context, rows);
  for (const Vocabulary* vocabulary : Vocabularies(targets)) {
    context.out << "\n";
    const std::vector<Meaning> meanings = MeaningsOf(*vocabulary);
    for (const Meaning& meaning : meanings) {
      const auto same = std::ranges::count(meanings, meaning.placeholder, &Meaning::placeholder);
      context.out << fmt::format(
          "{}, {}: {}{}\n", vocabulary->name, meaning.placeholder, meaning.values,
          same == 1 ? std::string() : fmt::format(" of {}", fmt::join(meaning.ops, ", ")));
    }
  }
}

void List(Context& context, const ListArgs& args) {
  if (!args.target.empty()) {
    const auto found = FindTarget(args.target, context.targets);
    if (!found) return context.Fail(found.error());
  }
  const std::vector<const Target*> targets = Chosen(context, args);
  const Json rows = args.what == "targets"        ? TargetRows(targets)
                    : args.what == "vocabularies" ? VocabularyRows(targets)
                    : args.what == "goals"        ? GoalRows(targets)
                    : args.what == "laws"         ? LawsRows(targets)
                                                  : OpRows(targets);
  if (args.json) {
    PrintJson(context, rows);
  } else if (args.what == "ops") {
    PrintOps(context, targets, rows);
  } else {
    PrintTable(context, rows);
  }
}

}  // namespace

void AddListCommand(CLI::App& app, Context& context) {
  auto args = std::make_shared<ListArgs>();
  CLI::App* command = app.add_subcommand(
      "list",
      "Print the targets, their laws, or the vocabularies' header fields, goals or operations");
  command->add_option("what", args->what, "targets, laws, vocabularies, goals or ops")
      ->check(CLI::IsMember({"targets", "laws", "vocabularies", "goals", "ops"}))
      ->capture_default_str();
  command->add_option("--target", args->target, "Of this target alone");
  command->add_flag("--json", args->json, "Print JSON");
  command->callback([args, &context] { List(context, *args); });
}

}  // namespace slotproof
