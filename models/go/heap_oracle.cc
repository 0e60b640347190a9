#include "models/go/heap_oracle.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <span>
#include <tuple>
#include <vector>

#include "models/go/heap_abi.h"

namespace slotproof::go {
namespace {

// The numbers of the enumerations are those of the C header.
static_assert(static_cast<int>(GraphOp::kNew) == kSlotproofGoNew);
static_assert(static_cast<int>(GraphOp::kStore) == kSlotproofGoStore);
static_assert(static_cast<int>(GraphOp::kFinalize) == kSlotproofGoFinalize);
static_assert(static_cast<int>(GraphOp::kCollect) == kSlotproofGoCollect);
static_assert(static_cast<int>(GraphEventKind::kFinalized) == kSlotproofGoFinalized);
static_assert(static_cast<int>(GraphEventKind::kFreed) == kSlotproofGoFreed);
static_assert(static_cast<int>(PoolOp::kPut) == kSlotproofGoPut);
static_assert(static_cast<int>(PoolOp::kCollect) == kSlotproofGoCollectPool);
static_assert(std::tuple_size_v<decltype(MemStats::class_frees)> == kSlotproofGoStatClasses);

SlotproofGoLayout ToAbi(const Layout& layout) {
  return {.bytes = layout.bytes, .count = layout.count, .pointer_map = layout.pointer_map};
}

MemStats ToMemStats(const SlotproofGoMemStats& from) {
  MemStats stats = {.mallocs = from.mallocs,
                    .frees = from.frees,
                    .heap_objects = from.heap_objects,
                    .heap_alloc = from.heap_alloc,
                    .total_alloc = from.total_alloc,
                    .num_gc = from.num_gc,
                    .num_forced_gc = from.num_forced_gc};
  std::ranges::copy(from.class_mallocs, stats.class_mallocs.begin());
  std::ranges::copy(from.class_frees, stats.class_frees.begin());
  return stats;
}

SlotproofGoPacing ToAbi(const PacingInputs& in) {
  SlotproofGoPacing pacing = {};
  pacing.marked = in.marked;
  pacing.stack_scan = in.stack_scan;
  pacing.globals_scan = in.globals_scan;
  pacing.gc_percent = in.gc_percent;
  pacing.memory_limit = in.memory_limit;
  pacing.mapped_ready = in.mapped_ready;
  pacing.heap_free = in.heap_free;
  pacing.heap_alloc = in.heap_alloc;
  return pacing;
}

Pacing ToPacing(const SlotproofGoPacing& from) {
  return {.in = {.marked = from.marked,
                 .stack_scan = from.stack_scan,
                 .globals_scan = from.globals_scan,
                 .gc_percent = static_cast<std::int32_t>(from.gc_percent),
                 .memory_limit = from.memory_limit,
                 .mapped_ready = from.mapped_ready,
                 .heap_free = from.heap_free,
                 .heap_alloc = from.heap_alloc},
          .goal_of_percent = from.goal_of_percent,
          .goal_of_limit = from.goal_of_limit,
          .goal = from.goal,
          .trigger = from.trigger};
}

}  // namespace

std::vector<Block> Allocate(std::span<const Layout> layouts) {
  std::vector<SlotproofGoLayout> asked;
  for (const Layout& layout : layouts) asked.push_back(ToAbi(layout));
  std::vector<SlotproofGoBlock> answers(layouts.size());
  SlotproofGoAllocate(asked.data(), answers.data(), static_cast<std::int64_t>(asked.size()));
  std::vector<Block> blocks;
  for (const SlotproofGoBlock& block : answers) {
    blocks.push_back({.address = block.address,
                      .object_bytes = block.object_bytes,
                      .size_class = block.size_class,
                      .has_pointers = block.has_pointers != 0,
                      .span_pages = block.span_pages,
                      .span_objects = block.span_objects});
  }
  return blocks;
}

Counts Count(std::span<const CountedObject> objects) {
  std::vector<SlotproofGoLayout> layouts;
  std::vector<std::int8_t> kept;
  for (const CountedObject& object : objects) {
    layouts.push_back(ToAbi(object.layout));
    kept.push_back(object.is_kept ? 1 : 0);
  }
  std::vector<SlotproofGoMemStats> stats(5);
  SlotproofGoCount(layouts.data(), kept.data(), static_cast<std::int64_t>(kept.size()),
                   stats.data());
  return {.before = ToMemStats(stats[0]),
          .allocated = ToMemStats(stats[1]),
          .before_again = ToMemStats(stats[2]),
          .thinned = ToMemStats(stats[3]),
          .emptied = ToMemStats(stats[4])};
}

std::vector<GraphEvent> RunGraph(std::span<const GraphStep> steps, std::int32_t slots) {
  std::vector<SlotproofGoGraphStep> asked;
  for (const GraphStep& step : steps) {
    asked.push_back({.op = static_cast<std::int32_t>(step.op),
                     .slot = step.slot,
                     .from = step.from,
                     .word = step.word,
                     .offset = step.offset,
                     .layout = ToAbi(step.layout)});
  }
  // A step leads to at most one event.
  std::vector<SlotproofGoGraphEvent> answers(steps.size());
  const std::int64_t count =
      SlotproofGoRunGraph(asked.data(), static_cast<std::int64_t>(asked.size()), slots,
                          answers.data(), static_cast<std::int64_t>(answers.size()));
  answers.resize(static_cast<std::size_t>(count));
  std::vector<GraphEvent> events;
  for (const SlotproofGoGraphEvent& event : answers) {
    events.push_back({.collection = event.collection,
                      .what = static_cast<GraphEventKind>(event.what),
                      .object = event.object});
  }
  return events;
}

std::vector<std::int64_t> UsePool(std::span<const PoolStep> steps, std::int32_t workers) {
  std::vector<SlotproofGoPoolStep> asked;
  for (const PoolStep& step : steps) {
    asked.push_back(
        {.op = static_cast<std::int32_t>(step.op), .worker = step.worker, .item = step.item});
  }
  SlotproofGoUsePool(asked.data(), static_cast<std::int64_t>(asked.size()), workers);
  std::vector<std::int64_t> found;
  for (const SlotproofGoPoolStep& step : asked) {
    if (step.op == kSlotproofGoGet) found.push_back(step.item);
  }
  return found;
}

std::vector<Pacing> Pace(std::span<const PacingInputs> cases) {
  std::vector<SlotproofGoPacing> asked;
  for (const PacingInputs& in : cases) asked.push_back(ToAbi(in));
  SlotproofGoPace(asked.data(), static_cast<std::int64_t>(asked.size()));
  std::vector<Pacing> answers;
  for (const SlotproofGoPacing& pacing : asked) answers.push_back(ToPacing(pacing));
  return answers;
}

Pacing PaceRuntime(std::int32_t gc_percent, std::uint64_t memory_limit, std::int64_t live) {
  SlotproofGoPacing pacing;
  SlotproofGoPaceRuntime(gc_percent, static_cast<std::int64_t>(memory_limit), live, &pacing);
  return ToPacing(pacing);
}

std::ostream& operator<<(std::ostream& os, const Layout& layout) {
  if (layout.count != 1) os << layout.count << " of ";
  os << layout.bytes << " bytes";
  if (layout.pointer_map == 0) return os;
  return os << " with pointers " << std::hex << layout.pointer_map << std::dec;
}

std::ostream& operator<<(std::ostream& os, const GraphEvent& event) {
  return os << "collection " << event.collection
            << (event.what == GraphEventKind::kFreed ? " freed " : " finalized ") << event.object;
}

std::ostream& operator<<(std::ostream& os, const PacingInputs& in) {
  return os << "marked " << in.marked << ", stacks " << in.stack_scan << ", globals "
            << in.globals_scan << ", GOGC " << in.gc_percent << ", limit " << in.memory_limit
            << ", mapped " << in.mapped_ready << ", free " << in.heap_free << ", objects "
            << in.heap_alloc;
}

}  // namespace slotproof::go
