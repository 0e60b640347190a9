#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/linear/text/lane_page.h"
#include "harness/sched/story.h"
#include "subjects/scheduled/scheduled_session.h"

// A phase as a page of HTML: the story that the table tells, each of its scenes in a column.

namespace slotproof {
namespace {

using linear::LanePage;
using Kind = sched::Deed::Kind;

// Where the scenes and the deeds that they tell of are on the page.
class Places {
 public:
  Places(std::span<const sched::Deed> deeds, std::span<const sched::Scene> story)
      : deeds_(deeds), story_(story) {
    for (const sched::Scene& scene : story) {
      columns_[scene.deed] = 0;
      lanes_[deeds[scene.deed].thread] = 0;
      if (!scene.from) continue;
      columns_[*scene.from] = 0;
      lanes_[deeds[*scene.from].thread] = 0;
    }
    std::size_t count = 0;
    for (auto& [deed, column] : columns_) column = count++;
    count = 0;
    for (auto& [thread, lane] : lanes_) lane = count++;
  }

  std::size_t columns() const { return columns_.size(); }
  std::size_t ColumnOf(std::size_t deed) const { return columns_.at(deed); }
  std::size_t LaneOf(std::size_t deed) const { return lanes_.at(deeds_[deed].thread); }
  const std::map<sched::ThreadId, std::size_t>& lanes() const { return lanes_; }

  // Who saw what, and who goes on where another one stops.
  std::vector<linear::LaneArrow> Arrows() const {
    std::vector<linear::LaneArrow> arrows;
    for (std::size_t i = 0; i < story_.size(); ++i) {
      if (const auto from = story_[i].from) arrows.push_back(Arrow(*from, story_[i].deed, "saw"));
      if (const auto next = NextOf(i, story_[i].to)) {
        arrows.push_back(Arrow(story_[i].deed, *next, "switch"));
      }
    }
    return arrows;
  }

 private:
  linear::LaneArrow Arrow(std::size_t from, std::size_t to, std::string_view look) const {
    return {.from_lane = LaneOf(from),
            .from_column = ColumnOf(from),
            .to_lane = LaneOf(to),
            .to_column = ColumnOf(to),
            .look = look};
  }

  std::optional<std::size_t> NextOf(std::size_t scene, sched::ThreadId thread) const {
    while (++scene < story_.size()) {
      if (story_[scene].thread == thread) return story_[scene].deed;
    }
    return std::nullopt;
  }

  std::span<const sched::Deed> deeds_;
  std::span<const sched::Scene> story_;
  std::map<std::size_t, std::size_t> columns_;    // by deed
  std::map<sched::ThreadId, std::size_t> lanes_;  // by thread
};

std::string EscapedLines(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    escaped += linear::Escaped(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return escaped;
}

}  // namespace

std::string ScheduledSession::DrawPage() const {
  const std::vector<sched::Scene> story = sched::TellStory(trail_, NewTeller());
  const Places places(trail_.deeds(), story);
  const PageNotes notes = NotesOfPage();
  LanePage page = {.title = "schedule",
                   .heading = failure().passed() ? "passed" : failure().Signature(),
                   .body = "<p>" + notes.legend +
                           "Dashed arrows: who goes on. Blue arrows: whose effect was seen."
                           "</p>\n<pre>" +
                           EscapedLines(Draw()) + "</pre>\n",
                   .columns = places.columns(),
                   .arrows = places.Arrows()};
  for (const auto& [thread, lane] : places.lanes()) page.lanes.push_back(NameOf(thread));
  std::map<sched::ThreadId, std::size_t> open;  // bars, by thread
  for (const sched::Scene& scene : story) {
    const sched::Deed& deed = trail_.deeds()[scene.deed];
    if (deed.kind == Kind::kBegin) {
      const std::size_t place = notes.place(thread_of_[deed.thread], deed.operation);
      open[deed.thread] = page.bars.size();
      page.bars.push_back({.lane = places.LaneOf(scene.deed),
                           .begin = places.ColumnOf(scene.deed),
                           .end = places.columns(),
                           .is_pending = true,
                           .look = place == 0 ? "other" : "placed",
                           .text = (place == 0 ? "" : std::to_string(place) + ": ") + scene.text,
                           .title = scene.text});
    } else if (deed.kind == Kind::kAnswer) {
      linear::LaneBar& bar = page.bars[open[deed.thread]];
      bar.end = places.ColumnOf(scene.deed);
      bar.is_pending = false;
      bar.title += scene.text;
    } else {
      page.dots.push_back({.lane = places.LaneOf(scene.deed),
                           .column = places.ColumnOf(scene.deed),
                           .title = scene.text});
    }
  }
  return DrawLanePage(page);
}

}  // namespace slotproof
