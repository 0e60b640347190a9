#ifndef SLOTPROOF_HARNESS_LINEAR_MODELS_TABLE_MODEL_H_
#define SLOTPROOF_HARNESS_LINEAR_MODELS_TABLE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/linear/model.h"
#include "harness/linear/models/cell_model.h"
#include "harness/linear/models/operation.h"

// All cells (cell_model.h) of a map or a set at once, for histories with operations of all keys:
// they cannot be judged key by key. Much slower: each key is in the state.
//
//   row 0   nil nil nil ...      the initial state
//   row 1   nil v3  nil ...      a state is the number of its row; equal rows have one number

namespace slotproof::linear {

class TableModel {
 public:
  using Op = Operation;
  using Result = linear::Result;
  using State = std::uint32_t;

  explicit TableModel(std::uint32_t keys);

  // The answer of kReadAll that these keys are.
  Value AddList(std::vector<std::uint32_t> keys);

  State Initial() const { return 0; }
  bool Apply(const Op& op, Result result, State* state);
  void ApplyUnanswered(const Op& op, State* state);
  bool OnlyReads(const Op& op) const {
    return op.code == Code::kRead || op.code == Code::kContains || op.code == Code::kSize ||
           op.code == Code::kReadAll;
  }
  bool ChangedNothing(const Op& op, Result result) const {
    return OnlyReads(op) || LeftCell(op, result);
  }
  bool Equal(State a, State b) const { return a == b; }
  std::uint64_t Hash(State state) const { return std::uint64_t{state} << 32; }
  std::size_t bytes() const {
    return rows_.size() * sizeof(Value) + places_.size() * sizeof(std::uint32_t);
  }
  std::span<const Value> Row(State state) const {
    return {rows_.data() + std::size_t{state} * keys_, keys_};
  }

 private:
  std::uint32_t Present(State state) const;
  bool HasJust(State state, std::span<const std::uint32_t> keys) const;
  State NumberOf(std::span<const Value> row);
  std::size_t PlaceOf(std::span<const Value> row) const;

  std::uint32_t keys_;
  std::vector<Value> rows_;  // one behind the other
  std::uint32_t count_ = 0;
  std::vector<std::uint32_t> places_;  // a hash set of rows: numbers from 1, 0 is free
  std::vector<Value> row_;
  std::vector<std::vector<std::uint32_t>> lists_;
};

static_assert(Model<TableModel> && CountsBytes<TableModel>);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODELS_TABLE_MODEL_H_
