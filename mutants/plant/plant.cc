#include "mutants/plant/plant.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <utility>
#include <vector>

#include "mutants/plant/statements.h"
#include "mutants/plant/tokens.h"

namespace slotproof::mutants {
namespace {

using Error = tl::unexpected<std::string>;

// What a mutant changes: the bytes of its text without what stays of it, front and back.
struct Change {
  const Mutant* mutant;
  Span bytes;
  std::string_view text;        // that comes there
  std::vector<Region> regions;  // that it can be chosen in, the smallest first
};

// Overlapping ones count each.
std::size_t CountOf(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

std::size_t CommonPrefix(std::string_view a, std::string_view b) {
  const auto [end, ignored] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end - a.begin());
}
std::size_t CommonSuffix(std::string_view a, std::string_view b) {
  const auto [end, ignored] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  return static_cast<std::size_t>(end - a.rbegin());
}

tl::expected<Change, std::string> Locate(const File& file, const Mutant& mutant) {
  const std::size_t count = mutant.find.empty() ? 0 : CountOf(file.text, mutant.find);
  if (count != 1 || mutant.find == mutant.replace) {
    return Error(std::string(file.path) + ": the text to replace is there " +
                 std::to_string(count) +
                 " times, and must be there once and differ from its replacement; adapt " +
                 mutant.name + " in its catalogue in mutants/ to the code:\n" + mutant.find);
  }
  std::string_view find = mutant.find;
  std::string_view replace = mutant.replace;
  const std::size_t begin = file.text.find(find);
  const std::size_t prefix = CommonPrefix(find, replace);
  find.remove_prefix(prefix);
  replace.remove_prefix(prefix);
  const std::size_t suffix = CommonSuffix(find, replace);
  find.remove_suffix(suffix);
  replace.remove_suffix(suffix);
  return Change{.mutant = &mutant,
                .bytes = {begin + prefix, begin + prefix + find.size()},
                .text = replace,
                .regions = {}};
}

std::string LineDirective(const File& file, std::size_t byte) {
  return "\n#line " + std::to_string(LineOf(file.text, byte)) + " \"" + std::string(file.path) +
         "\"\n";
}

// The bytes of the file with the change in them. Lines behind it keep their numbers. What the
// change takes away beyond the bytes is white space.
std::string Changed(const File& file, Span bytes, const Change& change) {
  const std::size_t begin = std::max(bytes.begin, change.bytes.begin);
  const std::size_t end = std::min(bytes.end, change.bytes.end);
  std::string text(file.text.substr(bytes.begin, begin - bytes.begin));
  text += change.text;
  std::string_view rest = file.text.substr(end, bytes.end - end);
  const std::string_view old = file.text.substr(begin, end - begin);
  if (CountOf(old, "\n") != CountOf(change.text, "\n")) {
    const std::size_t newline = rest.find('\n');
    if (newline != std::string_view::npos) {
      text += rest.substr(0, newline);
      text += LineDirective(file, end + newline + 1);
      rest.remove_prefix(newline + 1);
    }
  }
  return text.append(rest);
}

class Planter {
 public:
  Planter(const File& file, const Source& source)
      : file_(file), source_(source), functions_(FunctionsOf(source)) {}

  tl::expected<std::string, std::string> Run(std::span<const Mutant> mutants) {
    for (const Mutant& mutant : mutants) {
      auto change = Locate(file_, mutant);
      if (!change) return Error(std::move(change.error()));
      const std::string refusal = FindRegions(*change);
      if (!refusal.empty()) {
        return Error(std::string(file_.path) + ":" +
                     std::to_string(LineOf(file_.text, change->bytes.begin)) + ": " + mutant.name +
                     " cannot be chosen at run time: " + refusal +
                     "; give it alone = \"why\" in its catalogue in mutants/");
      }
      changes_.push_back(std::move(*change));
    }
    const std::string* conflict = nullptr;
    while (!conflict && Untangle(conflict)) {
    }
    if (conflict) return Error(*conflict);
    const std::vector<Region> all = AllRegions();
    std::string copy = Switched({0, file_.text.size()}, {}, all);
    return Declarations(all) + "#line 1 \"" + std::string(file_.path) + "\"\n" + copy;
  }

 private:
  Span BytesOf(Region region) const {
    return {source_.tokens[region.tokens.begin].bytes.begin,
            source_.tokens[region.tokens.end - 1].bytes.end};
  }

  // Those that any byte of the change is in; if it only inserts, the one before it.
  Span TokensOf(Span bytes) const {
    const auto& tokens = source_.tokens;
    const auto first = std::find_if(tokens.begin(), tokens.end(), [bytes](const Token& token) {
      return token.bytes.end > bytes.begin;
    });
    const auto behind = std::find_if(first, tokens.end(), [bytes](const Token& token) {
      return token.bytes.begin >= bytes.end;
    });
    const auto begin = static_cast<std::size_t>(first - tokens.begin());
    if (first == behind) return {begin == 0 ? 0 : begin - 1, begin};
    return {begin, static_cast<std::size_t>(behind - tokens.begin())};
  }

  // Why there is none, or nothing.
  std::string FindRegions(Change& change) const {
    for (const Span& directive : source_.directives) {
      if (directive.Overlaps(change.bytes)) return "it changes a line of the preprocessor";
    }
    const Span tokens = TokensOf(change.bytes);
    const auto function = std::find_if(
        functions_.begin(), functions_.end(),
        [&](const Function& candidate) { return !RegionsAround(candidate, tokens).empty(); });
    if (function == functions_.end()) return "its text is no part of a function's statements";
    if (function->is_consteval) return "its function runs when it is compiled (consteval)";
    for (const Region& region : RegionsAround(*function, tokens)) {
      if (IsComplete(region, change)) change.regions.push_back(region);
    }
    return change.regions.empty() ? "with its replacement no statement is complete" : "";
  }

  // Whether the region with the change in it can stand where the region does.
  bool IsComplete(const Region& region, const Change& change) const {
    const Span bytes = BytesOf(region);
    const std::string text = Changed(file_, bytes, change);
    const auto changed = Tokenize(text);
    if (!changed) return false;
    const std::size_t count = changed->tokens.size();
    if (region.kind == Region::Kind::kStatements) {
      return count == 0 || changed->At(count - 1) == ";" || changed->At(count - 1) == "}";
    }
    if (count == 0 || changed->At(0) == "{") return false;
    for (std::size_t at = 0; at < count; ++at) {
      const std::string_view token = changed->At(at);
      if (token == ";" || (token == "," && region.kind == Region::Kind::kInitializer)) return false;
      if (token == "(" || token == "[" || token == "{") at = changed->tokens[at].partner;
    }
    return true;
  }

  // Regions must nest: true if one has been replaced by a larger one, because it did not.
  bool Untangle(const std::string*& conflict) {
    for (Change& a : changes_) {
      for (const Change& b : changes_) {
        const Span mine = a.regions.front().tokens;
        const Span other = b.regions.front().tokens;
        if (!mine.Overlaps(other) || mine.Contains(other) || other.Contains(mine)) continue;
        a.regions.erase(a.regions.begin());
        if (!a.regions.empty()) return true;
        conflict_ = std::string(file_.path) + ": " + a.mutant->name + " and " + b.mutant->name +
                    " overlap; give one of them alone = \"why\" in its catalogue in mutants/";
        conflict = &conflict_;
        return false;
      }
    }
    return false;
  }

  // Each once, an outer one before those within it.
  std::vector<Region> AllRegions() const {
    std::vector<Region> all;
    for (const Change& change : changes_) {
      if (std::find(all.begin(), all.end(), change.regions.front()) == all.end())
        all.push_back(change.regions.front());
    }
    std::sort(all.begin(), all.end(), [](const Region& a, const Region& b) {
      if (a.tokens.begin != b.tokens.begin) return a.tokens.begin < b.tokens.begin;
      if (a.tokens.end != b.tokens.end) return a.tokens.end > b.tokens.end;
      return a.kind > b.kind;  // a statement may be all that a lambda's condition is of
    });
    return all;
  }

  std::vector<const Change*> ChangesOf(const Region& region) const {
    std::vector<const Change*> own;
    for (const Change& change : changes_) {
      if (change.regions.front() == region) own.push_back(&change);
    }
    return own;
  }

  // The bytes of the file with these regions switched.
  std::string Switched(Span bytes, std::string text, std::span<const Region> regions) const {
    std::size_t at = bytes.begin;
    while (!regions.empty()) {
      const Region region = regions.front();
      const Span own = BytesOf(region);
      std::size_t inner = 1;
      while (inner < regions.size() && region.tokens.Contains(regions[inner].tokens)) ++inner;
      text += file_.text.substr(at, own.begin - at);
      text += Switch(region, regions.subspan(1, inner - 1)) + LineDirective(file_, own.end);
      at = own.end;
      regions = regions.subspan(inner);
    }
    return text.append(file_.text.substr(at, bytes.end - at));
  }

  std::string Switch(const Region& region, std::span<const Region> inner) const {
    const bool statements = region.kind == Region::Kind::kStatements;
    const bool condition = region.kind == Region::Kind::kCondition;
    const Span bytes = BytesOf(region);
    const auto one = [&](const std::string& text) {
      const std::string lines = LineDirective(file_, bytes.begin) + text + "\n";
      if (statements) return "{" + lines + "}";
      return (condition ? "static_cast<bool>(" : "(") + lines + ")";
    };
    std::string text = statements ? "{" : "(";
    for (const Change* change : ChangesOf(region)) {
      const std::string chosen =
          "::slotproof::mutants::Chosen(::slotproof::mutants::" + change->mutant->name + ")";
      const std::string variant = one(Changed(file_, bytes, *change));
      text.append(statements ? "if (" : "").append(chosen);
      text.append(statements ? ") [[unlikely]] " : " ? ").append(variant);
      text += statements ? " else " : " : ";
    }
    text += one(Switched(bytes, "", inner));
    return text + (statements ? "}" : ")");
  }

  static std::string Flags(std::span<const Change* const> changes) {
    std::string flags;
    for (const Change* change : changes) {
      flags += (flags.empty() ? "&" : ", &") + change->mutant->name;
    }
    return flags;
  }

  // What the copy begins with.
  std::string Declarations(const std::vector<Region>& all) const {
    // What follows comes before the header's own guard.
    std::string text = file_.path.ends_with(".h") ? "#pragma once\n" : "";
    text +=
        "#define SLOTPROOF_MUTANT_APPLIED 1\n#include \"mutants/plant/choice.h\"\n"
        "namespace slotproof::mutants {\n";
    for (const Change& change : changes_) text += "extern bool " + change.mutant->name + ";\n";
    std::string file(file_.path);
    std::replace_if(
        file.begin(), file.end(),
        [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::vector<const Change*> own = ChangesOf(all[i]);
      std::vector<const Change*> within;
      for (std::size_t j = i + 1; j < all.size() && all[i].tokens.Contains(all[j].tokens); ++j) {
        for (const Change* change : ChangesOf(all[j])) within.push_back(change);
      }
      if (own.size() + within.size() < 2) continue;
      text += "inline const OneText text_" + std::to_string(i) + "_of_" + file + "(\"" +
              std::string(file_.path) + ":" +
              std::to_string(LineOf(file_.text, BytesOf(all[i]).begin)) + "\", {" + Flags(own) +
              "}, {" + Flags(within) + "});\n";
    }
    return text + "}  // namespace slotproof::mutants\n";
  }

  const File& file_;
  const Source& source_;
  std::vector<Function> functions_;
  std::vector<Change> changes_;
  std::string conflict_;
};

}  // namespace

tl::expected<std::string, std::string> PlantAlone(const File& file, const Mutant& mutant) {
  const auto change = Locate(file, mutant);
  if (!change) return Error(change.error());
  return "#define SLOTPROOF_MUTANT_APPLIED 1\n#line 1 \"" + std::string(file.path) + "\"\n" +
         Changed(file, {0, file.text.size()}, *change);
}

tl::expected<std::string, std::string> PlantTogether(const File& file,
                                                     std::span<const Mutant> mutants) {
  const auto source = Tokenize(file.text);
  if (!source) return Error(std::string(file.path) + ": " + source.error());
  return Planter(file, *source).Run(mutants);
}

}  // namespace slotproof::mutants
