// HashMap under libFuzzer as one would write it in an afternoon: three bytes an operation, std::map
// as the model, every result compared, the size after each operation.
//
// What counts is as in property_bench.cc: a result of the map that was compared with the model's.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>

#include "bench/fuzz_report.h"
#include "core/map/hash_map.h"

namespace slotproof {
namespace {

std::uint64_t operations = 0;
std::uint64_t checked = 0;

void Check(bool agrees) {
  ++checked;
  if (!agrees) std::abort();
}

void CheckContents(const core::HashMap<std::uint64_t, std::uint64_t>& map,
                   const std::map<std::uint64_t, std::uint64_t>& model) {
  std::size_t entries = 0;
  for (auto it = map.Iterate(); it.Next(); ++entries) {
    const auto expected = model.find(it.key());
    Check(expected != model.end() && expected->second == it.value());
  }
  Check(entries == model.size());
}

void RunOne(const std::uint8_t* data, std::size_t size) {
  core::HashMap<std::uint64_t, std::uint64_t> map(0, core::WyRand(1));
  std::map<std::uint64_t, std::uint64_t> model;
  for (; size >= 3; data += 3, size -= 3) {
    ++operations;
    const std::uint64_t key = data[1];
    const std::uint64_t value = data[2];
    switch (data[0] % 16) {
      case 0:
        map.Clear();
        model.clear();
        Check(map.empty());
        break;
      case 1:
        CheckContents(map, model);
        break;
      case 2:
      case 3:
      case 4: {
        const std::uint64_t* found = map.Find(key);
        const auto expected = model.find(key);
        Check(expected == model.end() ? found == nullptr
                                      : found != nullptr && *found == expected->second);
        break;
      }
      case 5:
      case 6:
      case 7:
      case 8:
        Check(map.Erase(key) == (model.erase(key) != 0));
        break;
      default: {
        const bool inserted = model.insert_or_assign(key, value).second;
        Check(map.InsertOrAssign(key, value).second == inserted);
        break;
      }
    }
    if (map.size() != model.size()) std::abort();
  }
  CheckContents(map, model);
}

const FuzzReport kReport([] { return operations; }, [] { return checked; });

}  // namespace
}  // namespace slotproof

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  slotproof::RunOne(data, size);
  return 0;
}
