// core::Heap and malloc on the work that go/heap_bench.go does with Go's heap.
//
//   heap_bench alloc core|malloc LEAST_OBJECTS
//   heap_bench mark core BYTES CYCLES
//
// alloc: objects of each size, with and without pointers (half of the words), of which the first
// word is written; at most 1 GiB of them.
//
//   garbage  the last one alone is kept, in a global. malloc's is freed when the next one comes.
//   ring     8 MiB of them live; each takes the place of the oldest one
//   mixed    sizes from 1 to 32,768 bytes, as many bytes in all between two powers of two as
//   between
//            any two others; half have pointers, a quarter goes into a ring of 16,384
//
// mark: forced collections of a graph that takes so many bytes, all of it live.
//
//   list      16 bytes a node, linked in the order of their allocation
//   tree      a complete binary tree, 32 bytes a node, allocated depth first
//   array     one array of pointers to objects of 16 bytes, in the order of their allocation
//   shuffled  the same in random order
//   map       a map from pointers to such objects to the same pointers
//
// Then as many cycles step by step: `median` and `longest` are those of Mark(1), `begin` and `end`
// what StartCycle and FinishMarking take before and after.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/result.h"
#include "bench/split_mix.h"
#include "core/heap/collected_map.h"
#include "core/heap/heap.h"
#include "core/heap/root_table.h"
#include "core/heap/running.h"

namespace slotproof {
namespace {

using core::Frame;
using core::Heap;
using core::Mutator;
using core::ObjectType;

constexpr std::array<std::size_t, 8> kSizes = {8, 16, 32, 64, 128, 1024, 8192, 32768};
constexpr std::size_t kMostBytes = std::size_t{1} << 30;
constexpr std::size_t kRingBytes = std::size_t{8} << 20;
constexpr std::size_t kMixedRing = std::size_t{1} << 14;

// Every other word is a pointer, the first one, too.
constexpr std::array<std::uint64_t, kSizes.back() / 8 / 64> kEveryOtherWord = [] {
  std::array<std::uint64_t, kSizes.back() / 8 / 64> map{};
  map.fill(0x5555555555555555);
  return map;
}();
ObjectType TypeOf(std::size_t bytes, bool pointers) {
  if (!pointers) return ObjectType(bytes);
  if (bytes <= 512)
    return ObjectType(bytes, kEveryOtherWord[0] & (~std::uint64_t{0} >> (64 - bytes / 8)));
  return ObjectType(bytes, std::span(kEveryOtherWord).first(bytes / 512));
}

constexpr ObjectType kByte(1);
constexpr ObjectType kPair(16, 0b01);

// What can be measured of allocation, with core's heap and with malloc: the same names.
class CoreObjects {
 public:
  explicit CoreObjects(std::size_t slots) : frame_(mutator_, 1) {
    heap_.AddGlobals(globals_);
    constexpr ObjectType kPointer(8, 1);
    heap_.Store(mutator_, &globals_[0], heap_.New(mutator_, kPointer, slots));
    heap_.Store(mutator_, &globals_[1], heap_.New(mutator_, kPair));
  }

  class Kind {
   public:
    Kind(std::size_t bytes, bool pointers) : type(TypeOf(bytes, pointers)) {}
    ObjectType type;
  };

  void* New(const Kind& kind) { return heap_.New(mutator_, kind.type); }
  void* NewBytes(std::size_t bytes) { return heap_.New(mutator_, kByte, bytes); }
  void* NewPairs(std::size_t pairs) { return heap_.New(mutator_, kPair, pairs); }
  // Into the first word of a new object: a pointer to something that always lives.
  void SetPointer(void* object) { heap_.Store(mutator_, static_cast<void**>(object), globals_[1]); }
  void KeepAsLast(void* object) { heap_.Store(mutator_, &globals_[2], object); }
  void KeepAt(std::size_t slot, void* object) {
    heap_.Store(mutator_, static_cast<void**>(globals_[0]) + slot, object);
  }
  void* At(std::size_t slot) const { return static_cast<void**>(globals_[0])[slot]; }
  void* anchor() const { return globals_[1]; }
  void Settle() { heap_.Collect(); }

 private:
  Heap<> heap_;
  Mutator& mutator_ = heap_.NewMutator();
  Frame frame_;
  std::array<void*, 3> globals_{};  // the ring, the anchor, the last one
};

class MallocObjects {
 public:
  explicit MallocObjects(std::size_t slots) : ring_(slots) {}
  MallocObjects(const MallocObjects&) = delete;
  MallocObjects& operator=(const MallocObjects&) = delete;
  ~MallocObjects() {
    for (void* const object : ring_) std::free(object);
    std::free(last_);
  }

  class Kind {
   public:
    Kind(std::size_t size, bool) : bytes(size) {}
    std::size_t bytes;
  };

  void* New(const Kind& kind) { return NewBytes(kind.bytes); }
  void* NewBytes(std::size_t bytes) {
    void* const object = std::malloc(bytes);
    if (object == nullptr) std::abort();
    return object;
  }
  void* NewPairs(std::size_t pairs) { return NewBytes(pairs * 16); }
  void SetPointer(void* object) { *static_cast<void**>(object) = &ring_; }
  void KeepAsLast(void* object) { std::free(std::exchange(last_, object)); }
  void KeepAt(std::size_t slot, void* object) { std::free(std::exchange(ring_[slot], object)); }
  void* At(std::size_t slot) const { return ring_[slot]; }
  const void* anchor() const { return &ring_; }
  void Settle() {}

 private:
  std::vector<void*> ring_;
  void* last_ = nullptr;
};

template <class Objects>
void* Made(Objects& objects, const typename Objects::Kind& kind, bool pointers, std::uint64_t i) {
  void* const object = objects.New(kind);
  if (pointers) {
    objects.SetPointer(object);
  } else {
    *static_cast<std::uint64_t*>(object) = i;
  }
  return object;
}

std::string NameOf(const char* case_name, std::size_t bytes, bool pointers) {
  return std::string(case_name) + (pointers ? "/pointers/" : "/bytes/") + std::to_string(bytes);
}

template <class Objects>
void BenchGarbage(std::size_t bytes, bool pointers, std::uint64_t count) {
  Objects objects(1);
  const typename Objects::Kind kind(bytes, pointers);
  std::uint64_t sum = 0;
  const auto run = [&](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) {
      void* const object = Made(objects, kind, pointers, i);
      objects.KeepAsLast(object);
      asm volatile("" : : "r"(object) : "memory");
      sum += pointers ? 1 : *static_cast<std::uint64_t*>(object);
    }
  };
  run(count / 4);
  objects.Settle();
  sum = 0;
  const Stopwatch watch;
  run(count);
  PrintResult(NameOf("garbage", bytes, pointers).c_str(), count, watch.Seconds(), sum);
}

template <class Objects>
void BenchRing(std::size_t bytes, bool pointers, std::uint64_t count) {
  const std::size_t slots = std::min<std::size_t>(kRingBytes / bytes, count);
  Objects objects(slots);
  const typename Objects::Kind kind(bytes, pointers);
  std::size_t slot = 0;
  const auto run = [&](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) {
      objects.KeepAt(slot, Made(objects, kind, pointers, i));
      slot = slot + 1 == slots ? 0 : slot + 1;
    }
  };
  run(slots);
  objects.Settle();
  const Stopwatch watch;
  run(count);
  const double seconds = watch.Seconds();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < slots; ++i) {
    const auto* const object = static_cast<const std::uint64_t*>(objects.At(i));
    sum += !pointers                                                     ? *object
           : *reinterpret_cast<void* const*>(object) == objects.anchor() ? 1
                                                                         : 0;
  }
  PrintResult(NameOf("ring", bytes, pointers).c_str(), count, seconds, sum);
}

// Bytes of the mixed load's objects, one after the other.
std::vector<std::uint32_t> MixedSizes() {
  std::vector<std::uint32_t> sizes(std::size_t{1} << 16);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::uint64_t random = SplitMix(i);
    const std::uint64_t most = std::uint64_t{1} << std::min(15, 1 + std::countr_zero(random));
    sizes[i] = static_cast<std::uint32_t>(most - (random >> 32) % (most / 2));
  }
  return sizes;
}

template <class Objects>
void BenchMixed(std::uint64_t count) {
  const std::vector<std::uint32_t> sizes = MixedSizes();
  Objects objects(kMixedRing);
  std::uint64_t bytes = 0;
  const auto run = [&](std::uint64_t times) {
    for (std::uint64_t i = 0; i < times; ++i) {
      const std::size_t size = sizes[i % sizes.size()];
      void* object = nullptr;
      if (i % 2 == 0) {
        object = objects.NewBytes(size);
        *static_cast<std::uint8_t*>(object) = static_cast<std::uint8_t>(i);
      } else {
        object = objects.NewPairs((size + 15) / 16);
        objects.SetPointer(object);
      }
      bytes += size;
      if (i / 2 % 4 == 0) {
        objects.KeepAt(i / 8 * 2 % kMixedRing + i % 2, object);
      } else {
        objects.KeepAsLast(object);
      }
    }
  };
  run(count / 4);
  objects.Settle();
  bytes = 0;
  const Stopwatch watch;
  run(count);
  PrintResult("mixed", count, watch.Seconds(), bytes);
}

template <class Objects>
void BenchAlloc(std::uint64_t least_objects) {
  for (const bool pointers : {false, true}) {
    for (const std::size_t bytes : kSizes) {
      const std::uint64_t count = std::min<std::uint64_t>(least_objects, kMostBytes / bytes);
      BenchGarbage<Objects>(bytes, pointers, count);
      BenchRing<Objects>(bytes, pointers, count);
    }
  }
  BenchMixed<Objects>(least_objects);
}

struct Node {
  Node* next;
  std::uint64_t value;
};
struct TreeNode {
  TreeNode* left;
  TreeNode* right;
  std::uint64_t value;
  std::uint64_t other;
};
constexpr ObjectType kTreeNode(sizeof(TreeNode), 0b011);

struct Graph {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::uint64_t sum = 0;  // of the values, found by following the pointers
};

// One slot of a frame is where the graph is kept; each function returns what it built there.
class Builder {
 public:
  Builder(Heap<>& heap, Mutator& mutator, Frame& frame)
      : heap_(heap), mutator_(mutator), frame_(frame) {}

  Graph List(std::uint64_t bytes) {
    const std::uint64_t nodes = bytes / sizeof(Node);
    Node* last = nullptr;
    for (std::uint64_t i = 0; i < nodes; ++i) {
      auto* const node = static_cast<Node*>(heap_.New(mutator_, kPair));
      node->value = i;
      if (last == nullptr) {
        frame_[0] = node;
      } else {
        Store(&last->next, node);
      }
      last = node;
    }
    Graph graph{.objects = nodes, .bytes = nodes * sizeof(Node)};
    for (const Node* node = static_cast<Node*>(frame_[0]); node != nullptr; node = node->next) {
      graph.sum += node->value;
    }
    return graph;
  }

  Graph Tree(std::uint64_t bytes) {
    int depth = 0;
    while ((std::uint64_t{4} << depth) * sizeof(TreeNode) <= bytes + sizeof(TreeNode)) ++depth;
    frame_[0] = heap_.New(mutator_, kTreeNode);
    Grow(static_cast<TreeNode*>(frame_[0]), depth);
    Graph graph{.objects = (std::uint64_t{2} << depth) - 1};
    graph.bytes = graph.objects * sizeof(TreeNode);
    graph.sum = SumOf(static_cast<TreeNode*>(frame_[0]));
    return graph;
  }

  Graph Array(std::uint64_t bytes, bool shuffled) {
    const std::uint64_t items = bytes / (sizeof(Node) + sizeof(Node*));
    constexpr ObjectType kPointer(8, 1);
    frame_[0] = heap_.New(mutator_, kPointer, items);
    auto** const slots = static_cast<Node**>(frame_[0]);
    for (std::uint64_t i = 0; i < items; ++i) {
      auto* const node = static_cast<Node*>(heap_.New(mutator_, kPair));
      node->value = i;
      Store(&slots[i], node);
    }
    if (shuffled) {
      for (std::uint64_t i = items - 1; i > 0; --i) {
        const std::uint64_t j = SplitMix(i) % (i + 1);
        Node* const node = slots[i];
        Store(&slots[i], slots[j]);
        Store(&slots[j], node);
      }
    }
    Graph graph{.objects = items + 1, .bytes = items * (sizeof(Node) + sizeof(Node*))};
    for (std::uint64_t i = 0; i < items; ++i) graph.sum += slots[i]->value;
    return graph;
  }

  Graph Map(std::uint64_t bytes) {
    using Pointer = core::HeapPointer<Node>;
    using Pointers = core::CollectedMap<Pointer, Pointer>;
    core::RootTable<> roots(heap_);
    const core::Running<> running(heap_, mutator_, roots);
    const std::uint64_t items = bytes / (sizeof(Node) + 2 * sizeof(Node*));
    auto* const map = core::NewMap<Pointers>(std::int64_t{0}, core::WyRand(1));
    frame_[0] = map;
    Frame frame(mutator_, 1);
    for (std::uint64_t i = 0; i < items; ++i) {
      auto* const node = static_cast<Node*>(heap_.New(mutator_, kPair));
      frame[0] = node;
      node->value = i;
      map->InsertOrAssign(Pointer(node), Pointer(node));
    }
    Graph graph{.objects = items, .bytes = items * (sizeof(Node) + 2 * sizeof(Node*))};
    map->VisitEntries([&graph](const Pointer&, const Pointer& node) { graph.sum += node->value; });
    return graph;
  }

 private:
  template <class T>
  void Store(T** slot, T* value) {
    heap_.Store(mutator_, reinterpret_cast<void**>(slot), value);
  }
  void Grow(TreeNode* node, int depth) {
    node->value = next_value_++;
    if (depth == 0) return;
    for (TreeNode** const child : {&node->left, &node->right}) {
      Store(child, static_cast<TreeNode*>(heap_.New(mutator_, kTreeNode)));
      Grow(*child, depth - 1);
    }
  }
  static std::uint64_t SumOf(const TreeNode* node) {
    return node == nullptr ? 0 : node->value + SumOf(node->left) + SumOf(node->right);
  }

  Heap<>& heap_;
  Mutator& mutator_;
  Frame& frame_;
  std::uint64_t next_value_ = 0;
};

template <class F>
double SecondsOf(const F& f) {
  const Stopwatch watch;
  f();
  return watch.Seconds();
}

template <class Build>
void BenchMark(const std::string& name, std::uint64_t cycles, const Build& build) {
  Heap<> heap;
  Mutator& mutator = heap.NewMutator();
  Frame frame(mutator, 1);
  const Graph graph = build(Builder(heap, mutator, frame));
  heap.Collect();

  const double seconds = SecondsOf([&] {
    for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) heap.Collect();
  });
  PrintResult((name + "/objects").c_str(), cycles * graph.objects, seconds, graph.sum);
  PrintResult((name + "/bytes").c_str(), cycles * graph.bytes, seconds, graph.sum);

  // Each cycle takes the same steps, and whatever else the machine does makes one longer: the least
  // of the cycles counts, step by step.
  std::vector<float> steps;
  std::array<double, 2> around = {1e9, 1e9};
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) {
    around[0] = std::min(around[0], SecondsOf([&] { heap.StartCycle(); }));
    for (std::size_t i = 0;; ++i) {
      bool more = false;
      const auto step = static_cast<float>(SecondsOf([&] { more = heap.Mark(1); }));
      if (!more) break;
      if (i == steps.size()) steps.push_back(step);
      steps[i] = std::min(steps[i], step);
    }
    around[1] = std::min(around[1], SecondsOf([&] { heap.FinishMarking(); }));
    heap.Sweep(SIZE_MAX);
  }
  std::ranges::sort(steps);
  const auto print = [&](const char* what, double took) {
    PrintResult((name + "/" + what).c_str(), 1, took);
  };
  print("median", steps[steps.size() / 2]);
  print("longest", steps.back());
  print("begin", around[0]);
  print("end", around[1]);
}

void BenchMarks(std::uint64_t bytes, std::uint64_t cycles) {
  BenchMark("list", cycles, [&](Builder builder) { return builder.List(bytes); });
  BenchMark("tree", cycles, [&](Builder builder) { return builder.Tree(bytes); });
  BenchMark("array", cycles, [&](Builder builder) { return builder.Array(bytes, false); });
  BenchMark("shuffled", cycles, [&](Builder builder) { return builder.Array(bytes, true); });
  BenchMark("map", cycles, [&](Builder builder) { return builder.Map(bytes); });
}

bool Main(int argc, char** argv) {
  if (argc < 4) return false;
  const std::string_view what = argv[1];
  const std::string_view who = argv[2];
  const std::uint64_t size = std::strtoull(argv[3], nullptr, 10);
  if (size < 40) return false;
  if (what == "alloc" && argc == 4) {
    if (who == "core") return BenchAlloc<CoreObjects>(size), true;
    if (who == "malloc") return BenchAlloc<MallocObjects>(size), true;
  }
  if (what == "mark" && who == "core" && argc == 5) {
    const std::uint64_t cycles = std::strtoull(argv[4], nullptr, 10);
    if (cycles != 0) return BenchMarks(size, cycles), true;
  }
  return false;
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  if (slotproof::Main(argc, argv)) return 0;
  std::fprintf(stderr,
               "usage: heap_bench alloc core|malloc LEAST_OBJECTS\n"
               "       heap_bench mark core BYTES CYCLES\n");
  return 2;
}
