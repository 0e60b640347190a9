#include "harness/shrink/shrinker.h"

#include <algorithm>
#include <utility>

namespace slotproof {
namespace {

bool HasKind(const Operand& operand, OperandKind kind) { return operand.kind == kind; }

// Values simpler than `value`, the boldest first: 0, half, one less.
std::vector<std::uint32_t> Simpler(std::uint32_t value) {
  std::vector<std::uint32_t> values;
  if (value == 0) return values;
  values.push_back(0);
  if (value / 2 != 0) values.push_back(value / 2);
  if (value - 1 != 0 && value - 1 != value / 2) values.push_back(value - 1);
  return values;
}

class Shrinker {
 public:
  Shrinker(const Vocabulary& vocabulary, const Trace& trace, const Verdict& verdict,
           const RunTrace& run, const ShrinkOptions& options)
      : vocabulary_(vocabulary), run_(run), options_(options), best_(trace), verdict_(verdict) {}

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
    return {.trace = best_, .verdict = verdict_, .runs = runs_, .one_minimal = !Spent()};
  }

 private:
  bool Spent() const { return runs_ >= options_.max_runs; }

  void Report() const {
    if (options_.on_progress) options_.on_progress({.runs = runs_, .ops = best_.ops.size()});
  }

  bool Try(const Trace& candidate) {
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
    for (const OperandKind kind : {OperandKind::kKey, OperandKind::kHandle, OperandKind::kThread}) {
      std::vector<std::uint32_t> names = Names(kind);
      for (std::size_t i = names.size(); i-- > 0;) {
        for (std::size_t j = 0; j < i && !Spent(); ++j) {
          if (Rename(kind, names[i], names[j])) {
            any = true;
            break;
          }
        }
        const std::vector<std::uint32_t> now = Names(kind);
        if (std::find(now.begin(), now.end(), names[i]) == now.end()) continue;
        for (const std::uint32_t to : Simpler(names[i])) {
          if (std::find(now.begin(), now.end(), to) != now.end()) continue;
          if (Rename(kind, names[i], to)) {
            any = true;
            break;
          }
        }
      }
    }
    return any;
  }

  std::vector<std::uint32_t> Names(OperandKind kind) const {
    std::vector<std::uint32_t> names;
    for (const Op& op : best_.ops) {
      const OpSpec& spec = vocabulary_.ops[op.code];
      if (HasKind(spec.a, kind)) names.push_back(op.a);
      if (HasKind(spec.b, kind)) names.push_back(op.b);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    constexpr std::size_t kMost = 64;  // the number of pairs grows with its square
    if (names.size() > kMost) names.resize(kMost);
    return names;
  }

  bool Rename(OperandKind kind, std::uint32_t from, std::uint32_t to) {
    Trace candidate = best_;
    for (Op& op : candidate.ops) {
      const OpSpec& spec = vocabulary_.ops[op.code];
      if (HasKind(spec.a, kind) && op.a == from) op.a = static_cast<std::uint16_t>(to);
      if (HasKind(spec.b, kind) && op.b == from) op.b = static_cast<std::uint8_t>(to);
    }
    return Try(candidate);
  }

  bool SimplifyOperands() {
    bool any = false;
    for (std::size_t i = 0; i < best_.ops.size() && !Spent(); ++i) {
      any |= Lower(best_.ops[i].a, [i](Trace& trace, std::uint32_t value) {
        trace.ops[i].a = static_cast<std::uint16_t>(value);
      });
      any |= Lower(best_.ops[i].b, [i](Trace& trace, std::uint32_t value) {
        trace.ops[i].b = static_cast<std::uint8_t>(value);
      });
    }
    return any;
  }

  bool SimplifyHeader() {
    bool any = false;
    for (std::size_t i = 0; i < vocabulary_.fields.size() && !Spent(); ++i) {
      any |= Lower(best_.header.field[i], [this, i](Trace& trace, std::uint32_t value) {
        trace.header.field[i] = value;
        ClampToHeader(trace);
      });
    }
    return any;
  }

  // Keeps lowering one number while the failure stays.
  template <class Set>
  bool Lower(std::uint32_t value, Set set) {
    bool any = false;
    for (bool improved = true; improved;) {
      improved = false;
      for (const std::uint32_t simpler : Simpler(value)) {
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

  void ClampToHeader(Trace& trace) const {
    for (Op& op : trace.ops) {
      const OpSpec& spec = vocabulary_.ops[op.code];
      op.a &= static_cast<std::uint16_t>(OperandLimit(vocabulary_, spec.a, trace.header) - 1);
      op.b &= static_cast<std::uint8_t>(OperandLimit(vocabulary_, spec.b, trace.header) - 1);
    }
  }

  bool SimplifyOpcodes() {
    bool any = false;
    for (std::size_t i = 0; i < best_.ops.size(); ++i) {
      for (std::uint8_t code = 0; code < best_.ops[i].code && !Spent(); ++code) {
        Trace candidate = best_;
        candidate.ops[i].code = code;
        ClampToHeader(candidate);
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
  Trace best_;
  Verdict verdict_;
  std::size_t runs_ = 0;
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
  if (index < 2 * size) {
    Op& op = candidate.ops[index / 2];
    if (index % 2 == 0) op.b = static_cast<std::uint8_t>(op.b / 2);
    if (index % 2 == 1) op.a = static_cast<std::uint16_t>(op.a / 2);
    return candidate;
  }
  index -= 2 * size;
  if (index >= vocabulary.fields.size()) return std::nullopt;
  candidate.header.field[index] /= 2;
  for (Op& op : candidate.ops) {
    const OpSpec& spec = vocabulary.ops[op.code];
    op.a &= static_cast<std::uint16_t>(OperandLimit(vocabulary, spec.a, candidate.header) - 1);
  }
  return candidate;
}

}  // namespace slotproof
