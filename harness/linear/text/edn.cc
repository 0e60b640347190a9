#include "harness/linear/text/edn.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "harness/base/suggest.h"

namespace slotproof::linear {
namespace {

// Deeper ones would be a stack that overflows, not a history.
constexpr int kDeepest = 100;
constexpr std::string_view kBlanks = " \t\r\n\v\f,";
constexpr std::string_view kEndsWord = " \t\r\n\v\f,()[]{}\";";

struct EdnEscape {
  char name;
  char stands_for;
};

constexpr EdnEscape kEscapes[] = {{'"', '"'},  {'\\', '\\'}, {'n', '\n'}, {'t', '\t'},
                                  {'r', '\r'}, {'b', '\b'},  {'f', '\f'}};

std::string_view Opens(Edn::Kind kind) {
  switch (kind) {
    case Edn::Kind::kList:
      return "(";
    case Edn::Kind::kVector:
      return "[";
    case Edn::Kind::kSet:
      return "#{";
    default:
      return "{";
  }
}

std::string_view Closes(Edn::Kind kind) {
  return kind == Edn::Kind::kList ? ")" : kind == Edn::Kind::kVector ? "]" : "}";
}

// "+007N" -> "7"
std::string PlainNumber(std::string_view text) {
  if (text.ends_with('N') || text.ends_with('M')) text.remove_suffix(1);
  std::string sign = text.starts_with('-') ? "-" : "";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  while (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') {
    text.remove_prefix(1);
  }
  if (text == "0") sign.clear();
  return sign.append(text);
}

std::string QuotedString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto escape = std::ranges::find(kEscapes, c, &EdnEscape::stands_for);
    if (escape == std::end(kEscapes)) {
      quoted += c;
    } else {
      quoted.append({'\\', escape->name});
    }
  }
  return quoted + '"';
}

void AppendUtf8(unsigned code, std::string* text) {
  const auto byte = [](unsigned value) { return static_cast<char>(value); };
  if (code < 0x80) {
    *text += byte(code);
  } else if (code < 0x800) {
    *text += byte(0xc0 | code >> 6);
    *text += byte(0x80 | (code & 0x3f));
  } else {
    *text += byte(0xe0 | code >> 12);
    *text += byte(0x80 | (code >> 6 & 0x3f));
    *text += byte(0x80 | (code & 0x3f));
  }
}

std::string_view NameOf(std::string_view keyword) {
  const std::size_t slash = keyword.rfind('/');
  return slash == std::string_view::npos || keyword.size() == 1 ? keyword
                                                                : keyword.substr(slash + 1);
}

}  // namespace

const Edn* Edn::Find(std::string_view keyword) const {
  if (kind != Kind::kMap) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].kind == Kind::kKeyword && NameOf(items[i].text) == keyword) return &items[i + 1];
  }
  return nullptr;
}

std::string Print(const Edn& form) {
  switch (form.kind) {
    case Edn::Kind::kNumber:
      return PlainNumber(form.text);
    case Edn::Kind::kString:
      return QuotedString(form.text);
    case Edn::Kind::kKeyword:
      return ":" + form.text;
    case Edn::Kind::kCharacter:
      return "\\" + form.text;
    case Edn::Kind::kList:
    case Edn::Kind::kVector:
    case Edn::Kind::kSet:
    case Edn::Kind::kMap:
      break;
    default:
      return form.text;
  }
  std::vector<std::string> parts;
  const std::size_t step = form.Is(Edn::Kind::kMap) ? 2 : 1;
  for (std::size_t i = 0; i < form.items.size(); i += step) {
    parts.push_back(Print(form.items[i]));
    if (step == 2) parts.back() += " " + Print(form.items[i + 1]);
  }
  const bool has_order = form.Is(Edn::Kind::kList) || form.Is(Edn::Kind::kVector);
  if (!has_order) std::ranges::sort(parts);
  std::string text(Opens(form.kind));
  for (const std::string& part : parts) {
    if (&part != parts.data()) text += ' ';
    text += part;
  }
  return text.append(Closes(form.kind));
}

std::string PositionIn(std::string_view file, Position at) {
  return fmt::format("{}:{}:{}: ", file, at.line, at.column);
}

Expected<std::optional<Edn>> EdnReader::Next() {
  Edn form;
  for (;;) {
    SkipBlanks();
    if (rest_.empty()) return std::nullopt;
    if (!rest_.starts_with("#_")) break;
    if (!Read(&form, 0)) return Unexpected(std::move(error_));
    form = {};
  }
  if (!Read(&form, 0)) return Unexpected(std::move(error_));
  return form;
}

Position EdnReader::at() {
  SkipBlanks();
  return at_;
}

// Always false, so that a step can return it.
bool EdnReader::Fail(Position at, std::string_view message) {
  error_ = PositionIn(file_, at).append(message);
  return false;
}

char EdnReader::Take() {
  const char c = rest_.front();
  rest_.remove_prefix(1);
  ++at_.column;
  if (c == '\n') at_ = {.line = at_.line + 1, .column = 1};
  return c;
}

std::string_view EdnReader::TakeWord() {
  const std::size_t size = std::min(rest_.find_first_of(kEndsWord), rest_.size());
  const std::string_view word = rest_.substr(0, size);
  rest_.remove_prefix(size);
  at_.column += size;
  return word;
}

void EdnReader::SkipBlanks() {
  while (!rest_.empty()) {
    if (rest_.front() == ';') {
      while (!rest_.empty() && rest_.front() != '\n') Take();
    } else if (kBlanks.find(rest_.front()) == std::string_view::npos) {
      return;
    } else {
      Take();
    }
  }
}

// One form, or what #_ drops, which leaves `form` as it is.
bool EdnReader::Read(Edn* form, int depth) {
  if (depth > kDeepest) {
    return Fail(
        at_, fmt::format("more than {} brackets in each other; no history needs them", kDeepest));
  }
  form->at = at_;
  return ReadForm(form, depth);
}

bool EdnReader::ReadForm(Edn* form, int depth) {
  const char c = rest_.front();
  switch (c) {
    case '(':
      form->kind = Edn::Kind::kList;
      return ReadItems(form, ')', depth);
    case '[':
      form->kind = Edn::Kind::kVector;
      return ReadItems(form, ']', depth);
    case '{':
      form->kind = Edn::Kind::kMap;
      return ReadItems(form, '}', depth);
    case ')':
    case ']':
    case '}':
      return Fail(at_,
                  fmt::format("'{}' closes what was not opened; delete it, or open it before", c));
    case '"':
      return ReadString(form);
    case '\\':
      return ReadCharacter(form);
    case '#':
      return ReadDispatch(form, depth);
    default:
      return ReadWord(form);
  }
}

bool EdnReader::ReadItems(Edn* form, char close, int depth) {
  const Position open = at_;
  const char opening = Take();
  for (;;) {
    SkipBlanks();
    if (rest_.empty()) {
      return Fail(
          open, fmt::format("this '{}' is not closed; the file may have been cut short", opening));
    }
    if (rest_.front() == close) break;
    const bool is_dropped = rest_.starts_with("#_");
    Edn item;
    if (!Read(&item, depth + 1)) return false;
    if (!is_dropped) form->items.push_back(std::move(item));
  }
  Take();
  if (form->Is(Edn::Kind::kMap) && form->items.size() % 2 != 0) {
    return Fail(open, "a key of this map has no value; write nil for none");
  }
  return true;
}

bool EdnReader::ReadString(Edn* form) {
  const Position open = at_;
  form->kind = Edn::Kind::kString;
  Take();
  while (!rest_.empty() && rest_.front() != '"') {
    if (rest_.front() != '\\') {
      form->text += Take();
    } else if (!Escape(&form->text)) {
      return false;
    }
  }
  if (rest_.empty()) return Fail(open, "this string has no end; close it with '\"'");
  Take();
  return true;
}

bool EdnReader::Escape(std::string* text) {
  const Position begin = at_;
  Take();
  if (rest_.empty()) return Fail(begin, "a '\\' at the end of the file; write what it escapes");
  const char c = Take();
  if (c == 'u' && rest_.size() >= 4) {
    unsigned code = 0;
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + 4, code, 16);
    if (error == std::errc() && stop == rest_.data() + 4) {
      AppendUtf8(code, text);
      for (int i = 0; i < 4; ++i) Take();
      return true;
    }
  }
  if (const auto escape = std::ranges::find(kEscapes, c, &EdnEscape::name);
      escape != std::end(kEscapes)) {
    *text += escape->stands_for;
    return true;
  }
  return Fail(begin, fmt::format("unknown escape {} in a string; for a '\\' write '\\\\'",
                                 Quoted(std::string_view(&c, 1))));
}

bool EdnReader::ReadCharacter(Edn* form) {
  form->kind = Edn::Kind::kCharacter;
  Take();
  if (rest_.empty()) return Fail(form->at, "a '\\' at the end of the file; write a character");
  form->text += Take();
  form->text += TakeWord();
  return true;
}

bool EdnReader::ReadDispatch(Edn* form, int depth) {
  const Position begin = at_;
  Take();
  if (rest_.starts_with('{')) {
    form->kind = Edn::Kind::kSet;
    return ReadItems(form, '}', depth);
  }
  if (rest_.starts_with('#')) {
    Take();  // ##NaN, ##Inf
    form->kind = Edn::Kind::kSymbol;
    form->text = "##" + std::string(TakeWord());
    return true;
  }
  const bool drops = rest_.starts_with('_');
  if (drops) {
    Take();
  } else {
    TakeWord();
  }
  SkipBlanks();
  while (rest_.starts_with("#_")) {
    Edn dropped;
    if (!Read(&dropped, depth + 1)) return false;
    SkipBlanks();
  }
  if (rest_.empty()) {
    return Fail(begin, drops ? "nothing follows that #_ could drop; delete it"
                             : "nothing follows this tag; delete it, or write a value");
  }
  return Read(form, depth + 1);
}

bool EdnReader::ReadWord(Edn* form) {
  const std::string_view word = TakeWord();
  form->text = word;
  if (word.starts_with(':')) {
    form->kind = Edn::Kind::kKeyword;
    form->text.erase(0, 1);
    if (form->text.empty()) return Fail(form->at, "a keyword needs a name behind its colon");
    return true;
  }
  const std::string_view digits = word.substr(word.starts_with('-') || word.starts_with('+'));
  if (!digits.empty() && digits[0] >= '0' && digits[0] <= '9') {
    form->kind = Edn::Kind::kNumber;
  } else if (word == "nil") {
    form->kind = Edn::Kind::kNil;
  } else if (word == "true" || word == "false") {
    form->kind = Edn::Kind::kBool;
  } else {
    form->kind = Edn::Kind::kSymbol;
  }
  return true;
}

}  // namespace slotproof::linear
