#include "harness/linear/text/text_form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/suggest.h"
#include "harness/linear/text/edn.h"

namespace slotproof::linear {
namespace {

constexpr std::string_view kFirstWord = "slotproof-history";
constexpr unsigned kTextVersion = 1;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlank = " \t\r\v\f";
// By Event::Kind.
constexpr std::array<std::string_view, 4> kKinds = {"invoke", "ok", "fail", "info"};

// Without the comment: what follows a # that begins no set and lies in no string.
std::string_view WithoutComment(std::string_view line) {
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (in_string && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      in_string = !in_string;
    } else if (line[i] == '#' && !in_string && !line.substr(i).starts_with("#{")) {
      return line.substr(0, i);
    }
  }
  return line;
}

class TextReader {
 public:
  TextReader(std::string_view file, std::string_view model) : file_(file), model_(model) {}

  Expected<Recorded> Read(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    std::string_view named;
    bool has_version = false;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      rest_ = WithoutComment(text.substr(0, end));
      at_ = {.line = at_.line + 1, .column = 1};
      text.remove_prefix(std::min(end + 1, text.size()));
      SkipBlanks();
      if (rest_.empty()) continue;
      const bool is_read = !has_version    ? ReadVersion()
                           : named.empty() ? ReadModel(&named)
                                           : ReadEvent();
      if (!is_read) return Unexpected(std::move(error_));
      has_version = true;
    }
    if (!has_version) return Unexpected(PositionIn(file_, {}) + FirstLine());
    if (named.empty()) {
      return Unexpected(PositionIn(file_, at_) + "the line \"model NAME\" is missing");
    }
    return Record(file_, model_.empty() ? named : model_, events_);
  }

 private:
  static std::string FirstLine() {
    return fmt::format("the first line must be \"{} {}\"", kFirstWord, kTextVersion);
  }

  // Always false, so that a step can return it.
  bool Fail(Position at, std::string_view message) {
    error_ = PositionIn(file_, at).append(message);
    return false;
  }

  void SkipBlanks() {
    const std::size_t blanks = std::min(rest_.find_first_not_of(kBlank), rest_.size());
    rest_.remove_prefix(blanks);
    at_.column += blanks;
  }
  // The next word, and where it begins; empty at the end of the line.
  std::string_view TakeWord(Position* at) {
    *at = at_;
    const std::string_view word = rest_.substr(0, rest_.find_first_of(kBlank));
    rest_.remove_prefix(word.size());
    at_.column += word.size();
    SkipBlanks();
    return word;
  }

  bool ReadVersion() {
    Position at;
    if (TakeWord(&at) != kFirstWord) return Fail(at, FirstLine());
    const std::string_view word = TakeWord(&at);
    unsigned version = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), version);
    if (error != std::errc() || stop != word.data() + word.size() || version == 0) {
      return Fail(at, FirstLine());
    }
    if (version > kTextVersion) {
      return Fail(at, fmt::format("version {} was written by a newer slotproof, this one reads "
                                  "version {}; use the newer one",
                                  version, kTextVersion));
    }
    return true;
  }

  bool ReadModel(std::string_view* named) {
    Position at;
    if (TakeWord(&at) != "model") {
      return Fail(at, "the line \"model NAME\" must come before the events");
    }
    *named = TakeWord(&at);
    if (named->empty() || !rest_.empty()) return Fail(at, "the line is \"model NAME\"");
    if (std::ranges::find(ModelNames(), *named) != ModelNames().end()) return true;
    return Fail(at, UnknownModel(*named));
  }

  bool ReadEvent() {
    Event event;
    event.process = TakeWord(&event.at);
    Position kind_at;
    const std::string_view kind = TakeWord(&kind_at);
    const auto known = std::ranges::find(kKinds, kind);
    if (kind.empty())
      return Fail(event.at, "an event is \"PROCESS invoke OPERATION\" or \"PROCESS ok\"");
    if (known == kKinds.end()) {
      return Fail(kind_at,
                  fmt::format("unknown event {}{}", Quoted(kind), Suggestion(kind, kKinds)));
    }
    event.kind = static_cast<Event::Kind>(known - kKinds.begin());
    if (event.kind == Event::Kind::kInvoke) {
      event.function = TakeWord(&event.function_at);
      if (event.function.empty()) {
        return Fail(event.function_at, "an invocation is \"PROCESS invoke OPERATION\"");
      }
    }
    std::vector<Edn> forms;
    if (!ReadForms(&forms)) return false;
    if (event.kind == Event::Kind::kInvoke) {
      event.operands = std::move(forms);
    } else if (forms.size() > 1) {
      return Fail(forms[1].at, "an answer is one value; write several as a list: [1 2 3]");
    } else if (!forms.empty()) {
      event.result = std::move(forms[0]);
    }
    events_.push_back(std::move(event));
    return true;
  }

  bool ReadForms(std::vector<Edn>* forms) {
    EdnReader reader(file_, rest_, at_);
    for (;;) {
      auto form = reader.Next();
      if (!form) {
        error_ = form.error().message;
        return false;
      }
      if (!form->has_value()) return true;
      forms->push_back(**std::move(form));
    }
  }

  std::string_view file_;
  std::string_view model_;
  std::string_view rest_;  // of the line
  Position at_ = {.line = 0, .column = 1};
  std::vector<Event> events_;
  std::string error_;
};

}  // namespace

bool IsTextForm(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = WithoutComment(text.substr(0, end));
    const std::size_t begin = line.find_first_not_of(kBlank);
    if (begin != std::string_view::npos) return line.substr(begin).starts_with("slotproof");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

Expected<Recorded> ReadTextForm(std::string_view file, std::string_view text,
                                std::string_view model) {
  return TextReader(file, model).Read(text);
}

}  // namespace slotproof::linear
