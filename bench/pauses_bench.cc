// core::ConcurrentHeap on the work that go/pauses_bench.go does with Go's heap: how long threads
// stand still while their heap is collected.
//
//   pauses_bench BYTES MUTATORS CYCLES QUIET_MS
//
// Each mutator has a complete binary tree, 32 bytes a node, allocated depth first; all trees take
// up to so many bytes. Again and again it allocates four nodes that nobody keeps and a leaf, walks
// down its tree at random, swaps the children of one node on its way, and puts the new leaf into
// the place of the old one. At first for QUIET_MS without a collection, then while another thread
// collects, one cycle after the other.
//
//   stop_median, stop_longest    from the call that stops the world until it runs again
//   ...operation_rare            of 10,000 operations of the mutators, 9,999 take no longer
//   ...operation_longest         what holds up the thread is in an operation's time
//   ...operations                of all mutators, in the time of the phase
//   quiet_...                    the same without a collection
//   cycles                       and their time
//   refused                      allocations
//   nodes, kept                  of the trees, before and after; the checksum is of their values

#include <atomic>
#include <barrier>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bench/durations.h"
#include "bench/result.h"
#include "bench/split_mix.h"
#include "core/heap/concurrent/concurrent_heap.h"
#include "core/heap/frame.h"
#include "core/heap/object_type.h"

namespace slotproof {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t Nanoseconds(Clock::duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count());
}

constexpr int kGarbage = 4;
constexpr std::size_t kArenaBytes = std::size_t{64} << 20;  // of kArenaPages

struct Node {
  Node* left;
  Node* right;
  std::uint64_t value;
  std::uint64_t other;
};
constexpr core::ObjectType kNode(sizeof(Node), 0b011);

// Of the one heap that there is; the collector's thread alone calls it.
struct Stops {
  static void OnStopping() { since = Clock::now(); }
  static void OnStarted() { all.Add(Nanoseconds(Clock::now() - since)); }

  static inline Clock::time_point since;
  static inline Durations all;
};

struct Policy : core::ConcurrentHeapPolicy {
  using StopObserver = Stops;
};
using Heap = core::ConcurrentHeap<Policy>;

enum class Phase : std::uint8_t { kQuiet, kCollecting, kOver };

struct Nodes {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
};

Nodes NodesOf(const Node* node) {
  if (node == nullptr) return {};
  const Nodes left = NodesOf(node->left);
  const Nodes right = NodesOf(node->right);
  return {left.count + right.count + 1, left.sum + right.sum + node->value};
}

class Worker {
 public:
  Worker(Heap& heap, void** root, std::uint64_t number, int depth)
      : root_(root), depth_(depth), numbers_(number << 40), thread_(heap) {}

  void Grow() {
    auto* const root = static_cast<Node*>(thread_.New(kNode));
    thread_.Store(root_, root);
    Grow(root, depth_);
  }
  void Run(const std::atomic<Phase>& phase) {
    core::Frame frame(thread_.mutator(), 1);
    Clock::time_point last = Clock::now();
    for (;;) {
      const Phase now = phase.load(std::memory_order_relaxed);
      if (now == Phase::kOver) return;
      if (!Operate(frame)) MakeWay();
      const Clock::time_point ended = Clock::now();
      (now == Phase::kQuiet ? quiet : collecting).Add(Nanoseconds(ended - last));
      last = ended;
    }
  }
  template <class Wait>
  void Parked(const Wait& wait) {
    thread_.Park();
    wait();
    thread_.Unpark();
  }

  Durations quiet;
  Durations collecting;
  std::uint64_t refused = 0;

 private:
  // False: there is no memory.
  bool Operate(core::Frame& frame) {
    std::uint64_t random = SplitMix(numbers_++);
    for (int i = 0; i < kGarbage; ++i) {
      frame[0] = thread_.New(kNode);
      if (frame[0] == nullptr) return false;
    }
    auto* const leaf = static_cast<Node*>(thread_.New(kNode));
    if (leaf == nullptr) return false;
    // No safe point from here on.
    const int swapped = static_cast<int>((random >> 32) % static_cast<std::uint64_t>(depth_));
    Node* node = Load(root_);
    for (int level = 0; level < depth_; ++level, random = random >> 1 | random << 63) {
      if (level == swapped) {
        Node* const left = Load(&node->left);
        Node* const right = Load(&node->right);
        Store(&node->left, right);
        Store(&node->right, left);
      }
      Node** const child = (random & 1) != 0 ? &node->left : &node->right;
      Node* const next = Load(child);
      if (level == depth_ - 1) {
        leaf->value = next->value;
        Store(child, leaf);
      }
      node = next;
    }
    return true;
  }
  // Until the collector has freed something.
  void MakeWay() {
    ++refused;
    Parked([] { std::this_thread::sleep_for(std::chrono::milliseconds(1)); });
  }

  void Grow(Node* node, int depth) {
    node->value = next_value_++;
    if (depth == 0) return;
    for (Node** const child : {&node->left, &node->right}) {
      auto* const made = static_cast<Node*>(thread_.New(kNode));
      Store(child, made);
      Grow(made, depth - 1);
    }
  }

  Node* Load(void** slot) { return static_cast<Node*>(thread_.Load(slot)); }
  Node* Load(Node** slot) { return Load(reinterpret_cast<void**>(slot)); }
  void Store(Node** slot, Node* node) { thread_.Store(reinterpret_cast<void**>(slot), node); }

  void** root_;
  int depth_;
  std::uint64_t numbers_;
  std::uint64_t next_value_ = 0;
  Heap::Thread thread_;
};

double SecondsOf(std::uint64_t ns) { return static_cast<double>(ns) * 1e-9; }

void PrintOperations(const std::string& phase, const Durations& operations, double seconds) {
  PrintResult((phase + "operations").c_str(), operations.count(), seconds);
  PrintResult((phase + "operation_rare").c_str(), 1, SecondsOf(operations.QuantileNs(0.9999)));
  PrintResult((phase + "operation_longest").c_str(), 1, SecondsOf(operations.longest_ns()));
}

void Bench(std::uint64_t bytes, std::size_t mutators, std::uint64_t cycles,
           std::chrono::milliseconds quiet_time) {
  int depth = 1;
  while ((std::uint64_t{4} << depth) * sizeof(Node) * mutators <= bytes) ++depth;
  // All that is live, and what comes during a cycle: there is no pacer.
  Heap heap({.arena_pages = core::kArenaPages * std::bit_ceil(6 * bytes / kArenaBytes + 32)});
  std::vector<void*> roots(mutators);
  heap.AddGlobals(roots);

  std::atomic<Phase> phase{Phase::kQuiet};
  std::barrier together(static_cast<std::ptrdiff_t>(mutators) + 1);
  std::mutex ending;
  Durations quiet;
  Durations collecting;
  std::uint64_t refused = 0;
  const auto mutate = [&](std::uint64_t number) {
    Worker worker(heap, &roots[number], number, depth);
    worker.Grow();
    worker.Parked([&] { together.arrive_and_wait(); });
    worker.Parked([&] { together.arrive_and_wait(); });
    worker.Run(phase);
    const std::lock_guard lock(ending);
    quiet.Add(worker.quiet);
    collecting.Add(worker.collecting);
    refused += worker.refused;
  };
  std::vector<std::jthread> threads;
  for (std::size_t n = 0; n < mutators; ++n) threads.emplace_back(mutate, n);
  const auto all = [&roots] {
    Nodes nodes;
    for (void* const root : roots) {
      const Nodes of_tree = NodesOf(static_cast<Node*>(root));
      nodes.count += of_tree.count;
      nodes.sum += of_tree.sum;
    }
    return nodes;
  };

  together.arrive_and_wait();
  const Nodes before = all();
  heap.Collect();
  Stops::all = {};
  together.arrive_and_wait();
  std::this_thread::sleep_for(quiet_time);
  phase = Phase::kCollecting;
  const Stopwatch watch;
  for (std::uint64_t cycle = 0; cycle < cycles; ++cycle) heap.Collect();
  const double seconds = watch.Seconds();
  phase = Phase::kOver;
  threads.clear();  // which waits for them
  const Nodes after = all();

  PrintResult("cycles", cycles, seconds);
  PrintResult("stop_median", Stops::all.count(), SecondsOf(Stops::all.QuantileNs(0.5)));
  PrintResult("stop_longest", 1, SecondsOf(Stops::all.longest_ns()));
  PrintOperations("", collecting, seconds);
  PrintOperations("quiet_", quiet, std::chrono::duration<double>(quiet_time).count());
  PrintResult("refused", refused, 0);
  PrintResult("nodes", before.count, 0, before.sum);
  PrintResult("kept", after.count, 0, after.sum);
}

bool Main(int argc, char** argv) {
  if (argc != 5) return false;
  const std::uint64_t bytes = std::strtoull(argv[1], nullptr, 10);
  const std::size_t mutators = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t cycles = std::strtoull(argv[3], nullptr, 10);
  const std::chrono::milliseconds quiet(std::strtoll(argv[4], nullptr, 10));
  if (mutators == 0 || cycles == 0 || bytes < mutators * 1024) return false;
  Bench(bytes, mutators, cycles, quiet);
  return true;
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) {
  if (slotproof::Main(argc, argv)) return 0;
  std::fprintf(stderr, "usage: pauses_bench BYTES MUTATORS CYCLES QUIET_MS\n");
  return 2;
}
