#include "harness/report/finding.h"

#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "harness/report/build_info.h"
#include "harness/trace/codec.h"
#include "harness/trace/text.h"
#include "harness/trace/trace_file.h"

namespace slotproof {
namespace {

constexpr std::size_t kLongestSlug = 80;

// 8 hexadecimal digits.
std::string ContentHash(std::span<const std::uint8_t> bytes) {
  const std::uint64_t hash = Checksum(bytes);
  return fmt::format("{:08x}", static_cast<std::uint32_t>(hash ^ (hash >> 32)));
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
  std::string slug;
  for (const char c : signature.substr(0, kLongestSlug)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
    if (plain) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
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
  const std::string name = std::string(target.name) + '-' + SignatureSlug(verdict.Signature()) +
                           '-' + ContentHash(raw) + ".trace";
  std::string path = (fs::absolute(directory, error) / name).lexically_normal().string();
  TraceInfo info;
  info.configuration = Configuration();
  info.found_by = found_by;
  info.build = BuildDescription();
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
