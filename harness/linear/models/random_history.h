#ifndef SLOTPROOF_HARNESS_LINEAR_MODELS_RANDOM_HISTORY_H_
#define SLOTPROOF_HARNESS_LINEAR_MODELS_RANDOM_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "harness/linear/history.h"
#include "harness/linear/models/append_model.h"
#include "harness/linear/models/operation.h"

// Histories that are linearizable by the way they are made: some processes take turns at random,
// and at each turn one begins a call, or it takes effect on a real object, or it is answered. And
// the same with one wrong answer in them, which no order explains.

namespace slotproof::linear {

enum class Object : std::uint8_t { kRegister, kMap, kSet, kQueue, kAppend };

struct RandomOptions {
  Object object = Object::kRegister;
  std::uint32_t processes = 10;
  std::size_t calls = 100;
  std::uint32_t keys = 1;
  // Of these many values; 0: each write stores one of its own.
  std::uint32_t values = 0;
  // How often a call is not answered, and its process replaced.
  unsigned lost_percent = 0;
  std::uint64_t seed = 1;
};

using Calls = std::vector<Call<Operation, Result>>;

class RandomHistory {
 public:
  // Of kAppend the values are those of `append`, which is not used otherwise.
  explicit RandomHistory(const RandomOptions& options, AppendModel* append = nullptr)
      : options_(options),
        append_(append),
        random_(options.seed),
        cells_(options.keys, kNil),
        clients_(options.processes) {}

  Calls Make() {
    for (std::uint32_t i = 0; i < options_.processes; ++i) clients_[i].process = i;
    processes_ = options_.processes;
    std::size_t begun = 0;
    std::size_t under_way = 0;
    while (begun < options_.calls || under_way != 0) {
      Client& client = clients_[Draw(options_.processes)];
      if (!client.op) {
        if (begun == options_.calls) continue;
        client.op = DrawOperation();
        client.result.reset();
        history_.Begin(client.process, *client.op);
        ++begun;
        ++under_way;
      } else if (Draw(100) < options_.lost_percent / 2) {
        // Before or after it took effect.
        client.op.reset();
        client.process = processes_++;
        --under_way;
      } else if (!client.result) {
        client.result = Perform(*client.op);
      } else {
        history_.End(client.process, *client.result);
        client.op.reset();
        --under_way;
      }
    }
    const auto calls = history_.calls();
    return {calls.begin(), calls.end()};
  }

 private:
  struct Client {
    std::uint32_t process = 0;
    std::optional<Operation> op;
    std::optional<Result> result;  // when it took effect
  };

  std::uint32_t Draw(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  // Above kTrue.
  Value DrawValue() { return 3 + (options_.values == 0 ? next_value_++ : Draw(options_.values)); }

  Operation DrawOperation() {
    Operation op = {.key = Draw(options_.keys)};
    const std::uint32_t die = Draw(10);
    switch (options_.object) {
      case Object::kRegister:
        op.code = die < 5 ? Code::kRead : die < 8 ? Code::kWrite : Code::kCas;
        if (op.code == Code::kCas) op.a = Draw(4) == 0 ? DrawValue() : cells_[op.key];
        break;
      case Object::kMap:
        op.code = die < 5 ? Code::kRead : die < 8 ? Code::kInsert : Code::kDelete;
        break;
      case Object::kSet:
        op.code = die < 4 ? Code::kContains : die < 7 ? Code::kInsert : Code::kDelete;
        break;
      case Object::kQueue:
        op = {.code = die < 5 ? Code::kEnqueue : Code::kDequeue};
        break;
      case Object::kAppend:
        op.code = die < 5 ? Code::kRead : die < 9 ? Code::kAppend : Code::kWrite;
        break;
    }
    if (options_.object == Object::kSet) {
      op.b = op.code == Code::kInsert ? kTrue : kNil;
    } else if (op.code != Code::kRead && op.code != Code::kDelete && op.code != Code::kDequeue) {
      op.b = DrawValue();
      if (append_ != nullptr) op.b = append_->Add(std::vector<Sequences::Item>{op.b});
    }
    return op;
  }

  static Result Whether(bool it_was) { return it_was ? kTrue : kFalse; }

  Result Perform(const Operation& op) {
    Value& cell = cells_[op.key];
    const Value before = cell;
    switch (op.code) {
      case Code::kWrite:
        cell = op.b;
        return kAnyResult;
      case Code::kCas:
        if (before == op.a) cell = op.b;
        return Whether(before == op.a);
      case Code::kInsert:
        cell = op.b;
        return Whether(before == kNil);
      case Code::kDelete:
        cell = kNil;
        return Whether(before != kNil);
      case Code::kContains:
        return Whether(before != kNil);
      case Code::kAppend:
        append_->ApplyUnanswered(op, &cell);
        return kAnyResult;
      case Code::kEnqueue:
        queue_.push_back(op.b);
        return kAnyResult;
      case Code::kDequeue:
        return Dequeue();
      default:
        return before;
    }
  }

  Result Dequeue() {
    if (queue_.empty()) return kNil;
    const Value head = queue_.front();
    queue_.pop_front();
    return head;
  }

  const RandomOptions options_;
  AppendModel* append_;
  std::mt19937_64 random_;
  History<Operation, Result> history_;
  std::vector<Value> cells_;
  std::deque<Value> queue_;
  std::vector<Client> clients_;
  std::uint32_t processes_ = 0;
  Value next_value_ = 0;
};

inline bool TellsAValue(const Call<Operation, Result>& call) {
  return !call.pending() && (call.op.code == Code::kRead || call.op.code == Code::kDequeue);
}

// A look-up after three quarters of the history answers what nobody stored. Nothing where there is
// no such look-up.
inline std::optional<std::size_t> PlantUnknownValue(Value unknown, Calls* calls) {
  for (std::size_t i = calls->size() * 3 / 4; i < calls->size(); ++i) {
    if (!TellsAValue((*calls)[i])) continue;
    (*calls)[i].result = unknown;
    return i;
  }
  return std::nullopt;
}

// A look-up after three quarters of the history answers what its key held before a write that was
// over before. Each write must have stored a value of its own, and its answer must not matter.
inline std::optional<std::size_t> PlantStaleValue(Calls* calls) {
  for (std::size_t i = calls->size() * 3 / 4; i < calls->size(); ++i) {
    Call<Operation, Result>& look_up = (*calls)[i];
    if (look_up.pending() || look_up.op.code != Code::kRead) continue;
    const auto is_write_before = [&](const Call<Operation, Result>& call, std::uint32_t event) {
      const bool writes = call.op.code == Code::kWrite || call.op.code == Code::kInsert;
      return writes && call.op.key == look_up.op.key && call.responded < event;
    };
    const Call<Operation, Result>* last = nullptr;
    for (std::size_t j = i; j-- > 0;) {
      const Call<Operation, Result>& call = (*calls)[j];
      if (last == nullptr) {
        if (is_write_before(call, look_up.invoked)) last = &call;
      } else if (is_write_before(call, last->invoked)) {
        look_up.result = call.op.b;
        return i;
      }
    }
  }
  return std::nullopt;
}

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODELS_RANDOM_HISTORY_H_
