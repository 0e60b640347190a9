#include "harness/engine/generator.h"

#include <algorithm>
#include <bit>

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

std::uint32_t DrawOperand(Rng& rng, const Vocabulary& vocabulary, const Operand& operand,
                          const Header& header, const HotKeys& hot) {
  const std::uint32_t limit = OperandLimit(vocabulary, operand, header);
  switch (operand.kind) {
    case OperandKind::kKey:
      return (rng.OneIn(2) ? hot.base + rng.Below(hot.count) : rng.Below(limit)) & (limit - 1);
    case OperandKind::kCount:
      return rng.OneIn(2) ? rng.Below(std::min(limit, 12u)) : rng.Below(limit);
    case OperandKind::kNumber:
      return LogUniform(rng, limit);
    case OperandKind::kHandle:
    case OperandKind::kThread:
    case OperandKind::kChoice:
      return rng.Below(limit);
  }
  return 0;
}

Op DrawOp(Rng& rng, const Vocabulary& vocabulary, std::size_t code, const Header& header,
          const HotKeys& hot) {
  const OperandList& operands = vocabulary.ops[code].operands;
  Op op = {.code = static_cast<std::uint8_t>(code)};
  // The last one first: the order is part of what a seed means.
  for (std::size_t i = operands.size(); i-- > 0;) {
    SetOperandValue(&op, operands[i], DrawOperand(rng, vocabulary, operands[i], header, hot));
  }
  return op;
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
    std::array<std::uint32_t, kMaxOps> weight{};
    std::uint32_t total = 0;
    for (std::size_t op = 0; op < profile.ops.size(); ++op) {
      weight[op] = swarm && rng.OneIn(3) ? 0 : profile.ops[op];
      total += weight[op];
    }
    if (total == 0) {
      std::copy(profile.ops.begin(), profile.ops.end(), weight.begin());
      for (const std::uint32_t w : weight) total += w;
    }
    if (total == 0) return;  // without weights, always the first operation
    std::uint64_t reached = 0;
    std::uint64_t ticket = 0;
    for (std::size_t op = 0; op < profile.ops.size(); ++op) {
      reached += weight[op];
      const std::uint64_t end = (reached * kTickets + total - 1) / total;
      std::fill(op_of_ticket_.begin() + ticket, op_of_ticket_.begin() + end,
                static_cast<std::uint8_t>(op));
      ticket = end;
    }
  }

  std::size_t Draw(Rng& rng) const { return op_of_ticket_[rng.Below(kTickets)]; }

 private:
  static constexpr std::uint32_t kTickets = 512;
  std::array<std::uint8_t, kTickets> op_of_ticket_{};
};

}  // namespace

Rng::Rng(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = SplitMix(&seed);
}

std::uint64_t Rng::Next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

Generator::Generator(const Target& target) : target_(&target) {}

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
  return DrawOp(rng, *target_->vocabulary, table.Draw(rng), header,
                {.base = rng.Below(8), .count = 1 + rng.Below(8)});
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
  for (Op& op : trace->ops) {
    op = DrawOp(rng, *target_->vocabulary, table.Draw(rng), trace->header, hot);
  }
}

}  // namespace slotproof
