#ifndef SLOTPROOF_BENCH_PEERS_SIMPLE_HEAP_H_
#define SLOTPROOF_BENCH_PEERS_SIMPLE_HEAP_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "core/heap/frame.h"
#include "core/heap/heap.h"
#include "core/heap/object_type.h"
#include "subjects/heap/heap_vocabulary.h"

// A heap as one would model it in an afternoon, for both peers: objects are vectors of numbers of
// objects, and nothing is ever freed. A plain value, so that copies are independent.
//
// Of the vocabulary of subjects/heap it has these operations, eight registers, the globals and the
// shapes. What an operation names need not be there, as with ours. The heap has small sizes, as one
// with those of the runtime takes longer to make than a test to run.

namespace slotproof {

inline constexpr std::array<HeapOp, 15> kPeerHeapOps = {
    HeapOp::kAlloc,      HeapOp::kLoad,      HeapOp::kStore,  HeapOp::kMove,
    HeapOp::kNil,        HeapOp::kStoreNil,  HeapOp::kCopy,   HeapOp::kClear,
    HeapOp::kSetGlobal,  HeapOp::kGetGlobal, HeapOp::kMark,   HeapOp::kFinishMarking,
    HeapOp::kBeginCycle, HeapOp::kSweep,     HeapOp::kCollect};
inline constexpr std::size_t kPeerRegisters = kHeapFirstFrame;

// Which operands are read depends on the operation, as in heap_vocabulary.h.
struct PeerHeapCall {
  HeapOp op;
  std::size_t d = 0, a = 0, b = 0;  // registers
  std::size_t field = 0;
  std::size_t shape = 0;
  std::size_t global = 0;
  std::size_t few = 1;
};

class SimpleHeap {
 public:
  using Id = std::size_t;  // 0: nil

  struct Object {
    std::size_t shape = 0;
    std::vector<Id> fields;
  };

  // The call with what it names brought to what is there; none if nothing happens.
  std::optional<PeerHeapCall> Fixed(PeerHeapCall call) const {
    const bool of_a = call.op == HeapOp::kLoad || call.op == HeapOp::kStore ||
                      call.op == HeapOp::kStoreNil || call.op == HeapOp::kCopy ||
                      call.op == HeapOp::kClear;
    if (!of_a) return call;
    if (!ToHolder(&call.a) || (call.op == HeapOp::kCopy && !ToHolder(&call.b))) return {};
    const std::size_t fields = objects[registers[call.a]].fields.size();
    if (fields == 0) return {};
    call.field %= fields;
    return call;
  }

  void Apply(const PeerHeapCall& call) {
    switch (call.op) {
      case HeapOp::kAlloc:
        registers[call.d] = objects.size();
        objects.push_back({call.shape, std::vector<Id>(kHeapShapes[call.shape].Fields())});
        break;
      case HeapOp::kLoad:
        registers[call.d] = Of(call.a).fields[call.field];
        break;
      case HeapOp::kStore:
        Of(call.a).fields[call.field] = registers[call.b];
        break;
      case HeapOp::kMove:
        registers[call.d] = registers[call.a];
        break;
      case HeapOp::kNil:
        registers[call.d] = 0;
        break;
      case HeapOp::kStoreNil:
        Of(call.a).fields[call.field] = 0;
        break;
      case HeapOp::kCopy:
        std::copy_n(Of(call.b).fields.begin(), CopiedBy(call), Of(call.a).fields.begin());
        break;
      case HeapOp::kClear:
        std::ranges::fill(Of(call.a).fields, Id{0});
        break;
      case HeapOp::kSetGlobal:
        globals[call.global] = registers[call.b];
        break;
      case HeapOp::kGetGlobal:
        registers[call.d] = globals[call.global];
        break;
      default:  // the collector's, which no program sees
        break;
    }
  }

  // How many pointers a copy copies: those that both objects begin with, or all.
  std::size_t CopiedBy(const PeerHeapCall& call) const {
    const std::size_t to = objects[registers[call.a]].shape;
    const std::size_t from = objects[registers[call.b]].shape;
    if (to == from) return kHeapShapes[to].Fields();
    return std::min(kHeapShapes[to].LeadingFields(), kHeapShapes[from].LeadingFields());
  }

  std::vector<Id> Reachable() const {
    std::vector<bool> seen(objects.size());
    std::vector<Id> found;
    const auto add = [&](Id id) {
      if (id == 0 || seen[id]) return;
      seen[id] = true;
      found.push_back(id);
    };
    for (const Id id : registers) add(id);
    for (const Id id : globals) add(id);
    for (std::size_t at = 0; at < found.size(); ++at) {
      for (const Id id : objects[found[at]].fields) add(id);
    }
    return found;
  }

  std::array<Id, kPeerRegisters> registers{};
  std::array<Id, kHeapGlobals> globals{};
  std::vector<Object> objects = std::vector<Object>(1);

 private:
  Object& Of(std::size_t a_register) { return objects[registers[a_register]]; }

  // To the next register that is not nil. False: all are.
  bool ToHolder(std::size_t* a_register) const {
    for (std::size_t tried = 0; tried < kPeerRegisters; ++tried) {
      if (registers[*a_register] != 0) return true;
      *a_register = (*a_register + 1) % kPeerRegisters;
    }
    return false;
  }
};

// The same of core::Heap.
class CoreHeap {
 public:
  CoreHeap() { heap_.AddGlobals(globals_); }

  // False: memory that the heap hands out is not zero, or is part of an object that is reachable.
  bool Run(const PeerHeapCall& call, const SimpleHeap& model) {
    switch (call.op) {
      case HeapOp::kAlloc:
        return Alloc(call, model);
      case HeapOp::kLoad:
        frame_[call.d] = *Slot(model, call);
        break;
      case HeapOp::kStore:
        heap_.Store(mutator_, Slot(model, call), frame_[call.b]);
        break;
      case HeapOp::kMove:
        frame_[call.d] = frame_[call.a];
        break;
      case HeapOp::kNil:
        frame_[call.d] = nullptr;
        break;
      case HeapOp::kStoreNil:
        heap_.Store(mutator_, Slot(model, call), nullptr);
        break;
      case HeapOp::kCopy:
        heap_.Copy(mutator_, frame_[call.a], frame_[call.b], BytesToCopy(call, model));
        break;
      case HeapOp::kClear:
        heap_.Clear(mutator_, frame_[call.a], ShapeOf(model, call.a).bytes());
        break;
      case HeapOp::kSetGlobal:
        heap_.Store(mutator_, &globals_[call.global], frame_[call.b]);
        break;
      case HeapOp::kGetGlobal:
        frame_[call.d] = globals_[call.global];
        break;
      default:
        RunCollector(call);
    }
    return true;
  }

  // Whether all that is reachable is as in the model; after a collection, whether nothing else is
  // left. Tiny objects may share one, and the one with room for more is kept.
  bool Agrees(const SimpleHeap& model, HeapOp done) {
    for (std::size_t i = 0; i < kPeerRegisters; ++i) {
      if (frame_[i] != addresses_[model.registers[i]]) return false;
    }
    for (std::size_t i = 0; i < kHeapGlobals; ++i) {
      if (globals_[i] != addresses_[model.globals[i]]) return false;
    }
    const std::vector<SimpleHeap::Id> reachable = model.Reachable();
    for (const SimpleHeap::Id id : reachable) {
      const SimpleHeap::Object& object = model.objects[id];
      for (std::size_t field = 0; field < object.fields.size(); ++field) {
        if (*SlotOf(id, object.shape, field) != addresses_[object.fields[field]]) return false;
      }
    }
    return done != HeapOp::kCollect || heap_.Stats().heap_objects <= reachable.size() + 1;
  }

 private:
  static const HeapShape& ShapeOf(const SimpleHeap& model, std::size_t a_register) {
    return kHeapShapes[model.objects[model.registers[a_register]].shape];
  }

  void** SlotOf(SimpleHeap::Id id, std::size_t shape, std::size_t field) const {
    return static_cast<void**>(addresses_[id]) + kHeapShapes[shape].WordOf(field);
  }
  void** Slot(const SimpleHeap& model, const PeerHeapCall& call) const {
    const SimpleHeap::Id id = model.registers[call.a];
    return SlotOf(id, model.objects[id].shape, call.field);
  }

  static std::size_t BytesToCopy(const PeerHeapCall& call, const SimpleHeap& model) {
    const HeapShape& to = ShapeOf(model, call.a);
    return &to == &ShapeOf(model, call.b) ? to.bytes() : model.CopiedBy(call) * sizeof(void*);
  }

  bool Alloc(const PeerHeapCall& call, const SimpleHeap& model) {
    const HeapShape& shape = kHeapShapes[call.shape];
    const core::ObjectType type(shape.type_bytes, shape.pointers);
    auto* const memory = static_cast<char*>(heap_.New(mutator_, type, shape.count));
    frame_[call.d] = memory;
    addresses_.push_back(memory);
    if (memory == nullptr || memory[0] != 0) return false;
    if (std::memcmp(memory, memory + 1, shape.bytes() - 1) != 0) return false;
    return std::ranges::none_of(model.Reachable(), [&](SimpleHeap::Id id) {
      auto* const other = static_cast<char*>(addresses_[id]);
      const std::size_t bytes = kHeapShapes[model.objects[id].shape].bytes();
      return other < memory + shape.bytes() && memory < other + bytes;
    });
  }

  void RunCollector(const PeerHeapCall& call) {
    if (call.op == HeapOp::kBeginCycle) heap_.StartCycle();
    if (call.op == HeapOp::kMark) heap_.Mark(call.few);
    if (call.op == HeapOp::kFinishMarking) heap_.FinishMarking();
    if (call.op == HeapOp::kSweep) heap_.Sweep(call.few);
    if (call.op == HeapOp::kCollect) heap_.Collect();
  }

  std::array<void*, kHeapGlobals> globals_{};
  core::Heap<> heap_{
      {.arena_pages = 16, .automatic = false, .mark_buffer = 4, .barrier_buffer = 4}};
  core::Mutator& mutator_ = heap_.NewMutator();
  core::Frame frame_{mutator_, kPeerRegisters};
  std::vector<void*> addresses_ = std::vector<void*>(1);  // by number
};

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_PEERS_SIMPLE_HEAP_H_
