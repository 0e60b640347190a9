#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "harness/cli/command.h"
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

// "a place: 0 1 len cap"; each list of names once.
std::vector<std::string> ChoicesOf(std::span<const OpSpec> ops) {
  std::vector<std::string> lists;
  for (const OpSpec& op : ops) {
    for (const Operand& operand : op.operands) {
      if (operand.kind != OperandKind::kChoice) continue;
      std::string list =
          fmt::format("{}: {}", OperandNoun(operand), fmt::join(operand.choices, " "));
      if (std::ranges::find(lists, list) == lists.end()) lists.push_back(std::move(list));
    }
  }
  return lists;
}

Json OpRows(const std::vector<const Target*>& targets) {
  Json rows = Json::array();
  for (const Vocabulary* vocabulary : Vocabularies(targets)) {
    for (std::size_t code = 0; code < vocabulary->ops.size(); ++code) {
      const OpSpec& op = vocabulary->ops[code];
      // An example of each: its largest operands.
      Json row = {{"vocabulary", vocabulary->name},
                  {"up to", PrintOp(*vocabulary, LargestOp(*vocabulary, code))},
                  {"help", op.help}};
      const auto choices = ChoicesOf({&op, 1});
      if (!choices.empty()) row["choices"] = fmt::format("{}", fmt::join(choices, "; "));
      rows.push_back(std::move(row));
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

// The choices once for each vocabulary, under the table.
void PrintOps(Context& context, const std::vector<const Target*>& targets, Json rows) {
  for (Json& row : rows) row.erase("choices");
  PrintTable(context, rows);
  for (const Vocabulary* vocabulary : Vocabularies(targets)) {
    for (const std::string& list : ChoicesOf(vocabulary->ops)) {
      context.out << fmt::format("\n{}, {}\n", vocabulary->name, list);
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
                                                  : OpRows(targets);
  if (args.json) {
    context.out << rows.dump(2) << "\n";
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
      "list", "Print the targets, or the vocabularies' header fields, goals or operations");
  command->add_option("what", args->what, "targets, vocabularies, goals or ops")
      ->check(CLI::IsMember({"targets", "vocabularies", "goals", "ops"}))
      ->capture_default_str();
  command->add_option("--target", args->target, "Of this target alone");
  command->add_flag("--json", args->json, "Print JSON");
  command->callback([args, &context] { List(context, *args); });
}

}  // namespace slotproof
