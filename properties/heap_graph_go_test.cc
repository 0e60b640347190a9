// What collections finalize and free, against the Go runtime's own: random graphs are built by the
// same steps in Go, on core's heap and in the model, and each collection must do the same to the
// same objects.
//
// A finalizer is a witness of its own object. What else is freed is asked of the heaps: whether the
// place is allocated, which keeps nothing alive. Go does not promise when a finalizer runs: both
// sides run those that are due after each collection. It does not promise an order either, so
// events of one collection are sets.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <limits>
#include <map>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/frame.h"
#include "core/heap/heap.h"
#include "core/heap/marker.h"
#include "core/heap/object_type.h"
#include "core/heap/special.h"
#include "models/go/heap_oracle.h"
#include "models/heap_model.h"

namespace slotproof {
namespace {

using go::GraphEvent;
using go::GraphEventKind;
using go::GraphOp;
using go::GraphStep;

#if __has_feature(address_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Runs steps on core's heap, as the oracle runs them on Go's.
class GraphHere {
 public:
  explicit GraphHere(std::int32_t slots)
      : frame_(mutator_, static_cast<std::size_t>(slots)),
        objects_at_(static_cast<std::size_t>(slots)) {}

  std::vector<GraphEvent> Run(std::span<const GraphStep> steps) {
    for (const GraphStep& step : steps) Do(step);
    return events_;
  }

 private:
  struct Finalized {
    GraphHere* graph;
    std::int32_t object;
    std::int32_t into;
  };

  void Do(const GraphStep& step) {
    if (step.op == GraphOp::kCollect) return Collect();
    const auto slot = static_cast<std::size_t>(step.slot);
    if (step.op == GraphOp::kNew) return New(slot, step.layout);
    if (step.op == GraphOp::kCopy) return Copy(slot, static_cast<std::size_t>(step.from), step);
    if (frame_[slot] == nullptr) return;
    if (step.op == GraphOp::kStore) return Store(slot, step);
    if (step.op == GraphOp::kDrop) {
      frame_[slot] = nullptr;
      return;
    }
    heap_.ClearFinalizer(BaseAt(slot));
    if (step.op == GraphOp::kFinalize) Finalize(slot, step.from);
  }

  void New(std::size_t slot, const go::Layout& layout) {
    const core::ObjectType type(static_cast<std::size_t>(layout.bytes), layout.pointer_map);
    frame_[slot] = heap_.New(mutator_, type, static_cast<std::size_t>(layout.count));
    objects_at_[slot] = static_cast<std::int32_t>(addresses_.size());
    addresses_.push_back(static_cast<std::byte*>(frame_[slot]));
  }
  void Copy(std::size_t slot, std::size_t from, const GraphStep& step) {
    if (frame_[from] == nullptr) return;
    frame_[slot] = BaseAt(from) + step.offset;
    objects_at_[slot] = objects_at_[from];
  }
  void Store(std::size_t slot, const GraphStep& step) {
    auto* const words = reinterpret_cast<void**>(BaseAt(slot));
    void* value = nullptr;
    if (step.from >= 0) {
      value = frame_[static_cast<std::size_t>(step.from)];
      if (value == nullptr) return;
    }
    heap_.Store(mutator_, words + step.word, value);
  }
  void Finalize(std::size_t slot, std::int32_t into) {
    contexts_.push_back({.graph = this, .object = objects_at_[slot], .into = into});
    const auto run = [](void* object, void* context) {
      const auto& finalized = *static_cast<Finalized*>(context);
      finalized.graph->OnFinalized(object, finalized);
    };
    EXPECT_TRUE(heap_.SetFinalizer(BaseAt(slot), {.run = run, .context = &contexts_.back()}));
  }
  void OnFinalized(void* object, const Finalized& finalized) {
    Report(GraphEventKind::kFinalized, finalized.object);
    if (finalized.into < 0) return;
    frame_[static_cast<std::size_t>(finalized.into)] = object;
    objects_at_[static_cast<std::size_t>(finalized.into)] = finalized.object;
  }
  void Collect() {
    ++collections_;
    heap_.Collect();
    heap_.RunFinalizers(mutator_, std::numeric_limits<std::size_t>::max());
    for (std::size_t object = 0; object < addresses_.size(); ++object) {
      if (addresses_[object] == nullptr || heap_.SizeOf(addresses_[object]) != 0) continue;
      addresses_[object] = nullptr;
      Report(GraphEventKind::kFreed, static_cast<std::int32_t>(object));
    }
  }
  void Report(GraphEventKind what, std::int32_t object) {
    events_.push_back({.collection = collections_, .what = what, .object = object});
  }
  std::byte* BaseAt(std::size_t slot) const {
    return addresses_[static_cast<std::size_t>(objects_at_[slot])];
  }

  core::Heap<> heap_{{.arena_pages = 512, .automatic = false}};
  core::Mutator& mutator_ = heap_.NewMutator();
  core::Frame frame_;
  std::vector<std::int32_t> objects_at_;  // the slots'
  std::vector<std::byte*> addresses_;     // by object; null: freed
  std::deque<Finalized> contexts_;
  std::vector<GraphEvent> events_;
  std::int32_t collections_ = 0;
};

// Runs them on the model that the heap's traces are judged by.
class GraphInModel {
 public:
  explicit GraphInModel(std::int32_t slots) : objects_at_(static_cast<std::size_t>(slots)) {
    model_.Reset(1, 0, 0);
    model_.stack(0).resize(objects_at_.size());
  }

  std::vector<GraphEvent> Run(std::span<const GraphStep> steps) {
    for (const GraphStep& step : steps) Do(step);
    return events_;
  }

 private:
  using Pointer = HeapModel::Pointer;

  void Do(const GraphStep& step) {
    if (step.op == GraphOp::kCollect) return Collect();
    const auto slot = static_cast<std::size_t>(step.slot);
    const auto from = static_cast<std::size_t>(step.from);
    Pointer& pointer = model_.stack(0)[slot];
    if (step.op == GraphOp::kNew) return New(slot, step.layout);
    if (step.op == GraphOp::kCopy) {
      if (model_.stack(0)[from].object == 0) return;
      objects_at_[slot] = objects_at_[from];
      pointer = objects_[objects_at_[slot]];
      pointer.offset += static_cast<std::uint32_t>(step.offset);
      return;
    }
    if (pointer.object == 0) return;
    HeapModel::Object& object = model_.object(pointer.object);
    if (step.op == GraphOp::kDrop) {
      pointer = {};
    } else if (step.op != GraphOp::kStore) {
      object.has_finalizer = step.op == GraphOp::kFinalize;
      finalized_[pointer.object] = {.object = objects_at_[slot], .into = step.from};
    } else if (step.from < 0 || model_.stack(0)[from].object != 0) {
      object.fields[static_cast<std::size_t>(step.word)] =
          step.from < 0 ? Pointer() : model_.stack(0)[from];
    }
  }
  void New(std::size_t slot, const go::Layout& layout) {
    const auto bytes = static_cast<std::size_t>(layout.bytes * layout.count);
    const bool tiny = layout.pointer_map == 0 && bytes < core::kTinyBytes;
    // A field for each word, whether it is a pointer or not.
    const Pointer pointer =
        tiny ? model_.AddTiny(0, bytes, 0) : Pointer{.object = model_.Add(bytes, 0, bytes / 8)};
    model_.stack(0)[slot] = pointer;
    objects_at_[slot] = objects_.size();
    objects_.push_back(pointer);
  }
  void Collect() {
    ++collections_;
    model_.BeginCycle();
    model_.EndMarking();
    while (const HeapModel::Id id = model_.FirstToDie()) {
      EXPECT_EQ(model_.object(id).has_finalizer ? model_.Queue(id) : model_.Free(id), "");
    }
    while (!model_.due().empty()) {
      const HeapModel::Id id = model_.TakeDue();
      const auto& [object, into] = finalized_[id];
      Report(GraphEventKind::kFinalized, object);
      if (into < 0) continue;
      model_.stack(0)[static_cast<std::size_t>(into)] = {.object = id};
      objects_at_[static_cast<std::size_t>(into)] = object;
    }
    for (std::size_t object = 0; object < objects_.size(); ++object) {
      if (objects_[object].object == 0 || !model_.object(objects_[object].object).is_gone) continue;
      objects_[object] = {};
      Report(GraphEventKind::kFreed, object);
    }
  }
  void Report(GraphEventKind what, std::size_t object) {
    events_.push_back(
        {.collection = collections_, .what = what, .object = static_cast<std::int32_t>(object)});
  }

  struct Finalized {
    std::size_t object = 0;
    std::int32_t into = -1;
  };

  HeapModel model_;
  std::vector<std::size_t> objects_at_;  // the slots'
  std::vector<Pointer> objects_;         // to the model's; null: freed
  std::map<HeapModel::Id, Finalized> finalized_;
  std::vector<GraphEvent> events_;
  std::int32_t collections_ = 0;
};

// ---- Graphs.

// A program of steps that is drawn. It knows the layout of what lies in its first slots, so that it
// stores where there are pointers. The other slots are for finalizers: each has its own, as two of
// one collection may run in any order.
class GraphDraw {
 public:
  explicit GraphDraw(std::uint64_t seed) : random_(seed) {}

  std::vector<GraphStep> Steps() {
    const std::uint64_t collections = 3 + Below(5);
    for (std::uint64_t i = 0; i < collections; ++i) {
      const std::uint64_t steps = 10 + Below(60);
      for (std::uint64_t j = 0; j < steps; ++j) Draw();
      steps_.push_back({.op = GraphOp::kCollect});
    }
    // One after the other everything goes, but for circles with a finalizer.
    for (std::int32_t slot = 0; slot < slots_; ++slot) {
      if (Below(3) != 0) steps_.push_back({.op = GraphOp::kDrop, .slot = slot});
    }
    for (int i = 0; i < 4; ++i) steps_.push_back({.op = GraphOp::kCollect});
    return steps_;
  }
  std::int32_t slots() const { return slots_; }

 private:
  static constexpr std::int32_t kKnownSlots = 10;

  std::uint64_t Below(std::uint64_t n) { return random_() % n; }
  std::int32_t KnownSlot() { return static_cast<std::int32_t>(Below(kKnownSlots)); }
  std::int32_t AnySlot() {
    return Below(4) == 0 ? static_cast<std::int32_t>(Below(static_cast<std::uint64_t>(slots_)))
                         : KnownSlot();
  }
  static std::int64_t BytesOf(const go::Layout& layout) { return layout.bytes * layout.count; }

  void Draw() {
    const std::uint64_t draw = Below(100);
    const std::int32_t slot = KnownSlot();
    if (draw < 30) return DrawNew(slot);
    if (draw < 65) return DrawStore(slot);
    if (draw < 73) return DrawCopy(slot);
    if (draw < 85) return DrawFinalize(slot);
    if (draw < 88) {
      steps_.push_back({.op = GraphOp::kForget, .slot = AnySlot()});
      return;
    }
    const std::int32_t dropped = AnySlot();
    if (dropped < kKnownSlots) Known(dropped) = {.bytes = 0};
    steps_.push_back({.op = GraphOp::kDrop, .slot = dropped});
  }

  go::Layout& Known(std::int32_t slot) { return known_[static_cast<std::size_t>(slot)]; }

  void DrawNew(std::int32_t slot) {
    Known(slot) = DrawLayout();
    steps_.push_back({.op = GraphOp::kNew, .slot = slot, .layout = Known(slot)});
  }
  void DrawStore(std::int32_t slot) {
    const go::Layout& layout = Known(slot);
    if (layout.bytes == 0 || layout.pointer_map == 0) return;
    const auto element = static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(layout.count)));
    std::int64_t word = 0;
    do {
      word = static_cast<std::int64_t>(Below(64));
    } while ((layout.pointer_map >> word & 1) == 0);
    steps_.push_back({.op = GraphOp::kStore,
                      .slot = slot,
                      .from = Below(8) == 0 ? -1 : AnySlot(),
                      .word = static_cast<std::int32_t>(element * (layout.bytes / 8) + word)});
  }
  void DrawCopy(std::int32_t slot) {
    const std::int32_t from = KnownSlot();
    const go::Layout layout = Known(from);
    if (layout.bytes == 0) return;
    Known(slot) = layout;
    const std::uint64_t bytes = static_cast<std::uint64_t>(BytesOf(layout));
    steps_.push_back({.op = GraphOp::kCopy,
                      .slot = slot,
                      .from = from,
                      .offset = static_cast<std::int64_t>(Below(3) == 0 ? 0 : Below(bytes))});
  }
  void DrawFinalize(std::int32_t slot) {
    const go::Layout& layout = Known(slot);
    // A tiny object's may never run, and core refuses it.
    const bool tiny = layout.pointer_map == 0 && BytesOf(layout) < 16;
    const std::int32_t finalized = tiny || Below(8) == 0 ? AnySlot() : slot;
    if (finalized < kKnownSlots && (tiny || finalized != slot)) return;
    steps_.push_back(
        {.op = GraphOp::kFinalize, .slot = finalized, .from = Below(2) == 0 ? -1 : slots_++});
  }

  go::Layout DrawLayout() {
    const std::uint64_t draw = Below(100);
    if (draw < 12) return {.bytes = static_cast<std::int64_t>(1 + Below(15))};
    if (draw < 25) return {.bytes = static_cast<std::int64_t>(16 + Below(1000))};
    if (draw < 27) return {.bytes = static_cast<std::int64_t>(30'000 + Below(60'000))};
    go::Layout layout;
    const std::uint64_t words = 1 + Below(draw < 80 ? 6 : 64);
    layout.bytes = static_cast<std::int64_t>(8 * words);
    const std::uint64_t mask = ~std::uint64_t{0} >> (64 - words);
    do {
      layout.pointer_map = random_() & mask;
    } while (layout.pointer_map == 0);
    if (draw % 3 == 0) layout.count = static_cast<std::int64_t>(1 + Below(40));
    // Beyond what is scanned in one step.
    if (draw == 99) layout.count = 200'000 / layout.bytes;
    return layout;
  }

  std::mt19937_64 random_;
  std::vector<GraphStep> steps_;
  std::vector<go::Layout> known_ = std::vector<go::Layout>(kKnownSlots, go::Layout{.bytes = 0});
  std::int32_t slots_ = kKnownSlots;
};

struct Tally {
  std::size_t collections = 0;
  std::size_t finalized = 0;
  std::size_t freed = 0;
  std::size_t kept_by_finalizer = 0;  // freed later than finalized
};

// The first difference, or nothing.
std::string Compare(std::vector<GraphEvent> theirs, std::vector<GraphEvent> ours) {
  std::ranges::sort(theirs);
  std::ranges::sort(ours);
  const auto [their, our] = std::ranges::mismatch(theirs, ours);
  if (their == theirs.end() && our == ours.end()) return "";
  std::ostringstream text;
  text << "Go: ";
  their == theirs.end() ? text << "nothing more" : text << *their;
  text << "; here: ";
  our == ours.end() ? text << "nothing more" : text << *our;
  return text.str();
}

void Count(std::span<const GraphStep> steps, std::span<const GraphEvent> events, Tally* tally) {
  for (const GraphStep& step : steps) tally->collections += step.op == GraphOp::kCollect ? 1 : 0;
  std::vector<bool> is_finalized(steps.size());
  for (const GraphEvent& event : events) {
    const auto object = static_cast<std::size_t>(event.object);
    if (event.what == GraphEventKind::kFinalized) {
      ++tally->finalized;
      is_finalized[object] = true;
    } else {
      ++tally->freed;
      if (is_finalized[object]) ++tally->kept_by_finalizer;
    }
  }
}

TEST(HeapGraphGoTest, RandomGraphs) {
  constexpr std::uint64_t kFirstSeed = 1;
  constexpr std::uint64_t kGraphs = kSanitized ? 100 : 300;
  Tally tally;
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kGraphs; ++seed) {
    GraphDraw draw(seed);
    const std::vector<GraphStep> steps = draw.Steps();
    const std::vector<GraphEvent> theirs = go::RunGraph(steps, draw.slots());
    ASSERT_EQ(Compare(theirs, GraphHere(draw.slots()).Run(steps)), "") << "seed " << seed;
    ASSERT_EQ(Compare(theirs, GraphInModel(draw.slots()).Run(steps)), "") << "seed " << seed;
    Count(steps, theirs, &tally);
  }
  std::printf(
      "seeds from %llu, compared %llu graphs and %zu collections: "
      "%zu finalized, %zu freed, %zu of them finalized before\n",
      static_cast<unsigned long long>(kFirstSeed), static_cast<unsigned long long>(kGraphs),
      tally.collections, tally.finalized, tally.freed, tally.kept_by_finalizer);
  EXPECT_GT(tally.finalized, 3 * kGraphs);
  EXPECT_GT(tally.freed, 30 * kGraphs);
  EXPECT_GT(tally.kept_by_finalizer, 3 * kGraphs);
}

std::vector<GraphEvent> EventsInGo(std::span<const GraphStep> steps) {
  std::vector<GraphEvent> events = go::RunGraph(steps, 1);
  std::ranges::sort(events);
  return events;
}

// An object with a finalizer and one pointer, which leads to its own end, at this word.
std::vector<GraphStep> ReferringToItself(std::int64_t bytes, std::int64_t word) {
  const std::int64_t words = bytes / 8;
  return {{.op = GraphOp::kNew, .layout = {.count = words, .pointer_map = 1}},
          {.op = GraphOp::kCopy, .offset = bytes - 1},
          {.op = GraphOp::kStore, .word = static_cast<std::int32_t>(word)},
          {.op = GraphOp::kFinalize, .from = -1},
          {.op = GraphOp::kDrop},
          {.op = GraphOp::kCollect},
          {.op = GraphOp::kCollect}};
}

TEST(HeapGraphGoTest, APointerToItsOwnObjectDoesNotKeepIt) {
  for (const std::int64_t bytes : {8, 16, 1024, 40'960, 131'072}) {
    for (const std::int64_t word : {std::int64_t{0}, bytes / 16, bytes / 8 - 1}) {
      const std::vector<GraphStep> steps = ReferringToItself(bytes, word);
      EXPECT_EQ(Compare(EventsInGo(steps), GraphHere(1).Run(steps)), "") << bytes << " at " << word;
      EXPECT_EQ(Compare(EventsInGo(steps), GraphInModel(1).Run(steps)), "") << bytes;
      EXPECT_EQ(EventsInGo(steps).size(), 2U) << "finalized, then freed";
    }
  }
}

// Marking takes the pieces of a large object one by one.
TEST(HeapGraphGoTest, APointerToAnotherPieceOfItsOwnObjectKeepsIt) {
  constexpr std::int64_t kBytes = 2 * std::int64_t{core::kScanPieceBytes};
  for (const std::int64_t word : {std::int64_t{0}, kBytes / 16 - 1, kBytes / 16, kBytes / 8 - 1}) {
    const std::vector<GraphStep> steps = ReferringToItself(kBytes, word);
    const std::vector<GraphEvent> theirs = EventsInGo(steps);
    EXPECT_EQ(Compare(theirs, GraphHere(1).Run(steps)), "") << word;
    EXPECT_EQ(Compare(theirs, GraphInModel(1).Run(steps)), "") << word;
    EXPECT_EQ(theirs.size(), word < kBytes / 16 ? 0U : 2U) << word;
  }
}

}  // namespace
}  // namespace slotproof
