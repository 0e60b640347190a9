// Operations per second of the property engine.
//
//   property_bench TARGET MIX TRACES
//     TARGET  heap | map | slice
//     MIX     all     every kind of subject, all profiles; up to 300 operations a trace
//             uint64  the same, with uint64 keys and elements; of the heap no other than all
//             peer    the operations, mix, sizes and length of peers/rc_state_TARGET.cc
//
// The line "checked" counts results that were compared with the model's. Of the map: each
// insertion, deletion, look-up and clear, each entry an iterator yields, and its end. Of slices:
// each operation, and each append of a burst of n. Of the heap: each operation, and each of those
// that a burst performs.
//
// The line "operations" counts those of the traces, a burst as one. After each of a slice's, all
// windows and the memory were compared, and all cells, unless they were so many that they had to
// wait for more operations. After each of the heap's, what it returned and what a sweep freed were
// compared; all that is reachable, with its words, and the heap's laws wait for the next walk.
// Generation, invariants and goals are in the time.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/peer_profiles.h"
#include "bench/result.h"
#include "harness/check/runner.h"
#include "harness/engine/property.h"
#include "subjects/heap/targets.h"
#include "subjects/map/map_vocabulary.h"
#include "subjects/map/targets.h"
#include "subjects/slice/slice_vocabulary.h"
#include "subjects/slice/targets.h"

namespace slotproof {
namespace {

constexpr std::size_t kPeerOps = 100;  // RapidCheck's default size

using Pins = std::span<const std::uint32_t>;  // field, value, field, value, ...

// What is particular to a target.
struct Subject {
  const Target& (*target)();
  Pins uint64;
  Profile peer;
};

constexpr auto kMapUint64 = std::to_array<std::uint32_t>({kKeyField, 0, kElemField, 0});
constexpr auto kSliceUint64 = std::to_array<std::uint32_t>({kSliceElemField, 0});

constexpr std::array<std::pair<std::string_view, Subject>, 3> kSubjects = {{
    {"heap", {&HeapTarget, {}, kHeapPeer}},
    {"map", {&MapTarget, kMapUint64, kMapStatePeer}},
    {"slice", {&SliceTarget, kSliceUint64, kSlicePeer}},
}};

// Profiles that hold fields besides their own pins.
class PinnedProfiles {
 public:
  PinnedProfiles(std::span<const Profile> profiles, Pins added) {
    pins_.reserve(profiles.size());
    for (const Profile& profile : profiles) {
      std::vector<std::uint32_t>& pins =
          pins_.emplace_back(profile.pins.begin(), profile.pins.end());
      pins.insert(pins.end(), added.begin(), added.end());
      profiles_.push_back(profile);
      profiles_.back().pins = pins;
    }
  }

  std::span<const Profile> profiles() const { return profiles_; }

 private:
  std::vector<std::vector<std::uint32_t>> pins_;
  std::vector<Profile> profiles_;
};

int Run(const Subject& subject, std::string_view mix, std::size_t traces) {
  Target target = subject.target();
  PropertyOptions options = {.traces = traces};
  const PinnedProfiles uint64(target.profiles, subject.uint64);
  if (mix == "uint64") {
    target.profiles = uint64.profiles();
  } else if (mix == "peer") {
    target.profiles = {&subject.peer, 1};
    options.max_ops = kPeerOps;
  } else if (mix != "all") {
    return 2;
  }
  Runner runner(target);
  const Stopwatch watch;
  if (!CheckAgreement(runner, options).passed) return 1;
  const double seconds = watch.Seconds();
  PrintResult("operations", runner.stats().operations, seconds);
  PrintResult("checked", runner.stats().checked_operations, seconds);
  return 0;
}

int Main(int argc, char** argv) {
  if (argc != 4) return 2;
  for (const auto& [name, subject] : kSubjects) {
    if (name == argv[1]) return Run(subject, argv[2], std::strtoull(argv[3], nullptr, 10));
  }
  return 2;
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  const int code = slotproof::Main(argc, argv);
  if (code == 2)
    std::fprintf(stderr, "usage: property_bench heap|map|slice all|uint64|peer TRACES\n");
  return code;
}
