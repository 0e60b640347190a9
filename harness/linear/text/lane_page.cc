#include "harness/linear/text/lane_page.h"

#include <fmt/format.h>

namespace slotproof::linear {
namespace {

constexpr std::string_view kStyle =
    "body{font:14px sans-serif;margin:2em}"
    "svg{font:12px monospace}"
    "rect{fill:#e8e8e8;stroke:#999}"
    "rect.placed{fill:#cfe8cf;stroke:#393}"
    "rect.minimal{fill:#fff0b8;stroke:#a80}"
    "rect.stuck{fill:#f8c8c8;stroke:#c00}"
    ".lane{stroke:#ddd}"
    ".pending{stroke-dasharray:4 3}"
    ".switch{stroke:#999;stroke-dasharray:2 3}"
    ".saw{stroke:#36c}"
    "circle{fill:#333}";

constexpr std::size_t kColumnWidth = 64;
constexpr std::size_t kLaneHeight = 34;
constexpr std::size_t kLaneHeightWithArrows = 68;
constexpr std::size_t kLeft = 90;

class Picture {
 public:
  explicit Picture(const LanePage& page)
      : page_(page), lane_height_(page.arrows.empty() ? kLaneHeight : kLaneHeightWithArrows) {}

  std::string Svg() const {
    const std::size_t width = kLeft + (page_.columns + 1) * kColumnWidth;
    const std::size_t height = (page_.lanes.size() + 1) * lane_height_;
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\">\n", width, height);
    if (!page_.arrows.empty()) {
      svg +=
          "<defs><marker id=\"tip\" markerWidth=\"7\" markerHeight=\"6\" refX=\"7\" refY=\"3\" "
          "orient=\"auto\"><path d=\"M0,0 L7,3 L0,6\"/></marker></defs>\n";
    }
    for (std::size_t lane = 0; lane < page_.lanes.size(); ++lane) {
      svg += fmt::format(
          "<text x=\"4\" y=\"{0}\">{1}</text>"
          "<line class=\"lane\" x1=\"{2}\" x2=\"{3}\" y1=\"{0}\" y2=\"{0}\"/>\n",
          Y(lane), Escaped(page_.lanes[lane]), kLeft, width);
    }
    for (const LaneBar& bar : page_.bars) svg += Draw(bar);
    for (const LaneArrow& arrow : page_.arrows) svg += Draw(arrow);
    for (const LaneDot& dot : page_.dots) svg += Draw(dot);
    return svg + "</svg>\n";
  }

 private:
  static std::size_t X(std::size_t column) { return kLeft + column * kColumnWidth; }
  std::size_t Y(std::size_t lane) const { return (lane + 1) * lane_height_; }

  std::string Draw(const LaneBar& bar) const {
    const std::size_t y = Y(bar.lane);
    const std::size_t width = (bar.end - bar.begin) * kColumnWidth;
    std::string text = bar.text;
    const std::size_t fits = width / 7;
    if (text.size() > fits) text = text.substr(0, fits);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0) text.pop_back();
    return fmt::format(
        "<g><title>{}</title><rect class=\"{}{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"22\" "
        "rx=\"3\"/><text x=\"{}\" y=\"{}\">{}</text></g>\n",
        Escaped(bar.title), bar.look, bar.is_pending ? " pending" : "", X(bar.begin), y - 15,
        width - 4, X(bar.begin) + 4, y, Escaped(text));
  }

  // Below the text of the bars.
  std::size_t DotY(std::size_t lane) const { return Y(lane) + 7; }

  std::string Draw(const LaneDot& dot) const {
    return fmt::format("<g><title>{}</title><circle cx=\"{}\" cy=\"{}\" r=\"4\"/></g>\n",
                       Escaped(dot.title), X(dot.column), DotY(dot.lane));
  }

  std::string Draw(const LaneArrow& arrow) const {
    return fmt::format(
        "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" marker-end=\"url(#tip)\"/>\n",
        arrow.look, X(arrow.from_column), DotY(arrow.from_lane), X(arrow.to_column),
        DotY(arrow.to_lane));
  }

  const LanePage& page_;
  std::size_t lane_height_;
};

}  // namespace

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

std::string DrawLanePage(const LanePage& page) {
  return fmt::format(
             "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{}</title>"
             "<style>{}</style></head>\n<body><h1>{}</h1>\n",
             Escaped(page.title), kStyle, Escaped(page.heading)) +
         page.body + Picture(page).Svg() + "</body></html>\n";
}

}  // namespace slotproof::linear
