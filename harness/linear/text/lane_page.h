#ifndef SLOTPROOF_HARNESS_LINEAR_TEXT_LANE_PAGE_H_
#define SLOTPROOF_HARNESS_LINEAR_TEXT_LANE_PAGE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// A page of HTML that needs no other file: a lane a process, time from left to right in columns, a
// bar a call, and what else there is to see between the columns.
//
//   t0  [1: insert k0 v1 --o-------------o--]
//                           \           ^
//   t1                       [2: delete k0]

namespace slotproof::linear {

struct LaneBar {
  std::size_t lane = 0;
  std::size_t begin = 0;  // columns
  std::size_t end = 0;
  bool is_pending = false;
  std::string_view look;  // "placed", "minimal", "stuck" or "other"
  std::string text;       // as much of it as fits
  std::string title;      // shown under the pointer
};

// Something that happens in a lane at one time.
struct LaneDot {
  std::size_t lane = 0;
  std::size_t column = 0;
  std::string title;
};

struct LaneArrow {
  std::size_t from_lane = 0;
  std::size_t from_column = 0;
  std::size_t to_lane = 0;
  std::size_t to_column = 0;
  std::string_view look;  // "switch" or "saw"
};

struct LanePage {
  std::string title;  // of the window
  std::string heading = {};
  std::string body = {};  // paragraphs of HTML, above the picture
  std::vector<std::string> lanes = {};
  std::size_t columns = 0;
  std::vector<LaneBar> bars = {};
  std::vector<LaneDot> dots = {};
  std::vector<LaneArrow> arrows = {};
};

// Text as HTML has it.
std::string Escaped(std::string_view text);

std::string DrawLanePage(const LanePage& page);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_TEXT_LANE_PAGE_H_
