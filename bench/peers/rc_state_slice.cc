// RapidCheck's own state testing of sixteen core::Slice<uint64>, as its guide shows it: a command
// is a class that draws its operands in its constructor, changes the model in apply(), and runs and
// compares in run(): the result, then every window and its cells. Up to 100 commands a test
// (RapidCheck's default size), in the shares of the mixed profile of
// subjects/slice/slice_vocabulary.cc, with operands from its table of places.
//
//   rc_state_slice TESTS [SEED]
//
// What counts is an operation after which everything was compared.

#include <cstdint>
#include <ostream>

#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include "bench/peers/simple_slices.h"
#include "bench/peers/state_test.h"
#include "subjects/slice/slice_vocabulary.h"

namespace slotproof {
namespace {

using SliceCommand = rc::state::Command<SimpleSlices, CoreSlices>;

constexpr Int kMostCells = 8192;

std::uint64_t operations = 0;

std::size_t DrawSlot() { return *rc::gen::inRange<std::size_t>(0, kPeerSlices); }

Int DrawPlace(const SimpleSlices::Window& of) {
  return ResolvePlace(*rc::gen::inRange<std::uint32_t>(0, 32), of.len, of.cap);
}

// What fits is not made when it would be large.
bool IsTooLarge(const PeerCall& call, const SimpleSlices& model) {
  const Int len = model[call.s].len;
  if (call.op == PeerOp::kMake) {
    return call.j > kMostCells && !core::CheckMakeSlice(sizeof(Word), call.i, call.j);
  }
  return call.op == PeerOp::kAppendSlice && len + model[call.t].len > kMostCells;
}

template <PeerOp kOp>
class Command : public SliceCommand {
 public:
  explicit Command(const SimpleSlices& model) {
    call_.s = DrawSlot();
    const SimpleSlices::Window& s = model[call_.s];
    if (kWritesD) call_.d = DrawSlot();
    if (kOp == PeerOp::kAppendSlice) call_.t = DrawSlot();
    if (kPlaces >= 1) call_.i = DrawPlace(s);
    if (kPlaces >= 2) call_.j = DrawPlace(s);
    if (kPlaces >= 3) call_.k = DrawPlace(s);
    if (kOp == PeerOp::kAppend) {
      call_.n = *rc::gen::inRange<std::size_t>(0, 1U << *rc::gen::inRange(0, 5));
    }
    if (kOp == PeerOp::kAppend || kOp == PeerOp::kSet) call_.first = *rc::gen::arbitrary<Word>();
    RC_PRE(!IsTooLarge(call_, model));
  }

  void checkPreconditions(const SimpleSlices& model) const override {
    RC_PRE(!IsTooLarge(call_, model));
  }
  void apply(SimpleSlices& model) const override { model.Apply(call_); }
  void run(const SimpleSlices& model, CoreSlices& slices) const override {
    SimpleSlices after = model;
    const PeerResult expected = after.Apply(call_);
    ++operations;
    RC_ASSERT(slices.Run(call_) == expected);
    RC_ASSERT(Agree(after, slices));
  }
  void show(std::ostream& os) const override {
    os << kPeerOpNames[static_cast<std::size_t>(kOp)] << " d=" << call_.d << " s=" << call_.s
       << " t=" << call_.t << " i=" << call_.i << " j=" << call_.j << " k=" << call_.k
       << " n=" << call_.n << " first=" << call_.first;
  }

 private:
  static constexpr bool kWritesD =
      kOp != PeerOp::kGet && kOp != PeerOp::kSet && kOp != PeerOp::kClear;
  static constexpr int kPlaces =
      kOp == PeerOp::kSlice3                                                    ? 3
      : kOp == PeerOp::kSlice || kOp == PeerOp::kMake || kOp == PeerOp::kDelete ? 2
      : kOp == PeerOp::kGet || kOp == PeerOp::kSet                              ? 1
                                                                                : 0;
  PeerCall call_{.op = kOp};
};

using Get = Command<PeerOp::kGet>;
using Set = Command<PeerOp::kSet>;
using Append = Command<PeerOp::kAppend>;
using Slice = Command<PeerOp::kSlice>;
using Slice3 = Command<PeerOp::kSlice3>;
using Share = Command<PeerOp::kShare>;
using Nil = Command<PeerOp::kNil>;
using Make = Command<PeerOp::kMake>;
using Copy = Command<PeerOp::kCopy>;
using Clear = Command<PeerOp::kClear>;
using AppendSlice = Command<PeerOp::kAppendSlice>;
using Delete = Command<PeerOp::kDelete>;

// A class that is named n times is drawn n times as often.
const auto kDrawCommand = rc::state::gen::execOneOfWithArgs<
    Get, Get, Get, Get, Get,                                                                 //
    Set, Set, Set, Set, Set, Set, Set, Set,                                                  //
    Append, Append, Append, Append, Append, Append, Append, Append, Append, Append, Append,  //
    Append, Append, Append, Append,                                                          //
    Slice, Slice, Slice, Slice, Slice, Slice, Slice, Slice, Slice, Slice, Slice, Slice,      //
    Slice3, Slice3, Slice3, Slice3, Slice3,                                                  //
    Share, Share, Share, Share,                                                              //
    Nil, Nil,                                                                                //
    Make, Make, Make,                                                                        //
    Copy, Copy, Copy,                                                                        //
    Clear,                                                                                   //
    AppendSlice, AppendSlice, AppendSlice, AppendSlice,                                      //
    Delete, Delete, Delete>();

int Run(int argc, char** argv) {
  const auto property = [] {
    CoreSlices slices;
    rc::state::check(SimpleSlices(), slices, kDrawCommand);
  };
  return RunStateTests(argc, argv, "slices agree with windows on vectors", property,
                       {"operations", "checked"}, operations);
}

}  // namespace
}  // namespace slotproof

int main(int argc, char** argv) { return slotproof::Run(argc, argv); }
