// Dies on inputs that begin with "SLOT": a needle for blind search, a few seconds' work for a
// fuzzer that is told of each new branch.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0 && data[0] == 'S') {
    if (size > 1 && data[1] == 'L') {
      if (size > 2 && data[2] == 'O') {
        if (size > 3 && data[3] == 'T') {
          std::fputs("found the needle\n", stderr);
          std::abort();
        }
      }
    }
  }
  return 0;
}
