#ifndef SLOTPROOF_MODELS_BLOCK_SIZES_H_
#define SLOTPROOF_MODELS_BLOCK_SIZES_H_

#include <algorithm>
#include <array>
#include <cstdint>

// How large the memory block is that a request gets (Go 1.19, sizeclasses.go, msize.go), read off
// the runtime's table. The reference runtime has its own copy, made for speed; both are compared
// with the real runtime.

namespace slotproof {

inline constexpr std::array<std::uint64_t, 68> kBlockSizes = {
    0,     8,     16,    24,    32,    48,    64,    80,    96,    112,   128,   144,  160,   176,
    192,   208,   224,   240,   256,   288,   320,   352,   384,   416,   448,   480,  512,   576,
    640,   704,   768,   896,   1024,  1152,  1280,  1408,  1536,  1792,  2048,  2304, 2688,  3072,
    3200,  3456,  4096,  4864,  5376,  6144,  6528,  6784,  6912,  8192,  9472,  9728, 10240, 10880,
    12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768};

// The least of them that holds `bytes`; beyond the table, whole pages of 8 KiB.
constexpr std::uint64_t BlockSize(std::uint64_t bytes) {
  if (bytes > kBlockSizes.back()) return (bytes + 8191) / 8192 * 8192;
  return *std::lower_bound(kBlockSizes.begin(), kBlockSizes.end(), bytes);
}

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_BLOCK_SIZES_H_
