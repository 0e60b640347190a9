#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/base/child_process.h"
#include "harness/base/file_io.h"
#include "harness/check/isolate.h"
#include "harness/check/steps.h"
#include "harness/cli/command.h"
#include "harness/cli/trace_command.h"
#include "harness/trace/text.h"

// The trace is run twice: once for the verdict, and once more to look at it. The second run stops
// to draw, so it is a child's too, which sends each part as soon as it has it: what the operation
// that fails leaves behind may not bear looking at.

namespace slotproof {
namespace {

constexpr std::uint64_t kMostShown = 1'000'000'000;

struct ExplainArgs {
  TraceArgs trace;
  std::size_t around = 10;
  std::optional<std::size_t> at;
  bool json = false;
  std::string html;  // where to; empty: nowhere
};

struct Window {
  std::size_t first = 0;
  std::size_t focus = 0;  // the number of operations: the end of the trace
  std::size_t end = 0;
};

struct View {
  std::map<std::size_t, std::string> notes;  // by operation
  TraceSteps steps;                          // of what ran, up to the focus
  std::optional<std::string> before;         // the drawing before the operation in focus
  std::optional<std::string> after;
  std::string page;
  std::string death;  // how the looking ended, when not well
};

// What the child leaves, however it ends.
struct Seen {
  Heartbeat ops_begun;
  StepLog log;
};

enum class Part : std::uint8_t { kNote, kBefore, kAfter, kPage };

struct PartHead {
  Part part;
  std::size_t op_index;
  std::size_t size;
};

void SendPart(const ChildChannel& channel, Part part, std::size_t op_index,
              const std::string& text) {
  // Zeroed first: its padding is sent, too.
  PartHead head;
  std::memset(&head, 0, sizeof(head));
  head.part = part;
  head.op_index = op_index;
  head.size = text.size();
  channel.Send({reinterpret_cast<const char*>(&head), sizeof(head)});
  channel.Send(text);
}

// Steps through the trace up to the operation in focus.
void Look(const LoadedTrace& loaded, const Window& window, const ChildChannel& channel,
          Seen* seen) {
  const Vocabulary& vocabulary = *loaded.target->vocabulary;
  const std::unique_ptr<Session> session = loaded.target->new_session();
  session->Reset(loaded.trace.header);
  for (std::size_t i = 0; i < window.end; ++i) {
    const Op& op = loaded.trace.ops[i];
    ++seen->ops_begun;
    seen->log.op_index = static_cast<std::uint32_t>(i);
    if (i >= window.first && i <= window.focus) {
      SendPart(channel, Part::kNote, i, session->Annotate(op));
    }
    if (i == window.focus) break;
    if (StepRecording(vocabulary, op, *session, &seen->log) == StepResult::kFailed) {
      return session->Abandon();
    }
  }
  // What runs at the end is what there is to see there.
  const bool at_end = window.focus == loaded.trace.ops.size();
  const auto act = [&](const auto& acting) {
    try {
      acting();
    } catch (const SubjectFatal&) {  // NOLINT(bugprone-empty-catch)
      // What a subject that stopped itself left behind is worth drawing.
    }
  };
  if (at_end && session->ActsAtEnd()) act([&] { session->Finish(); });
  SendPart(channel, Part::kBefore, window.focus, session->Draw());
  if (!at_end) {
    act([&] { StepRecording(vocabulary, loaded.trace.ops[window.focus], *session, &seen->log); });
    SendPart(channel, Part::kAfter, window.focus, session->Draw());
  }
  SendPart(channel, Part::kPage, window.focus, session->DrawPage());
  session->Abandon();
}

std::string DescribeEnd(const ChildResult& child) {
  switch (child.end) {
    case ChildResult::End::kTimedOut:
      return "the time limit was reached";
    case ChildResult::End::kSignalled:
      return fmt::format("the process died of signal {}", child.code);
    case ChildResult::End::kExited:
      break;
  }
  return child.code == 0 ? "" : fmt::format("the process ended with exit code {}", child.code);
}

View TakeLook(const LoadedTrace& loaded, const Window& window, const TraceArgs& args) {
  const Shared<Seen> seen;
  const ChildResult child =
      RunInChild([&](const ChildChannel& channel) { Look(loaded, window, channel, seen.get()); },
                 std::chrono::milliseconds(static_cast<std::int64_t>(args.time_limit_s * 1000)),
                 &seen->ops_begun);
  View view;
  view.steps = TraceSteps::FromLog(seen->log, seen->ops_begun);
  view.death = DescribeEnd(child);
  std::string_view sent = child.sent;
  PartHead head = {};
  while (sent.size() >= sizeof(head)) {
    std::memcpy(&head, sent.data(), sizeof(head));
    sent.remove_prefix(sizeof(head));
    if (sent.size() < head.size) break;
    std::string text(sent.substr(0, head.size));
    sent.remove_prefix(head.size);
    if (head.part == Part::kNote) {
      view.notes[head.op_index] = std::move(text);
    } else if (head.part == Part::kBefore) {
      view.before = std::move(text);
    } else if (head.part == Part::kAfter) {
      view.after = std::move(text);
    } else if (head.part == Part::kPage) {
      view.page = std::move(text);
    }
  }
  return view;
}

std::string Indented(std::string_view text) {
  std::string indented;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    indented += end == 0 ? "\n" : fmt::format("  {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return indented;
}

// Those of a burst, as text; nothing of an operation that is its only step.
std::vector<std::string> StepsText(const LoadedTrace& loaded, const View& view, std::size_t i) {
  std::vector<std::string> text;
  if (i >= view.steps.of.size()) return text;
  const std::vector<Op>& steps = view.steps.of[i];
  if (steps.size() == 1 && steps[0] == loaded.trace.ops[i]) return text;
  for (const Op& step : steps) text.push_back(PrintOp(*loaded.target->vocabulary, step));
  return text;
}

// The last ones matter most: there it failed, if it did.
void PrintSteps(Context& context, const LoadedTrace& loaded, const View& view, std::size_t i) {
  constexpr std::size_t kMostSteps = 64;
  const std::vector<std::string> steps = StepsText(loaded, view, i);
  const std::size_t left_out = steps.size() > kMostSteps ? steps.size() - kMostSteps : 0;
  if (left_out != 0) context.out << fmt::format("           ... {} steps before\n", left_out);
  for (std::size_t step = left_out; step < steps.size(); ++step) {
    context.out << "           " << steps[step] << "\n";
  }
}

void PrintOps(Context& context, const LoadedTrace& loaded, const Window& window, const View& view) {
  std::size_t width = 0;
  for (std::size_t i = window.first; i < window.end; ++i) {
    width = std::max(width, DescribeOp(loaded, i).size());
  }
  if (window.first > 0) context.out << fmt::format("         ... {} before\n", window.first);
  for (std::size_t i = window.first; i < window.end; ++i) {
    const auto note = view.notes.find(i);
    const bool has_note = note != view.notes.end() && !note->second.empty();
    std::string line = fmt::format("{} {:6}  {:{}}", i == window.focus ? ">" : " ", i,
                                   DescribeOp(loaded, i), has_note ? width : 0);
    if (has_note) line += "   " + note->second;
    context.out << (i == window.focus ? context.Bold(line) : line) << "\n";
    PrintSteps(context, loaded, view, i);
  }
  const std::size_t left = loaded.trace.ops.size() - window.end;
  if (left > 0) context.out << fmt::format("         ... {} after\n", left);
}

void PrintDrawing(Context& context, const std::string& title,
                  const std::optional<std::string>& drawing, const std::string& death) {
  context.out << "\n" << context.Bold(title) << "\n";
  if (drawing) {
    context.out << Indented(*drawing);
  } else {
    context.out << "  no drawing: " << (death.empty() ? "the trace failed before it" : death)
                << "\n";
  }
}

void PrintView(Context& context, const LoadedTrace& loaded, const Window& window,
               const View& view) {
  const Vocabulary& vocabulary = *loaded.target->vocabulary;
  if (!vocabulary.fields.empty()) {
    context.out << "\nheader " << PrintHeader(vocabulary, loaded.trace.header) << "\n";
  }
  context.out << "\n";
  PrintOps(context, loaded, window, view);
  if (window.focus == loaded.trace.ops.size()) {
    PrintDrawing(context, "at the end", view.before, view.death);
    return;
  }
  PrintDrawing(context, fmt::format("before operation {}", window.focus), view.before, view.death);
  PrintDrawing(context, fmt::format("after operation {}", window.focus), view.after, view.death);
}

nlohmann::ordered_json ViewJson(const LoadedTrace& loaded, const Window& window, const View& view) {
  nlohmann::ordered_json ops = nlohmann::ordered_json::array();
  for (std::size_t i = window.first; i < window.end; ++i) {
    const auto note = view.notes.find(i);
    nlohmann::ordered_json op = {{"index", i},
                                 {"op", DescribeOp(loaded, i)},
                                 {"note", note == view.notes.end() ? "" : note->second}};
    const std::vector<std::string> steps = StepsText(loaded, view, i);
    if (!steps.empty()) op["steps"] = steps;
    ops.push_back(std::move(op));
  }
  nlohmann::ordered_json json = {{"focus", window.focus}, {"ops", ops}};
  if (view.before) json["before"] = *view.before;
  if (view.after) json["after"] = *view.after;
  return json;
}

Window WindowOf(const LoadedTrace& loaded, const Verdict& verdict, const ExplainArgs& args) {
  const std::size_t count = loaded.trace.ops.size();
  Window window;
  window.focus = args.at ? *args.at : verdict.passed() ? count : verdict.op_index;
  window.focus = std::min(window.focus, count);
  window.first = window.focus - std::min(window.focus, args.around);
  window.end = std::min(count, window.focus + 1 + args.around);
  return window;
}

void WritePage(Context& context, const ExplainArgs& args, const View& view) {
  if (args.html.empty()) return;
  if (view.page.empty()) {
    return context.Fail({.message = args.trace.file +
                                    ": there is no picture for --html: the target draws none, or "
                                    "the trace failed before it",
                         .kind = Error::Kind::kUsage});
  }
  const auto written = WriteFile(UserPath(args.html), view.page);
  if (!written) return context.Fail(written.error());
  if (!args.json) context.out << "\nwrote " << args.html << "\n";
}

void Explain(Context& context, const ExplainArgs& args) {
  const auto loaded = LoadOrFailInJson(context, args.trace, args.json);
  if (!loaded) return;
  const std::size_t count = loaded->trace.ops.size();
  if (args.at && *args.at > count) {
    return context.Fail(
        {.message = fmt::format("{}: --at {} is beyond the trace, which has {} operations",
                                args.trace.file, *args.at, count),
         .kind = Error::Kind::kUsage});
  }
  const IsolatedRun run = RunLoaded(*loaded, args.trace);
  const Verdict& verdict = run.verdict;
  const Window window = WindowOf(*loaded, verdict, args);
  const View view = TakeLook(*loaded, window, args.trace);
  context.exit_code = verdict.passed() ? kExitPassed : kExitFailure;
  if (args.json) {
    nlohmann::ordered_json json = RunJson(args.trace.file, *loaded, run);
    json.update(ViewJson(*loaded, window, view));
    PrintJson(context, json);
    return WritePage(context, args, view);
  }
  context.out << DescribeTrace(args.trace.file, *loaded) << "\n";
  if (verdict.passed()) {
    context.out << "  " << context.Green("passed") << "\n";
  } else {
    PrintFailure(context, *loaded, verdict);
  }
  PrintRemarks(context, *loaded, run.remarks);
  PrintView(context, *loaded, window, view);
  WritePage(context, args, view);
}

}  // namespace

void AddExplainCommand(CLI::App& app, Context& context) {
  auto args = std::make_shared<ExplainArgs>();
  CLI::App* command = app.add_subcommand(
      "explain", "Show what a trace does, with the structure drawn around the failure");
  AddFileArgument(command, &args->trace);
  AddRunOptions(command, &args->trace);
  command->add_option("--around", args->around, "Operations shown on each side")
      ->check(WholeNumber(0, kMostShown))
      ->capture_default_str();
  command->add_option("--at", args->at, "Look at this operation instead of the failing one")
      ->check(WholeNumber(0, kMostShown));
  command->add_flag("--json", args->json, "Print JSON");
  command->add_option("--html", args->html,
                      "Where to draw the threads of a schedule, as an HTML page");
  command->callback([args, &context] { Explain(context, *args); });
}

}  // namespace slotproof
