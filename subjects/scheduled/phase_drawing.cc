#include "subjects/scheduled/phase_drawing.h"

#include <algorithm>
#include <vector>

namespace slotproof {

std::string DrawPhase(std::span<const Moment> moments, std::uint32_t threads) {
  std::vector<std::size_t> width(threads, 0);
  for (const Moment& moment : moments) {
    width[moment.thread] = std::max(width[moment.thread], moment.text.size() + 2);
  }
  const auto row = [&](std::uint32_t thread, const std::string& text) {
    std::size_t before = 0;
    for (std::uint32_t i = 0; i < thread; ++i) before += width[i];
    return std::string(before, ' ') + text;
  };
  std::string names;
  for (std::uint32_t i = 0; i < threads; ++i) {
    if (width[i] == 0) continue;
    names.resize(std::max(names.size(), row(i, "").size()), ' ');
    names += "t" + std::to_string(i);
  }
  std::string text = names.empty() ? "" : names + "\n";
  for (const Moment& moment : moments) text += row(moment.thread, moment.text) + "\n";
  return text;
}

}  // namespace slotproof
