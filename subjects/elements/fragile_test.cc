#include "subjects/elements/fragile.h"

#include <new>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

static_assert(!std::is_nothrow_move_constructible_v<ThrowingMove>);
static_assert(std::is_nothrow_move_constructible_v<ThrowingCopy>);
static_assert(std::is_nothrow_move_constructible_v<MoveOnly>);
static_assert(!std::is_copy_constructible_v<MoveOnly>);

template <class T>
bool CopyBurns() {
  const T from(7);
  Fuse::Light(FuseKind::kCopy, 1);
  try {
    CallSubject([&] { return T(from); });
  } catch (const std::bad_alloc&) {
  }
  Fuse::Douse();
  return Fuse::TakeBurnt();
}

TEST(FragileTest, CopiesBurnAndLeaveNothingBehind) {
  const auto before = Fragile::Alive();
  EXPECT_TRUE(CopyBurns<ThrowingMove>());
  EXPECT_TRUE(CopyBurns<ThrowingCopy>());
  EXPECT_EQ(Fragile::Alive(), before);
}

TEST(FragileTest, AFailedAssignmentChangesNothing) {
  ThrowingMove to(1);
  const ThrowingMove from(2);
  Fuse::Light(FuseKind::kCopy, 1);
  EXPECT_THROW(CallSubject([&] { to = from; }), FuseBurnt);
  EXPECT_TRUE(Fuse::TakeBurnt());
  EXPECT_EQ(to.number(), 1u);
}

TEST(FragileTest, TokensComeBackAndLivesAreCounted) {
  const auto before = Fragile::Alive();
  {
    MoveOnly made = ElementTraits<MoveOnly>::Make(5);
    const MoveOnly moved = std::move(made);
    EXPECT_EQ(ElementTraits<MoveOnly>::Read(moved), 5u);
    EXPECT_EQ(Fragile::Alive(), before + 2);
  }
  EXPECT_EQ(Fragile::Alive(), before);
}

}  // namespace
}  // namespace slotproof
