#ifndef SLOTPROOF_HARNESS_TRACE_TRACE_FILE_H_
#define SLOTPROOF_HARNESS_TRACE_TRACE_FILE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"
#include "harness/subject/target.h"
#include "harness/subject/trace.h"

// Traces on disk. A finding is saved as a trace file, which says what it is and who found it:
//
//   +0   magic         8 bytes   89 'S' 'L' 'T' 0d 0a 1a 0a; what mangles line ends breaks it
//   +8   form version  u16       3
//   +10  vocabulary    text      text: u32 length, then as many bytes
//        its version   u16
//        target        text      "map"
//        laws          text      that it was judged by: "spec"; empty where there is no choice; not
//                                there in version 1, which means the target's default
//        points        u16       the version of those that its switches count; 0 where there is no
//                                schedule; not there before version 3, which says nothing of it
//        configuration text      "plain", "asan", "tsan"
//        found by      text      "property seed=42", "fuzz -runs=5000 -seed=1"
//        build         text
//        signature     text      of the verdict: "mismatch/find.value"
//        summary       text      of the verdict, one line
//        raw length    u64
//        raw           bytes     what Codec encodes; see vocabulary.h
//        checksum      u64       FNV-1a over everything above
//
// All numbers little-endian; nothing follows the checksum. Whatever is damaged is an error that
// names the file, the byte offset and the remedy.

namespace slotproof {

struct TraceInfo {
  std::string vocabulary;
  std::uint16_t vocabulary_version = 0;
  std::string target;
  std::string laws;
  std::uint16_t points = 0;  // 0: not known
  std::string configuration;
  std::string found_by;
  std::string build;
  std::string signature;
  std::string summary;

  friend bool operator==(const TraceInfo&, const TraceInfo&) = default;
};

struct TraceFile {
  TraceInfo info;
  std::vector<std::uint8_t> raw;

  friend bool operator==(const TraceFile&, const TraceFile&) = default;
};

// FNV-1a, 64 bits.
std::uint64_t Checksum(std::span<const std::uint8_t> bytes);

// Replaces *bytes, reusing its memory.
void EncodeTraceFile(const TraceInfo& info, std::span<const std::uint8_t> raw,
                     std::vector<std::uint8_t>* bytes);

Expected<TraceFile> DecodeTraceFile(std::span<const std::uint8_t> bytes,
                                    std::string_view file_name);

enum class TraceForm : std::uint8_t { kTraceFile, kText, kRaw };

struct LoadedTrace {
  const Target* target = nullptr;  // under the laws that judge the trace
  Trace trace;
  TraceForm form = TraceForm::kRaw;
  TraceInfo info;  // complete for a trace file; else vocabulary, target and laws alone
};

// Takes each form: a trace file by its magic, text by its first line, else raw input, which needs
// `target_name`. A trace file or text may be run on another target of the same vocabulary, and by
// other laws than it names; see laws.h.
Expected<LoadedTrace> LoadTrace(const std::string& path, std::span<const Target* const> targets,
                                std::string_view target_name = {}, std::string_view laws = {});

// The same from memory; `file_name` is for errors, and .trace and .txt at its end are believed.
Expected<LoadedTrace> LoadTraceBytes(std::string_view bytes, std::string_view file_name,
                                     std::span<const Target* const> targets,
                                     std::string_view target_name = {}, std::string_view laws = {});

// What a file says of the target and its laws.
void SetTarget(const Target& target, TraceInfo* info);

// Sets the vocabulary, target and laws of `info` and writes a trace file: all of it or nothing.
Expected<void> SaveTraceFile(const std::string& path, const Target& target, const Trace& trace,
                             TraceInfo info);

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_TRACE_TRACE_FILE_H_
