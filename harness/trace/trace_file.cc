#include "harness/trace/trace_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "harness/base/file_io.h"
#include "harness/base/suggest.h"
#include "harness/trace/codec.h"
#include "harness/trace/laws.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {0x89, 'S', 'L', 'T', '\r', '\n', 0x1a, '\n'};
constexpr std::uint16_t kFormVersion = 3;
constexpr std::uint16_t kFirstVersionWithLaws = 2;
constexpr std::uint16_t kFirstVersionWithPoints = 3;

// The texts of a trace file in their order, for writer and reader; the vocabulary's version
// follows the first, that of the points the laws.
constexpr std::array<std::pair<std::string TraceInfo::*, std::string_view>, 8> kTexts = {{
    {&TraceInfo::vocabulary, "the vocabulary"},
    {&TraceInfo::target, "the target"},
    {&TraceInfo::laws, "the laws"},
    {&TraceInfo::configuration, "the configuration"},
    {&TraceInfo::found_by, "the finder"},
    {&TraceInfo::build, "the build"},
    {&TraceInfo::signature, "the signature"},
    {&TraceInfo::summary, "the summary"},
}};

template <class Unsigned>
void AppendNumber(Unsigned value, std::vector<std::uint8_t>* bytes) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
    bytes->push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

void AppendText(std::string_view text, std::vector<std::uint8_t>* bytes) {
  AppendNumber(static_cast<std::uint32_t>(text.size()), bytes);
  bytes->insert(bytes->end(), text.begin(), text.end());
}

// Reads field by field; the first that does not fit sets the error and stops the rest.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, std::string_view file_name)
      : bytes_(bytes), file_name_(file_name) {}

  std::size_t at() const { return at_; }
  bool AtEnd() const { return at_ == bytes_.size(); }

  std::span<const std::uint8_t> Take(std::uint64_t count, std::string_view what) {
    if (error_) return {};
    if (count > bytes_.size() - at_) {
      error_ = Where(at_) + fmt::format(
                                "the file ends inside {}, which needs {} bytes and has {}; "
                                "it is cut short or damaged: copy it anew",
                                what, count, bytes_.size() - at_);
      return {};
    }
    const auto taken = bytes_.subspan(at_, static_cast<std::size_t>(count));
    at_ += taken.size();
    return taken;
  }

  template <class Unsigned>
  Unsigned Number(std::string_view what) {
    Unsigned value = 0;
    std::size_t shift = 0;
    for (const std::uint8_t byte : Take(sizeof(Unsigned), what)) {
      value = static_cast<Unsigned>(value | (static_cast<Unsigned>(byte) << shift));
      shift += 8;
    }
    return value;
  }

  std::string Text(std::string_view what) {
    return std::string(AsText(Take(Number<std::uint32_t>(what), what)));
  }

  std::string Where(std::size_t offset) const {
    return fmt::format("{}: byte {}: ", file_name_, offset);
  }

  const std::optional<std::string>& error() const { return error_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::string_view file_name_;
  std::size_t at_ = 0;
  std::optional<std::string> error_;
};

bool HasMagic(std::string_view bytes) {
  return bytes.size() >= kMagic.size() && std::ranges::equal(AsBytes(bytes.substr(0, 8)), kMagic);
}

// The version of the file's form.
Expected<std::uint16_t> CheckStart(Reader* reader) {
  const auto magic = reader->Take(kMagic.size(), "the magic number");
  if (reader->error()) return Unexpected(*reader->error());
  if (!std::ranges::equal(magic, kMagic)) {
    return Unexpected(reader->Where(0) +
                      "this is not a trace file: its magic number is missing; if it is raw input, "
                      "name it otherwise than .trace and say --target NAME");
  }
  const auto version = reader->Number<std::uint16_t>("the form version");
  if (reader->error()) return Unexpected(*reader->error());
  if (version != 0 && version <= kFormVersion) return version;
  return Unexpected(
      reader->Where(kMagic.size()) +
      fmt::format("trace file version {} {}, this one reads version {}; use the "
                  "newer one, or let it convert the file to text",
                  version, version == 0 ? "does not exist" : "was written by a newer slotproof",
                  kFormVersion));
}

Expected<void> CheckEnd(Reader* reader, std::uint64_t computed) {
  const std::size_t at = reader->at();
  const auto stored = reader->Number<std::uint64_t>("the checksum");
  if (reader->error()) return Unexpected(*reader->error());
  if (!reader->AtEnd()) {
    return Unexpected(reader->Where(reader->at()) +
                      "something follows the trace; cut the file here or copy it anew");
  }
  if (stored != computed) {
    return Unexpected(reader->Where(at) +
                      fmt::format("the checksum is {:016x} and the content's is {:016x}; the file "
                                  "is damaged: copy it anew",
                                  stored, computed));
  }
  return {};
}

// Byte offset of the vocabulary's name, which follows its length.
constexpr std::size_t kVocabularyOffset = kMagic.size() + 2 + 4;

Expected<void> CheckVocabularyMatches(const TraceInfo& info, const Target& target,
                                      std::string_view file_name) {
  const Vocabulary& vocabulary = *target.vocabulary;
  const std::uint16_t oldest =
      vocabulary.oldest_version == 0 ? vocabulary.version : vocabulary.oldest_version;
  if (info.vocabulary == vocabulary.name && info.vocabulary_version >= oldest &&
      info.vocabulary_version <= vocabulary.version) {
    return {};
  }
  const bool newer =
      info.vocabulary == vocabulary.name && info.vocabulary_version > vocabulary.version;
  return Unexpected(fmt::format(
      "{}: byte {}: the trace is of vocabulary {} version {}, target {} has {} version {}; {}",
      file_name, kVocabularyOffset, Quoted(info.vocabulary), info.vocabulary_version,
      Quoted(target.name), Quoted(vocabulary.name), vocabulary.version,
      info.vocabulary != vocabulary.name ? "choose another one with --target"
      : newer                            ? "use the newer slotproof that wrote it"
                                         : "let the older slotproof that wrote it convert it to "
                                           "text, and edit that"));
}

// The target under the laws that the file or the user says; a target that the user chose need not
// know those of the file.
Expected<const Target*> UnderLawsOf(const TraceInfo& info, const Target& target,
                                    std::string_view file_name, std::string_view laws) {
  if (!laws.empty()) return UnderLaws(target, laws);
  if (info.target != target.name) return &UnderLikeLaws(target, info.laws);
  auto chosen = UnderLawsOfTrace(target, info.laws, fmt::format("{}: ", file_name));
  if (chosen) return chosen;
  return Unexpected(chosen.error().message + "; choose others with --laws NAME");
}

Expected<LoadedTrace> LoadBinary(std::string_view bytes, std::string_view file_name,
                                 std::span<const Target* const> targets,
                                 std::string_view target_name, std::string_view laws) {
  auto file = DecodeTraceFile(AsBytes(bytes), file_name);
  if (!file) return tl::unexpected(std::move(file.error()));
  const std::string_view name = target_name.empty() ? file->info.target : target_name;
  auto target = FindTarget(name, targets,
                           target_name.empty() ? fmt::format("{}: ", file_name) : std::string());
  if (!target) {
    if (target_name.empty()) {
      target.error().kind = Error::Kind::kInput;
      target.error().message += "; choose one with --target NAME";
    }
    return tl::unexpected(std::move(target.error()));
  }
  const auto matches = CheckVocabularyMatches(file->info, **target, file_name);
  if (!matches) return tl::unexpected(matches.error());
  const auto judged = UnderLawsOf(file->info, **target, file_name, laws);
  if (!judged) return tl::unexpected(judged.error());
  return LoadedTrace{.target = *judged,
                     .trace = Codec(*(*target)->vocabulary).Decode(file->raw),
                     .form = TraceForm::kTraceFile,
                     .info = std::move(file->info)};
}

// `points` as the trace says; 0 when it does not.
LoadedTrace Loaded(const Target& target, Trace trace, TraceForm form, std::uint16_t points) {
  LoadedTrace loaded = {.target = &target, .trace = std::move(trace), .form = form, .info = {}};
  SetTarget(target, &loaded.info);
  loaded.info.points = points;
  return loaded;
}

Expected<LoadedTrace> LoadText(std::string_view text, std::string_view file_name,
                               std::span<const Target* const> targets, std::string_view target_name,
                               std::string_view laws) {
  const Target* instead = nullptr;
  if (!target_name.empty()) {
    const auto chosen = FindTarget(target_name, targets);
    if (!chosen) return tl::unexpected(chosen.error());
    instead = *chosen;
  }
  auto parsed = ParseTrace(text, file_name, targets, instead);
  if (!parsed) return tl::unexpected(std::move(parsed.error()));
  const auto judged =
      laws.empty() ? Expected<const Target*>(parsed->target) : UnderLaws(*parsed->target, laws);
  if (!judged) return tl::unexpected(judged.error());
  return Loaded(**judged, std::move(parsed->trace), TraceForm::kText, parsed->points);
}

Expected<LoadedTrace> LoadRaw(std::string_view bytes, std::string_view file_name,
                              std::span<const Target* const> targets, std::string_view target_name,
                              std::string_view laws) {
  if (target_name.empty()) {
    return Unexpected(
        fmt::format(
            "{}: {} and so can only be raw input; say what it is for: --target NAME", file_name,
            bytes.empty() ? "this file is empty" : "this is neither a trace file nor a text trace"),
        Error::Kind::kUsage);
  }
  const auto target = FindTarget(target_name, targets);
  if (!target) return tl::unexpected(target.error());
  const auto judged = UnderLawsOfTrace(**target, laws);
  if (!judged) return tl::unexpected(judged.error());
  return Loaded(**judged, Codec(*(*target)->vocabulary).Decode(AsBytes(bytes)), TraceForm::kRaw, 0);
}

}  // namespace

void SetTarget(const Target& target, TraceInfo* info) {
  info->vocabulary = target.vocabulary->name;
  info->vocabulary_version = target.vocabulary->version;
  info->target = target.name;
  info->laws = target.laws;
  info->points = target.points;
}

std::uint64_t Checksum(std::span<const std::uint8_t> bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

void EncodeTraceFile(const TraceInfo& info, std::span<const std::uint8_t> raw,
                     std::vector<std::uint8_t>* bytes) {
  bytes->assign(kMagic.begin(), kMagic.end());
  AppendNumber(kFormVersion, bytes);
  for (const auto& [text, name] : kTexts) {
    AppendText(info.*text, bytes);
    if (text == &TraceInfo::vocabulary) AppendNumber(info.vocabulary_version, bytes);
    if (text == &TraceInfo::laws) AppendNumber(info.points, bytes);
  }
  AppendNumber(std::uint64_t{raw.size()}, bytes);
  bytes->insert(bytes->end(), raw.begin(), raw.end());
  AppendNumber(Checksum(*bytes), bytes);
}

Expected<TraceFile> DecodeTraceFile(std::span<const std::uint8_t> bytes,
                                    std::string_view file_name) {
  if (bytes.empty()) {
    return Unexpected(fmt::format("{}: byte 0: this file is empty; copy it anew", file_name));
  }
  Reader reader(bytes, file_name);
  const auto version = CheckStart(&reader);
  if (!version) return tl::unexpected(version.error());
  TraceFile file;
  for (const auto& [text, name] : kTexts) {
    if (text == &TraceInfo::laws && *version < kFirstVersionWithLaws) continue;
    file.info.*text = reader.Text(name);
    if (text == &TraceInfo::vocabulary) {
      file.info.vocabulary_version = reader.Number<std::uint16_t>("the vocabulary's version");
    }
    if (text == &TraceInfo::laws && *version >= kFirstVersionWithPoints) {
      file.info.points = reader.Number<std::uint16_t>("the version of the points");
    }
  }
  const auto raw = reader.Take(reader.Number<std::uint64_t>("the length"), "the operations");
  file.raw.assign(raw.begin(), raw.end());
  if (reader.error()) return Unexpected(*reader.error());
  const std::uint64_t computed = Checksum(bytes.first(reader.at()));
  if (const auto end = CheckEnd(&reader, computed); !end) return tl::unexpected(end.error());
  return file;
}

Expected<LoadedTrace> LoadTraceBytes(std::string_view bytes, std::string_view file_name,
                                     std::span<const Target* const> targets,
                                     std::string_view target_name, std::string_view laws) {
  if (HasMagic(bytes) || file_name.ends_with(".trace")) {
    return LoadBinary(bytes, file_name, targets, target_name, laws);
  }
  if (IsTextTrace(bytes) || file_name.ends_with(".txt")) {
    return LoadText(bytes, file_name, targets, target_name, laws);
  }
  return LoadRaw(bytes, file_name, targets, target_name, laws);
}

Expected<LoadedTrace> LoadTrace(const std::string& path, std::span<const Target* const> targets,
                                std::string_view target_name, std::string_view laws) {
  const auto bytes = ReadFile(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return LoadTraceBytes(*bytes, path == "-" ? "standard input" : std::string_view(path), targets,
                        target_name, laws);
}

Expected<void> SaveTraceFile(const std::string& path, const Target& target, const Trace& trace,
                             TraceInfo info) {
  SetTarget(target, &info);
  std::vector<std::uint8_t> bytes;
  EncodeTraceFile(info, Codec(*target.vocabulary).Encode(trace), &bytes);
  return WriteFile(path, AsText(bytes));
}

}  // namespace slotproof
