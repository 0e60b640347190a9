// Checked operations per second of the property engine on the map.
//
//   property_bench MIX TRACES
//     all     every kind of key, element and hash, all profiles; up to 300 operations a trace
//     uint64  the same, with uint64 keys and elements
//     peer    the operations, mix, 64 keys and length of peers/rc_state_map.cc
//
// What counts is a result of the map that was compared with the model's: each insertion, deletion,
// look-up and clear, each entry an iterator yields, and its end. Generation, the table's invariants
// and the goals are in the time.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bench/result.h"
#include "harness/check/runner.h"
#include "harness/engine/property.h"
#include "subjects/map/map_vocabulary.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

// The profiles of the map, each pinned to uint64 besides its own pins.
class Uint64Profiles {
 public:
  Uint64Profiles() {
    const std::span<const Profile> all = MapProfiles();
    pins_.reserve(all.size());
    for (const Profile& profile : all) {
      std::vector<std::uint32_t>& pins =
          pins_.emplace_back(profile.pins.begin(), profile.pins.end());
      pins.insert(pins.end(), {kKeyField, 0, kElemField, 0});
      profiles_.push_back(profile);
      profiles_.back().pins = pins;
    }
  }

  std::span<const Profile> profiles() const { return profiles_; }

 private:
  std::vector<std::vector<std::uint32_t>> pins_;
  std::vector<Profile> profiles_;
};

// The mixed profile without bursts and stepwise iteration.
std::span<const Profile> PeerProfiles() {
  static constexpr std::array<std::uint16_t, kMapOpCount> kWeights = [] {
    std::array<std::uint16_t, kMapOpCount> weights{};
    const auto set = [&weights](MapOp op, std::uint16_t weight) {
      weights[static_cast<std::size_t>(op)] = weight;
    };
    set(MapOp::kInsert, 30);
    set(MapOp::kFind, 12);
    set(MapOp::kDelete, 20);
    set(MapOp::kAssign, 8);
    set(MapOp::kDeleteInsert, 10);
    set(MapOp::kClear, 2);
    set(MapOp::kBegin, 4);
    set(MapOp::kDrain, 4);
    return weights;
  }();
  static constexpr std::array<std::uint32_t, 10> kPins = {
      kKeyField, 0, kElemField, 0, kHashField, 0, kUniverseField, 3, kHintField, 0};
  static constexpr std::array<Profile, 1> kProfiles = {
      {{.name = "peer", .ops = kWeights, .pins = kPins}}};
  return kProfiles;
}

int Run(std::string_view mix, std::size_t traces) {
  const Uint64Profiles uint64;
  Target target = MapTarget();
  std::size_t max_ops = 300;
  if (mix == "uint64") {
    target.profiles = uint64.profiles();
  } else if (mix == "peer") {
    target.profiles = PeerProfiles();
    max_ops = 100;
  } else if (mix != "all") {
    return 2;
  }
  Runner runner(target);
  const Stopwatch watch;
  if (!CheckAgreement(runner, {.traces = traces, .max_ops = max_ops}).passed) return 1;
  PrintResult("checked", runner.stats().checked_operations, watch.Seconds());
  return 0;
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  const int code = argc == 3 ? slotproof::Run(argv[1], std::strtoull(argv[2], nullptr, 10)) : 2;
  if (code == 2) std::fprintf(stderr, "usage: property_bench all|uint64|peer TRACES\n");
  return code;
}
