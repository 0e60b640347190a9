#ifndef SLOTPROOF_HARNESS_LINEAR_TEXT_RECORDED_H_
#define SLOTPROOF_HARNESS_LINEAR_TEXT_RECORDED_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/error.h"
#include "harness/linear/history.h"
#include "harness/linear/models/append_model.h"
#include "harness/linear/models/operation.h"
#include "harness/linear/text/edn.h"

// A history that somebody recorded, as the checker takes it and as people read it. What a file has
// is events, in either of two notations (text_form.h, jepsen.h); here they become calls of a model.

namespace slotproof::linear {

// One line of a file.
struct Event {
  enum class Kind : std::uint8_t {
    kInvoke,
    kOk,
    kFail,  // it did not happen
    kInfo,  // nobody knows whether it happened
  };

  Kind kind = Kind::kInvoke;
  std::string process;
  std::string function;       // of an invocation
  std::vector<Edn> operands;  // of an invocation: key first, where there is one
  std::optional<Edn> result;  // of kOk
  Position at;                // of the line
  Position function_at;
};

// What an operation answers.
enum class Answers : std::uint8_t { kNothing, kWhether, kMaybeWhether, kValue, kCount, kKeys };

struct Function {
  std::string_view model;
  std::string_view name;
  Code code = Code::kRead;
  bool has_key = false;
  std::size_t values = 0;
  Answers answers = Answers::kNothing;
};

// "register", "set", ...: each once.
std::span<const std::string_view> ModelNames();
const Function* FindFunction(std::string_view model, std::string_view name);
// Those of a model.
std::vector<std::string_view> FunctionNames(std::string_view model);

struct Recorded {
  std::string model;
  History<Operation, Result> history;
  // By call.
  std::vector<std::string> labels;  // "cas 1 2 -> true"
  std::vector<std::size_t> lines;   // of its invocation
  // By number.
  std::vector<std::string> processes;
  std::vector<std::string> keys;
  std::vector<std::string> values;
  std::vector<std::vector<std::uint32_t>> lists;  // the results of kReadAll
  // Of model kv alone, with the values of its operations.
  AppendModel append;
  bool has_lists = false;  // its values are lists, not texts
};

// `file` is what errors name.
Expected<Recorded> Record(std::string_view file, std::string_view model,
                          std::span<const Event> events);

// The error for a model that is none.
std::string UnknownModel(std::string_view name);

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_TEXT_RECORDED_H_
