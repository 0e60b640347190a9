// The arithmetic of append and of the allocator against the Go runtime's own: growslice and
// roundupsize of the linked-in runtime are called with the same numbers.
//
// Each growth allocates in Go what it computes, so that cases are chosen by bytes: all small ones,
// and fewer the larger they are. "compared" in the output says how many there were.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/heap/size_classes.h"
#include "core/slice/growth.h"
#include "models/go/slice_oracle.h"

namespace slotproof {
namespace {

using core::Checked;
using core::GrowthRule;

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr std::uint64_t kSeed = 1;
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMostOldCap = 100'000;

using CapRule = Checked<std::int64_t> (*)(std::int64_t elem_bytes, std::int64_t old_cap,
                                          std::int64_t need);

Checked<std::int64_t> Go118Caps(std::int64_t elem_bytes, std::int64_t old_cap, std::int64_t need) {
  return core::GrowCapacity(GrowthRule::kGo118, elem_bytes, old_cap, need);
}

// Compares a rule with the runtime, case by case.
class GrowthComparison {
 public:
  explicit GrowthComparison(CapRule rule) : rule_(rule) { cases_.reserve(kBatch); }

  void Add(std::int64_t elem_bytes, std::int64_t old_cap, std::int64_t need) {
    cases_.push_back({.elem_bytes = elem_bytes, .old_cap = old_cap, .need = need});
    if (cases_.size() == kBatch) Flush();
  }

  void Flush() {
    const std::vector<go::Answer> answers = go::AppendCaps(cases_);
    for (std::size_t i = 0; i < cases_.size(); ++i) Compare(cases_[i], answers[i]);
    cases_.clear();
  }

  // Asks again where the rule expects a panic. If the runtime does not panic, it runs out of memory
  // and ends the process, with a message that names the bytes.
  void AddPanicsThatWereDeclined() {
    Flush();
    std::erase_if(declined_, [this](const go::AppendCase& c) {
      if (rule_(c.elem_bytes, c.old_cap, c.need)) return false;
      cases_.push_back(c);
      cases_.back().sure_of_panic = true;
      return true;
    });
    Flush();
  }

  std::uint64_t compared() const { return compared_; }
  std::uint64_t panicked() const { return panicked_; }
  std::uint64_t different() const { return different_; }
  const std::string& first_difference() const { return first_difference_; }

  void ExpectAgreement() {
    Flush();
    std::printf("compared %llu growths, %llu of them panics; %zu are too large to try\n",
                static_cast<unsigned long long>(compared_),
                static_cast<unsigned long long>(panicked_), declined_.size());
    EXPECT_GT(compared_, 0U);
    EXPECT_EQ(different_, 0U) << "first: " << first_difference_;
  }

 private:
  static constexpr std::size_t kBatch = 4096;

  void Compare(const go::AppendCase& c, const go::Answer& answer) {
    if (answer.status == go::Status::kDeclined) {
      declined_.push_back(c);
      return;
    }
    ++compared_;
    const Checked<std::int64_t> cap = rule_(c.elem_bytes, c.old_cap, c.need);
    bool same;
    if (answer.status == go::Status::kDone) {
      same = cap && *cap == answer.window.cap;
    } else {
      ++panicked_;
      same = !cap && cap.error().Message() == answer.panic.message;
    }
    if (same || different_++ != 0) return;
    std::ostringstream text;
    text << c << ": Go " << answer << ", here "
         << (cap ? std::to_string(*cap) : cap.error().Message());
    first_difference_ = text.str();
  }

  CapRule rule_;
  std::vector<go::AppendCase> cases_;
  std::vector<go::AppendCase> declined_;
  std::uint64_t compared_ = 0;
  std::uint64_t panicked_ = 0;
  std::uint64_t different_ = 0;
  std::string first_difference_;
};

// Appends of 1 to three times the length to old slices of at most so many bytes; to empty ones,
// of up to so many bytes.
void AddAllSmall(std::int64_t most_bytes, GrowthComparison* comparison) {
  for (std::int64_t elem_bytes = 1; elem_bytes <= go::kMostElemBytes; ++elem_bytes) {
    for (std::int64_t need = 1; need == 1 || need * elem_bytes <= most_bytes; ++need) {
      comparison->Add(elem_bytes, 0, need);
    }
    for (std::int64_t old_cap = 1; old_cap == 1 || old_cap * elem_bytes <= most_bytes; ++old_cap) {
      for (std::int64_t need = old_cap + 1; need <= 4 * old_cap; ++need) {
        comparison->Add(elem_bytes, old_cap, need);
      }
    }
  }
}

// Numbers around those at which something changes: powers of two, the end of the address space
// and that end divided by the size of an element.
std::vector<std::int64_t> EdgeNumbers(std::int64_t elem_bytes) {
  std::vector<std::int64_t> numbers = {0, 255, 256, 257, 511, 512};
  const auto add_around = [&numbers](std::int64_t n) {
    for (std::int64_t d = -2; d <= 2; ++d) {
      if (n + std::min<std::int64_t>(d, kMax - n) >= 0) {
        numbers.push_back(n + std::min<std::int64_t>(d, kMax - n));
      }
    }
  };
  for (int bit : {40, 47, 48, 49, 52, 61, 62}) add_around(std::int64_t{1} << bit);
  const std::int64_t address_space = std::int64_t{1} << 48;
  if (elem_bytes != 0) {
    add_around(address_space / elem_bytes);
    add_around(address_space / elem_bytes / 5 * 4);
    add_around(kMax / elem_bytes);
  }
  add_around(kMax / 5 * 4);
  add_around(kMax);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

void AddEdges(GrowthComparison* comparison) {
  for (std::int64_t elem_bytes : {0, 1, 2, 3, 7, 8, 24, 64, 1000, 4095, 4096}) {
    const std::vector<std::int64_t> numbers = EdgeNumbers(elem_bytes);
    for (std::int64_t old_cap : numbers) {
      for (std::int64_t need : numbers) comparison->Add(elem_bytes, old_cap, need);
      // A length that overflowed is negative.
      for (std::int64_t n : {kMax, old_cap, std::int64_t{1}}) {
        comparison->Add(elem_bytes, old_cap, core::WrappingAdd(kMax, n));
      }
    }
  }
}

TEST(SliceGrowthGoTest, AllSmallSlices) {
  GrowthComparison comparison(Go118Caps);
  AddAllSmall(kSanitized ? 384 : 1600, &comparison);
  comparison.ExpectAgreement();
}

// For the sizes where the quarters begin late or early, and whole pages soon.
TEST(SliceGrowthGoTest, EveryOldCapacity) {
  std::mt19937_64 random(kSeed);
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  GrowthComparison comparison(Go118Caps);
  const std::int64_t step = kSanitized ? 23 : 1;
  for (std::int64_t old_cap = 1; old_cap <= kMostOldCap; old_cap += step) {
    // By one, which is what programs do; and by any number of elements, of any size that is cheap.
    comparison.Add(1, old_cap, old_cap + 1);
    const std::int64_t most_elem_bytes =
        std::clamp<std::int64_t>(64 * 1024 / old_cap, 1, go::kMostElemBytes);
    for (int i = 0; i < 2; ++i) {
      const auto elem_bytes =
          static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(most_elem_bytes));
      const auto items =
          static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(3 * old_cap));
      comparison.Add(elem_bytes, old_cap, old_cap + items);
    }
    for (std::int64_t items : {std::int64_t{1}, old_cap, old_cap + 1, 3 * old_cap}) {
      comparison.Add(0, old_cap, old_cap + items);
    }
  }
  comparison.ExpectAgreement();
}

// Millions of cases of which most are small: old capacities and sizes of any magnitude.
TEST(SliceGrowthGoTest, SampledByMagnitude) {
  std::mt19937_64 random(kSeed);
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  GrowthComparison comparison(Go118Caps);
  const int cases = kSanitized ? 200'000 : 12'000'000;
  for (int i = 0; i < cases; ++i) {
    // One in 64 up to 32 KiB, one in 2^15 up to 16 MiB, the others up to half a KiB.
    const std::uint64_t draw = random();
    const std::int64_t most_bytes = draw % 32768 == 0 ? 16 << 20 : draw % 64 == 0 ? 32768 : 512;
    const auto elem_bytes =
        static_cast<std::int64_t>(1 + ((draw >> 16) % 4096 >> (draw >> 32) % 12));
    const std::int64_t most_old = std::clamp<std::int64_t>(most_bytes / elem_bytes, 1, kMostOldCap);
    const auto old_cap =
        static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most_old + 1));
    const auto items =
        static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(3 * old_cap + 1));
    comparison.Add(elem_bytes, old_cap, old_cap + items);
  }
  comparison.ExpectAgreement();
}

// A few of the largest that the four hundred megabytes of the product allow.
TEST(SliceGrowthGoTest, LargeElementsAndLargeSlices) {
  std::mt19937_64 random(kSeed);
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  GrowthComparison comparison(Go118Caps);
  for (int i = 0; i < (kSanitized ? 50 : 300); ++i) {
    const auto elem_bytes = static_cast<std::int64_t>(1 + random() % 4096);
    const std::int64_t most_old = std::min(kMostOldCap, (std::int64_t{48} << 20) / elem_bytes);
    const auto old_cap =
        static_cast<std::int64_t>(1 + random() % static_cast<std::uint64_t>(most_old));
    comparison.Add(elem_bytes, old_cap, old_cap + 1);
  }
  comparison.ExpectAgreement();
}

TEST(SliceGrowthGoTest, OverflowAndTheEndOfTheAddressSpace) {
  GrowthComparison comparison(Go118Caps);
  AddEdges(&comparison);
  comparison.ExpectAgreement();
  EXPECT_GT(comparison.panicked(), 1000U);
}

// In a process of its own, as it ends where the runtime does not panic.
TEST(SliceGrowthGoDeathTest, PanicsWhereOtherwiseMemoryWouldRunOut) {
  // Go's runtime does not survive a fork.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  GrowthComparison comparison(Go118Caps);
  AddEdges(&comparison);
  const auto compare_declined = [&comparison] {
    comparison.Flush();
    const std::uint64_t before = comparison.compared();
    comparison.AddPanicsThatWereDeclined();
    std::fprintf(stderr, "compared %llu, first difference: %s\n",
                 static_cast<unsigned long long>(comparison.compared() - before),
                 comparison.first_difference().c_str());
    std::exit(comparison.different() == 0 ? 0 : 1);
  };
  EXPECT_EXIT(compare_declined(), ::testing::ExitedWithCode(0), "compared [1-9]");
}

// The largest old capacity to which one element can be appended.
std::int64_t LastOldCap(std::int64_t elem_bytes) {
  std::int64_t good = 0;
  std::int64_t bad = std::int64_t{1} << 50;
  while (bad - good > 1) {
    const std::int64_t middle = good + (bad - good) / 2;
    (Go118Caps(elem_bytes, middle, middle + 1) ? good : bad) = middle;
  }
  return good;
}

// Both sides of the limit. What can be asked for is more than any machine has, and Go says how
// much it is when it gives up.
TEST(SliceGrowthGoDeathTest, TheLastGrowthBeforeThePanic) {
  // Go's runtime does not survive a fork.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (const std::int64_t elem_bytes : {1, 3, 8, 24, 4095}) {
    const std::int64_t old_cap = LastOldCap(elem_bytes);
    const go::AppendCase bad{.elem_bytes = elem_bytes,
                             .old_cap = old_cap + 1,
                             .need = old_cap + 2,
                             .sure_of_panic = true};
    const auto panics = [&bad] {
      return go::AppendCaps(std::span(&bad, 1)).front().status == go::Status::kPanicked;
    };
    EXPECT_EXIT(std::exit(panics() ? 0 : 1), ::testing::ExitedWithCode(0), "") << bad;

    const go::AppendCase good{
        .elem_bytes = elem_bytes, .old_cap = old_cap, .need = old_cap + 1, .sure_of_panic = true};
    const auto growth =
        core::PlanGrowth(GrowthRule::kGo118, elem_bytes, good.old_cap, good.need).value();
    const std::size_t bytes =
        core::RoundUpSize(static_cast<std::size_t>(growth.wanted * elem_bytes));
    EXPECT_DEATH(go::AppendCaps(std::span(&good, 1)),
                 "cannot allocate " + std::to_string(bytes) + "-byte block")
        << good;
  }
}

// ---- Rounding to the allocator's sizes.

using RoundingRule = std::size_t (*)(std::size_t);

struct RoundingTally {
  std::size_t compared = 0;
  std::size_t different = 0;
  std::uint64_t first_different = 0;
};

RoundingTally CompareRounding(RoundingRule rule) {
  std::vector<std::uint64_t> bytes;
  for (std::uint64_t n = 0; n <= 70'000; ++n) bytes.push_back(n);
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 1'000'000; ++i) {
    const std::uint64_t draw = random();
    bytes.push_back(draw >> random() % 48);
  }
  for (int bit = 13; bit < 64; ++bit) {
    for (std::uint64_t d = 0; d < 5; ++d) bytes.push_back((std::uint64_t{1} << bit) + d - 2);
  }
  for (std::uint64_t n = 0; n <= 20'000; ++n) bytes.push_back(~n);
  const std::vector<std::uint64_t> sizes = go::RoundUpSizes(bytes);
  RoundingTally tally{.compared = bytes.size()};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (rule(bytes[i]) != sizes[i] && tally.different++ == 0) tally.first_different = bytes[i];
  }
  return tally;
}

TEST(SliceGrowthGoTest, RoundingToSizeClasses) {
  const RoundingTally tally = CompareRounding(core::RoundUpSize);
  std::printf("seed %llu, compared %zu roundings\n", static_cast<unsigned long long>(kSeed),
              tally.compared);
  EXPECT_EQ(tally.different, 0U) << "first: " << tally.first_different << " bytes";
}

// ---- The comparisons find rules that are wrong.

Checked<std::int64_t> Go117Caps(std::int64_t elem_bytes, std::int64_t old_cap, std::int64_t need) {
  return core::GrowCapacity(GrowthRule::kGo117, elem_bytes, old_cap, need);
}

// Doubles once more. (At the threshold itself a quarter more is a doubling, too.)
Checked<std::int64_t> LateThresholdCaps(std::int64_t elem_bytes, std::int64_t old_cap,
                                        std::int64_t need) {
  if (old_cap == 257 && need >= 257 && need <= 514) return Go118Caps(elem_bytes, 0, 514);
  return Go118Caps(elem_bytes, old_cap, need);
}

Checked<std::int64_t> UnroundedCaps(std::int64_t elem_bytes, std::int64_t old_cap,
                                    std::int64_t need) {
  const Checked<core::Growth> growth =
      core::PlanGrowth(GrowthRule::kGo118, elem_bytes, old_cap, need);
  if (!growth) return tl::unexpected(growth.error());
  return growth->wanted;
}

// Is content with a length that overflowed.
Checked<std::int64_t> UncheckedNeedCaps(std::int64_t elem_bytes, std::int64_t old_cap,
                                        std::int64_t need) {
  return Go118Caps(elem_bytes, std::min(old_cap, need), need);
}

// Blames make.
Checked<std::int64_t> WrongWordsCaps(std::int64_t elem_bytes, std::int64_t old_cap,
                                     std::int64_t need) {
  const Checked<std::int64_t> cap = Go118Caps(elem_bytes, old_cap, need);
  if (cap) return cap;
  return tl::unexpected(core::SliceError{.code = core::SliceErrorCode::kMakeSliceCap});
}

TEST(SliceGrowthGoTest, PlantedCapRulesAreTold) {
  for (const auto& [name, rule] : {std::pair<const char*, CapRule>{"Go 1.17", Go117Caps},
                                   {"threshold too late", LateThresholdCaps},
                                   {"not rounded", UnroundedCaps},
                                   {"need not checked", UncheckedNeedCaps},
                                   {"wrong words", WrongWordsCaps}}) {
    GrowthComparison comparison(rule);
    AddAllSmall(300, &comparison);
    comparison.Flush();
    const std::uint64_t among_small = comparison.different();
    AddEdges(&comparison);
    comparison.Flush();
    EXPECT_GT(comparison.different(), 0U) << name;
    std::printf("%s: %llu of %llu differ, %llu of them small, first: %s\n", name,
                static_cast<unsigned long long>(comparison.different()),
                static_cast<unsigned long long>(comparison.compared()),
                static_cast<unsigned long long>(among_small),
                comparison.first_difference().c_str());
  }
}

// With the class of 5120 bytes that older releases had.
std::size_t RoundUpWithOldClass(std::size_t bytes) {
  return bytes > 4864 && bytes <= 5120 ? 5120 : core::RoundUpSize(bytes);
}

// Wraps around instead of giving up.
std::size_t RoundUpWithoutCare(std::size_t bytes) {
  if (bytes <= core::kMaxSmallBytes) return core::RoundUpSize(bytes);
  return (bytes + core::kPageBytes - 1) / core::kPageBytes * core::kPageBytes;
}

TEST(SliceGrowthGoTest, PlantedRoundingsAreTold) {
  EXPECT_EQ(CompareRounding(RoundUpWithOldClass).first_different, 4865U);
  EXPECT_GT(CompareRounding(RoundUpWithoutCare).different, 0U);
}

}  // namespace
}  // namespace slotproof
