#include "harness/linear/text/jepsen.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/base/suggest.h"
#include "harness/linear/text/edn.h"

namespace slotproof::linear {
namespace {

using Kind = Event::Kind;

// By Event::Kind.
constexpr std::array<std::string_view, 4> kTypes = {"invoke", "ok", "fail", "info"};

// What Jepsen's own tests call some operations.
struct Alias {
  std::string_view name;
  std::string_view meant;
};
constexpr std::array<Alias, 2> kAliases = {{{"r", "read"}, {"w", "write"}}};

// An event whose value is not yet taken apart.
struct Raw {
  Event event;
  std::optional<Edn> key;
  std::optional<Edn> value;
};

class JepsenReader {
 public:
  JepsenReader(std::string_view file, std::string_view model, bool is_keyed)
      : file_(file), model_(model), is_keyed_(is_keyed) {}

  Expected<Recorded> Read(std::string_view text) {
    EdnReader reader(file_, text);
    for (;;) {
      auto form = reader.Next();
      if (!form) return Unexpected(std::move(form.error().message));
      if (!form->has_value()) break;
      if (!ReadForm(std::move(**form), /*is_inner=*/false)) return Unexpected(std::move(error_));
    }
    if (events_.empty()) {
      return Unexpected(PositionIn(file_, {}) +
                        "no event is here; one is {:process 0 :type :invoke :f :read :value nil}");
    }
    if (model_.empty() && !ChooseModel()) return Unexpected(std::move(error_));
    std::vector<Event> events;
    for (Raw& raw : events_) {
      if (!TakeApart(&raw)) return Unexpected(std::move(error_));
      events.push_back(std::move(raw.event));
    }
    return Record(file_, model_, events);
  }

 private:
  // Always false, so that a step can return it.
  bool Fail(Position at, std::string_view message) {
    error_ = PositionIn(file_, at).append(message);
    return false;
  }

  bool ReadForm(Edn form, bool is_inner) {
    if (form.Is(Edn::Kind::kMap)) return ReadEvent(form);
    if (is_inner || !(form.Is(Edn::Kind::kVector) || form.Is(Edn::Kind::kList))) {
      return Fail(form.at, fmt::format("{} is no event; one is a map: {{:process 0 :type :invoke "
                                       ":f :read :value nil}}",
                                       Quoted(Print(form))));
    }
    for (Edn& item : form.items) {
      if (!ReadForm(std::move(item), /*is_inner=*/true)) return false;
    }
    return true;
  }

  bool ReadEvent(const Edn& form) {
    const Edn* const process = form.Find("process");
    if (process == nullptr) return Fail(form.at, "this event names no :process; write its number");
    if (!process->Is(Edn::Kind::kNumber)) return true;
    Raw raw;
    raw.event.process = Print(*process);
    raw.event.at = form.at;
    raw.event.function_at = form.at;
    const Edn* const type = form.Find("type");
    const auto known = type != nullptr && type->Is(Edn::Kind::kKeyword)
                           ? std::ranges::find(kTypes, type->text)
                           : kTypes.end();
    if (known == kTypes.end()) {
      return Fail(type == nullptr ? form.at : type->at,
                  "the :type of an event is :invoke, :ok, :fail or :info");
    }
    raw.event.kind = static_cast<Kind>(known - kTypes.begin());
    if (const Edn* const function = form.Find("f")) {
      raw.event.function = function->text;
      raw.event.function_at = function->at;
      for (const Alias& alias : kAliases) {
        if (raw.event.function == alias.name) raw.event.function = alias.meant;
      }
    } else if (raw.event.kind == Kind::kInvoke) {
      return Fail(form.at, "this invocation has no :f that names its operation");
    }
    if (const Edn* const key = form.Find("key")) raw.key = *key;
    if (const Edn* const value = form.Find("value")) raw.value = *value;
    events_.push_back(std::move(raw));
    return true;
  }

  // The first model that has all operations.
  bool ChooseModel() {
    const bool has_keys = is_keyed_ || std::ranges::any_of(events_, [](const Raw& raw) {
                            return raw.key.has_value();
                          });
    const Raw* unknown = nullptr;
    for (const std::string_view model : ModelNames()) {
      if (has_keys && (model == "register" || model == "queue")) continue;
      const auto first = std::ranges::find_if(events_, [&](const Raw& raw) {
        return raw.event.kind == Kind::kInvoke &&
               FindFunction(model, raw.event.function) == nullptr;
      });
      if (first == events_.end()) {
        model_ = model;
        return true;
      }
      // The model that goes furthest is probably the one that is meant.
      if (unknown == nullptr || &*first > unknown) unknown = &*first;
    }
    return Fail(
        unknown->event.function_at,
        fmt::format("no model has the operation {} and those before it; say which is meant: "
                    "--model NAME",
                    Quoted(unknown->event.function)));
  }

  // The value as operands or as an answer.
  bool TakeApart(Raw* raw) {
    Event& event = raw->event;
    if (event.kind == Kind::kInvoke) {
      has_key_inside_[event.process] = false;
      const Function* const function = FindFunction(model_, event.function);
      // Record() says what is wrong with it.
      if (function == nullptr) return true;
      return TakeOperands(*function, raw);
    }
    const auto inside = has_key_inside_.find(event.process);
    if (event.kind != Kind::kOk) return true;
    if (!raw->value) raw->value = Edn{};
    const bool has_key = inside != has_key_inside_.end() && inside->second;
    if (has_key && raw->value->Is(Edn::Kind::kVector) && raw->value->items.size() == 2) {
      event.result = std::move(raw->value->items[1]);
    } else {
      event.result = std::move(raw->value);
    }
    return FitAnswer(&event);
  }

  bool TakeOperands(const Function& function, Raw* raw) {
    Event& event = raw->event;
    function_of_[event.process] = &function;
    Edn value = raw->value ? std::move(*raw->value) : Edn{};
    // The element of a set is the value.
    const bool is_element = function.has_key && model_ == "set";
    if (function.has_key && !is_element && !TakeKey(function, raw, &value)) return false;
    if (function.values == 2) {
      if (!value.Is(Edn::Kind::kVector) || value.items.size() != 2) {
        return Fail(event.at, fmt::format("the value of {} is [OLD NEW]", Quoted(event.function)));
      }
      for (Edn& item : value.items) event.operands.push_back(std::move(item));
    } else if (is_element || function.values == 1) {
      event.operands.push_back(std::move(value));
    }
    return true;
  }

  // The key, which may be in the value; then that becomes what is beside it.
  bool TakeKey(const Function& function, Raw* raw, Edn* value) {
    Event& event = raw->event;
    if (raw->key) {
      event.operands.push_back(std::move(*raw->key));
      return true;
    }
    if (value->Is(Edn::Kind::kVector) && value->items.size() == 2) {
      has_key_inside_[event.process] = true;
      event.operands.push_back(std::move(value->items[0]));
      Edn beside = std::move(value->items[1]);
      *value = std::move(beside);
      return true;
    }
    if (function.values != 0) {
      return Fail(event.at,
                  fmt::format("the value of {} is [KEY VALUE], or its key is said by :key",
                              Quoted(event.function)));
    }
    event.operands.push_back(std::move(*value));
    return true;
  }

  // Jepsen repeats the operands in the answer where there is nothing to tell, and says by :ok that
  // a compare-and-set was done.
  bool FitAnswer(Event* event) {
    const auto begun = function_of_.find(event->process);
    if (begun == function_of_.end()) return true;
    const bool is_bool = event->result->Is(Edn::Kind::kBool);
    switch (begun->second->answers) {
      case Answers::kNothing:
        event->result.reset();
        return true;
      case Answers::kMaybeWhether:
        if (!is_bool) event->result.reset();
        return true;
      case Answers::kWhether:
        if (!is_bool && begun->second->code == Code::kCas) {
          event->result->kind = Edn::Kind::kBool;
          event->result->text = "true";
          event->result->items.clear();
        }
        return true;
      default:
        return true;
    }
  }

  std::string_view file_;
  std::string_view model_;
  bool is_keyed_;
  std::vector<Raw> events_;
  // Of each process, what it began last.
  std::unordered_map<std::string, bool> has_key_inside_;
  std::unordered_map<std::string, const Function*> function_of_;
  std::string error_;
};

}  // namespace

Expected<Recorded> ReadJepsen(std::string_view file, std::string_view text, std::string_view model,
                              bool is_keyed) {
  return JepsenReader(file, model, is_keyed).Read(text);
}

}  // namespace slotproof::linear
