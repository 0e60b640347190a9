#include "harness/engine/generator.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace slotproof {
namespace {

std::uint64_t SplitMix(std::uint64_t* state) {
  std::uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// Each magnitude is as likely as another, so that 3, 40 and 50,000 all come up.
std::uint32_t LogUniform(Rng& rng, std::uint32_t limit) {
  const auto bits = static_cast<std::uint32_t>(std::bit_width(limit == 0 ? ~0u : limit - 1));
  const std::uint32_t width = rng.Below(bits + 1);
  const auto value = static_cast<std::uint32_t>(rng.Next() & ((std::uint64_t{1} << width) - 1));
  return limit == 0 ? value : std::min(value, limit - 1);
}

// The keys that half of a trace's operations meet on.
struct HotKeys {
  std::uint32_t base = 0;
  std::uint32_t count = 1;
};

[[gnu::always_inline]] inline std::uint32_t DrawOperand(Rng& rng, OperandKind kind,
                                                        std::uint32_t limit, const HotKeys& hot) {
  switch (kind) {
    // A choice of bounds, not of branches: nothing predicts a coin.
    case OperandKind::kKey: {
      const bool is_hot = rng.OneIn(2);
      const std::uint32_t base = is_hot ? hot.base : 0;
      return (base + rng.Below(is_hot ? hot.count : limit)) & (limit - 1);
    }
    case OperandKind::kCount: {
      const bool is_small = rng.OneIn(2);
      return rng.Below(is_small ? std::min(limit, 12u) : limit);
    }
    case OperandKind::kNumber:
      return LogUniform(rng, limit);
    case OperandKind::kHandle:
    case OperandKind::kThread:
    case OperandKind::kChoice:
      return rng.Below(limit);
  }
  return 0;
}

const Profile& DrawProfile(Rng& rng, std::span<const Profile> profiles) {
  std::uint32_t total = 0;
  for (const Profile& profile : profiles) total += profile.weight;
  std::uint32_t ticket = rng.Below(total);
  for (const Profile& profile : profiles) {
    if (ticket < profile.weight) return profile;
    ticket -= profile.weight;
  }
  return profiles.front();
}

// Operations by ticket, for drawing one in constant time.
class OpTable {
 public:
  OpTable(Rng& rng, const Profile& profile, bool swarm) {
    const std::size_t ops = profile.ops.size();
    std::array<std::uint32_t, kMaxOps> weight;  // of the first `ops` operations
    std::uint32_t total = 0;
    for (std::size_t op = 0; op < ops; ++op) {
      const bool off = swarm && rng.OneIn(3);
      weight[op] = profile.ops[op] * std::uint32_t{!off};
      total += weight[op];
    }
    if (total == 0) {
      std::copy(profile.ops.begin(), profile.ops.end(), weight.begin());
      total = std::accumulate(weight.begin(), weight.begin() + ops, 0u);
    }
    if (total == 0) {  // without weights, always the first operation
      op_of_ticket_.fill(0);
      return;
    }
    std::uint32_t reached = 0;
    std::uint32_t ticket = 0;
    for (std::size_t op = 0; op < ops; ++op) {
      reached += weight[op];
      const std::uint32_t end = (reached * kTickets + total - 1) / total;
      // Whole strides are quicker than exact ends; the next operation overwrites what is too much.
      do {
        std::fill_n(op_of_ticket_.begin() + ticket, kStride, static_cast<std::uint8_t>(op));
        ticket += kStride;
      } while (ticket < end);
      ticket = end;
    }
  }

  std::size_t Draw(Rng& rng) const { return op_of_ticket_[rng.Below(kTickets)]; }

 private:
  static constexpr std::uint32_t kTickets = 512;
  static constexpr std::uint32_t kStride = 64;
  static_assert(std::uint64_t{kMaxOps} * 0xffff * (kTickets + 1) <= 0xffffffff);
  std::array<std::uint8_t, kTickets + kStride> op_of_ticket_;
};

}  // namespace

Rng::Rng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = SplitMix(&seed);
}

// Operations with operands below the limits of one header.
class Generator::OpDrawer {
 public:
  OpDrawer(const Generator& generator, const Header& header, const HotKeys& hot)
      : shapes_(&generator.shapes_), hot_(hot) {
    const std::optional<Universe>& universe = generator.target_->vocabulary->universe;
    if (!universe) return;
    universe_kind_ = universe->kind;
    universe_size_ = UniverseSize(*universe, header);
  }

  // Inline, so that the loop over a trace keeps the random state in registers.
  [[gnu::always_inline]] Op Draw(Rng& rng, std::size_t code) const {
    const OpShape& shape = (*shapes_)[code];
    std::uint32_t payload = 0;
    for (std::size_t i = 0; i < shape.operands; ++i) {
      const auto [limit, kind, shift] = shape.operand[i];
      const std::uint32_t bound = kind == universe_kind_ ? std::min(limit, universe_size_) : limit;
      payload |= DrawOperand(rng, kind, bound, hot_) << shift;
    }
    Op op = {.code = static_cast<std::uint8_t>(code)};
    SetPayload(&op, payload);
    return op;
  }

 private:
  const std::array<OpShape, kMaxOps>* shapes_;
  HotKeys hot_;
  OperandKind universe_kind_ = OperandKind::kKey;
  std::uint32_t universe_size_ = ~std::uint32_t{0};
};

Generator::Generator(const Target& target) : target_(&target) {
  const std::span<const OpSpec> ops = target.vocabulary->ops;
  for (std::size_t code = 0; code < ops.size(); ++code) {
    OpShape& shape = shapes_[code];
    for (std::size_t i = ops[code].operands.size(); i-- > 0;) {
      const Operand& operand = ops[code].operands[i];
      shape.operand[shape.operands++] = {operand.limit, operand.kind, operand.shift};
    }
  }
}

std::uint32_t Generator::RandomField(Rng& rng, std::size_t field) const {
  const FieldSpec& spec = target_->vocabulary->fields[field];
  // The first choice is the plainest and the most common in practice.
  if (!spec.choices.empty()) return rng.OneIn(3) ? 0 : rng.Below(FieldLimit(spec));
  return LogUniform(rng, FieldLimit(spec));
}

Header Generator::RandomHeader(Rng& rng) const {
  Header header;
  for (std::size_t i = 0; i < target_->vocabulary->fields.size(); ++i) {
    header.field[i] = RandomField(rng, i);
  }
  return header;
}

Op Generator::RandomOp(Rng& rng, const Header& header) const {
  const Profile& profile = DrawProfile(rng, target_->profiles);
  const OpTable table(rng, profile, /*swarm=*/false);
  const std::size_t code = table.Draw(rng);
  const HotKeys hot = {.base = rng.Below(8), .count = 1 + rng.Below(8)};
  return OpDrawer(*this, header, hot).Draw(rng, code);
}

void Generator::Generate(Rng& rng, std::size_t max_ops, Trace* trace) const {
  const Profile& profile = DrawProfile(rng, target_->profiles);
  trace->header = RandomHeader(rng);
  for (std::size_t i = 0; i + 1 < profile.pins.size(); i += 2) {
    trace->header.field[profile.pins[i]] = profile.pins[i + 1];
  }
  const OpTable table(rng, profile, /*swarm=*/!rng.OneIn(4));
  const HotKeys hot = {.base = rng.Below(64), .count = 1 + rng.Below(16)};
  const auto most = static_cast<std::uint32_t>(std::max<std::size_t>(max_ops, 1));
  trace->ops.resize(1 + rng.Below(most));
  const OpDrawer drawer(*this, trace->header, hot);
  Rng fast = rng;  // a copy that no memory aliases stays in registers
  for (Op& op : trace->ops) op = drawer.Draw(fast, table.Draw(fast));
  rng = fast;
}

}  // namespace slotproof
