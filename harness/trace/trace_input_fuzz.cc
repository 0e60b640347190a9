// Feeds bytes to whatever reads traces: the codec, the text form and the trace file.
//
//   every byte string     Decode is total and canonical; text and file of the trace give it back
//   as a text             is refused with a position, or is a trace within its limits
//   as a trace file       is refused with an offset, or is the file that would be written
//   as any file           loads as one of the three, or is one error

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "harness/base/file_io.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/codec.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

using testing::AllToyTargets;
using testing::ToyTarget;
using testing::ToyVocabulary;

void Require(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "broken law: %s\n", law);
  std::abort();
}

void CheckForms(const Codec& codec, const Trace& trace) {
  const std::vector<std::uint8_t> raw = codec.Encode(trace);
  Require(codec.Decode(raw) == trace, "Decode(Encode(t)) == t");
  const std::string text = PrintTrace(ToyTarget(), trace);
  const auto parsed = ParseTrace(text, "f", AllToyTargets());
  Require(parsed && parsed->trace == trace, "ParseTrace(PrintTrace(t)) == t");
  std::vector<std::uint8_t> file;
  EncodeTraceFile(TraceInfo(), raw, &file);
  const auto decoded = DecodeTraceFile(file, "f");
  Require(decoded && decoded->raw == raw, "DecodeTraceFile(EncodeTraceFile(f)) == f");
}

void CheckText(const Codec& codec, std::string_view bytes) {
  const auto parsed = ParseTrace(bytes, "f", AllToyTargets());
  if (!parsed) {
    Require(parsed.error().message.starts_with("f:"), "an error of the text has a position");
    return;
  }
  Trace canonical = parsed->trace;
  codec.Canonicalize(&canonical);
  Require(canonical == parsed->trace, "a text's trace is within its limits");
  CheckForms(codec, parsed->trace);
}

void CheckFile(std::span<const std::uint8_t> bytes) {
  const auto decoded = DecodeTraceFile(bytes, "f");
  if (!decoded) {
    Require(decoded.error().message.starts_with("f: byte "), "an error of the file has an offset");
    return;
  }
  std::vector<std::uint8_t> again;
  EncodeTraceFile(decoded->info, decoded->raw, &again);
  const auto reread = DecodeTraceFile(again, "f");
  Require(reread && *reread == *decoded, "what a file says is kept");
  // A file of an older form is written in the present one.
  constexpr std::size_t kVersionAt = 8;
  const bool same_form = bytes[kVersionAt] == again[kVersionAt];
  Require(!same_form || std::vector(bytes.begin(), bytes.end()) == again,
          "a file has one encoding");
}

void CheckAny(std::string_view bytes) {
  const auto loaded = LoadTraceBytes(bytes, "f", AllToyTargets(), "toy");
  Require(loaded ? loaded->target == &ToyTarget() : !loaded.error().message.empty(),
          "a file loads or is an error");
}

}  // namespace
}  // namespace slotproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace slotproof;
  static const Codec codec(ToyVocabulary());
  const std::span<const std::uint8_t> bytes(data, size);
  CheckForms(codec, codec.Decode(bytes));
  CheckText(codec, AsText(bytes));
  CheckFile(bytes);
  CheckAny(AsText(bytes));
  return 0;
}
