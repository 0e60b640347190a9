// How fast histories are judged: generated ones of ten clients, right and with one wrong answer in
// them, and very short ones, as an engine makes them by the thousand.
//
//   linear_bench check OBJECT CALLS KEYS WHAT     WHAT: right, stale, unknown
//   linear_bench minimal OBJECT CALLS KEYS WHAT   the time until the part is minimal, too
//   linear_bench small CALLS HISTORIES            registers, three processes
//   linear_bench write OBJECT CALLS KEYS WHAT     the history as text (harness/linear/text), to be
//                                                 judged by others
//
// The checksum is the verdict: 0 linearizable, 1 not, 2 unknown.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "bench/result.h"
#include "harness/linear/checker.h"
#include "harness/linear/minimal.h"
#include "harness/linear/models/append_model.h"
#include "harness/linear/models/cell_model.h"
#include "harness/linear/models/queue_model.h"
#include "harness/linear/models/random_history.h"

namespace slotproof::linear {
namespace {

constexpr Value kUnknownValue = 2'000'000'000;
constexpr std::array<std::pair<std::string_view, Object>, 5> kObjects = {{
    {"register", Object::kRegister},
    {"map", Object::kMap},
    {"set", Object::kSet},
    {"queue", Object::kQueue},
    {"append", Object::kAppend},
}};

struct Case {
  Object object = Object::kRegister;
  std::size_t calls = 0;
  std::uint32_t keys = 1;
  std::string_view what;
};

[[noreturn]] void Fail(std::string_view message) {
  fmt::print(stderr, "linear_bench: {}\n", message);
  std::exit(2);
}

Calls MakeHistory(const Case& one, AppendModel* append) {
  Calls calls = RandomHistory({.object = one.object, .calls = one.calls, .keys = one.keys},
                              one.object == Object::kAppend ? append : nullptr)
                    .Make();
  std::optional<std::size_t> place = 0;
  if (one.what == "stale") place = PlantStaleValue(&calls);
  if (one.what == "unknown") {
    const bool is_text = one.object == Object::kAppend;
    place = PlantUnknownValue(
        is_text ? append->Add(std::vector<Sequences::Item>{kUnknownValue}) : kUnknownValue, &calls);
  }
  if (!place) Fail("nothing in this history can be answered so");
  return calls;
}

template <Model M>
void Judge(M* model, const Calls& calls, std::string_view name, bool is_minimal) {
  const Limits limits;
  Checker<M> checker(model, &limits);
  const Stopwatch watch;
  Answer answer = Answer::kUnknown;
  if constexpr (HasParts<M>) {
    answer = checker.CheckParts(calls);
  } else {
    answer = checker.Check(calls);
  }
  const double seconds = watch.Seconds();
  if (!is_minimal) {
    PrintResult(std::string(name).c_str(), calls.size(), seconds,
                static_cast<std::uint64_t>(answer));
    return;
  }
  if (answer != Answer::kNot) Fail("this history has no part that cannot be explained");
  Calls part;
  for (const auto& call : calls) {
    if constexpr (HasParts<M>) {
      if (model->Part(call.op) != checker.part()) continue;
    }
    part.push_back(call);
  }
  Minimizer<M> minimizer(model, {});
  const auto minimal = minimizer.Run(part, checker.visited(), calls[checker.stuck()]);
  PrintResult(std::string(name).c_str(), calls.size(), watch.Seconds(), minimal.calls.size());
}

void Run(const Case& one, std::string_view name, bool is_minimal) {
  AppendModel append;
  const Calls calls = MakeHistory(one, &append);
  CellModel cells;
  QueueModel queue;
  switch (one.object) {
    case Object::kQueue:
      return Judge(&queue, calls, name, is_minimal);
    case Object::kAppend:
      return Judge(&append, calls, name, is_minimal);
    default:
      return Judge(&cells, calls, name, is_minimal);
  }
}

// All histories are made before, and judged by one checker.
void RunSmall(std::size_t calls, std::size_t histories) {
  std::vector<Calls> all;
  for (std::size_t i = 0; i < 1'000; ++i) {
    all.push_back(
        RandomHistory({.processes = 3, .calls = calls, .values = 3, .seed = i + 1}).Make());
    if (i % 2 == 0) PlantUnknownValue(kUnknownValue, &all.back());
  }
  CellModel model;
  const Limits limits;
  Checker<CellModel> checker(&model, &limits);
  std::uint64_t wrong = 0;
  const Stopwatch watch;
  for (std::size_t i = 0; i < histories; ++i) {
    wrong += checker.Check(all[i % all.size()]) == Answer::kNot;
  }
  PrintResult("small", histories, watch.Seconds(), wrong);
}

std::string_view WordOf(Object object, Code code) {
  const bool is_map = object == Object::kMap;
  switch (code) {
    case Code::kRead:
      return is_map ? "find" : object == Object::kAppend ? "get" : "read";
    case Code::kWrite:
      return object == Object::kAppend ? "put" : "write";
    case Code::kCas:
      return "cas";
    case Code::kInsert:
      return is_map ? "insert" : "add";
    case Code::kDelete:
      return is_map ? "delete" : "remove";
    case Code::kContains:
      return "contains";
    case Code::kAppend:
      return "append";
    case Code::kEnqueue:
      return "enqueue";
    default:
      return "dequeue";
  }
}

std::string ValueText(const Case& one, const AppendModel& append, Value value) {
  if (one.object != Object::kAppend) return value == kNil ? "nil" : fmt::format("{}", value);
  std::string text = "\"";
  for (const Sequences::Item item : append.Items(value)) text += fmt::format("{},", item);
  return text + "\"";
}

void Write(const Case& one) {
  AppendModel append;
  const Calls calls = MakeHistory(one, &append);
  std::vector<std::string> events(2 * calls.size());
  for (const auto& call : calls) {
    const bool has_key = one.object != Object::kQueue && one.object != Object::kRegister;
    std::string& begin = events[call.invoked];
    begin = fmt::format("p{} invoke {}", call.process, WordOf(one.object, call.op.code));
    if (has_key) begin += fmt::format(" k{}", call.op.key);
    if (call.op.a != kNil || call.op.code == Code::kCas) {
      begin += " " + ValueText(one, append, call.op.a);
    }
    const bool has_value = call.op.b != kNil && one.object != Object::kSet;
    if (has_value) begin += " " + ValueText(one, append, call.op.b);
    std::string& end = events[call.responded];
    end = fmt::format("p{} ok", call.process);
    if (call.result == kAnyResult) continue;
    end += TellsAValue(call) ? " " + ValueText(one, append, call.result)
                             : (call.result == kTrue ? " true" : " false");
  }
  constexpr std::array<std::string_view, 5> kModels = {"register", "map", "set", "queue", "kv"};
  fmt::print("slotproof-history 1\nmodel {}\n", kModels[static_cast<std::size_t>(one.object)]);
  for (const std::string& event : events) fmt::print("{}\n", event);
}

int Main(const std::vector<std::string_view>& words) {
  const auto number = [&](std::size_t i) {
    return static_cast<std::size_t>(std::strtoull(words[i].data(), nullptr, 10));
  };
  if (words.size() == 3 && words[0] == "small") {
    RunSmall(number(1), number(2));
    return 0;
  }
  if (words.size() != 5) Fail("see the top of bench/linear_bench.cc");
  for (const auto& [name, object] : kObjects) {
    if (name != words[1]) continue;
    const Case one = {.object = object,
                      .calls = number(2),
                      .keys = static_cast<std::uint32_t>(number(3)),
                      .what = words[4]};
    if (words[0] == "write") {
      Write(one);
    } else {
      Run(one, fmt::format("{}/{}", name, one.what), words[0] == "minimal");
    }
    return 0;
  }
  Fail("unknown object");
}

}  // namespace
}  // namespace slotproof::linear

int main(int argc, char** argv) { return slotproof::linear::Main({argv + 1, argv + argc}); }
