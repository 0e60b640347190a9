#include "harness/check/death_report.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <vector>

namespace slotproof {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool IsWordPart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

std::string_view TrimLeft(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

// Calls visit(line) until it returns false.
template <class Visit>
void ForEachLine(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const std::string_view line = FirstLine(text);
    if (!visit(line)) return;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

// Moves *at past a bracket's partner; at the bracket itself when it has none.
void SkipBrackets(std::string_view name, std::size_t* at) {
  const char open = name[*at];
  const char close = open == '<' ? '>' : open == '(' ? ')' : ']';
  std::size_t depth = 0;
  for (std::size_t i = *at; i < name.size(); ++i) {
    const bool arrow = name[i] == '>' && i > 0 && name[i - 1] == '-';
    if (name[i] == open) ++depth;
    if (name[i] == close && !arrow && --depth == 0) {
      *at = i;
      return;
    }
  }
}

// operator<, operator-> and operator() hold brackets that are part of their name.
std::size_t OperatorLength(std::string_view name, std::size_t at) {
  constexpr std::string_view kWord = "operator";
  if (!name.substr(at).starts_with(kWord) || (at > 0 && IsWordPart(name[at - 1]))) return 0;
  std::size_t end = at + kWord.size();
  if (name.substr(end).starts_with("()")) return kWord.size() + 2;
  while (end < name.size() && std::string_view("<>=-!+*/%^&|~[],").find(name[end]) != npos) ++end;
  return end - at;
}

// Without template arguments, parameters, anonymous namespaces and ABI tags.
std::string WithoutBrackets(std::string_view name) {
  std::string plain;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (const std::size_t length = OperatorLength(name, at); length != 0) {
      plain += name.substr(at, length);
      at += length - 1;
    } else if (name[at] == '<' || name[at] == '(' || name[at] == '[') {
      SkipBrackets(name, &at);
    } else {
      plain += name[at];
    }
  }
  return plain;
}

struct Frame {
  std::string_view function;  // empty when there are no symbols
  std::string_view file;
};

// "f(int) a/b.cc:3 (program+0x1b) (BuildId: 5a)" -> "f(int) a/b.cc:3"
std::string_view WithoutModule(std::string_view line) {
  while (line.ends_with(')')) {
    const std::size_t open = line.rfind('(');
    if (open == npos) break;
    const std::string_view group = line.substr(open);
    if (group.find("+0x") == npos && !group.starts_with("(BuildId")) break;
    line = line.substr(0, open);
    while (line.ends_with(' ')) line.remove_suffix(1);
  }
  return line;
}

// "    #1 0x55d4 in f(int) a/b.cc:3:5" or, from ThreadSanitizer, "    #1 f(int) a/b.cc:3 (m+0x1)"
std::optional<Frame> ParseFrame(std::string_view line) {
  line = TrimLeft(line);
  if (line.size() < 3 || line[0] != '#' || !IsDigit(line[1])) return std::nullopt;
  line = TrimLeft(line.substr(std::min(line.find(' '), line.size())));
  const bool has_address = line.starts_with("0x");
  if (has_address) {
    line = TrimLeft(line.substr(std::min(line.find(' '), line.size())));
    if (!line.starts_with("in ")) return Frame{};
    line.remove_prefix(3);
  }
  line = WithoutModule(line);
  // The file is the last word; a function's name may contain blanks.
  const std::size_t space = line.rfind(' ');
  const bool has_file =
      space != npos && line.find(':', space) != npos && line.find("::", space) == npos;
  if (!has_file) return Frame{.function = line, .file = {}};
  return Frame{.function = line.substr(0, space), .file = line.substr(space + 1)};
}

bool IsOurs(const Frame& frame) {
  constexpr std::array<std::string_view, 10> kForeignPrefixes = {
      "std::",  "__gnu",   "__interceptor", "___interceptor", "__asan",
      "__tsan", "__ubsan", "__lsan",        "__sanitizer",    "__libc"};
  constexpr std::array<std::string_view, 19> kForeignNames = {
      "operator new", "operator new[]", "operator delete", "operator delete[]",
      "malloc",       "calloc",         "realloc",         "free",
      "memcpy",       "memmove",        "memset",          "memcmp",
      "strlen",       "strcmp",         "abort",           "raise",
      "gsignal",      "pthread_kill",   "<null>"};
  constexpr std::array<std::string_view, 5> kForeignFiles = {
      "/usr/include/", "/usr/lib/", "/include/c++/", "compiler-rt", "sanitizer_common"};
  std::string_view name = frame.function;
  if (name.ends_with(" <null>")) name = name.substr(0, name.rfind(' '));
  if (name.empty()) return false;
  const std::string_view plain = name.substr(0, name.find('('));
  return std::ranges::find(kForeignNames, plain) == kForeignNames.end() &&
         std::ranges::none_of(kForeignPrefixes,
                              [&](std::string_view prefix) { return name.starts_with(prefix); }) &&
         std::ranges::none_of(kForeignFiles,
                              [&](std::string_view file) { return frame.file.find(file) != npos; });
}

// The first frame of our own in the text's first stack; none without symbols.
std::optional<Frame> TopOwnFrame(std::string_view report) {
  std::optional<Frame> top;
  bool in_stack = false;
  ForEachLine(report, [&](std::string_view line) {
    const std::optional<Frame> frame = ParseFrame(line);
    if (!frame) return !in_stack;
    in_stack = true;
    if (!IsOurs(*frame)) return true;
    top = frame;
    return false;
  });
  return top;
}

std::string TopOwnFunction(std::string_view report) {
  const std::optional<Frame> top = TopOwnFrame(report);
  return top ? ShortFunctionName(top->function) : std::string();
}

// From the frame of abort() on: what handled the signal comes before it.
std::string_view StackOfAbort(std::string_view errors) {
  for (std::string_view left = errors; !left.empty();) {
    const std::string_view line = FirstLine(left);
    const std::optional<Frame> frame = ParseFrame(line);
    if (frame && (frame->function == "abort" || frame->function.starts_with("abort "))) return left;
    left.remove_prefix(std::min(line.size() + 1, left.size()));
  }
  return {};
}

// "program: a/b.h:12: int f(int): " -> the file, its line and the function.
struct AssertionPlace {
  std::string_view file;
  std::string_view line;
  std::string_view function;
};

std::optional<AssertionPlace> PlaceOf(std::string_view text) {
  for (std::size_t colon = text.find(':'); colon != npos; colon = text.find(':', colon + 1)) {
    const std::size_t end = text.find_first_not_of("0123456789", colon + 1);
    if (end == npos || end == colon + 1 || text[end] != ':') continue;
    AssertionPlace place = {.file = text.substr(0, colon),
                            .line = text.substr(colon + 1, end - colon - 1),
                            .function = TrimLeft(text.substr(end + 1))};
    const std::size_t program = place.file.rfind(": ");
    if (program != npos) place.file.remove_prefix(program + 2);
    // Of the library's folders no more than the name is worth reading.
    if (place.file.starts_with("/usr/")) place.file.remove_prefix(place.file.rfind('/') + 1);
    place.function = place.function.substr(0, place.function.rfind(": "));
    return place;
  }
  return std::nullopt;
}

// "a/b.h:12:3" -> "a/b.h:12"
std::string_view WithoutColumn(std::string_view place) {
  const std::size_t column = place.rfind(':');
  const std::size_t line = column == npos || column == 0 ? npos : place.rfind(':', column - 1);
  return line == npos ? place : place.substr(0, column);
}

// The words of a message up to a colon, without quoted parts and numbers.
std::string StableWords(std::string_view message) {
  std::string words;
  bool quoted = false;
  message = message.substr(0, message.find(':'));
  while (!message.empty()) {
    const std::string_view word = message.substr(0, message.find(' '));
    const auto quotes = std::ranges::count(word, '\'');
    const bool plain =
        !quoted && quotes == 0 && !word.empty() && !IsDigit(word[0]) && word[0] != '-';
    if (plain) {
      if (!words.empty()) words += ' ';
      words += word;
    }
    if (quotes % 2 == 1) quoted = !quoted;
    message.remove_prefix(std::min(word.size() + 1, message.size()));
  }
  while (words.ends_with(',')) words.pop_back();
  return words;
}

// Up to where the location begins: "data race core/map.cc:3:1 in Grow" -> "data race".
std::string_view ErrorType(std::string_view summary) {
  std::size_t at = 0;
  while (at < summary.size()) {
    const std::size_t end = std::min(summary.find(' ', at), summary.size());
    const std::string_view word = summary.substr(at, end - at);
    const bool is_location = word.find('/') != npos || word.find("??") != npos ||
                             (word.find('.') != npos && word.find(':') != npos) || word == "in";
    if (is_location && at != 0) return summary.substr(0, at - 1);
    at = end + 1;
  }
  return summary;
}

Verdict MakeVerdict(Outcome outcome, std::string law, const std::string& function,
                    std::string_view actual) {
  if (!function.empty()) law += " " + function;
  return {.outcome = outcome,
          .op_index = 0,
          .law = std::move(law),
          .expected = {},
          .actual = std::string(actual)};
}

// Without a PID: "==123==ERROR: AddressSanitizer: x" -> "AddressSanitizer: x"
std::string_view SummaryAfter(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  return at == npos ? std::string_view() : FirstLine(text.substr(at + mark.size()));
}

std::optional<Verdict> FindUndefined(std::string_view errors) {
  constexpr std::string_view kMark = ": runtime error: ";
  const std::size_t at = errors.find(kMark);
  if (at == npos) return std::nullopt;
  const std::string_view message = FirstLine(errors.substr(at + kMark.size()));
  return MakeVerdict(Outcome::kSanitizer, "undefined: " + StableWords(message),
                     TopOwnFunction(errors.substr(at)), message);
}

}  // namespace

std::string ShortFunctionName(std::string_view name) {
  std::string plain = WithoutBrackets(name);
  while (plain.ends_with(' ')) plain.pop_back();
  for (const std::string_view tail : {" const", " &", " &&"}) {
    if (plain.ends_with(tail)) plain.resize(plain.size() - tail.size());
  }
  // A template's name begins with its return type.
  if (plain.find("operator ") == std::string::npos) {
    const std::size_t space = plain.find_last_of(' ');
    if (space != std::string::npos) plain.erase(0, space + 1);
  }
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (at <= plain.size()) {
    const std::size_t end = std::min(plain.find("::", at), plain.size());
    if (end > at) parts.push_back(plain.substr(at, end - at));
    at = end + 2;
  }
  if (parts.empty()) return "";
  return parts.size() == 1 ? parts[0] : parts[parts.size() - 2] + "::" + parts.back();
}

std::optional<Verdict> FindSanitizerReport(std::string_view errors) {
  constexpr std::array<std::string_view, 4> kStarts = {
      "ERROR: AddressSanitizer: ", "ERROR: LeakSanitizer: ", "WARNING: ThreadSanitizer: ",
      "FATAL: ThreadSanitizer"};
  std::size_t start = npos;
  for (const std::string_view mark : kStarts) start = std::min(start, errors.find(mark));
  const std::size_t undefined = errors.find(": runtime error: ");
  if (start == npos || undefined < start) return FindUndefined(errors);

  const std::string_view report = errors.substr(start);
  const std::string_view headline = SummaryAfter(report, "Sanitizer: ");
  if (report.starts_with("ERROR: LeakSanitizer")) {
    if (headline.find("detected memory leaks") == npos) return std::nullopt;
    const std::size_t leak = report.find("leak of ");
    return MakeVerdict(Outcome::kLeak, "leak",
                       leak == npos ? "" : TopOwnFunction(report.substr(leak)),
                       SummaryAfter(report, "SUMMARY: AddressSanitizer: "));
  }
  std::string_view summary = SummaryAfter(report, "SUMMARY: AddressSanitizer: ");
  if (summary.empty()) summary = SummaryAfter(report, "SUMMARY: ThreadSanitizer: ");
  if (summary.empty()) summary = headline.substr(0, headline.find(" on "));
  const std::string_view type = ErrorType(summary);
  const bool race = type.starts_with("data race");
  return MakeVerdict(race ? Outcome::kRace : Outcome::kSanitizer, std::string(type),
                     TopOwnFunction(report), summary);
}

std::optional<Assertion> FindAssertion(std::string_view errors) {
  constexpr std::string_view kMark = "Assertion ";
  const std::size_t mark = errors.find(kMark);
  if (mark == npos) return std::nullopt;
  const std::size_t open = mark + kMark.size();
  if (open >= errors.size() || (errors[open] != '\'' && errors[open] != '`')) return std::nullopt;
  const std::size_t end = errors.find("' failed", open + 1);
  if (end == npos) return std::nullopt;
  const std::string_view condition = errors.substr(open + 1, end - open - 1);
  Assertion assertion = {.law = std::string(condition), .text = {}};
  const std::size_t begin_of_line = errors.rfind('\n', mark) + 1;
  if (const auto place = PlaceOf(errors.substr(begin_of_line, mark - begin_of_line))) {
    assertion.text.append(place->file).append(":").append(place->line).append(": ");
    assertion.text.append(ShortFunctionName(place->function)).append(": ");
  }
  assertion.text += condition;
  if (const auto caller = TopOwnFrame(StackOfAbort(errors.substr(end)))) {
    const std::string function = ShortFunctionName(caller->function);
    assertion.law += " " + function;
    assertion.text += "; called by " + function;
    if (!caller->file.empty()) assertion.text.append(", ").append(WithoutColumn(caller->file));
  }
  return assertion;
}

std::string LastWords(std::string_view errors) {
  std::string_view last;
  ForEachLine(errors, [&](std::string_view line) {
    if (!TrimLeft(line).empty() && !ParseFrame(line)) last = line;
    return true;
  });
  return std::string(last);
}

}  // namespace slotproof
