#include "mutants/plant/statements.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace slotproof::mutants {
namespace {

// What begins a declaration and nothing else.
constexpr auto kDeclarers = std::to_array<std::string_view>(
    {"alignas",   "auto",     "bool",   "char",     "class",         "const",  "constexpr",
     "constinit", "double",   "enum",   "extern",   "float",         "int",    "long",
     "namespace", "short",    "signed", "static",   "static_assert", "struct", "thread_local",
     "typedef",   "typename", "union",  "unsigned", "using",         "void",   "volatile"});

// After these a group in parentheses is no list of parameters.
constexpr auto kTakesAGroup = std::to_array<std::string_view>(
    {"alignas", "decltype", "explicit", "noexcept", "requires", "__attribute__"});

constexpr auto kJumps = std::to_array<std::string_view>(
    {"return", "throw", "break", "continue", "goto", "co_return", "co_yield", "delete", "new"});

bool IsOneOf(std::string_view word, const auto& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Parser {
 public:
  explicit Parser(const Source& source) : source_(source) {}

  std::vector<Function> Run() {
    Scope({0, source_.tokens.size()});
    return std::move(functions_);
  }

 private:
  bool Is(std::size_t at, std::string_view sign) const { return source_.At(at) == sign; }
  bool IsWord(std::size_t at) const {
    return at < source_.tokens.size() && source_.tokens[at].kind == Token::Kind::kWord;
  }
  bool IsOpen(std::size_t at) const { return Is(at, "(") || Is(at, "[") || Is(at, "{"); }
  bool IsAttribute(std::size_t at) const { return Is(at, "[") && Is(at + 1, "["); }
  std::size_t Partner(std::size_t at) const { return source_.tokens[at].partner; }
  Span Inside(std::size_t open) const { return {open + 1, Partner(open)}; }
  // Behind a token, or behind the group that it opens.
  std::size_t After(std::size_t at) const { return IsOpen(at) ? Partner(at) + 1 : at + 1; }

  // The first such token that is in no group, or the span's end.
  std::size_t Find(Span span, std::string_view sign) const {
    std::size_t at = span.begin;
    while (at < span.end && !Is(at, sign)) at = After(at);
    return std::min(at, span.end);
  }
  bool Has(Span span, std::string_view sign) const { return Find(span, sign) != span.end; }

  // Behind <...>, if that is here; groups in it are skipped.
  std::size_t AfterAngles(std::size_t at, std::size_t end) const {
    if (!Is(at, "<")) return at;
    int depth = 0;
    for (std::size_t i = at; i < end && !Is(i, ";"); i = After(i)) {
      if (Is(i, "<")) ++depth;
      if (Is(i, ">") && --depth == 0) return i + 1;
    }
    return at;
  }

  // Of a namespace or a class: declarations, of which only functions matter.
  void Scope(Span span) {
    std::size_t head = span.begin;
    for (std::size_t at = span.begin; at < span.end;) {
      if (Is(at, ";")) {
        head = ++at;
      } else if (Is(at, "{")) {
        const bool ends = Braces(head, at);
        at = After(at);
        if (ends) head = at;
      } else {
        at = After(at);
      }
    }
  }

  // A declaration as far as its first brace.
  struct Head {
    bool is_scope = false;
    bool is_enum = false;
    std::optional<std::size_t> parameters;
  };
  Head HeadOf(Span span) const {
    Head head;
    for (std::size_t at = span.begin; at < span.end; at = After(at)) {
      if (Is(at, "template")) at = AfterAngles(at + 1, span.end) - 1;
      if (Is(at, "enum")) head.is_enum = true;
      if (Is(at, "namespace") || Is(at, "class") || Is(at, "struct") || Is(at, "union") ||
          (Is(at, "extern") && source_.tokens[at + 1].kind == Token::Kind::kText)) {
        head.is_scope = true;
      }
      const std::string_view before = at > span.begin ? source_.At(at - 1) : "";
      if (Is(at, "=") && before != "operator") return head;
      if (Is(at, "(") && !IsOneOf(before, kTakesAGroup)) {
        head.parameters = at;
        return head;
      }
    }
    return head;
  }

  // A brace of a scope; true if it ends the declaration that began at `begin`.
  bool Braces(std::size_t begin, std::size_t open) {
    if (Is(open - 1, "requires") || (Is(open - 1, ")") && Is(Partner(open - 1) - 1, "requires"))) {
      return false;
    }
    const Head head = HeadOf({begin, open});
    if (head.parameters) return Body({begin, open}, *head.parameters);
    if (head.is_scope && !head.is_enum) Scope(Inside(open));
    return head.is_scope || head.is_enum;
  }

  // False if the brace is that of a member initializer: the body comes later.
  bool Body(Span head, std::size_t parameters) {
    const std::size_t colon = Find({After(parameters), head.end}, ":");
    const bool is_initializer =
        colon != head.end && (IsWord(head.end - 1) || Is(head.end - 1, ">"));
    if (is_initializer) return false;
    Function function;
    function.is_consteval = Has(head, "consteval");
    for (std::size_t at = colon; at < head.end; at = After(at)) {
      const Span inside = Is(at, "(") ? Inside(at) : Span();
      if (inside.empty() || Has(inside, ",")) continue;
      function.expressions.push_back({Region::Kind::kInitializer, inside});
    }
    function.body = Compound(head.end);
    functions_.push_back(std::move(function));
    return true;
  }

  Statement Compound(std::size_t open) {
    Statement all;
    all.kind = Statement::Kind::kCompound;
    all.tokens = {open, Partner(open) + 1};
    const Span inside = Inside(open);
    for (std::size_t at = inside.begin; at < inside.end;) {
      Statement one = One(at, inside.end);
      at = std::max(one.tokens.end, at + 1);
      all.parts.push_back(std::move(one));
    }
    return all;
  }

  // Behind labels and attributes.
  std::size_t AfterLabels(std::size_t at, std::size_t end, bool& labelled) const {
    for (;;) {
      if (IsAttribute(at)) {
        at = After(at);
      } else if (Is(at, "case") || ((Is(at, "default") || IsWord(at)) && Is(at + 1, ":"))) {
        labelled = true;
        at = Find({at, end}, ":") + 1;
      } else {
        return std::min(at, end);
      }
    }
  }

  Statement One(std::size_t at, std::size_t end) {
    bool labelled = false;
    at = AfterLabels(at, end, labelled);
    Statement one = Is(at, "{") ? Compound(at) : Control(at, end);
    one.labelled = labelled;
    return one;
  }

  Statement Control(std::size_t at, std::size_t end) {
    const std::string_view word = source_.At(at);
    Statement one;
    one.tokens = {at, at};
    std::size_t next = at + 1;
    if (word == "do" || word == "try") {
      next = Part(one, next, end);
      while (Is(next, "catch")) next = Part(one, After(next + 1), end);
      if (word == "do") next = Find({next, end}, ";") + 1;
    } else if (word == "if" || word == "while" || word == "for" || word == "switch") {
      const bool constant = Is(next, "constexpr") || Is(next, "consteval") || Is(next, "!");
      while (next < end && !IsOpen(next)) ++next;
      if (Is(next, "(")) {
        if (!constant) Condition(one, word, Inside(next));
        next = After(next);
      }
      next = Part(one, next, end);
      if (word == "if" && Is(next, "else")) next = Part(one, next + 1, end);
    } else {
      return Simple(at, end);
    }
    one.tokens.end = std::min(next, end);
    return one;
  }

  std::size_t Part(Statement& whole, std::size_t at, std::size_t end) {
    whole.parts.push_back(One(at, end));
    return whole.parts.back().tokens.end;
  }

  void Condition(Statement& one, std::string_view word, Span inside) {
    Lambdas(one, inside);
    if (word == "switch") return;
    if (word == "for") {
      const std::size_t first = Find(inside, ";");
      if (first == inside.end) return;
      inside = {first + 1, Find({first + 1, inside.end}, ";")};
    }
    if (inside.empty() || Has(inside, ";") || IsDeclaration(inside)) return;
    one.expressions.push_back({Region::Kind::kCondition, inside});
  }

  Statement Simple(std::size_t at, std::size_t end) {
    Statement one;
    one.tokens = {at, std::min(Find({at, end}, ";") + 1, end)};
    Lambdas(one, one.tokens);
    if (!IsDeclaration(one.tokens)) return one;
    one.kind = Statement::Kind::kDeclaration;
    // What is constant, or a type, is nothing to choose at run time.
    if (Has(one.tokens, "constexpr") || Has(one.tokens, "using")) return one;
    const Span value = {Find(one.tokens, "=") + 1, one.tokens.end - 1};
    if (value.empty() || Is(value.begin, "{") || Has(value, ",")) return one;
    one.expressions.push_back({Region::Kind::kInitializer, value});
    return one;
  }

  // The bodies of the lambdas in an expression become parts of the statement.
  void Lambdas(Statement& one, Span span) {
    for (std::size_t at = span.begin; at < span.end; ++at) {
      if (!Is(at, "[") || IsAttribute(at) || Is(at - 1, "[")) continue;
      // After an operand it is an index.
      if (Is(at - 1, ")") || Is(at - 1, "]") || (IsWord(at - 1) && !Is(at - 1, "return"))) continue;
      std::size_t body = AfterAngles(After(at), span.end);
      while (body < span.end && !Is(body, "{") && !Is(body, ";")) {
        body = Is(body, "(") ? After(body) : body + 1;
      }
      if (!Is(body, "{")) continue;
      one.parts.push_back(Compound(body));
      at = Partner(body);
    }
  }

  // A type, and then a name.
  bool IsDeclaration(Span span) const {
    std::size_t at = span.begin;
    while (IsAttribute(at)) at = After(at);
    if (IsOneOf(source_.At(at), kDeclarers)) return true;
    if (!IsWord(at) || IsOneOf(source_.At(at), kJumps)) return false;
    for (;;) {
      at = AfterAngles(at + 1, span.end);
      if (!Is(at, "::")) break;
      ++at;
      if (Is(at, "template")) ++at;
    }
    while (Is(at, "*") || Is(at, "&") || Is(at, "&&") || Is(at, "const")) ++at;
    return at < span.end && (IsWord(at) || (Is(at, "[") && Is(at - 1, "&")));
  }

  const Source& source_;
  std::vector<Function> functions_;
};

// Adds the regions of a statement around the tokens, the largest first.
void Collect(const Statement& statement, Span tokens, std::vector<Region>& regions);

void AddRegion(Region::Kind kind, Span span, std::vector<Region>& regions) {
  const Region region = {kind, span};
  if (std::find(regions.begin(), regions.end(), region) == regions.end()) regions.push_back(region);
}

void CollectInCompound(const Statement& all, Span tokens, std::vector<Region>& regions) {
  const auto& parts = all.parts;
  const auto first = std::find_if(parts.begin(), parts.end(), [tokens](const Statement& s) {
    return s.tokens.end > tokens.begin;
  });
  const auto behind = std::find_if(
      first, parts.end(), [tokens](const Statement& s) { return s.tokens.begin >= tokens.end; });
  // A label, or nothing but what stands between two statements.
  if (first == behind || first->tokens.begin > tokens.begin) return;
  // A jump to a label would not get into a region.
  const auto has_label = [&](auto end) {
    return std::any_of(first + 1, end, [](const Statement& s) { return s.labelled; });
  };
  if (!has_label(parts.end())) {
    AddRegion(Region::Kind::kStatements, {first->tokens.begin, parts.back().tokens.end}, regions);
  }
  const bool declares = std::any_of(
      first, behind, [](const Statement& s) { return s.kind == Statement::Kind::kDeclaration; });
  if (!declares && !has_label(behind)) {
    AddRegion(Region::Kind::kStatements, {first->tokens.begin, (behind - 1)->tokens.end}, regions);
  }
  if (behind - first == 1) Collect(*first, tokens, regions);
}

void Collect(const Statement& statement, Span tokens, std::vector<Region>& regions) {
  if (!statement.tokens.Contains(tokens)) return;
  if (statement.kind == Statement::Kind::kCompound) {
    const Span inside = {statement.tokens.begin + 1, statement.tokens.end - 1};
    if (inside.Contains(tokens)) CollectInCompound(statement, tokens, regions);
    return;
  }
  for (const Region& expression : statement.expressions) {
    if (expression.tokens.Contains(tokens)) regions.push_back(expression);
  }
  for (const Statement& part : statement.parts) {
    if (!part.tokens.Contains(tokens)) continue;
    if (part.kind == Statement::Kind::kOther) {
      AddRegion(Region::Kind::kStatements, part.tokens, regions);
    }
    Collect(part, tokens, regions);
  }
}

}  // namespace

std::vector<Function> FunctionsOf(const Source& source) { return Parser(source).Run(); }

std::vector<Region> RegionsAround(const Function& function, Span tokens) {
  std::vector<Region> regions;
  Collect(function.body, tokens, regions);
  for (const Region& expression : function.expressions) {
    if (expression.tokens.Contains(tokens)) regions.push_back(expression);
  }
  std::reverse(regions.begin(), regions.end());
  return regions;
}

}  // namespace slotproof::mutants
