#include "harness/sched/thread_set.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace slotproof::sched {
namespace {

using Model = std::set<ThreadId>;

std::vector<ThreadId> Members(const ThreadSet& set) {
  std::vector<ThreadId> members;
  set.ForEach([&](ThreadId thread) { members.push_back(thread); });
  return members;
}

void ExpectSame(const ThreadSet& set, const Model& model) {
  ASSERT_EQ(Members(set), std::vector<ThreadId>(model.begin(), model.end()));
  ASSERT_EQ(set.size(), model.size());
  ASSERT_EQ(set.empty(), model.empty());
  std::uint32_t n = 0;
  for (const ThreadId thread : model) {
    ASSERT_TRUE(set.Has(thread));
    ASSERT_EQ(set.Nth(n++), thread);
  }
  if (!model.empty()) {
    ASSERT_EQ(set.First(), *model.begin());
  }
}

// Law: it is the set of what was added and not removed, in the order of the numbers.
TEST(ThreadSetTest, IsASet) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    ThreadSet one;
    ThreadSet other;
    Model one_model;
    Model other_model;
    for (std::size_t step = 0; step < 40; ++step) {
      const auto thread = static_cast<ThreadId>(random() % kMaxThreads);
      if (random() % 3 == 0) {
        one.Remove(thread);
        one_model.erase(thread);
      } else {
        one.Add(thread);
        one_model.insert(thread);
      }
      const auto another = static_cast<ThreadId>(random() % kMaxThreads);
      other.Add(another);
      other_model.insert(another);
      ASSERT_EQ(one.Has(another), one_model.contains(another));
    }
    ExpectSame(one, one_model);
    Model both;
    Model rest;
    std::set_intersection(one_model.begin(), one_model.end(), other_model.begin(),
                          other_model.end(), std::inserter(both, both.end()));
    std::set_difference(one_model.begin(), one_model.end(), other_model.begin(), other_model.end(),
                        std::inserter(rest, rest.end()));
    ExpectSame(one.And(other), both);
    ExpectSame(one.Without(other), rest);
    EXPECT_EQ(one == other, one_model == other_model);
  }
}

TEST(ThreadSetTest, HasRoomForTheLastThread) {
  constexpr ThreadSet kLast = ThreadSet::Of(kMaxThreads - 1);
  static_assert(kLast.size() == 1 && kLast.First() == kMaxThreads - 1);
}

}  // namespace
}  // namespace slotproof::sched
