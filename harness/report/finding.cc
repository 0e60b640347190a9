#include "harness/report/finding.h"

#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

#include "harness/base/build_info.h"
#include "harness/base/signal_safe.h"
#include "harness/trace/codec.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

constexpr std::size_t kLongestSlug = 80;

using SlugText = std::array<char, kLongestSlug>;

std::string_view MakeSlug(std::string_view signature, SlugText* text) {
  std::size_t size = 0;
  for (const char c : signature.substr(0, kLongestSlug)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
    if (plain) {
      (*text)[size++] = c;
    } else if (size != 0 && (*text)[size - 1] != '-') {
      (*text)[size++] = '-';
    }
  }
  while (size != 0 && (*text)[size - 1] == '-') --size;
  return {text->data(), size};
}

}  // namespace

std::string FindingsDirectory() {
  for (const char* variable :
       {"TEST_UNDECLARED_OUTPUTS_DIR", "SLOTPROOF_FINDINGS", "BUILD_WORKING_DIRECTORY"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  return ".";
}

std::string SignatureSlug(std::string_view signature) {
  SlugText text;
  return std::string(MakeSlug(signature, &text));
}

std::string_view FindingName(const Target& target, std::string_view signature,
                             std::span<const std::uint8_t> raw, FindingNameText* text) {
  SlugText slug;
  const std::uint64_t hash = Checksum(raw);
  return RawText(*text)
      .Add(target.name)
      .Add("-")
      .Add(MakeSlug(signature, &slug))
      .Add("-")
      .AddHex(hash ^ (hash >> 32), 8)
      .Add(".trace")
      .text();
}

TraceInfo FindingInfo(const Target& target, std::string_view found_by) {
  TraceInfo info;
  SetTarget(target, &info);
  info.configuration = Configuration();
  info.found_by = found_by;
  info.build = BuildDescription();
  return info;
}

Expected<std::string> SaveFinding(const Target& target, const Trace& trace, const Verdict& verdict,
                                  std::string_view found_by, const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) {
    return Unexpected(directory + ": cannot make this folder: " + error.message() +
                      "; choose another one for findings");
  }
  const std::vector<std::uint8_t> raw = Codec(*target.vocabulary).Encode(trace);
  FindingNameText name;
  std::string path =
      (fs::absolute(directory, error) / FindingName(target, verdict.Signature(), raw, &name))
          .lexically_normal()
          .string();
  TraceInfo info = FindingInfo(target, found_by);
  info.signature = verdict.Signature();
  info.summary = verdict.Summary();
  const Expected<void> saved = SaveTraceFile(path, target, trace, std::move(info));
  if (!saved) return tl::unexpected(saved.error());
  return path;
}

void PrintUnsaved(const Target& target, const Trace& trace, const Error& error) {
  const std::string text = PrintTrace(target, trace);
  std::fprintf(stderr, "%s\nThe trace follows; save it in a .txt file to replay it.\n\n%s\n",
               error.message.c_str(), text.c_str());
}

}  // namespace slotproof
