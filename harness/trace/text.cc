#include "harness/trace/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/suggest.h"
#include "harness/trace/laws.h"

namespace slotproof {
namespace {

constexpr std::string_view kFirstWord = "slotproof-trace";
constexpr unsigned kTextVersion = 1;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlank = " \t\r\v\f";

struct KindText {
  std::string_view noun;
  std::string_view prefix;
};

// By OperandKind.
constexpr std::array<KindText, 6> kKinds = {{
    {"a key", "k"},
    {"a handle", ""},
    {"a thread", "t"},
    {"a count", "x"},
    {"a number", ""},
    {"a choice", ""},
}};

const KindText& TextOf(OperandKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string_view PrefixOf(const Operand& operand) {
  return operand.prefix.empty() ? TextOf(operand.kind).prefix : operand.prefix;
}

// Counts are stored less one.
std::uint32_t Offset(OperandKind kind) { return kind == OperandKind::kCount ? 1 : 0; }

void AppendOperand(const Operand& operand, std::uint32_t value, std::string* text) {
  if (operand.kind == OperandKind::kChoice) {
    *text += operand.choices[value];
    return;
  }
  *text += PrefixOf(operand);
  *text += std::to_string(value + Offset(operand.kind));
}

void AppendOp(const Vocabulary& vocabulary, const Op& op, std::string* text) {
  const OpSpec& spec = vocabulary.ops[op.code];
  *text += spec.name;
  for (const Operand& operand : spec.operands) {
    *text += ' ';
    AppendOperand(operand, OperandValue(op, operand), text);
  }
}

// "a key k0 to k63"
std::string DescribeOperand(const Operand& operand, std::uint32_t limit) {
  const std::string_view noun = OperandNoun(operand);
  if (operand.kind == OperandKind::kChoice) return std::string(noun);
  return fmt::format("{} {} to {}", noun, PrintOperand(operand, 0),
                     PrintOperand(operand, limit - 1));
}

// "a slice s0 to s3, a place and a place"
std::string DescribeOperands(const Vocabulary& vocabulary, const OpSpec& op, const Header& header) {
  std::string text;
  for (const Operand& operand : op.operands) {
    if (&operand != op.operands.begin()) {
      text += &operand + 1 == op.operands.end() ? " and " : ", ";
    }
    text += DescribeOperand(operand, OperandLimit(vocabulary, operand, header));
  }
  return text.empty() ? "no operand" : text;
}

// A decimal or 0x number that is the whole of `word`; too large ones saturate.
std::optional<std::uint64_t> ParseNumber(std::string_view word) {
  const bool hex = word.starts_with("0x") || word.starts_with("0X");
  if (hex) word.remove_prefix(2);
  std::uint64_t value = 0;
  const char* const end = word.data() + word.size();
  const auto result = std::from_chars(word.data(), end, value, hex ? 16 : 10);
  if (result.ptr != end || word.empty()) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) return UINT64_MAX;
  if (result.ec != std::errc()) return std::nullopt;
  return value;
}

struct Word {
  std::string_view text;
  std::size_t column = 1;  // bytes, from 1
};

void SplitWords(std::string_view line, std::vector<Word>* words) {
  words->clear();
  line = line.substr(0, line.find('#'));
  std::size_t at = 0;
  while ((at = line.find_first_not_of(kBlank, at)) != std::string_view::npos) {
    const std::size_t end = std::min(line.find_first_of(kBlank, at), line.size());
    words->push_back({.text = line.substr(at, end - at), .column = at + 1});
    at = end;
  }
}

class Parser {
 public:
  Parser(std::string_view file_name, std::span<const Target* const> targets, const Target* instead)
      : file_name_(file_name), targets_(targets), instead_(instead) {}

  Expected<TargetTrace> Parse(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      SplitWords(text.substr(0, end), &words_);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (!words_.empty() && !ReadLine()) return Unexpected(std::move(error_));
    }
    if (line_ == 0) line_ = 1;
    if (!has_version_) return ErrorAt(1, MissingFirstLine());
    if (result_.target == nullptr) return ErrorAt(1, "the line \"target NAME\" is missing");
    return std::move(result_);
  }

 private:
  std::string Position(std::size_t column) const {
    return fmt::format("{}:{}:{}: ", file_name_, line_, column);
  }

  tl::unexpected<Error> ErrorAt(std::size_t column, std::string_view message) const {
    return Unexpected(Position(column).append(message));
  }

  // Always false, so that a step of the parser can return it.
  bool Fail(const Word& word, std::string_view message) {
    error_ = Position(word.column).append(message);
    return false;
  }

  static std::string MissingFirstLine() {
    return fmt::format("the first line must be \"{} {}\"", kFirstWord, kTextVersion);
  }

  const Vocabulary& vocabulary() const { return *result_.target->vocabulary; }

  bool ReadLine() {
    if (!has_version_) return ReadVersion();
    if (result_.target == nullptr) return ReadTarget();
    if (words_[0].text == "header") return ReadHeader();
    if (words_[0].text == "laws") return ReadLaws();
    if (words_[0].text == "points") return ReadPoints();
    return ReadOp();
  }

  bool ReadVersion() {
    if (words_[0].text != kFirstWord) {
      return Fail(words_[0], MissingFirstLine() + ", this is " + Quoted(words_[0].text));
    }
    if (words_.size() != 2) return Fail(words_[0], MissingFirstLine());
    const std::optional<std::uint64_t> version = ParseNumber(words_[1].text);
    if (!version || *version == 0) {
      return Fail(words_[1], Quoted(words_[1].text) + " is not a version; " + MissingFirstLine());
    }
    if (*version > kTextVersion) {
      return Fail(words_[1],
                  fmt::format("text version {} was written by a newer slotproof, this one reads "
                              "version {}; use the newer one, or let it convert the file",
                              *version, kTextVersion));
    }
    has_version_ = true;
    return true;
  }

  bool ReadTarget() {
    if (words_[0].text != "target") {
      return Fail(words_[0], "the line \"target NAME\" must come before " + Quoted(words_[0].text));
    }
    if (words_.size() != 2) return Fail(words_[0], "the line is \"target NAME\", with one name");
    const auto found = FindTarget(words_[1].text, targets_);
    if (instead_ != nullptr) return TakeInstead(found ? *found : nullptr);
    if (!found) {
      const std::string& message = found.error().message;
      return Fail(words_[1],
                  message.ends_with('?') ? message : message + "; choose one with --target NAME");
    }
    result_.target = &UnderLikeLaws(**found, {});
    return true;
  }

  bool ReadLaws() {
    if (!result_.trace.ops.empty()) {
      return Fail(words_[0], "the laws must come before the first operation");
    }
    if (words_.size() != 2) return Fail(words_[0], "the line is \"laws NAME\", with one name");
    if (std::exchange(has_laws_, true)) return Fail(words_[0], "the laws are given twice");
    const std::string_view laws = words_[1].text;
    if (instead_ != nullptr) {
      result_.target = &UnderLikeLaws(*instead_, laws);
      return true;
    }
    const auto chosen = UnderLaws(*result_.target, laws);
    if (!chosen) return Fail(words_[1], chosen.error().message);
    result_.target = *chosen;
    return true;
  }

  bool ReadPoints() {
    if (!result_.trace.ops.empty()) {
      return Fail(words_[0], "the version of the points must come before the first operation");
    }
    if (result_.points != 0) {
      return Fail(words_[0], "the version of the points is given twice");
    }
    const std::optional<std::uint64_t> version =
        words_.size() == 2 ? ParseNumber(words_[1].text) : std::nullopt;
    if (!version || *version == 0 || *version > UINT16_MAX) {
      return Fail(words_.back(), "the line is \"points N\", with one number from 1 to 65535");
    }
    result_.points = static_cast<std::uint16_t>(*version);
    return true;
  }

  bool TakeInstead(const Target* named) {
    if (named != nullptr && named->vocabulary != instead_->vocabulary) {
      return Fail(words_[1],
                  fmt::format("the trace is of vocabulary {}, target {} has {}; choose another one "
                              "with --target",
                              Quoted(named->vocabulary->name), Quoted(instead_->name),
                              Quoted(instead_->vocabulary->name)));
    }
    result_.target = &UnderLikeLaws(*instead_, {});
    return true;
  }

  bool ReadHeader() {
    if (!result_.trace.ops.empty()) {
      return Fail(words_[0], "the header must come before the first operation");
    }
    for (std::size_t i = 1; i < words_.size(); ++i) {
      if (!ReadField(words_[i])) return false;
    }
    return true;
  }

  bool ReadField(const Word& word) {
    const std::size_t equals = word.text.find('=');
    if (equals == std::string_view::npos) {
      return Fail(word, Quoted(word.text) + " is not FIELD=VALUE");
    }
    const std::string_view name = word.text.substr(0, equals);
    const Word value = {.text = word.text.substr(equals + 1), .column = word.column + equals + 1};
    const std::optional<std::size_t> field = vocabulary().FindField(name);
    if (!field) {
      std::vector<std::string_view> known;
      for (const FieldSpec& spec : vocabulary().fields) known.push_back(spec.name);
      return Fail(word, "unknown header field " + Quoted(name) + Suggestion(name, known));
    }
    if (has_field_[*field]) return Fail(word, "the field " + Quoted(name) + " is given twice");
    has_field_[*field] = true;
    return ReadFieldValue(vocabulary().fields[*field], value, &result_.trace.header.field[*field]);
  }

  bool ReadFieldValue(const FieldSpec& spec, const Word& word, std::uint32_t* value) {
    for (std::size_t i = 0; i < spec.choices.size(); ++i) {
      if (spec.choices[i] == word.text) {
        *value = static_cast<std::uint32_t>(i);
        return true;
      }
    }
    if (!spec.choices.empty()) {
      return Fail(word, fmt::format("unknown {} {}{}", spec.name, Quoted(word.text),
                                    Suggestion(word.text, spec.choices)));
    }
    const std::optional<std::uint64_t> number = ParseNumber(word.text);
    if (!number) return Fail(word, Quoted(word.text) + " is not a number");
    const std::uint64_t limit = FieldLimit(spec) == 0 ? std::uint64_t{1} << 32 : FieldLimit(spec);
    if (*number >= limit) {
      return Fail(word,
                  fmt::format("{}={} is out of range: 0 to {}", spec.name, word.text, limit - 1));
    }
    *value = static_cast<std::uint32_t>(*number);
    return true;
  }

  bool ReadOp() {
    const std::optional<std::size_t> code = vocabulary().FindOp(words_[0].text);
    if (!code) {
      std::vector<std::string_view> known;
      for (const OpSpec& spec : vocabulary().ops) known.push_back(spec.name);
      return Fail(words_[0], "unknown operation " + Quoted(words_[0].text) +
                                 Suggestion(words_[0].text, known));
    }
    const OpSpec& spec = vocabulary().ops[*code];
    Op op = {.code = static_cast<std::uint8_t>(*code)};
    std::size_t next = 1;
    for (const Operand& operand : spec.operands) {
      if (next == words_.size()) return WrongOperandCount(spec, words_[0]);
      std::uint32_t value = 0;
      if (!ReadOperand(spec, operand, words_[next++], &value)) return false;
      SetOperandValue(&op, operand, value);
    }
    if (next < words_.size()) return WrongOperandCount(spec, words_[next]);
    result_.trace.ops.push_back(op);
    return true;
  }

  bool WrongOperandCount(const OpSpec& spec, const Word& at) {
    return Fail(at, fmt::format("{} takes {}; the line has {}", spec.name,
                                DescribeOperands(vocabulary(), spec, result_.trace.header),
                                words_.size() - 1));
  }

  bool ReadOperand(const OpSpec& spec, const Operand& operand, const Word& word,
                   std::uint32_t* value) {
    if (operand.kind == OperandKind::kChoice) return ReadChoice(spec, operand, word, value);
    const std::string_view prefix = PrefixOf(operand);
    const std::uint32_t limit = OperandLimit(vocabulary(), operand, result_.trace.header);
    std::optional<std::uint64_t> number;
    if (word.text.starts_with(prefix)) number = ParseNumber(word.text.substr(prefix.size()));
    if (!number) {
      return Fail(word, fmt::format("{} takes {} here, not {}", spec.name,
                                    DescribeOperand(operand, limit), Quoted(word.text)));
    }
    const std::uint32_t offset = Offset(operand.kind);
    if (*number < offset || *number - offset >= limit) {
      return Fail(word, fmt::format("{} is out of range: {} takes {} under this header",
                                    Quoted(word.text), spec.name, DescribeOperand(operand, limit)));
    }
    *value = static_cast<std::uint32_t>(*number - offset);
    return true;
  }

  bool ReadChoice(const OpSpec& spec, const Operand& operand, const Word& word,
                  std::uint32_t* value) {
    const auto found = std::ranges::find(operand.choices, word.text);
    if (found == operand.choices.end()) {
      return Fail(word, fmt::format("{} takes {} here, not {}{}", spec.name, OperandNoun(operand),
                                    Quoted(word.text), Suggestion(word.text, operand.choices)));
    }
    *value = static_cast<std::uint32_t>(found - operand.choices.begin());
    return true;
  }

  std::string_view file_name_;
  std::span<const Target* const> targets_;
  const Target* instead_;
  std::size_t line_ = 0;
  std::vector<Word> words_;
  bool has_version_ = false;
  bool has_laws_ = false;
  std::array<bool, kMaxFields> has_field_{};
  TargetTrace result_;
  std::string error_;
};

}  // namespace

std::string PrintOperand(const Operand& operand, std::uint32_t value) {
  std::string text;
  AppendOperand(operand, value, &text);
  return text;
}

std::string_view OperandNoun(const Operand& operand) {
  return operand.noun.empty() ? TextOf(operand.kind).noun : operand.noun;
}

std::string PrintOp(const Vocabulary& vocabulary, const Op& op) {
  std::string text;
  AppendOp(vocabulary, op, &text);
  return text;
}

std::string PrintHeader(const Vocabulary& vocabulary, const Header& header) {
  std::string text;
  for (std::size_t i = 0; i < vocabulary.fields.size(); ++i) {
    const FieldSpec& field = vocabulary.fields[i];
    if (i != 0) text += ' ';
    text += field.name;
    text += '=';
    if (field.choices.empty()) {
      text += std::to_string(header.field[i]);
    } else {
      text += field.choices[header.field[i]];
    }
  }
  return text;
}

std::string PrintTrace(const Target& target, const Trace& trace, std::string_view comment) {
  const Vocabulary& vocabulary = *target.vocabulary;
  std::string text = fmt::format("{} {}\n", kFirstWord, kTextVersion);
  while (!comment.empty()) {
    const std::size_t end = std::min(comment.find('\n'), comment.size());
    text += fmt::format("# {}\n", comment.substr(0, end));
    comment.remove_prefix(std::min(end + 1, comment.size()));
  }
  text += fmt::format("target {}\n", target.name);
  if (const auto laws = LawsToSay(target); !laws.empty()) text += fmt::format("laws {}\n", laws);
  if (target.points != 0) text += fmt::format("points {}\n", target.points);
  if (!vocabulary.fields.empty()) {
    text += fmt::format("header {}\n", PrintHeader(vocabulary, trace.header));
  }
  for (const Op& op : trace.ops) {
    AppendOp(vocabulary, op, &text);
    text += '\n';
  }
  return text;
}

Expected<TargetTrace> ParseTrace(std::string_view text, std::string_view file_name,
                                 std::span<const Target* const> targets, const Target* instead) {
  return Parser(file_name, targets, instead).Parse(text);
}

bool IsTextTrace(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  std::vector<Word> words;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    SplitWords(bytes.substr(0, end), &words);
    if (!words.empty()) return words[0].text == kFirstWord;
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return false;
}

Expected<const Target*> FindTarget(std::string_view name, std::span<const Target* const> targets,
                                   std::string_view where) {
  std::vector<std::string_view> known;
  for (const Target* target : targets) {
    if (target->name == name) return target;
    known.push_back(target->name);
  }
  return Unexpected(std::string(where) + "unknown target " + Quoted(name) + Suggestion(name, known),
                    Error::Kind::kUsage);
}

}  // namespace slotproof
