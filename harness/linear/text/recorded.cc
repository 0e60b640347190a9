#include "harness/linear/text/recorded.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "harness/base/suggest.h"

namespace slotproof::linear {
namespace {

using Kind = Event::Kind;

constexpr std::array<std::string_view, 6> kModels = {"register", "registers", "set",
                                                     "queue",    "kv",        "map"};

constexpr Function kFunctions[] = {
    {"register", "read", Code::kRead, false, 0, Answers::kValue},
    {"register", "write", Code::kWrite, false, 1, Answers::kNothing},
    {"register", "cas", Code::kCas, false, 2, Answers::kWhether},
    {"registers", "read", Code::kRead, true, 0, Answers::kValue},
    {"registers", "write", Code::kWrite, true, 1, Answers::kNothing},
    {"registers", "cas", Code::kCas, true, 2, Answers::kWhether},
    {"set", "add", Code::kInsert, true, 0, Answers::kMaybeWhether},
    {"set", "remove", Code::kDelete, true, 0, Answers::kMaybeWhether},
    {"set", "contains", Code::kContains, true, 0, Answers::kWhether},
    {"set", "read", Code::kReadAll, false, 0, Answers::kKeys},
    {"queue", "enqueue", Code::kEnqueue, false, 1, Answers::kNothing},
    {"queue", "dequeue", Code::kDequeue, false, 0, Answers::kValue},
    {"kv", "get", Code::kRead, true, 0, Answers::kValue},
    {"kv", "put", Code::kWrite, true, 1, Answers::kNothing},
    {"kv", "append", Code::kAppend, true, 1, Answers::kNothing},
    {"map", "insert", Code::kInsert, true, 1, Answers::kMaybeWhether},
    {"map", "find", Code::kRead, true, 0, Answers::kValue},
    {"map", "delete", Code::kDelete, true, 0, Answers::kMaybeWhether},
    {"map", "contains", Code::kContains, true, 0, Answers::kWhether},
    {"map", "cas", Code::kCas, true, 2, Answers::kWhether},
    {"map", "load_or_store", Code::kLoadOrStore, true, 1, Answers::kValue},
    {"map", "get_and_delete", Code::kGetAndDelete, true, 0, Answers::kValue},
    {"map", "size", Code::kSize, false, 0, Answers::kCount},
    {"map", "clear", Code::kClear, false, 0, Answers::kNothing},
};

// Numbers for texts, in the order in which they come.
class Names {
 public:
  std::uint32_t NumberOf(const std::string& text) {
    const auto [place, is_new] =
        numbers_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
    if (is_new) texts_.push_back(text);
    return place->second;
  }
  std::vector<std::string> Release() { return std::move(texts_); }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> texts_;
};

bool IsSequence(const Edn& form) {
  return form.Is(Edn::Kind::kVector) || form.Is(Edn::Kind::kList);
}

class Recorder {
 public:
  Recorder(std::string_view file, std::string_view model, std::span<const Event> events)
      : file_(file), events_(events) {
    recorded_.model = model;
    for (const char* const text : {"nil", "false", "true"}) values_.NumberOf(text);
  }

  Expected<Recorded> Run() {
    if (!MatchCompletions()) return Unexpected(std::move(error_));
    FindLists();
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (!Add(i)) return Unexpected(std::move(error_));
    }
    recorded_.processes = processes_.Release();
    recorded_.keys = keys_.Release();
    recorded_.values = values_.Release();
    return std::move(recorded_);
  }

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  // Always false, so that a step can return it.
  bool Fail(Position at, std::string_view message) {
    error_ = PositionIn(file_, at).append(message);
    return false;
  }

  // Which event answers each invocation.
  bool MatchCompletions() {
    other_.assign(events_.size(), kNone);
    std::unordered_map<std::string_view, std::size_t> open;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      const Event& event = events_[i];
      const auto begun = open.find(event.process);
      if (event.kind == Kind::kInvoke) {
        if (begun != open.end()) return Fail(event.at, BeganTwice(event, events_[begun->second]));
        open.emplace(event.process, i);
        continue;
      }
      if (begun == open.end()) {
        // A process may say things of which no operation is the reason.
        if (event.kind == Kind::kInfo) continue;
        return Fail(event.at, fmt::format("{} has begun nothing that could be answered; its "
                                          "invocation must come before",
                                          Quoted(event.process)));
      }
      other_[i] = begun->second;
      other_[begun->second] = i;
      open.erase(begun);
    }
    return true;
  }

  static std::string BeganTwice(const Event& event, const Event& before) {
    return fmt::format(
        "{} begins an operation while that of line {} is not answered; if it never was, write info "
        "before",
        Quoted(event.process), before.at.line);
  }

  // In a store with append one list makes lists of all values.
  void FindLists() {
    if (recorded_.model != "kv") return;
    for (const Event& event : events_) {
      const bool stores = event.kind == Kind::kInvoke && event.function == "put";
      if (stores && event.operands.size() == 2 && IsSequence(event.operands[1])) {
        recorded_.has_lists = true;
      }
      if (event.result && IsSequence(*event.result)) recorded_.has_lists = true;
    }
  }

  bool Add(std::size_t i) {
    const Event& event = events_[i];
    const std::size_t other = other_[i];
    if (event.kind == Kind::kInvoke) {
      const bool never_happened = other != kNone && events_[other].kind == Kind::kFail;
      return never_happened || Begin(event, other == kNone ? nullptr : &events_[other]);
    }
    if (other == kNone || event.kind == Kind::kFail) return true;
    const std::uint32_t process = processes_.NumberOf(event.process);
    if (event.kind == Kind::kInfo) {
      recorded_.history.GiveUp(process);
      return true;
    }
    Result result = kAnyResult;
    if (!ReadResult(event, *FindFunction(recorded_.model, events_[other].function), &result)) {
      return false;
    }
    recorded_.history.End(process, result);
    return true;
  }

  bool Begin(const Event& event, const Event* completion) {
    const Function* const function = FindFunction(recorded_.model, event.function);
    if (function == nullptr) {
      return Fail(
          event.function_at,
          fmt::format("unknown operation {} of the model {}{}", Quoted(event.function),
                      recorded_.model, Suggestion(event.function, FunctionNames(recorded_.model))));
    }
    const std::size_t wanted = function->values + (function->has_key ? 1u : 0u);
    if (event.operands.size() != wanted) {
      return Fail(event.function_at, fmt::format("\"{}\" takes {} and has {}", function->name,
                                                 Wanted(*function), event.operands.size()));
    }
    Operation op = {.code = function->code};
    std::span<const Edn> operands = event.operands;
    if (function->has_key) {
      op.key = keys_.NumberOf(Print(operands.front()));
      operands = operands.subspan(1);
    }
    if (recorded_.model == "set") op.b = kTrue;
    if (operands.size() == 2 && !ReadValue(operands.front(), *function, &op.a)) return false;
    if (!operands.empty() && !ReadValue(operands.back(), *function, &op.b)) return false;
    recorded_.labels.push_back(Label(event, completion));
    recorded_.lines.push_back(event.at.line);
    recorded_.history.Begin(processes_.NumberOf(event.process), op);
    return true;
  }

  static std::string Wanted(const Function& function) {
    std::string text = function.has_key ? "a key" : "";
    if (function.values == 0) return text.empty() ? "nothing" : text;
    if (!text.empty()) text += " and ";
    return text + (function.values == 1 ? "one value" : "two values");
  }

  static std::string Label(const Event& event, const Event* completion) {
    std::string label = event.function;
    for (const Edn& operand : event.operands) label += " " + Print(operand);
    if (completion == nullptr || completion->kind == Kind::kInfo) return label + " -> ?";
    if (completion->result) label += " -> " + Print(*completion->result);
    return label;
  }

  bool ReadValue(const Edn& form, const Function& function, Value* value) {
    if (recorded_.model == "kv") return ReadItems(form, function.code == Code::kAppend, value);
    const bool is_nil = form.Is(Edn::Kind::kNil);
    if (is_nil && (recorded_.model == "map" || recorded_.model == "queue")) {
      return Fail(form.at, fmt::format("nil is what a {} answers when there is nothing; it cannot "
                                       "hold it as a value",
                                       recorded_.model));
    }
    *value = values_.NumberOf(Print(form));
    return true;
  }

  // Of a store with append: a list or a text, or one more element.
  bool ReadItems(const Edn& form, bool is_element, Value* value) {
    std::vector<Sequences::Item> items;
    if (!recorded_.has_lists) {
      const std::string text = form.Is(Edn::Kind::kNil)      ? ""
                               : form.Is(Edn::Kind::kString) ? form.text
                                                             : Print(form);
      for (const char c : text) items.push_back(static_cast<unsigned char>(c));
    } else if (is_element) {
      items.push_back(values_.NumberOf(Print(form)));
    } else if (IsSequence(form)) {
      for (const Edn& item : form.items) items.push_back(values_.NumberOf(Print(item)));
    } else if (!form.Is(Edn::Kind::kNil)) {
      return Fail(form.at, fmt::format("{} is no list, and other values in this history are; write "
                                       "[{}]",
                                       Quoted(Print(form)), Print(form)));
    }
    *value = recorded_.append.Add(items);
    return true;
  }

  bool ReadResult(const Event& event, const Function& function, Result* result) {
    const auto fail = [&](std::string_view wanted) {
      return Fail(event.result ? event.result->at : event.at,
                  fmt::format("{} is answered with {}", Quoted(function.name), wanted));
    };
    const Edn* const form = event.result ? &*event.result : nullptr;
    switch (function.answers) {
      case Answers::kNothing:
        return true;
      case Answers::kWhether:
      case Answers::kMaybeWhether:
        if (form == nullptr && function.answers == Answers::kMaybeWhether) return true;
        if (form == nullptr || !form->Is(Edn::Kind::kBool)) return fail("true or false");
        *result = form->text == "true" ? kTrue : kFalse;
        return true;
      case Answers::kValue:
        if (form == nullptr) return fail("a value; nil if there was none");
        if (recorded_.model == "kv") return ReadItems(*form, /*is_element=*/false, result);
        *result = values_.NumberOf(Print(*form));
        return true;
      case Answers::kCount:
        return (form != nullptr && ReadCount(*form, result)) || fail("a number of keys");
      case Answers::kKeys:
        if (form == nullptr || !(IsSequence(*form) || form->Is(Edn::Kind::kSet))) {
          return fail("all elements: [1 2 3] or #{1 2 3}");
        }
        *result = static_cast<Result>(recorded_.lists.size());
        recorded_.lists.emplace_back();
        for (const Edn& item : form->items) {
          recorded_.lists.back().push_back(keys_.NumberOf(Print(item)));
        }
        return true;
    }
    return true;
  }

  static bool ReadCount(const Edn& form, Result* result) {
    const char* const end = form.text.data() + form.text.size();
    const auto [stop, error] = std::from_chars(form.text.data(), end, *result);
    return error == std::errc() && stop == end && *result != kAnyResult;
  }

  std::string_view file_;
  std::span<const Event> events_;
  Recorded recorded_;
  std::vector<std::size_t> other_;  // the invocation's completion, and the other way round
  Names processes_;
  Names keys_;
  Names values_;
  std::string error_;
};

}  // namespace

std::span<const std::string_view> ModelNames() { return kModels; }

const Function* FindFunction(std::string_view model, std::string_view name) {
  const auto found = std::ranges::find_if(kFunctions, [&](const Function& function) {
    return function.model == model && function.name == name;
  });
  return found == std::end(kFunctions) ? nullptr : &*found;
}

std::vector<std::string_view> FunctionNames(std::string_view model) {
  std::vector<std::string_view> names;
  for (const Function& function : kFunctions) {
    if (function.model == model) names.push_back(function.name);
  }
  return names;
}

std::string UnknownModel(std::string_view name) {
  return fmt::format("unknown model {}{}", Quoted(name), Suggestion(name, kModels));
}

Expected<Recorded> Record(std::string_view file, std::string_view model,
                          std::span<const Event> events) {
  return Recorder(file, model, events).Run();
}

}  // namespace slotproof::linear
