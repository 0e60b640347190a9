#include "mutants/plant/tokens.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace slotproof::mutants {
namespace {

constexpr std::string_view kNewline = "\n";

// Those longer than one character; a longer one comes before what it begins with.
constexpr auto kSigns = std::to_array<std::string_view>(
    {"<<=", "...", "<=>", "->*", "::", "->", "++", "--", "<<", "<=", ">=", "==",
     "!=",  "&&",  "||",  "+=",  "-=", "*=", "/=", "%=", "&=", "|=", "^="});

bool IsWordStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool IsWord(char c) { return IsWordStart(c) || IsDigit(c); }
bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool IsTextPrefix(std::string_view word) {
  return word.empty() || word == "u8" || word == "u" || word == "U" || word == "L";
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) { source_.text = text; }

  tl::expected<Source, std::string> Run() {
    while (at_ < text().size()) Next();
    if (!error_ && !open_.empty()) Fail(open_.back(), "is not closed");
    if (error_) return tl::unexpected(*error_);
    return std::move(source_);
  }

 private:
  std::string_view text() const { return source_.text; }
  std::string_view rest() const { return text().substr(at_); }
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text().size() ? text()[at_ + ahead] : '\0';
  }

  // To behind the next `end`, or to the end of the text.
  void SkipTo(std::string_view end, std::size_t from) {
    const std::size_t found = text().find(end, from);
    at_ = found == std::string_view::npos ? text().size() : found + end.size();
  }

  void Next() {
    const char c = Peek();
    if (c == '\n') {
      ++at_;
      line_begins_ = true;
      return;
    }
    if (IsSpace(c)) {
      ++at_;
      return;
    }
    if (rest().starts_with("//")) return SkipContinuedLine();
    if (rest().starts_with("/*")) return SkipTo("*/", at_ + 2);
    if (c == '#' && line_begins_) {
      const std::size_t begin = at_;
      SkipContinuedLine();
      source_.directives.push_back({begin, at_});
      return;
    }
    line_begins_ = false;
    if (IsWordStart(c)) return Word();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    if (c == '"' || c == '\'') return Text(at_);
    Sign();
  }

  // The newline stays, unless a backslash takes it away.
  void SkipContinuedLine() {
    do {
      SkipTo(kNewline, at_);
    } while (at_ < text().size() && at_ >= 2 && text()[at_ - 2] == '\\');
    if (at_ > 0 && text()[at_ - 1] == '\n') --at_;
  }

  void Word() {
    const std::size_t begin = at_;
    while (IsWord(Peek())) ++at_;
    std::string_view word = text().substr(begin, at_ - begin);
    const bool raw = word.ends_with('R') && Peek() == '"';
    if (raw) word.remove_suffix(1);
    if (raw && IsTextPrefix(word)) return RawText(begin);
    if ((Peek() == '"' || Peek() == '\'') && IsTextPrefix(word)) return Text(begin);
    Add(Token::Kind::kWord, begin);
  }

  void Number() {
    const std::size_t begin = at_;
    while (IsWord(Peek()) || Peek() == '.' || (Peek() == '\'' && IsWord(Peek(1))) ||
           ((Peek() == '+' || Peek() == '-') &&
            std::string_view("eEpP").find(text()[at_ - 1]) != std::string_view::npos &&
            !text().substr(begin).starts_with("0x"))) {
      ++at_;
    }
    Add(Token::Kind::kNumber, begin);
  }

  void Text(std::size_t begin) {
    const char quote = Peek();
    ++at_;
    while (at_ < text().size() && Peek() != quote && Peek() != '\n') at_ += Peek() == '\\' ? 2 : 1;
    at_ = std::min(at_ + 1, text().size());
    Add(Token::Kind::kText, begin);
  }

  // R"delimiter(...)delimiter"
  void RawText(std::size_t begin) {
    const std::size_t open = text().find('(', at_);
    if (open == std::string_view::npos) return SkipTo(kNewline, at_);
    std::string end(1, ')');
    end.append(text().substr(at_ + 1, open - at_ - 1)).append("\"");
    SkipTo(end, open);
    Add(Token::Kind::kText, begin);
  }

  void Sign() {
    const std::size_t begin = at_;
    const auto* const sign = std::find_if(kSigns.begin(), kSigns.end(), [this](auto candidate) {
      return rest().starts_with(candidate);
    });
    at_ += sign == kSigns.end() ? 1 : sign->size();
    Add(Token::Kind::kSign, begin);
    const char c = text()[begin];
    if (at_ - begin != 1) return;
    if (c == '(' || c == '[' || c == '{') open_.push_back(source_.tokens.size() - 1);
    if (c == ')' || c == ']' || c == '}') Close();
  }

  void Close() {
    const std::size_t close = source_.tokens.size() - 1;
    constexpr std::string_view kPairs = "(){}[]";
    const std::size_t expected = kPairs.find(source_.At(close)) - 1;
    if (open_.empty() || source_.At(open_.back()) != kPairs.substr(expected, 1)) {
      Fail(close, "closes nothing");
      open_.clear();
      return;
    }
    source_.tokens[close].partner = open_.back();
    source_.tokens[open_.back()].partner = close;
    open_.pop_back();
  }

  void Add(Token::Kind kind, std::size_t begin) {
    source_.tokens.push_back({.kind = kind, .bytes = {begin, at_}});
  }

  void Fail(std::size_t token, std::string_view what) {
    if (error_) return;
    error_ = "the '" + std::string(source_.At(token)) + "' of line " +
             std::to_string(LineOf(text(), source_.tokens[token].bytes.begin)) + " " +
             std::string(what);
  }

  Source source_;
  std::size_t at_ = 0;
  bool line_begins_ = true;
  std::vector<std::size_t> open_;  // brackets, by token
  std::optional<std::string> error_;
};

}  // namespace

std::size_t LineOf(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

tl::expected<Source, std::string> Tokenize(std::string_view text) { return Tokenizer(text).Run(); }

}  // namespace slotproof::mutants
