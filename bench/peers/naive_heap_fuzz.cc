// core::Heap under libFuzzer as one would write it in an afternoon: four bytes an operation,
// objects of vectors as the model, and after each operation everything that is reachable.
//
// What counts is an operation after which everything was compared.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "bench/fuzz_report.h"
#include "bench/peers/simple_heap.h"

namespace slotproof {
namespace {

std::uint64_t operations = 0;

PeerHeapCall CallOf(const std::uint8_t* data) {
  return {.op = kPeerHeapOps[data[0] % kPeerHeapOps.size()],
          .d = data[1] % kPeerRegisters,
          .a = (data[1] >> 4U) % kPeerRegisters,
          .b = data[2] % kPeerRegisters,
          .field = data[3],
          .shape = data[3] % kHeapShapes.size(),
          .global = data[3] % kHeapGlobals,
          .few = 1 + data[3] % 8U};
}

void RunOne(const std::uint8_t* data, std::size_t size) {
  CoreHeap heap;
  SimpleHeap model;
  for (; size >= 4; data += 4, size -= 4) {
    ++operations;
    const PeerHeapCall drawn = CallOf(data);
    const auto call = model.Fixed(drawn);
    if (call) {
      if (!heap.Run(*call, model)) std::abort();
      model.Apply(*call);
    }
    if (!heap.Agrees(model, drawn.op)) std::abort();
  }
}

const FuzzReport kReport([] { return operations; }, [] { return operations; });

}  // namespace
}  // namespace slotproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  slotproof::RunOne(data, size);
  return 0;
}
