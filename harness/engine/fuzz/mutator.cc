#include "harness/engine/fuzz/mutator.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <utility>

namespace slotproof {
namespace {

struct Kind {
  std::string_view name;
  std::uint32_t weight;
};

// By their place in Mutation. Insertions and deletions keep each other's balance: an input neither
// grows to the limit nor dries up.
constexpr std::array<Kind, kMutations> kKinds = {{
    {"insert-op", 10},
    {"insert-generated", 14},
    {"duplicate-run", 8},
    {"delete-run", 18},
    {"move-run", 5},
    {"swap-ops", 5},
    {"change-code", 8},
    {"change-operand", 10},
    {"nudge-operand", 6},
    {"share-operand", 8},
    {"change-count", 10},
    {"change-field", 8},
    {"fresh", 2},
    {"raw-bytes", 2},
}};

constexpr std::uint32_t TotalWeight() {
  std::uint32_t total = 0;
  for (const Kind& kind : kKinds) total += kind.weight;
  return total;
}

// How often a schedule is changed by what was seen of it, where that is known.
constexpr std::uint32_t kOneInRescheduled = 4;

constexpr std::size_t kLongestRun = 64;

Mutation RandomMutation(Rng& rng) {
  std::uint32_t at = rng.Below(TotalWeight());
  std::size_t kind = 0;
  while (at >= kKinds[kind].weight) at -= kKinds[kind++].weight;
  return static_cast<Mutation>(kind);
}

std::uint32_t Below(Rng& rng, std::size_t bound) {
  return rng.Below(static_cast<std::uint32_t>(bound));
}

// Short runs are most frequent, long ones possible.
std::size_t RunLength(Rng& rng, std::size_t most) {
  const std::size_t bound = std::min(most, kLongestRun);
  return 1 + Below(rng, 1 + Below(rng, bound));
}

struct Run {
  std::size_t begin;
  std::size_t length;
};

Run RandomRun(Rng& rng, std::size_t size) {
  const std::size_t length = RunLength(rng, size);
  return {Below(rng, size - length + 1), length};
}

std::ptrdiff_t Offset(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }

bool DeleteRun(Rng& rng, Trace* trace) {
  if (trace->ops.empty()) return false;
  const Run run = RandomRun(rng, trace->ops.size());
  const auto begin = trace->ops.begin() + Offset(run.begin);
  trace->ops.erase(begin, begin + Offset(run.length));
  return true;
}

bool MoveRun(Rng& rng, Trace* trace) {
  const std::size_t size = trace->ops.size();
  if (size < 2) return false;
  const Run run = RandomRun(rng, size);
  const std::size_t to = Below(rng, size - run.length + 1);
  const auto at = [&](std::size_t i) { return trace->ops.begin() + Offset(i); };
  if (to < run.begin) {
    std::rotate(at(to), at(run.begin), at(run.begin + run.length));
  } else {
    std::rotate(at(run.begin), at(run.begin + run.length), at(to + run.length));
  }
  return to != run.begin;
}

bool SwapOps(Rng& rng, Trace* trace) {
  if (trace->ops.size() < 2) return false;
  Op& first = trace->ops[Below(rng, trace->ops.size())];
  Op& second = trace->ops[Below(rng, trace->ops.size())];
  std::swap(first, second);
  return first != second;
}

bool ChangeCode(Rng& rng, std::size_t op_count, Trace* trace) {
  if (trace->ops.empty() || op_count < 2) return false;
  Op& op = trace->ops[Below(rng, trace->ops.size())];
  const std::size_t other = Below(rng, op_count - 1);
  op.code = static_cast<std::uint8_t>(other < op.code ? other : other + 1);
  return true;
}

// One operand of one operation, for reading and writing.
struct OperandRef {
  const Operand* spec = nullptr;
  Op* op = nullptr;

  std::uint32_t value() const { return OperandValue(*op, *spec); }
  void Set(std::uint32_t value) const { SetOperandValue(op, *spec, value); }
};

OperandRef RandomOperandRef(Rng& rng, const Vocabulary& vocabulary, Op* op) {
  const OperandList& operands = vocabulary.ops[op->code].operands;
  if (operands.empty()) return {};
  return {.spec = &operands[Below(rng, operands.size())], .op = op};
}

// One that means the same sort of thing, if the operation has one.
OperandRef RandomOperandLike(Rng& rng, const Vocabulary& vocabulary, const Operand& like, Op* op) {
  OperandRef chosen;
  std::uint32_t found = 0;
  for (const Operand& operand : vocabulary.ops[op->code].operands) {
    if (SameMeaning(operand, like) && rng.OneIn(++found)) chosen = {.spec = &operand, .op = op};
  }
  return chosen;
}

const Operand* FindCount(const OpSpec& spec) {
  const auto* const count = std::ranges::find(spec.operands, OperandKind::kCount, &Operand::kind);
  return count == spec.operands.end() ? nullptr : count;
}

}  // namespace

std::string_view MutationName(Mutation mutation) {
  return kKinds[static_cast<std::size_t>(mutation)].name;
}

Mutator::Mutator(const Target& target, RawMutate raw_mutate, Reschedule reschedule)
    : target_(&target),
      raw_mutate_(raw_mutate),
      reschedule_(std::move(reschedule)),
      codec_(*target.vocabulary),
      generator_(target) {}

std::size_t Mutator::MaxOps(std::size_t max_size) const {
  const std::size_t header = codec_.header_bytes();
  return max_size > header ? (max_size - header) / kOpBytes : 0;
}

std::size_t Mutator::Write(std::uint8_t* out, std::size_t max_size) {
  codec_.Encode(trace_, &bytes_);
  codec_.Decode(bytes_, &trace_);  // a changed header changes what operands may be
  codec_.Encode(trace_, &bytes_);
  const std::size_t size = std::min(bytes_.size(), max_size);
  if (size != 0) std::memcpy(out, bytes_.data(), size);
  return size;
}

void Mutator::ApplySome(Rng& rng, std::size_t max_ops, std::size_t times) {
  // The bound is for a trace in which nothing can be changed.
  for (std::size_t tries = 0; times > 0 && tries < 32; ++tries) {
    if (Apply(RandomMutation(rng), rng, max_ops, &trace_)) --times;
  }
}

std::size_t Mutator::Mutate(std::uint8_t* data, std::size_t size, std::size_t max_size,
                            std::uint64_t seed) {
  Rng rng(seed);
  const std::size_t max_ops = MaxOps(max_size);
  codec_.Decode({data, size}, &trace_);
  if (trace_.ops.size() > max_ops) trace_.ops.resize(max_ops);
  const bool rescheduled = reschedule_ && rng.OneIn(kOneInRescheduled) &&
                           reschedule_(rng.Next(), &trace_) && trace_.ops.size() <= max_ops;
  if (!rescheduled) ApplySome(rng, max_ops, rng.OneIn(2) ? 1 : 1 + rng.Below(4));
  if (trace_.ops.size() > max_ops) trace_.ops.resize(max_ops);
  return Write(data, max_size);
}

std::size_t Mutator::CrossOver(std::span<const std::uint8_t> first,
                               std::span<const std::uint8_t> second, std::span<std::uint8_t> out,
                               std::uint64_t seed) {
  Rng rng(seed);
  const std::size_t max_ops = MaxOps(out.size());
  codec_.Decode(first, &trace_);
  codec_.Decode(second, &other_);
  if (rng.OneIn(8)) trace_.header = other_.header;
  std::vector<Op>& ops = trace_.ops;
  const std::vector<Op>& others = other_.ops;
  if (rng.OneIn(2) || others.empty()) {
    // The beginning of one and the end of the other.
    ops.resize(Below(rng, ops.size() + 1));
    ops.insert(ops.end(), others.begin() + Offset(Below(rng, others.size() + 1)), others.end());
  } else {
    const Run run = RandomRun(rng, others.size());
    InsertRun(rng, max_ops, std::span(others).subspan(run.begin, run.length), &trace_);
  }
  if (ops.size() > max_ops) ops.resize(max_ops);
  // libFuzzer crosses over every other time; without this, half of its work would try nothing new.
  if (rng.OneIn(2)) ApplySome(rng, max_ops, 1);
  return Write(out.data(), out.size());
}

bool Mutator::Apply(Mutation mutation, Rng& rng, std::size_t max_ops, Trace* trace) {
  const std::size_t op_count = target_->vocabulary->ops.size();
  switch (mutation) {
    case Mutation::kInsertOp: {
      const Op op = generator_.RandomOp(rng, trace->header);
      return InsertRun(rng, max_ops, {&op, 1}, trace);
    }
    case Mutation::kInsertGenerated:
      return InsertGenerated(rng, max_ops, trace);
    case Mutation::kDuplicateRun: {
      if (trace->ops.empty()) return false;
      const Run run = RandomRun(rng, trace->ops.size());
      const auto begin = trace->ops.begin() + Offset(run.begin);
      run_.assign(begin, begin + Offset(run.length));
      return InsertRun(rng, max_ops, run_, trace);
    }
    case Mutation::kDeleteRun:
      return DeleteRun(rng, trace);
    case Mutation::kMoveRun:
      return MoveRun(rng, trace);
    case Mutation::kSwapOps:
      return SwapOps(rng, trace);
    case Mutation::kChangeCode:
      return ChangeCode(rng, op_count, trace);
    case Mutation::kChangeOperand:
    case Mutation::kNudgeOperand:
      return ChangeOperand(mutation, rng, trace);
    case Mutation::kShareOperand:
      return ShareOperand(rng, trace);
    case Mutation::kChangeCount:
      return ChangeCount(rng, trace);
    case Mutation::kChangeField:
      return ChangeField(rng, trace);
    case Mutation::kFresh:
      if (max_ops == 0) return false;
      generator_.Generate(rng, 1 + Below(rng, max_ops), trace);
      return true;
    case Mutation::kRawBytes:
      return RawBytes(max_ops, trace);
  }
  return false;
}

bool Mutator::InsertRun(Rng& rng, std::size_t max_ops, std::span<const Op> run, Trace* trace) {
  const std::size_t size = trace->ops.size();
  if (size >= max_ops || run.empty()) return false;
  const std::size_t length = std::min(run.size(), max_ops - size);
  // The end is where new states are: what comes before led to the states that are known.
  const std::size_t at = rng.OneIn(3) ? size : Below(rng, size + 1);
  trace->ops.insert(trace->ops.begin() + Offset(at), run.begin(), run.begin() + Offset(length));
  return true;
}

bool Mutator::InsertGenerated(Rng& rng, std::size_t max_ops, Trace* trace) {
  if (trace->ops.size() >= max_ops) return false;
  generator_.Generate(rng, RunLength(rng, max_ops - trace->ops.size()), &generated_);
  return InsertRun(rng, max_ops, generated_.ops, trace);
}

std::uint32_t Mutator::RandomOperand(Rng& rng, const Operand& operand, const Header& header) const {
  const std::uint32_t limit = OperandLimit(*target_->vocabulary, operand, header);
  if (operand.kind == OperandKind::kChoice) return rng.Below(limit);
  // Small values are plain ones and meet each other; every value stays possible.
  return rng.OneIn(2) ? rng.Below(std::min(limit, 16u)) : rng.Below(limit);
}

bool Mutator::ChangeOperand(Mutation mutation, Rng& rng, Trace* trace) const {
  if (trace->ops.empty()) return false;
  Op* op = &trace->ops[Below(rng, trace->ops.size())];
  const OperandRef operand = RandomOperandRef(rng, *target_->vocabulary, op);
  if (operand.spec == nullptr) return false;
  const std::uint32_t before = operand.value();
  if (mutation == Mutation::kChangeOperand) {
    operand.Set(RandomOperand(rng, *operand.spec, trace->header));
  } else {
    const std::uint32_t limit = OperandLimit(*target_->vocabulary, *operand.spec, trace->header);
    const std::uint32_t step = 1 + rng.Below(4);
    operand.Set((rng.OneIn(2) ? before + step : before - step) & (limit - 1));
  }
  return operand.value() != before;
}

bool Mutator::ShareOperand(Rng& rng, Trace* trace) const {
  if (trace->ops.size() < 2) return false;
  const Vocabulary& vocabulary = *target_->vocabulary;
  const OperandRef to =
      RandomOperandRef(rng, vocabulary, &trace->ops[Below(rng, trace->ops.size())]);
  if (to.spec == nullptr) return false;
  const OperandRef from =
      RandomOperandLike(rng, vocabulary, *to.spec, &trace->ops[Below(rng, trace->ops.size())]);
  if (from.spec == nullptr || from.value() == to.value()) return false;
  to.Set(from.value() & (OperandLimit(vocabulary, *to.spec, trace->header) - 1));
  return true;
}

bool Mutator::ChangeCount(Rng& rng, Trace* trace) const {
  const std::span<const OpSpec> specs = target_->vocabulary->ops;
  const auto has_count = [&](const Op& op) { return FindCount(specs[op.code]) != nullptr; };
  // Bursts are few: the next one from a random place on.
  const auto from = trace->ops.begin() + Offset(Below(rng, trace->ops.size() + 1));
  const auto op = std::find_if(from, trace->ops.end(), has_count);
  if (op == trace->ops.end()) return false;
  const OperandRef count = {.spec = FindCount(specs[op->code]), .op = &*op};
  const std::uint32_t last = count.spec->limit - 1;
  const std::uint32_t value = count.value() + 1;
  std::uint32_t next = 0;
  switch (rng.Below(3)) {
    case 0:
      next = value * 2;
      break;
    case 1:
      next = value / 2;
      break;
    default:
      // Sizes next to a power of two are where structures change shape.
      next = (1u << Below(rng, std::bit_width(last) + 1u)) + rng.Below(3);
      next -= next > 1 ? 1 : 0;
  }
  count.Set(std::min(next == 0 ? 0 : next - 1, last));
  return count.value() + 1 != value;
}

bool Mutator::ChangeField(Rng& rng, Trace* trace) const {
  const std::span<const FieldSpec> fields = target_->vocabulary->fields;
  if (fields.empty()) return false;
  const std::size_t i = Below(rng, fields.size());
  std::uint32_t& value = trace->header.field[i];
  const std::uint32_t before = value;
  const std::uint32_t limit = FieldLimit(fields[i]);
  if (fields[i].choices.empty() && rng.OneIn(3)) {
    value ^= 1u << rng.Below(8u * fields[i].width);
    if (limit != 0) value %= limit;
  } else {
    value = generator_.RandomField(rng, i);
  }
  return value != before;
}

bool Mutator::RawBytes(std::size_t max_ops, Trace* trace) {
  if (raw_mutate_ == nullptr) return false;
  codec_.Encode(*trace, &bytes_);
  const std::size_t size = bytes_.size();
  bytes_.resize(std::max(size, codec_.header_bytes() + max_ops * kOpBytes));
  if (bytes_.empty()) return false;
  const std::size_t new_size = raw_mutate_(bytes_.data(), size, bytes_.size());
  codec_.Decode({bytes_.data(), new_size}, trace);
  return true;
}

}  // namespace slotproof
