// A target's fuzzer that has only what the byte-op target (peers/naive_TARGET_fuzz.cc) has, and
// says how many operations it checked: what a byte string decodes to is brought to the peer's
// operations, kinds and sizes before it runs.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "bench/fuzz_report.h"
#include "bench/peer_profiles.h"
#include "harness/engine/fuzz/entry.h"
#include "harness/subject/target_under_test.h"
#include "harness/trace/codec.h"

namespace slotproof {
namespace {

const Profile& Peer() {
  if (TargetUnderTest().name == "heap") return kHeapPeer;
  return TargetUnderTest().name == "map" ? kMapFuzzPeer : kSlicePeer;
}

const Target& PeerTarget() {
  static const Target target = [] {
    Target made = TargetUnderTest();
    made.profiles = {&Peer(), 1};
    return made;
  }();
  return target;
}

// Bounds of slices that the peer does not name, and how many choices come before them.
constexpr auto kFarPlaces = std::to_array<std::string_view>(
    {"255", "256", "1000", "1024", "2^48+1", "max", "max-1", "min"});
constexpr std::uint32_t kNearPlaces = 16;

class Restriction {
 public:
  Restriction() : codec_(*PeerTarget().vocabulary) {
    for (std::size_t code = 0; code < Peer().ops.size(); ++code) {
      by_weight_.insert(by_weight_.end(), Peer().ops[code], static_cast<std::uint8_t>(code));
    }
  }

  std::span<const std::uint8_t> Apply(std::span<const std::uint8_t> input) {
    codec_.Decode(input, &trace_);
    const std::span<const std::uint32_t> pins = Peer().pins;
    for (std::size_t i = 0; i + 1 < pins.size(); i += 2) trace_.header.field[pins[i]] = pins[i + 1];
    for (Op& op : trace_.ops) RestrictOp(&op);
    codec_.Encode(trace_, &bytes_);
    return bytes_;
  }

 private:
  void RestrictOp(Op* op) const {
    if (Peer().ops[op->code] == 0) op->code = by_weight_[Payload(*op) % by_weight_.size()];
    for (const Operand& operand : PeerTarget().vocabulary->ops[op->code].operands) {
      if (operand.kind != OperandKind::kChoice) continue;
      const std::uint32_t value = OperandValue(*op, operand);
      if (std::ranges::find(kFarPlaces, operand.choices[value]) == kFarPlaces.end()) continue;
      SetOperandValue(op, operand, value % kNearPlaces);
    }
  }

  Codec codec_;
  std::vector<std::uint8_t> by_weight_;
  Trace trace_;
  std::vector<std::uint8_t> bytes_;
};

FuzzEntry& Entry() { return ProcessFuzzEntry(PeerTarget()); }

const FuzzReport kReport([] { return Entry().runner().stats().operations; },
                         [] { return Entry().runner().stats().checked_operations; });

}  // namespace
}  // namespace slotproof

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  slotproof::AddFuzzerDefaults(argc, argv);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static slotproof::Restriction restriction;
  return slotproof::Entry().RunOne(restriction.Apply({data, size}));
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  return slotproof::Entry().mutator().Mutate(data, size, max_size, seed);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* first, std::size_t first_size,
                                                 const std::uint8_t* second,
                                                 std::size_t second_size, std::uint8_t* out,
                                                 std::size_t max_out_size, unsigned seed) {
  return slotproof::Entry().mutator().CrossOver({first, first_size}, {second, second_size},
                                                {out, max_out_size}, seed);
}
