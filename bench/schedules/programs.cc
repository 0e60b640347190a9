#include <span>
#include <vector>

#include "bench/schedules/program.h"
#include "bench/schedules/sets.h"

namespace slotproof::bench {

std::span<const Program> Programs() {
  static const std::vector<Program> programs = [] {
    std::vector<Program> all;
    for (const std::span<const Program> set :
         {CbPrograms(), ChessPrograms(), ConvulPrograms(), CsPrograms(), WidePrograms(),
          InspectPrograms(), RadbenchPrograms(), SafeStackPrograms(), Splash2Programs()}) {
      all.insert(all.end(), set.begin(), set.end());
    }
    return all;
  }();
  return programs;
}

}  // namespace slotproof::bench
