#include "harness/shrink/shrinker.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace slotproof {
namespace {

// Values simpler than `value`, the boldest first: 0, half, one less.
std::vector<std::uint32_t> Simpler(std::uint32_t value) {
  std::vector<std::uint32_t> values;
  if (value == 0) return values;
  values.push_back(0);
  if (value / 2 != 0) values.push_back(value / 2);
  if (value - 1 != 0 && value - 1 != value / 2) values.push_back(value - 1);
  return values;
}

// Of a choice, all the names before it: they are few, and half of a name means nothing.
std::vector<std::uint32_t> Simpler(const Operand& operand, std::uint32_t value) {
  if (operand.kind != OperandKind::kChoice) return Simpler(value);
  std::vector<std::uint32_t> values(value);
  std::iota(values.begin(), values.end(), 0u);
  return values;
}

bool IsName(const Operand& operand) {
  return operand.kind == OperandKind::kKey || operand.kind == OperandKind::kHandle ||
         operand.kind == OperandKind::kThread;
}

// One operand of each sort of thing that operations name: keys, slices, iterators, threads.
std::vector<const Operand*> NameSorts(const Vocabulary& vocabulary) {
  std::vector<const Operand*> sorts;
  for (const OpSpec& spec : vocabulary.ops) {
    for (const Operand& operand : spec.operands) {
      const auto same = [&](const Operand* sort) { return SameMeaning(*sort, operand); };
      if (IsName(operand) && std::ranges::none_of(sorts, same)) sorts.push_back(&operand);
    }
  }
  return sorts;
}

// Drops what no operand may hold under the trace's header.
void ClampToHeader(const Vocabulary& vocabulary, Trace* trace) {
  for (Op& op : trace->ops) {
    const OpSpec& spec = vocabulary.ops[op.code];
    SetPayload(&op, Payload(op) & PayloadMask(vocabulary, spec, trace->header));
  }
}

class Shrinker {
 public:
  Shrinker(const Vocabulary& vocabulary, const Trace& trace, const Verdict& verdict,
           const RunTrace& run, const ShrinkOptions& options)
      : vocabulary_(vocabulary),
        run_(run),
        options_(options),
        sorts_(NameSorts(vocabulary)),
        best_(trace),
        verdict_(verdict) {}

  ShrinkResult Run() {
    CutTail();
    for (bool improved = true; improved && !Spent();) {
      improved = DropRuns();
      improved |= MergeNames();
      improved |= SimplifyOperands();
      improved |= SimplifyHeader();
      improved |= SimplifyOpcodes();
    }
    Report();
    return {.trace = best_,
            .verdict = verdict_,
            .runs = runs_,
            .one_minimal = !Spent(),
            .stopped = stopped_};
  }

 private:
  bool Spent() const { return stopped_ || runs_ >= options_.max_runs; }

  void Report() const {
    if (options_.on_progress) options_.on_progress({.runs = runs_, .ops = best_.ops.size()});
  }

  bool Try(const Trace& candidate) {
    stopped_ = stopped_ || (options_.stop && options_.stop());
    if (Spent() || candidate == best_) return false;
    if (++runs_ % 256 == 0) Report();
    Verdict verdict = run_(candidate);
    if (verdict.passed() || verdict.Signature() != verdict_.Signature()) return false;
    best_ = candidate;
    verdict_ = std::move(verdict);
    return true;
  }

  void CutTail() {
    if (verdict_.op_index + 1 >= best_.ops.size()) return;
    Trace candidate = best_;
    candidate.ops.resize(verdict_.op_index + 1);
    Try(candidate);
  }

  // Delta debugging: runs of half the trace, a quarter, ... down to single operations, the latter
  // until none can go.
  bool DropRuns() {
    bool any = false;
    for (std::size_t length = std::max<std::size_t>(best_.ops.size() / 2, 1); length != 0;) {
      const bool dropped = DropRunsOf(length);
      any |= dropped;
      if (length == 1 && dropped && !Spent()) continue;
      length /= 2;
    }
    return any;
  }

  bool DropRunsOf(std::size_t length) {
    bool any = false;
    for (std::size_t end = best_.ops.size(); end != 0 && !Spent();) {
      const std::size_t begin = end > length ? end - length : 0;
      Trace candidate = best_;
      const auto first = candidate.ops.begin();
      candidate.ops.erase(first + static_cast<std::ptrdiff_t>(begin),
                          first + static_cast<std::ptrdiff_t>(end));
      any |= Try(candidate);
      end = std::min(begin, best_.ops.size());
    }
    return any;
  }

  // Renames all uses of one key or handle at once, which single changes cannot do.
  bool MergeNames() {
    bool any = false;
    for (const Operand* sort : sorts_) {
      std::vector<std::uint32_t> names = Names(*sort);
      for (std::size_t i = names.size(); i-- > 0;) {
        for (std::size_t j = 0; j < i && !Spent(); ++j) {
          if (Rename(*sort, names[i], names[j])) {
            any = true;
            break;
          }
        }
        const std::vector<std::uint32_t> now = Names(*sort);
        if (std::find(now.begin(), now.end(), names[i]) == now.end()) continue;
        for (const std::uint32_t to : Simpler(names[i])) {
          if (std::find(now.begin(), now.end(), to) != now.end()) continue;
          if (Rename(*sort, names[i], to)) {
            any = true;
            break;
          }
        }
      }
    }
    return any;
  }

  std::vector<std::uint32_t> Names(const Operand& sort) const {
    std::vector<std::uint32_t> names;
    for (const Op& op : best_.ops) {
      for (const Operand& operand : vocabulary_.ops[op.code].operands) {
        if (SameMeaning(operand, sort)) names.push_back(OperandValue(op, operand));
      }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    constexpr std::size_t kMost = 64;  // the number of pairs grows with its square
    if (names.size() > kMost) names.resize(kMost);
    return names;
  }

  bool Rename(const Operand& sort, std::uint32_t from, std::uint32_t to) {
    Trace candidate = best_;
    for (Op& op : candidate.ops) {
      for (const Operand& operand : vocabulary_.ops[op.code].operands) {
        if (!SameMeaning(operand, sort) || OperandValue(op, operand) != from) continue;
        SetOperandValue(&op, operand, to);
      }
    }
    return Try(candidate);
  }

  bool SimplifyOperands() {
    bool any = false;
    for (std::size_t i = 0; i < best_.ops.size() && !Spent(); ++i) {
      for (const Operand& operand : vocabulary_.ops[best_.ops[i].code].operands) {
        any |= Lower(
            OperandValue(best_.ops[i], operand),
            [&](std::uint32_t value) { return Simpler(operand, value); },
            [&](Trace& trace, std::uint32_t value) {
              SetOperandValue(&trace.ops[i], operand, value);
            });
      }
    }
    return any;
  }

  bool SimplifyHeader() {
    bool any = false;
    for (std::size_t i = 0; i < vocabulary_.fields.size() && !Spent(); ++i) {
      any |= Lower(
          best_.header.field[i], [](std::uint32_t value) { return Simpler(value); },
          [this, i](Trace& trace, std::uint32_t value) {
            trace.header.field[i] = value;
            ClampToHeader(vocabulary_, &trace);
          });
    }
    return any;
  }

  // Keeps lowering one number while the failure stays.
  template <class SimplerThan, class Set>
  bool Lower(std::uint32_t value, const SimplerThan& simpler_than, const Set& set) {
    bool any = false;
    for (bool improved = true; improved;) {
      improved = false;
      for (const std::uint32_t simpler : simpler_than(value)) {
        Trace candidate = best_;
        set(candidate, simpler);
        if (!Try(candidate)) continue;
        value = simpler;
        improved = any = true;
        break;
      }
    }
    return any;
  }

  bool SimplifyOpcodes() {
    bool any = false;
    for (std::size_t i = 0; i < best_.ops.size(); ++i) {
      for (std::uint8_t code = 0; code < best_.ops[i].code && !Spent(); ++code) {
        Trace candidate = best_;
        candidate.ops[i].code = code;
        ClampToHeader(vocabulary_, &candidate);
        if (!Try(candidate)) continue;
        any = true;
        break;
      }
    }
    return any;
  }

  const Vocabulary& vocabulary_;
  const RunTrace& run_;
  const ShrinkOptions& options_;
  const std::vector<const Operand*> sorts_;
  Trace best_;
  Verdict verdict_;
  std::size_t runs_ = 0;
  bool stopped_ = false;
};

}  // namespace

ShrinkResult Shrink(const Vocabulary& vocabulary, const Trace& trace, const Verdict& verdict,
                    const RunTrace& run, const ShrinkOptions& options) {
  return Shrinker(vocabulary, trace, verdict, run, options).Run();
}

std::optional<Trace> ShrinkCandidate(const Vocabulary& vocabulary, const Trace& trace,
                                     std::size_t index) {
  Trace candidate = trace;
  const std::size_t size = trace.ops.size();
  for (std::size_t length = (size + 1) / 2; length != 0; length /= 2) {
    const std::size_t runs = (size + length - 1) / length;
    if (index < runs) {
      const std::size_t end = size - index * length;
      const std::size_t begin = end > length ? end - length : 0;
      const auto first = candidate.ops.begin();
      candidate.ops.erase(first + static_cast<std::ptrdiff_t>(begin),
                          first + static_cast<std::ptrdiff_t>(end));
      return candidate;
    }
    index -= runs;
  }
  for (Op& op : candidate.ops) {
    const OperandList& operands = vocabulary.ops[op.code].operands;
    if (index < operands.size()) {
      const Operand& operand = operands[index];
      SetOperandValue(&op, operand, OperandValue(op, operand) / 2);
      return candidate;
    }
    index -= operands.size();
  }
  if (index >= vocabulary.fields.size()) return std::nullopt;
  candidate.header.field[index] /= 2;
  ClampToHeader(vocabulary, &candidate);
  return candidate;
}

}  // namespace slotproof
