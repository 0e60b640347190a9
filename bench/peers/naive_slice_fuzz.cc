// Sixteen core::Slice<uint64> under libFuzzer as one would write it in an afternoon: four bytes an
// operation, windows on vectors as the model, every result compared, and after each operation every
// window with its cells.
//
// What counts is an operation after which everything was compared.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "bench/fuzz_report.h"
#include "bench/peers/simple_slices.h"

namespace slotproof {
namespace {

constexpr Int kMostCells = 8192;

std::uint64_t operations = 0;

// Small numbers, and what lies around the slice's own bounds.
Int Place(unsigned byte, const SimpleSlices::Window& of) {
  const Int number = static_cast<Int>(byte & 15) - 2;
  switch (byte >> 4 & 3) {
    case 0:
    case 1:
      return number;
    case 2:
      return of.len - number;
    default:
      return of.cap - number;
  }
}

PeerCall CallOf(const std::uint8_t* data, const SimpleSlices& model, Word first) {
  const SimpleSlices::Window& s = model[data[1] >> 4];
  return {.op = static_cast<PeerOp>(data[0] % kPeerOps),
          .d = data[1] & 15U,
          .s = std::size_t{data[1]} >> 4U,
          .t = data[2] & 15U,
          .i = Place(data[2], s),
          .j = Place(data[3], s),
          .k = Place(data[2] >> 4U ^ data[3], s),
          .n = data[2] & 15U,
          .first = first};
}

void RunOne(const std::uint8_t* data, std::size_t size) {
  CoreSlices slices;
  SimpleSlices model;
  for (Word first = 1; size >= 4; data += 4, size -= 4, first += 16) {
    const PeerCall call = CallOf(data, model, first);
    if (model[call.s].len + model[call.t].len > kMostCells) continue;
    ++operations;
    if (slices.Run(call) != model.Apply(call) || !Agree(model, slices)) std::abort();
  }
}

const FuzzReport kReport([] { return operations; }, [] { return operations; });

}  // namespace
}  // namespace slotproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  slotproof::RunOne(data, size);
  return 0;
}
