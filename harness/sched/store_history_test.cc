#include "harness/sched/store_history.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

// A word, and two threads that know nothing of each other.
class StoreHistoryTest : public testing::Test {
 protected:
  StoreHistoryTest() {
    history_.Begin();
    for (ThreadId thread : {kWriter, kReader}) clock_[thread].Advance(thread);
    Open();
  }

  void Open() { history_.Open(Address(), sizeof(word_)); }
  void Store(std::uint32_t value) {
    Open();
    word_ = value;
    history_.Store(kWriter, clock_[kWriter], Address(), false);
  }
  std::uint32_t Visible() { return history_.Visible(kReader, clock_[kReader], Address(), false); }
  void See(std::uint32_t back) { history_.See(kReader, clock_[kReader], Address(), false, back); }
  std::uint32_t ValueAt(std::uint32_t back) {
    std::uint32_t value = 0;
    history_.CopyValue(Address(), back, &value);
    return value;
  }
  void Fence(ThreadId thread) {
    history_.Fence(thread, clock_[thread]);
    clock_[thread].Advance(thread);
  }

  static constexpr ThreadId kWriter = 0;
  static constexpr ThreadId kReader = 1;

  std::uintptr_t Address() const { return reinterpret_cast<std::uintptr_t>(&word_); }

  StoreHistory history_;
  VectorClock clock_[2];
  std::uint32_t word_ = 7;
};

// Law: what was in memory first can be seen, and each store behind it.
TEST_F(StoreHistoryTest, BeginsWithWhatIsInMemory) {
  EXPECT_EQ(Visible(), 1u);
  Store(8);
  Store(9);
  EXPECT_EQ(Visible(), 3u);
  for (const std::uint32_t back : {0u, 1u, 2u}) EXPECT_EQ(ValueAt(back), 9 - back);
}

// Law: of more stores than are kept, the last ones can be seen.
TEST_F(StoreHistoryTest, KeepsTheLastStores) {
  for (std::uint32_t i = 0; i < 3 * StoreHistory::kKept; ++i) Store(100 + i);
  ASSERT_EQ(Visible(), StoreHistory::kKept);
  for (std::uint32_t back = 0; back < StoreHistory::kKept; ++back) {
    EXPECT_EQ(ValueAt(back), word_ - back);
  }
}

// Law: a thread that looks again and again sees the last store in the end.
TEST_F(StoreHistoryTest, TheLastIsSeenInTheEnd) {
  Store(8);
  for (std::uint32_t i = 0; i < StoreHistory::kMostStale; ++i) {
    ASSERT_EQ(Visible(), 2u);
    See(1);
  }
  EXPECT_EQ(Visible(), 1u);
}

// Law: what no atomic has stored is a new beginning.
TEST_F(StoreHistoryTest, PlainWritesAreANewBeginning) {
  Store(8);
  word_ = 50;
  Open();
  EXPECT_EQ(Visible(), 1u);
  EXPECT_EQ(ValueAt(0), 50u);
}

// Law: fences that are forgotten bind at least those that they did.
TEST_F(StoreHistoryTest, OldFencesBind) {
  Store(8);
  Fence(kWriter);
  Fence(kReader);
  EXPECT_EQ(Visible(), 1u);
  for (int i = 0; i < 1'000; ++i) Fence(kWriter);
  EXPECT_EQ(Visible(), 1u);
}

}  // namespace
}  // namespace slotproof::sched
