#include "harness/subject/fuse.h"

#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

class FuseTest : public ::testing::Test {
 protected:
  FuseTest() { Reset(); }
  ~FuseTest() override { Reset(); }

 private:
  static void Reset() {
    Fuse::Douse();
    Fuse::TakeBurnt();
  }
};

void HashInside() {
  CallSubject([] { Fuse::Step(FuseKind::kHash); });
}

TEST_F(FuseTest, TheNthStepOfItsKindThrowsOnce) {
  Fuse::Light(FuseKind::kHash, 3);
  HashInside();
  CallSubject([] { Fuse::Step(FuseKind::kCopy); });
  HashInside();
  EXPECT_FALSE(Fuse::TakeBurnt());
  EXPECT_THROW(HashInside(), FuseBurnt);
  EXPECT_TRUE(Fuse::TakeBurnt());
  EXPECT_FALSE(Fuse::TakeBurnt());
  HashInside();
}

TEST_F(FuseTest, WhatTheHarnessDoesDoesNotCount) {
  Fuse::Light(FuseKind::kHash, 1);
  Fuse::Step(FuseKind::kHash);
  {
    const FusePause pause;
    HashInside();
  }
  EXPECT_THROW(HashInside(), FuseBurnt);
  // Also when a call ends by what it throws.
  Fuse::Light(FuseKind::kHash, 1);
  Fuse::Step(FuseKind::kHash);
}

TEST_F(FuseTest, ADousedFuseBurnsNothing) {
  Fuse::Light(FuseKind::kHash, 1);
  Fuse::Douse();
  HashInside();
}

// In whatever way the memory is asked for.
TEST_F(FuseTest, EachWayToAllocateBurns) {
  const auto burns = [](auto allocate) {
    Fuse::Light(FuseKind::kAlloc, 1);
    try {
      return !CallSubject(allocate) && Fuse::TakeBurnt();
    } catch (const std::bad_alloc&) {
      return Fuse::TakeBurnt();
    }
  };
  struct alignas(64) Aligned {
    char byte[64];
  };
  EXPECT_TRUE(burns([] { return std::make_unique<int>(1) != nullptr; }));
  EXPECT_TRUE(burns([] { return std::make_unique<int[]>(9) != nullptr; }));
  EXPECT_TRUE(burns([] { return std::make_unique<Aligned>() != nullptr; }));
  EXPECT_TRUE(burns([] { return !std::string(100, 'x').empty(); }));
  EXPECT_TRUE(burns([] { return std::unique_ptr<int>(new (std::nothrow) int) != nullptr; }));
  const auto freed = [](void* memory) {
    const bool made = memory != nullptr;
    std::free(memory);
    return made;
  };
  EXPECT_TRUE(burns([&] { return freed(std::calloc(1, 8)); }));
  EXPECT_TRUE(burns([&] { return freed(std::aligned_alloc(64, 64)); }));
  EXPECT_TRUE(freed(std::calloc(1, 8)));
  EXPECT_TRUE(freed(std::aligned_alloc(64, 64)));
}

}  // namespace
}  // namespace slotproof
