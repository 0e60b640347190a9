// The examples of docs/go-map-gaps.md: what each is by the laws of the map, and that each stands
// for its own gap and no other.

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "harness/check/runner.h"
#include "harness/trace/trace_file.h"
#include "subjects/map/targets.h"

namespace slotproof {
namespace {

struct Example {
  MapGap gap;
  std::string_view name;
  std::string_view signature;  // by the laws "spec"
};

// By MapGap.
constexpr std::array<Example, kMapGaps> kExamples = {{
    {MapGap::kCleared, "cleared", "mismatch/iterate.deleted"},
    {MapGap::kTwoSameSize, "two_same_size_growths", "mismatch/iterate.missed"},
    {MapGap::kSameSizeInChain, "same_size_growth_in_chain", "mismatch/iterate.missed"},
    {MapGap::kDoublingAndSameSize, "doubling_and_same_size_growth", "mismatch/iterate.twice"},
    {MapGap::kEmptied, "emptied", "mismatch/iterate.twice"},
}};

LoadedTrace Load(const Example& example, std::string_view laws = {}) {
  const Target* const targets[] = {&MapTarget()};
  const std::string path = "docs/examples/gaps/" + std::string(example.name) + ".txt";
  auto loaded = LoadTrace(path, targets, {}, laws);
  if (!loaded) ADD_FAILURE() << loaded.error().message;
  return loaded ? *std::move(loaded) : LoadedTrace{.target = &MapTarget(), .trace = {}, .info = {}};
}

// Lets all gaps pass but this one, or this one alone.
template <std::size_t gap>
std::unique_ptr<Session> NewWithout() {
  return NewMapSession(kGo119Gaps.Without(kExamples[gap].gap));
}
template <std::size_t gap>
std::unique_ptr<Session> NewWithJust() {
  return NewMapSession({kExamples[gap].gap});
}

Verdict RunWith(std::unique_ptr<Session> (*new_session)(), const Trace& trace) {
  Target target = MapTarget();
  target.new_session = new_session;
  return Runner(target, {.determinism_share = 1}).Run(trace);
}

TEST(MapGaps, EachExamplePassesByTheRuntimesLawsAndFailsByTheLanguages) {
  for (const Example& example : kExamples) {
    const LoadedTrace by_default = Load(example);
    EXPECT_EQ(by_default.target->laws, "go1.19");
    EXPECT_TRUE(Runner(*by_default.target).Run(by_default.trace).passed()) << example.name;
    const LoadedTrace by_spec = Load(example, "spec");
    EXPECT_EQ(Runner(*by_spec.target).Run(by_spec.trace).Signature(), example.signature)
        << example.name;
    EXPECT_LE(by_spec.trace.ops.size(), 8u) << example.name;
  }
}

template <std::size_t gap>
void CheckGap() {
  for (const Example& example : kExamples) {
    const Trace trace = Load(example).trace;
    const bool own = example.gap == kExamples[gap].gap;
    const Verdict without = RunWith(&NewWithout<gap>, trace);
    EXPECT_EQ(without.Signature(), own ? example.signature : Verdict{}.Signature())
        << example.name << " without " << kExamples[gap].name;
    const Verdict just = RunWith(&NewWithJust<gap>, trace);
    EXPECT_EQ(just.Signature(), own ? Verdict{}.Signature() : example.signature)
        << example.name << " with just " << kExamples[gap].name;
  }
}

template <std::size_t... gaps>
void CheckGaps(std::index_sequence<gaps...>) {
  (CheckGap<gaps>(), ...);
}

// No gap covers for another, and none needs another.
TEST(MapGaps, EachExampleStandsForItsOwnGap) { CheckGaps(std::make_index_sequence<kMapGaps>()); }

}  // namespace
}  // namespace slotproof
