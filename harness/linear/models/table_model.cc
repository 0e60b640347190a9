#include "harness/linear/models/table_model.h"

#include <algorithm>
#include <utility>

namespace slotproof::linear {
namespace {

constexpr std::size_t kFewestRowPlaces = 64;

}  // namespace

TableModel::TableModel(std::uint32_t keys) : keys_(keys), places_(kFewestRowPlaces), row_(keys) {
  NumberOf(row_);
}

Value TableModel::AddList(std::vector<std::uint32_t> keys) {
  std::ranges::sort(keys);
  lists_.push_back(std::move(keys));
  return static_cast<Value>(lists_.size() - 1);
}

bool TableModel::Apply(const Op& op, Result result, State* state) {
  if (result != kAnyResult) {
    if (op.code == Code::kSize && Present(*state) != result) return false;
    if (op.code == Code::kReadAll && !HasJust(*state, lists_[result])) return false;
  }
  if (!IsOfAllKeys(op.code) && !CellAnswers(op, result, Row(*state)[op.key])) return false;
  ApplyUnanswered(op, state);
  return true;
}

void TableModel::ApplyUnanswered(const Op& op, State* state) {
  if (OnlyReads(op)) return;
  const std::span<const Value> before = Row(*state);
  row_.assign(before.begin(), before.end());
  if (op.code == Code::kClear) {
    std::ranges::fill(row_, kNil);
  } else {
    ChangeCell(op, &row_[op.key]);
  }
  *state = NumberOf(row_);
}

std::uint32_t TableModel::Present(State state) const {
  const std::span<const Value> row = Row(state);
  return keys_ - static_cast<std::uint32_t>(std::ranges::count(row, kNil));
}

// The keys are in order.
bool TableModel::HasJust(State state, std::span<const std::uint32_t> keys) const {
  const std::span<const Value> row = Row(state);
  const auto is_present = [&](std::uint32_t key) { return row[key] != kNil; };
  const bool are_different = std::ranges::adjacent_find(keys) == keys.end();
  return are_different && Present(state) == keys.size() && std::ranges::all_of(keys, is_present);
}

std::size_t TableModel::PlaceOf(std::span<const Value> row) const {
  std::uint64_t hash = 0;
  for (const Value value : row) hash = Mix(hash + value + 1);
  const std::size_t mask = places_.size() - 1;
  std::size_t place = hash & mask;
  while (places_[place] != 0 && !std::ranges::equal(Row(places_[place] - 1), row)) {
    place = (place + 1) & mask;
  }
  return place;
}

TableModel::State TableModel::NumberOf(std::span<const Value> row) {
  const std::size_t place = PlaceOf(row);
  if (places_[place] != 0) return places_[place] - 1;
  rows_.insert(rows_.end(), row.begin(), row.end());
  places_[place] = ++count_;
  if (count_ > places_.size() / 2) {
    places_.assign(2 * places_.size(), 0);
    for (std::uint32_t i = 0; i < count_; ++i) places_[PlaceOf(Row(i))] = i + 1;
  }
  return count_ - 1;
}

}  // namespace slotproof::linear
