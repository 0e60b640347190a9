#include "harness/linear/text/picture.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

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

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        // Control characters are none of XML's.
        escaped += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
  return escaped;
}

constexpr std::string_view kStyle =
    "body{font:14px sans-serif;margin:2em}"
    "svg{font:12px monospace}"
    "rect{fill:#e8e8e8;stroke:#999}"
    "rect.placed{fill:#cfe8cf;stroke:#393}"
    "rect.minimal{fill:#fff0b8;stroke:#a80}"
    "rect.stuck{fill:#f8c8c8;stroke:#c00}"
    ".lane{stroke:#ddd}"
    ".pending{stroke-dasharray:4 3}";

constexpr std::size_t kEventWidth = 64;
constexpr std::size_t kLaneHeight = 34;
constexpr std::size_t kLeft = 90;

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

class Page {
 public:
  Page(const Recorded& recorded, const Judgement& judgement)
      : recorded_(recorded), judgement_(judgement), shown_(OnPage(recorded, judgement)) {
    std::set<std::uint32_t> events;
    for (const std::uint32_t number : shown_) {
      const auto& call = CallOf(recorded_, number);
      lanes_.emplace(call.process, lanes_.size());
      events.insert(call.invoked);
      if (!call.pending()) events.insert(call.responded);
    }
    for (const std::uint32_t event : events) columns_.emplace(event, columns_.size());
  }

  std::size_t shown() const { return shown_.size(); }

  std::string Svg() const {
    const std::size_t width = kLeft + (columns_.size() + 1) * kEventWidth;
    const std::size_t height = (lanes_.size() + 1) * kLaneHeight;
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\">\n", width, height);
    for (const auto& [process, lane] : lanes_) {
      const std::size_t y = (lane + 1) * kLaneHeight;
      svg += fmt::format(
          "<text x=\"4\" y=\"{}\">{}</text>"
          "<line class=\"lane\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>\n",
          y, Escaped(Shortened(recorded_.processes[process])), kLeft, width, y, y);
    }
    for (const std::uint32_t number : shown_) svg += Box(number);
    return svg + "</svg>\n";
  }

 private:
  std::string ClassOf(std::uint32_t number) const {
    if (judgement_.answer == Answer::kNot && number == judgement_.stuck) return "stuck";
    const bool is_minimal =
        std::ranges::find(judgement_.minimal, number) != judgement_.minimal.end();
    if (is_minimal) return "minimal";
    return judgement_.places[number] != 0 ? "placed" : "other";
  }

  std::string Box(std::uint32_t number) const {
    const auto& call = CallOf(recorded_, number);
    const std::size_t begin = columns_.at(call.invoked);
    const std::size_t end = call.pending() ? columns_.size() : columns_.at(call.responded);
    const std::size_t x = kLeft + begin * kEventWidth;
    const std::size_t y = (lanes_.at(call.process) + 1) * kLaneHeight;
    const std::size_t width = (end - begin) * kEventWidth;
    std::string text = Marked(recorded_, judgement_, number);
    const std::string title =
        fmt::format("line {}: {}", recorded_.lines[number], recorded_.labels[number]);
    const std::size_t fits = width / 7;
    if (text.size() > fits) text = text.substr(0, fits);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.pop_back();
    return fmt::format(
        "<g><title>{}</title><rect class=\"{}{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"22\" "
        "rx=\"3\"/><text x=\"{}\" y=\"{}\">{}</text></g>\n",
        Escaped(title), ClassOf(number), call.pending() ? " pending" : "", x, y - 15, width - 4,
        x + 4, y, Escaped(text));
  }

  const Recorded& recorded_;
  const Judgement& judgement_;
  std::vector<std::uint32_t> shown_;
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
  const Page page(recorded, judgement);
  std::string text = fmt::format(
      "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{0}</title>"
      "<style>{1}</style></head>\n<body><h1>{0}: {2}</h1>\n<p>{3}, of which {4} are here. Numbers: "
      "the order that explains {5}.</p>\n",
      Escaped(file), kStyle, Headline(judgement.answer), Escaped(DescribeHistory(recorded)),
      page.shown(), judgement.answer == Answer::kNot ? "most of the yellow ones" : "them");
  if (judgement.answer == Answer::kNot) {
    text += fmt::format(
        "<p>The yellow ones and the red one cannot be explained together, whatever "
        "the grey ones did{}. The red one has no place: {}.</p>\n",
        judgement.from_any_state ? " and whatever was there before" : "",
        Escaped(DescribeState(recorded, judgement)));
  }
  return text + page.Svg() + "</body></html>\n";
}

}  // namespace slotproof::linear
