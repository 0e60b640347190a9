#include "subjects/public_containers/judge.h"

#include <map>
#include <span>
#include <vector>

#include "harness/linear/checker.h"
#include "harness/linear/history.h"
#include "harness/linear/models/cell_model.h"
#include "harness/linear/models/queue_model.h"
#include "harness/linear/models/stack_model.h"
#include "harness/sched/unobserved.h"

namespace slotproof::public_containers {
namespace {

using linear::Answer;
using linear::Code;
using linear::kNil;
using linear::Operation;
using linear::Value;

using Record = linear::History<Operation, linear::Result>;
using Calls = std::vector<Record::Call>;

bool forgives_empty = false;

Record& TheRecord() {
  static Record record;
  return record;
}

template <class Model>
bool IsLinearizable(std::span<const Record::Call> calls) {
  Model model;
  const linear::Limits limits;
  linear::Checker<Model> checker(&model, &limits);
  if constexpr (linear::HasParts<Model>) {
    return checker.CheckParts(calls) == Answer::kLinearizable;
  } else {
    return checker.Check(calls) == Answer::kLinearizable;
  }
}

// A queue for each producer. Who was told that nothing is there looked into each of them.
bool AreStreams(std::span<const Record::Call> calls, bool empty_counts) {
  std::map<Value, Calls> streams;
  for (const Record::Call& call : calls) {
    if (call.op.code == Code::kEnqueue) streams[call.op.b / kOfProducer];
  }
  for (const Record::Call& call : calls) {
    const Value value = call.op.code == Code::kEnqueue ? call.op.b : call.result;
    if (value != kNil) {
      streams[value / kOfProducer].push_back(call);
    } else if (empty_counts) {
      for (auto& [producer, stream] : streams) stream.push_back(call);
    }
  }
  for (const auto& [producer, stream] : streams) {
    if (!IsLinearizable<linear::QueueModel>(stream)) return false;
  }
  return true;
}

Calls CallsThatCount() {
  Calls calls;
  for (const Record::Call& call : TheRecord().calls()) {
    const bool was_empty = call.op.code == Code::kDequeue && call.result == kNil;
    if (!was_empty || !forgives_empty || call.process == 0) calls.push_back(call);
  }
  return calls;
}

std::string NameOf(Code code) {
  switch (code) {
    case Code::kEnqueue:
      return "puts";
    case Code::kDequeue:
      return "takes";
    case Code::kInsert:
      return "inserts";
    case Code::kDelete:
      return "erases";
    default:
      return "finds";
  }
}

}  // namespace

void ForgiveEmpty(bool forgive) { forgives_empty = forgive; }

void StartRecord() {
  const sched::Unobserved unobserved;
  TheRecord().Clear();
}

void Ask(std::uint32_t thread, const Operation& operation) {
  const sched::Unobserved unobserved;
  TheRecord().Begin(thread, operation);
}

void Answer(std::uint32_t thread, linear::Result result) {
  const sched::Unobserved unobserved;
  TheRecord().End(thread, result);
}

bool Kept(Contract contract) {
  const sched::Unobserved unobserved;
  const Calls calls = CallsThatCount();
  switch (contract) {
    case Contract::kQueue:
      return IsLinearizable<linear::QueueModel>(calls);
    case Contract::kStack:
      return IsLinearizable<linear::StackModel>(calls);
    case Contract::kMap:
      return IsLinearizable<linear::CellModel>(calls);
    case Contract::kStreams:
      return AreStreams(calls, false);
    case Contract::kStreamsOrEmpty:
      return AreStreams(calls, true);
  }
  return false;
}

std::string DrawRecord() {
  std::string text;
  for (const Record::Call& call : TheRecord().calls()) {
    text += "t" + std::to_string(call.process) + " " + NameOf(call.op.code);
    if (call.op.key != 0) text += " k" + std::to_string(call.op.key);
    if (call.op.b != kNil) text += " " + std::to_string(call.op.b);
    if (call.op.code != Code::kEnqueue) text += ": " + std::to_string(call.result);
    text += " (" + std::to_string(call.invoked) + " to " + std::to_string(call.responded) + ")\n";
  }
  return text;
}

}  // namespace slotproof::public_containers
