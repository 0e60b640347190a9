#include "harness/sched/schedule.h"

#include <charconv>

namespace slotproof::sched {
namespace {

// Takes `before` and a number below `limit` off the front of the text.
template <class T>
bool Take(std::string_view* text, std::string_view before, T limit, T* number) {
  if (!text->starts_with(before)) return false;
  text->remove_prefix(before.size());
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *number);
  if (error != std::errc{} || *number >= limit) return false;
  text->remove_prefix(static_cast<std::size_t>(end - text->data()));
  return true;
}

}  // namespace

std::string FormatSchedule(const Schedule& schedule) {
  if (schedule.empty()) return "-";
  std::string text;
  for (const Switch& change : schedule) {
    if (!text.empty()) text += ' ';
    text += "t" + std::to_string(change.from);
    if (change.operation != 0) text += "." + std::to_string(change.operation);
    text += "@" + std::to_string(change.at);
    text += change.back == 0 ? ">t" + std::to_string(change.to) : "=" + std::to_string(change.back);
  }
  return text;
}

std::optional<Schedule> ParseSchedule(std::string_view text) {
  Schedule schedule;
  if (text == "-") return schedule;
  for (;;) {
    Switch change;
    if (!Take(&text, "t", ThreadId{kMaxThreads}, &change.from)) return std::nullopt;
    if (text.starts_with('.') && !Take(&text, ".", std::uint32_t{1} << 31, &change.operation)) {
      return std::nullopt;
    }
    if (!Take(&text, "@", std::uint64_t{1} << 62, &change.at)) return std::nullopt;
    if (text.starts_with('=')) {
      change.to = change.from;
      if (!Take(&text, "=", std::uint32_t{1} << 31, &change.back) || change.back == 0) {
        return std::nullopt;
      }
    } else if (!Take(&text, ">t", ThreadId{kMaxThreads}, &change.to)) {
      return std::nullopt;
    }
    schedule.push_back(change);
    if (text.empty()) return schedule;
    if (!text.starts_with(' ')) return std::nullopt;
    text.remove_prefix(1);
  }
}

}  // namespace slotproof::sched
