// RapidCheck's own state testing of core::Heap, as its guide shows it: a command is a class that
// draws its operands in its constructor, changes the model in apply(), and runs and compares in
// run(): everything that is reachable. Up to 100 commands a test (RapidCheck's default size), in
// half the shares of the mixed profile of subjects/heap/heap_vocabulary.cc, which are those of
// bench/peer_profiles.h.
//
//   rc_state_heap TESTS [SEED]
//
// What counts is an operation after which everything was compared.

#include <cstdint>
#include <optional>
#include <ostream>

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include "bench/peers/simple_heap.h"
#include "bench/peers/state_test.h"
#include "subjects/heap/heap_vocabulary.h"

namespace slotproof {
namespace {

using HeapCommand = rc::state::Command<SimpleHeap, CoreHeap>;

std::uint64_t operations = 0;

std::size_t DrawBelow(std::size_t limit) { return *rc::gen::inRange<std::size_t>(0, limit); }

template <HeapOp kOp>
class Command : public HeapCommand {
 public:
  Command() {
    if (kHasD) call_.d = DrawBelow(kPeerRegisters);
    if (kHasA) call_.a = DrawBelow(kPeerRegisters);
    if (kHasB) call_.b = DrawBelow(kPeerRegisters);
    if (kHasField) call_.field = DrawBelow(1024);
    if (kOp == HeapOp::kAlloc) call_.shape = DrawBelow(kHeapShapes.size());
    if (kHasGlobal) call_.global = DrawBelow(kHeapGlobals);
    if (kOp == HeapOp::kMark || kOp == HeapOp::kSweep) call_.few = 1 + DrawBelow(8);
  }

  void apply(SimpleHeap& model) const override {
    if (const auto call = model.Fixed(call_)) model.Apply(*call);
  }
  void run(const SimpleHeap& model, CoreHeap& heap) const override {
    SimpleHeap after = model;
    ++operations;
    if (const auto call = model.Fixed(call_)) {
      RC_ASSERT(heap.Run(*call, model));
      after.Apply(*call);
    }
    RC_ASSERT(heap.Agrees(after, kOp));
  }
  void show(std::ostream& os) const override {
    os << HeapVocabulary().ops[static_cast<std::size_t>(kOp)].name << " d=" << call_.d
       << " a=" << call_.a << " b=" << call_.b << " field=" << call_.field
       << " shape=" << call_.shape << " global=" << call_.global << " few=" << call_.few;
  }

 private:
  static constexpr bool kHasD = kOp == HeapOp::kAlloc || kOp == HeapOp::kLoad ||
                                kOp == HeapOp::kMove || kOp == HeapOp::kNil ||
                                kOp == HeapOp::kGetGlobal;
  static constexpr bool kHasA = kOp == HeapOp::kLoad || kOp == HeapOp::kStore ||
                                kOp == HeapOp::kMove || kOp == HeapOp::kStoreNil ||
                                kOp == HeapOp::kCopy || kOp == HeapOp::kClear;
  static constexpr bool kHasB =
      kOp == HeapOp::kStore || kOp == HeapOp::kCopy || kOp == HeapOp::kSetGlobal;
  static constexpr bool kHasField =
      kOp == HeapOp::kLoad || kOp == HeapOp::kStore || kOp == HeapOp::kStoreNil;
  static constexpr bool kHasGlobal = kOp == HeapOp::kSetGlobal || kOp == HeapOp::kGetGlobal;
  PeerHeapCall call_{.op = kOp};
};

using Alloc = Command<HeapOp::kAlloc>;
using Load = Command<HeapOp::kLoad>;
using Store = Command<HeapOp::kStore>;
using Move = Command<HeapOp::kMove>;
using Nil = Command<HeapOp::kNil>;
using StoreNil = Command<HeapOp::kStoreNil>;
using Copy = Command<HeapOp::kCopy>;
using Clear = Command<HeapOp::kClear>;
using SetGlobal = Command<HeapOp::kSetGlobal>;
using GetGlobal = Command<HeapOp::kGetGlobal>;
using Begin = Command<HeapOp::kBeginCycle>;
using Mark = Command<HeapOp::kMark>;
using Finish = Command<HeapOp::kFinishMarking>;
using Sweep = Command<HeapOp::kSweep>;
using Collect = Command<HeapOp::kCollect>;

// A class that is named n times is drawn n times as often.
const auto kDrawCommand = rc::state::gen::execOneOfWithArgs<
    Alloc, Alloc, Alloc, Alloc, Alloc, Alloc, Alloc, Alloc, Alloc, Alloc, Alloc, Alloc,  //
    Load, Load, Load, Load, Load, Load, Load, Load,                                      //
    Store, Store, Store, Store, Store, Store, Store, Store, Store, Store,                //
    Move, Move, Move, Move,                                                              //
    Nil, Nil, Nil, Nil, Nil,                                                             //
    StoreNil, StoreNil, StoreNil,                                                        //
    Copy, Copy,                                                                          //
    Clear,                                                                               //
    SetGlobal, SetGlobal, SetGlobal,                                                     //
    GetGlobal, GetGlobal, GetGlobal,                                                     //
    Begin, Begin, Begin,                                                                 //
    Mark, Mark, Mark, Mark, Mark, Mark, Mark, Mark, Mark, Mark, Mark, Mark,              //
    Finish, Finish,                                                                      //
    Sweep, Sweep, Sweep, Sweep, Sweep,                                                   //
    Collect>();

int Run(int argc, char** argv) {
  const auto property = [] {
    CoreHeap heap;
    rc::state::check(SimpleHeap(), heap, kDrawCommand);
  };
  return RunStateTests(argc, argv, "what is reachable stays as it is", property,
                       {"operations", "checked"}, operations);
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) { return slotproof::Run(argc, argv); }
