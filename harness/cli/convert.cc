#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/base/build_info.h"
#include "harness/base/file_io.h"
#include "harness/cli/command.h"
#include "harness/cli/trace_command.h"
#include "harness/trace/codec.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

struct ConvertArgs {
  TraceArgs trace;
  std::string form;
  std::string out;
};

std::string Converted(const LoadedTrace& loaded, const std::string& form) {
  if (form == "text") {
    // Switches that were written are not counted anew.
    Target as_written = *loaded.target;
    as_written.points = loaded.info.points;
    return PrintTrace(as_written, loaded.trace, loaded.info.summary);
  }
  const std::vector<std::uint8_t> raw = Codec(*loaded.target->vocabulary).Encode(loaded.trace);
  if (form == "raw") return std::string(AsText(raw));
  TraceInfo info = loaded.info;
  info.target = loaded.target->name;
  info.laws = loaded.target->laws;
  if (info.configuration.empty()) {
    info.configuration = Configuration();
    info.build = BuildDescription();
  }
  std::vector<std::uint8_t> bytes;
  EncodeTraceFile(info, raw, &bytes);
  return std::string(AsText(bytes));
}

void Convert(Context& context, const ConvertArgs& args) {
  const auto loaded = LoadOrFail(context, args.trace);
  if (!loaded) return;
  const std::string bytes = Converted(*loaded, args.form);
  const bool to_stdout = args.out == "-" || (args.out.empty() && args.form == "text");
  if (to_stdout) {
    context.out << bytes;
    return;
  }
  std::filesystem::path path = args.out.empty() ? args.trace.file : args.out;
  if (args.out.empty()) path.replace_extension("." + args.form);
  if (args.out.empty() && path == args.trace.file) {
    return context.Fail({.message = args.trace.file + ": the input would be overwritten; choose "
                                                      "another file with -o",
                         .kind = Error::Kind::kUsage});
  }
  const auto written = WriteFile(UserPath(path.string()), bytes);
  if (!written) return context.Fail(written.error());
  context.out << "wrote " << path.string() << "\n";
}

}  // namespace

void AddConvertCommand(CLI::App& app, Context& context) {
  auto args = std::make_shared<ConvertArgs>();
  CLI::App* command =
      app.add_subcommand("convert", "Write a trace as text, as a trace file or as raw input");
  AddFileArgument(command, &args->trace);
  AddTargetOption(command, &args->trace);
  command->add_option("--to", args->form, "text, trace or raw")
      ->required()
      ->check(CLI::IsMember({"text", "trace", "raw"}));
  command->add_option("-o,--out", args->out,
                      "Where to; - is standard output, which text goes to by itself");
  command->callback([args, &context] { Convert(context, *args); });
}

}  // namespace slotproof
