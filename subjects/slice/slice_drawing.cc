#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "subjects/slice/slice_session.h"

namespace slotproof {
namespace {

constexpr std::int64_t kDrawnWhole = 16;  // cells; of a longer array only those near a bound

// One array with the slices on it.
struct Row {
  std::vector<std::size_t> slots;
  std::vector<std::optional<Token>> cells;  // nothing where no slice reaches
};

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::vector<Row> RowsOf(std::span<const DrawnSlice> slices) {
  std::vector<Row> rows;
  for (std::size_t slot = 0; slot < slices.size(); ++slot) {
    const SliceWindow& window = slices[slot].window;
    if (window.array == nullptr) continue;
    const auto known = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      return slices[row.slots.front()].window.array == window.array;
    });
    Row& row = known == rows.end() ? rows.emplace_back() : *known;
    row.slots.push_back(slot);
    const std::vector<Token>& cells = slices[slot].cells;
    const auto offset = static_cast<std::size_t>(window.offset);
    row.cells.resize(std::max(row.cells.size(), offset + cells.size()));
    std::copy(cells.begin(), cells.end(), row.cells.begin() + window.offset);
  }
  return rows;
}

// The cells to draw: all of a short array, those beside a bound of a long one.
std::vector<std::int64_t> ColumnsOf(const Row& row, std::span<const DrawnSlice> slices) {
  const auto size = static_cast<std::int64_t>(row.cells.size());
  std::set<std::int64_t> columns;
  const auto near = [&](std::int64_t bound) {
    for (std::int64_t at = bound - 2; at <= bound + 1; ++at) {
      if (at >= 0 && at < size) columns.insert(at);
    }
  };
  for (std::int64_t at = 0; size <= kDrawnWhole && at < size; ++at) columns.insert(at);
  near(0);
  near(size);
  for (const std::size_t slot : row.slots) {
    const SliceWindow& window = slices[slot].window;
    near(window.offset);
    near(window.offset + window.len);
    near(window.offset + window.cap);
  }
  return {columns.begin(), columns.end()};
}

std::string BoxText(const Row& row, std::int64_t at) {
  const std::optional<Token>& cell = row.cells[static_cast<std::size_t>(at)];
  return cell ? CellText(*cell) : "?";
}

// Where the boxes of the drawn cells stand in their line.
struct Boxes {
  std::vector<std::int64_t> cells;
  std::vector<std::size_t> left;  // of each, its '|'
  std::size_t width = 0;          // from one '|' to the next

  // The '|' before the cell, and the one after it.
  std::size_t LeftOf(std::int64_t cell) const {
    const auto at = std::lower_bound(cells.begin(), cells.end(), cell) - cells.begin();
    return left[static_cast<std::size_t>(at)];
  }
  std::size_t RightOf(std::int64_t cell) const { return LeftOf(cell) + width; }
};

Boxes BoxesOf(const Row& row, std::span<const DrawnSlice> slices) {
  constexpr std::size_t kGap = 4;
  Boxes boxes = {.cells = ColumnsOf(row, slices), .left = {}};
  for (const std::int64_t at : boxes.cells) {
    boxes.width = std::max({boxes.width, std::to_string(at).size(), BoxText(row, at).size()});
  }
  boxes.width += 2;
  std::size_t x = 0;
  std::int64_t before = -1;
  for (const std::int64_t at : boxes.cells) {
    if (at != before + 1) x += kGap;
    boxes.left.push_back(x);
    x += boxes.width;
    before = at;
  }
  return boxes;
}

void Put(std::string* line, std::size_t at, std::string_view text) {
  if (line->size() < at + text.size()) line->resize(at + text.size(), ' ');
  line->replace(at, text.size(), text);
}

// "[====)----|": what is visible, and what the capacity adds.
std::string WindowLine(const SliceWindow& window, const Boxes& boxes) {
  std::string line;
  if (window.cap == 0) return line;
  const std::size_t begin = boxes.LeftOf(window.offset);
  const std::size_t end = boxes.RightOf(window.offset + window.cap - 1);
  Put(&line, begin, "|" + std::string(end - begin - 1, '-') + "|");
  if (window.len == 0) return line;
  const std::size_t visible = boxes.RightOf(window.offset + window.len - 1);
  Put(&line, begin, "[" + std::string(visible - begin - 1, '=') + ")");
  return line;
}

std::string RowText(char name, const Row& row, std::span<const DrawnSlice> slices) {
  constexpr std::size_t kMargin = 6;
  const Boxes boxes = BoxesOf(row, slices);
  std::string indices;
  std::string values;
  for (std::size_t i = 0; i < boxes.cells.size(); ++i) {
    const std::size_t x = boxes.left[i];
    if (values.size() < x) Put(&values, values.size(), i == 0 ? "" : "...");
    Put(&indices, x + 1, std::to_string(boxes.cells[i]));
    Put(&values, x, "|" + BoxText(row, boxes.cells[i]));
    Put(&values, x + boxes.width, "|");
  }
  std::string text = Padded(std::string(1, name), kMargin) + indices + "\n";
  text += Padded("", kMargin) + values + "\n";
  for (const std::size_t slot : row.slots) {
    const SliceWindow& window = slices[slot].window;
    text += Padded(SliceName(slot), kMargin) + WindowLine(window, boxes);
    text += "  len " + std::to_string(window.len) + " cap " + std::to_string(window.cap) + "\n";
  }
  return text;
}

}  // namespace

std::string RenderSlices(std::span<const DrawnSlice> slices) {
  std::string text;
  char name = 'A';
  for (const Row& row : RowsOf(slices)) text += RowText(name++, row, slices);
  for (std::size_t slot = 0; slot < slices.size(); ++slot) {
    const SliceWindow& window = slices[slot].window;
    if (window.array != nullptr || window.nil) continue;
    text += SliceName(slot) + " has no array: len " + std::to_string(window.len) + " cap " +
            std::to_string(window.cap) + "\n";
  }
  return text.empty() ? "all slices are nil\n" : text;
}

}  // namespace slotproof
