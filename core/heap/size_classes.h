// The sizes in which the runtime's allocator hands out memory.
//
//   request  1..8   9..16   17..24   25..32   33..48  ...  28673..32767   32768 and more
//   block       8      16       24       32       48  ...        32768   next multiple of 8 KiB
//
// The map asks for the rounded size of a bucket array and turns what is left over into spare
// overflow buckets; append turns it into capacity. Both are observable, so the table is exact.
// Costs: one table look-up; the table of 512 bytes is built at compile time.
#ifndef SLOTPROOF_CORE_HEAP_SIZE_CLASSES_H_
#define SLOTPROOF_CORE_HEAP_SIZE_CLASSES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace slotproof::core {

inline constexpr std::size_t kPageBytes = 8192;
inline constexpr std::size_t kMaxSmallBytes = 32768;

// Class 0 is not used for allocation.
inline constexpr std::array<std::uint16_t, 68> kSizeClassBytes = {
    0,     8,     16,    24,    32,    48,    64,    80,    96,    112,   128,   144,  160,   176,
    192,   208,   224,   240,   256,   288,   320,   352,   384,   416,   448,   480,  512,   576,
    640,   704,   768,   896,   1024,  1152,  1280,  1408,  1536,  1792,  2048,  2304, 2688,  3072,
    3200,  3456,  4096,  4864,  5376,  6144,  6528,  6784,  6912,  8192,  9472,  9728, 10240, 10880,
    12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768};

// Pages of a span that is cut into objects of the class.
inline constexpr std::array<std::uint8_t, kSizeClassBytes.size()> kSizeClassPages = {
    0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 1, 2, 1, 3, 2,  3, 1, 3,
    2, 3, 4, 5, 6, 1, 7, 6, 5, 4, 3, 5, 7, 2, 9, 7, 5, 8, 3, 10, 7, 4};

namespace internal_size_classes {

inline constexpr std::size_t kFineStep = 8;
inline constexpr std::size_t kFineLimit = 1024;
inline constexpr std::size_t kCoarseStep = 128;

template <std::size_t kEntries>
constexpr std::array<std::uint8_t, kEntries> ClassOfStep(std::size_t first, std::size_t step) {
  std::array<std::uint8_t, kEntries> classes{};
  std::size_t size_class = 0;
  for (std::size_t i = 0; i < kEntries; ++i) {
    while (kSizeClassBytes[size_class] < first + i * step) ++size_class;
    classes[i] = static_cast<std::uint8_t>(size_class);
  }
  return classes;
}

inline constexpr auto kFineClass = ClassOfStep<kFineLimit / kFineStep + 1>(0, kFineStep);
inline constexpr auto kCoarseClass =
    ClassOfStep<(kMaxSmallBytes - kFineLimit) / kCoarseStep + 1>(kFineLimit, kCoarseStep);

}  // namespace internal_size_classes

// The class of a small request, i.e. one of at most kMaxSmallBytes.
constexpr std::size_t SizeClassOf(std::size_t bytes) {
  using namespace internal_size_classes;
  if (bytes <= kFineLimit - kFineStep) return kFineClass[(bytes + kFineStep - 1) / kFineStep];
  if (bytes <= kFineLimit) return kCoarseClass[0];
  return kCoarseClass[(bytes - kFineLimit + kCoarseStep - 1) / kCoarseStep];
}

// The size of the block that a request for `bytes` receives.
constexpr std::size_t RoundUpSize(std::size_t bytes) {
  if (bytes < kMaxSmallBytes) return kSizeClassBytes[SizeClassOf(bytes)];
  if (bytes > std::numeric_limits<std::size_t>::max() - kPageBytes) return bytes;
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_HEAP_SIZE_CLASSES_H_
