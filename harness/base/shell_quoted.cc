#include "harness/base/shell_quoted.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

namespace slotproof {
namespace {

bool IsPlain(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
}

bool IsControl(char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }

// Octal, of three digits, so that a digit that follows is no part of it.
std::string Escaped(char c) {
  if (c == '\\' || c == '\'') return {'\\', c};
  if (c == '\n') return "\\n";
  if (!IsControl(c)) return {c};
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\%03o", static_cast<unsigned>(c) & 0xffu);
  return text.data();
}

}  // namespace

std::string ShellQuoted(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, IsPlain)) return std::string(text);
  const bool has_control = std::ranges::any_of(text, IsControl);
  std::string quoted = has_control ? "$'" : "'";
  for (const char c : text) {
    if (has_control) {
      quoted += Escaped(c);
    } else if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace slotproof
