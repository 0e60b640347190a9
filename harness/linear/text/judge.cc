#include "harness/linear/text/judge.h"

#include <algorithm>
#include <utility>

#include "harness/linear/models/cell_model.h"
#include "harness/linear/models/queue_model.h"
#include "harness/linear/models/table_model.h"
#include "harness/linear/text/jepsen.h"
#include "harness/linear/text/text_form.h"

namespace slotproof::linear {
namespace {

std::string ListOf(const Recorded& recorded, const std::vector<Value>& items) {
  std::string text = "[";
  for (const Value item : items) text += (text.size() == 1 ? "" : " ") + recorded.values[item];
  return text + "]";
}

std::string Describe(const Recorded& recorded, const CellModel& model, CellModel::State state) {
  return state == model.Any() ? "" : recorded.values[state];
}

std::string Describe(const Recorded& recorded, const AppendModel& model, AppendModel::State state) {
  if (state == model.Any()) return "";
  const std::vector<Sequences::Item> items = model.Items(state);
  if (recorded.has_lists) return ListOf(recorded, items);
  Edn text = {.kind = Edn::Kind::kString, .text = {}, .items = {}, .at = {}};
  for (const Sequences::Item item : items) text.text += static_cast<char>(item);
  return Print(text);
}

std::string Describe(const Recorded& recorded, const QueueModel& model, QueueModel::State state) {
  return ListOf(recorded, model.Items(state));
}

std::string Describe(const Recorded& recorded, const TableModel& model, TableModel::State state) {
  std::string text = "{";
  for (std::size_t key = 0; key < recorded.keys.size(); ++key) {
    const Value value = model.Row(state)[key];
    if (value == kNil) continue;
    text += (text.size() == 1 ? "" : " ") + recorded.keys[key];
    if (recorded.model == "map") text += " " + recorded.values[value];
  }
  return text + "}";
}

constexpr std::size_t kMostRelated = 3;

template <Model M>
class Judge {
 public:
  using Call = typename Checker<M>::Call;

  Judge(const Recorded& recorded, M* model, const Limits& limits,
        const MinimalLimits& minimal_limits)
      : recorded_(recorded),
        model_(*model),
        minimal_limits_(minimal_limits),
        checker_(model, &limits),
        calls_(recorded.history.calls()) {}

  Judgement Run() {
    judgement_.places.assign(calls_.size(), 0);
    const auto after_part = [this](Answer answer) {
      ++judgement_.parts;
      if (answer == Answer::kLinearizable) NotePlaces(checker_.order());
    };
    if constexpr (HasParts<M>) {
      judgement_.answer = checker_.CheckParts(calls_, after_part);
    } else {
      judgement_.answer = checker_.Check(calls_);
      after_part(judgement_.answer);
    }
    judgement_.spent = checker_.spent();
    judgement_.configurations = checker_.visited();
    if (judgement_.answer == Answer::kNot) Explain();
    return std::move(judgement_);
  }

 private:
  void NotePlaces(std::span<const std::uint32_t> order) {
    for (std::uint32_t i = 0; i < order.size(); ++i) judgement_.places[order[i]] = i + 1;
  }

  bool IsInPart(const Call& call) const {
    if constexpr (HasParts<M>) return model_.Part(call.op) == checker_.part();
    return true;
  }

  void Explain() {
    std::vector<Call> part;
    for (std::uint32_t i = 0; i < calls_.size(); ++i) {
      if (!IsInPart(calls_[i])) continue;
      part.push_back(calls_[i]);
      judgement_.part.push_back(i);
    }
    if constexpr (HasParts<M>) {
      if (!recorded_.keys.empty()) judgement_.key = recorded_.keys[checker_.part()];
    }
    Minimizer<M> minimizer(&model_, minimal_limits_);
    const MinimalPart<Call> minimal =
        minimizer.Run(part, checker_.visited(), calls_[checker_.stuck()]);
    judgement_.from_any_state = minimal.from_any_state;
    judgement_.one_minimal = minimal.one_minimal;
    for (const Call& call : minimal.calls) {
      const auto number = std::ranges::lower_bound(calls_, call.invoked, {}, &Call::invoked);
      judgement_.minimal.push_back(static_cast<std::uint32_t>(number - calls_.begin()));
    }
    PlaceMinimal(minimal);
    FindRelated();
  }

  // The latest ones that store what some call of the minimal part was answered, or get the same.
  void FindRelated() {
    std::vector<Value> answered;
    for (const std::uint32_t number : judgement_.minimal) {
      const Value value = AnsweredValue(calls_[number]);
      if (value > kTrue) answered.push_back(value);
    }
    const std::uint32_t last = calls_[judgement_.stuck].responded;
    for (auto number = judgement_.part.rbegin(); number != judgement_.part.rend(); ++number) {
      const Call& call = calls_[*number];
      if (call.invoked > last || judgement_.related.size() == kMostRelated) continue;
      const bool stores =
          !model_.OnlyReads(call.op) && std::ranges::count(answered, call.op.b) != 0;
      const bool takes =
          call.op.code == Code::kDequeue && std::ranges::count(answered, AnsweredValue(call)) != 0;
      const bool is_minimal = std::ranges::binary_search(judgement_.minimal, *number);
      if ((stores || takes) && !is_minimal) judgement_.related.push_back(*number);
    }
    std::ranges::reverse(judgement_.related);
  }

  static Value AnsweredValue(const Call& call) {
    if (call.pending()) return kNil;
    switch (call.op.code) {
      case Code::kRead:
      case Code::kDequeue:
      case Code::kLoadOrStore:
      case Code::kGetAndDelete:
        return call.result;
      case Code::kCas:
        return call.op.a;
      default:
        return kNil;
    }
  }

  // The order that gets furthest in the minimal part alone.
  void PlaceMinimal(const MinimalPart<Call>& minimal) {
    std::ranges::fill(judgement_.places, 0u);
    typename M::State state = model_.Initial();
    if constexpr (HasAnyState<M>) {
      if (minimal.from_any_state) state = model_.Any();
    }
    checker_.Check(minimal.calls, state);
    std::vector<std::uint32_t> order;
    for (const std::uint32_t i : checker_.order()) order.push_back(judgement_.minimal[i]);
    NotePlaces(order);
    judgement_.stuck = judgement_.minimal[checker_.stuck()];
    // What a model that looks ahead does not tell apart a reader does.
    if constexpr (LooksAhead<M>) model_.BeginHistory();
    for (const std::uint32_t number : order) {
      model_.Apply(calls_[number].op, calls_[number].result, &state);
    }
    judgement_.state = Describe(recorded_, model_, state);
  }

  const Recorded& recorded_;
  M& model_;
  const MinimalLimits& minimal_limits_;
  Checker<M> checker_;
  std::span<const Call> calls_;
  Judgement judgement_;
};

template <Model M>
Judgement By(M model, const Recorded& recorded, const Limits& limits,
             const MinimalLimits& minimal_limits) {
  return Judge<M>(recorded, &model, limits, minimal_limits).Run();
}

TableModel TableOf(const Recorded& recorded) {
  TableModel model(static_cast<std::uint32_t>(recorded.keys.size()));
  for (const std::vector<std::uint32_t>& list : recorded.lists) model.AddList(list);
  return model;
}

}  // namespace

Expected<Recorded> ReadHistory(std::string_view file, std::string_view text,
                               const ReadOptions& options) {
  if (!options.model.empty() &&
      std::ranges::find(ModelNames(), options.model) == ModelNames().end()) {
    return Unexpected(UnknownModel(options.model), Error::Kind::kUsage);
  }
  if (IsTextForm(text)) return ReadTextForm(file, text, options.model);
  return ReadJepsen(file, text, options.model, options.is_keyed);
}

Judgement JudgeHistory(const Recorded& recorded, const Limits& limits,
                       const MinimalLimits& minimal_limits) {
  const auto is_of_all_keys = [](const auto& call) { return IsOfAllKeys(call.op.code); };
  if (recorded.model == "kv") return By(recorded.append, recorded, limits, minimal_limits);
  if (recorded.model == "queue") return By(QueueModel(), recorded, limits, minimal_limits);
  if (std::ranges::any_of(recorded.history.calls(), is_of_all_keys)) {
    return By(TableOf(recorded), recorded, limits, minimal_limits);
  }
  return By(CellModel(), recorded, limits, minimal_limits);
}

}  // namespace slotproof::linear
