#include "harness/linear/text/picture.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/linear/text/lane_page.h"

namespace slotproof::linear {
namespace {

constexpr std::size_t kLongestLabel = 40;

const Call<Operation, Result>& CallOf(const Recorded& recorded, std::uint32_t number) {
  return recorded.history.calls()[number];
}

// Cut between two characters of UTF-8.
std::string Shortened(const std::string& label) {
  if (label.size() <= kLongestLabel) return label;
  std::size_t end = kLongestLabel - 3;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xc0) == 0x80) --end;
  return label.substr(0, end) + "...";
}

// "3: write 1"
std::string Marked(const Recorded& recorded, const Judgement& judgement, std::uint32_t number) {
  const std::string label = Shortened(recorded.labels[number]);
  if (judgement.answer == Answer::kNot && number == judgement.stuck) return "X: " + label;
  const std::uint32_t place = judgement.places[number];
  return place == 0 ? label : fmt::format("{}: {}", place, label);
}

// Bytes that begin no character take no room.
std::size_t WidthOf(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

struct Bar {
  std::uint32_t number = 0;
  bool is_related = false;
  std::string text;
  std::size_t begin = 0;  // columns of the brackets
  std::size_t end = 0;
};

// Gives each bracket a column of its own, in the order of events, so that each text fits, and a
// blank behind each call.
std::vector<Bar> Bars(const Recorded& recorded, const Judgement& judgement) {
  std::vector<Bar> bars;
  std::map<std::uint32_t, std::pair<std::size_t, bool>> events;  // of which bar; its end
  std::vector<std::uint32_t> shown = judgement.minimal;
  shown.insert(shown.end(), judgement.related.begin(), judgement.related.end());
  std::ranges::sort(shown);
  for (const std::uint32_t number : shown) {
    const auto& call = CallOf(recorded, number);
    events[call.invoked] = {bars.size(), false};
    if (!call.pending()) events[call.responded] = {bars.size(), true};
    bars.push_back({.number = number,
                    .is_related = !std::ranges::binary_search(judgement.minimal, number),
                    .text = Marked(recorded, judgement, number)});
  }
  std::size_t column = 0;
  for (const auto& [event, place] : events) {
    Bar& bar = bars[place.first];
    if (!place.second) {
      bar.begin = column++;
    } else {
      bar.end = std::max(column, bar.begin + WidthOf(bar.text) + 1);
      column = bar.end + 2;
    }
  }
  return bars;
}

// The calls on the page: all of the part; where they are too many, those around the minimal part's
// last one.
std::vector<std::uint32_t> OnPage(const Recorded& recorded, const Judgement& judgement) {
  std::vector<std::uint32_t> shown = judgement.part;
  if (judgement.answer != Answer::kNot) {
    for (std::uint32_t i = 0; i < recorded.history.calls().size(); ++i) shown.push_back(i);
  }
  if (shown.size() <= kMostOnPage) return shown;
  std::size_t first = 0;
  if (judgement.answer == Answer::kNot) {
    const auto stuck = std::ranges::find(shown, judgement.stuck) - shown.begin();
    const std::size_t behind =
        std::min(static_cast<std::size_t>(stuck) + kMostOnPage / 4, shown.size());
    first = behind - std::min(behind, kMostOnPage);
  }
  const auto begin = shown.begin() + static_cast<std::ptrdiff_t>(first);
  std::vector<std::uint32_t> window(
      begin, begin + std::min<std::ptrdiff_t>(kMostOnPage, shown.end() - begin));
  // What matters is always there.
  for (const std::uint32_t number : judgement.minimal) {
    if (std::ranges::find(window, number) == window.end()) window.push_back(number);
  }
  std::ranges::sort(window);
  return window;
}

// The bars of these calls, with a column for each event.
class BarsOnPage {
 public:
  BarsOnPage(const Recorded& recorded, const Judgement& judgement,
             std::span<const std::uint32_t> shown)
      : recorded_(recorded), judgement_(judgement) {
    std::set<std::uint32_t> events;
    for (const std::uint32_t number : shown) {
      const auto& call = CallOf(recorded_, number);
      lanes_.emplace(call.process, lanes_.size());
      events.insert(call.invoked);
      if (!call.pending()) events.insert(call.responded);
    }
    for (const std::uint32_t event : events) columns_.emplace(event, columns_.size());
  }

  void FillIn(std::span<const std::uint32_t> shown, LanePage* page) const {
    page->columns = columns_.size();
    page->lanes.resize(lanes_.size());
    for (const auto& [process, lane] : lanes_) {
      page->lanes[lane] = Shortened(recorded_.processes[process]);
    }
    for (const std::uint32_t number : shown) page->bars.push_back(BarOf(number));
  }

 private:
  std::string_view LookOf(std::uint32_t number) const {
    if (judgement_.answer == Answer::kNot && number == judgement_.stuck) return "stuck";
    const bool is_minimal =
        std::ranges::find(judgement_.minimal, number) != judgement_.minimal.end();
    if (is_minimal) return "minimal";
    return judgement_.places[number] != 0 ? "placed" : "other";
  }

  LaneBar BarOf(std::uint32_t number) const {
    const auto& call = CallOf(recorded_, number);
    return {.lane = lanes_.at(call.process),
            .begin = columns_.at(call.invoked),
            .end = call.pending() ? columns_.size() : columns_.at(call.responded),
            .is_pending = call.pending(),
            .look = LookOf(number),
            .text = Marked(recorded_, judgement_, number),
            .title = fmt::format("line {}: {}", recorded_.lines[number], recorded_.labels[number])};
  }

  const Recorded& recorded_;
  const Judgement& judgement_;
  std::map<std::uint32_t, std::size_t> lanes_;    // by process
  std::map<std::uint32_t, std::size_t> columns_;  // by event
};

std::string_view Headline(Answer answer) {
  switch (answer) {
    case Answer::kLinearizable:
      return "linearizable";
    case Answer::kNot:
      return "not linearizable";
    case Answer::kUnknown:
      return "unknown: the limits were not enough";
  }
  return "";
}

}  // namespace

std::string DescribeHistory(const Recorded& recorded) {
  const std::size_t calls = recorded.history.calls().size();
  const std::size_t processes = recorded.processes.size();
  return fmt::format("{}, {} call{} of {} process{}", recorded.model, calls, calls == 1 ? "" : "s",
                     processes, processes == 1 ? "" : "es");
}

std::string DescribeState(const Recorded& recorded, const Judgement& judgement) {
  std::string text = "the order that gets furthest";
  if (!judgement.state.empty()) {
    text += fmt::format("; then {} is {}", judgement.key.empty() ? recorded.model : judgement.key,
                        Shortened(judgement.state));
  }
  return text;
}

std::string DrawLanes(const Recorded& recorded, const Judgement& judgement) {
  const std::vector<Bar> bars = Bars(recorded, judgement);
  std::size_t width = 0;
  std::size_t right = 0;
  for (const Bar& bar : bars) {
    const auto& call = CallOf(recorded, bar.number);
    width = std::max(width, WidthOf(recorded.processes[call.process]));
    right = std::max({right, bar.end, bar.begin + WidthOf(bar.text) + 1});
  }
  std::map<std::uint32_t, std::string> lanes;
  std::map<std::uint32_t, std::size_t> filled;  // columns of each lane
  for (const Bar& bar : bars) {
    const auto& call = CallOf(recorded, bar.number);
    const std::size_t end = call.pending() ? right : bar.end;
    std::string& lane = lanes[call.process];
    std::size_t& columns = filled[call.process];
    const char* const close = call.pending() ? ">" : bar.is_related ? ")" : "]";
    lane.append(bar.begin - columns, ' ').append(bar.is_related ? "(" : "[").append(bar.text);
    lane.append(end - bar.begin - 1 - WidthOf(bar.text), '-').append(close);
    columns = end + 1;
  }
  std::string text;
  for (const auto& [process, lane] : lanes) {
    const std::string& name = recorded.processes[process];
    text.append("  ").append(name).append(width - WidthOf(name) + 2, ' ').append(lane) += '\n';
  }
  return text;
}

std::string DrawPage(std::string_view file, const Recorded& recorded, const Judgement& judgement) {
  const std::vector<std::uint32_t> shown = OnPage(recorded, judgement);
  LanePage page = {.title = std::string(file),
                   .heading = fmt::format("{}: {}", file, Headline(judgement.answer))};
  page.body = fmt::format("<p>{}, of which {} are here. Numbers: the order that explains {}.</p>\n",
                          Escaped(DescribeHistory(recorded)), shown.size(),
                          judgement.answer == Answer::kNot ? "most of the yellow ones" : "them");
  if (judgement.answer == Answer::kNot) {
    page.body += fmt::format(
        "<p>The yellow ones and the red one cannot be explained together, whatever "
        "the grey ones did{}. The red one has no place: {}.</p>\n",
        judgement.from_any_state ? " and whatever was there before" : "",
        Escaped(DescribeState(recorded, judgement)));
  }
  BarsOnPage(recorded, judgement, shown).FillIn(shown, &page);
  return DrawLanePage(page);
}

}  // namespace slotproof::linear
