#ifndef SLOTPROOF_BENCH_PEER_PROFILES_H_
#define SLOTPROOF_BENCH_PEER_PROFILES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "harness/subject/target.h"
#include "subjects/heap/heap_vocabulary.h"
#include "subjects/map/map_vocabulary.h"
#include "subjects/slice/slice_vocabulary.h"

// What the peers (bench/peers) have of each target: the operations, in the shares of the mixed
// profile, and their kinds and sizes. So ours can do the same work.

namespace slotproof {

template <std::size_t kOps, class Code>
constexpr std::array<std::uint16_t, kOps> PeerWeights(
    std::initializer_list<std::pair<Code, std::uint16_t>> weights) {
  std::array<std::uint16_t, kOps> by_code{};
  for (const auto& [code, weight] : weights) by_code[static_cast<std::size_t>(code)] = weight;
  return by_code;
}

// Neither bursts nor iteration step by step.
inline constexpr auto kMapPeerWeights = PeerWeights<kMapOpCount, MapOp>({{MapOp::kInsert, 30},
                                                                         {MapOp::kFind, 12},
                                                                         {MapOp::kDelete, 20},
                                                                         {MapOp::kAssign, 8},
                                                                         {MapOp::kDeleteInsert, 10},
                                                                         {MapOp::kClear, 2},
                                                                         {MapOp::kBegin, 4},
                                                                         {MapOp::kDrain, 4}});
inline constexpr auto kSlicePeerWeights =
    PeerWeights<kSliceOpCount, SliceOp>({{SliceOp::kGet, 5},
                                         {SliceOp::kSet, 8},
                                         {SliceOp::kAppend, 15},
                                         {SliceOp::kSlice, 12},
                                         {SliceOp::kSlice3, 5},
                                         {SliceOp::kShare, 4},
                                         {SliceOp::kNil, 2},
                                         {SliceOp::kMake, 3},
                                         {SliceOp::kCopy, 3},
                                         {SliceOp::kClear, 1},
                                         {SliceOp::kAppendSlice, 4},
                                         {SliceOp::kDelete, 3}});
// Half of the mixed profile's, rounded up.
inline constexpr auto kHeapPeerWeights =
    PeerWeights<kHeapOpCount, HeapOp>({{HeapOp::kAlloc, 12},
                                       {HeapOp::kLoad, 8},
                                       {HeapOp::kStore, 10},
                                       {HeapOp::kMove, 4},
                                       {HeapOp::kNil, 5},
                                       {HeapOp::kStoreNil, 3},
                                       {HeapOp::kCopy, 2},
                                       {HeapOp::kClear, 1},
                                       {HeapOp::kSetGlobal, 3},
                                       {HeapOp::kGetGlobal, 3},
                                       {HeapOp::kBeginCycle, 3},
                                       {HeapOp::kMark, 12},
                                       {HeapOp::kFinishMarking, 2},
                                       {HeapOp::kSweep, 5},
                                       {HeapOp::kCollect, 1}});

// 64 keys, as rc_state_map has; 256, as naive_map_fuzz has; sixteen slices; one
// mutator, cycles by hand, small sizes.
inline constexpr auto kMapStatePins = std::to_array<std::uint32_t>(
    {kKeyField, 0, kElemField, 0, kHashField, 0, kUniverseField, 3, kHintField, 0});
inline constexpr auto kMapFuzzPins = std::to_array<std::uint32_t>(
    {kKeyField, 0, kElemField, 0, kHashField, 0, kUniverseField, 5, kHintField, 0});
inline constexpr auto kSlicePins =
    std::to_array<std::uint32_t>({kSliceElemField, 0, kSliceGrowthField, 0, kSliceCountField, 3});
inline constexpr auto kHeapPins =
    std::to_array<std::uint32_t>({kHeapMutatorsField, 0, kHeapCyclesField, 0, kHeapSizesField, 0});

inline constexpr Profile kMapStatePeer = {
    .name = "peer", .ops = kMapPeerWeights, .pins = kMapStatePins};
inline constexpr Profile kMapFuzzPeer = {
    .name = "peer", .ops = kMapPeerWeights, .pins = kMapFuzzPins};
inline constexpr Profile kSlicePeer = {
    .name = "peer", .ops = kSlicePeerWeights, .pins = kSlicePins};
inline constexpr Profile kHeapPeer = {.name = "peer", .ops = kHeapPeerWeights, .pins = kHeapPins};

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_PEER_PROFILES_H_
