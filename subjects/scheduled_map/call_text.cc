#include "subjects/scheduled_map/call_text.h"

namespace slotproof {
namespace {

using linear::Code;

std::string ValueName(linear::Value value) {
  return value == linear::kNil ? "absent" : "v" + std::to_string(value);
}

}  // namespace

std::string DescribeOperation(const linear::Operation& operation) {
  const std::string key = " k" + std::to_string(operation.key);
  switch (operation.code) {
    case Code::kInsert:
      return "insert" + key + " " + ValueName(operation.b);
    case Code::kDelete:
      return "delete" + key;
    case Code::kLoadOrStore:
      return "load_or_store" + key + " " + ValueName(operation.b);
    case Code::kGetAndDelete:
      return "get_and_delete" + key;
    case Code::kSwap:
      return "swap" + key + " " + ValueName(operation.b);
    case Code::kCas:
      if (operation.b == linear::kNil) {
        return "compare_and_delete" + key + " " + ValueName(operation.a);
      }
      return "compare_and_swap" + key + " " + ValueName(operation.a) + " " + ValueName(operation.b);
    default:
      return "find" + key;
  }
}

std::string DescribeResult(const linear::Operation& operation, linear::Result result) {
  const bool yes = result == linear::kTrue;
  switch (operation.code) {
    case Code::kInsert:
      return yes ? "was absent" : "was there";
    case Code::kDelete:
      return yes ? "was there" : "was absent";
    case Code::kCas:
      return !yes ? "was another" : operation.b == linear::kNil ? "deleted" : "swapped";
    default:
      return ValueName(result);
  }
}

}  // namespace slotproof
