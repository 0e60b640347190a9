#include "harness/base/standby.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "harness/base/child_process.h"

namespace slotproof {
namespace {

constexpr std::chrono::seconds kLong{50};

// What the body writes to standard error is the owner's to see.
ChildResult InAChild(const std::function<void(const ChildChannel&)>& body) {
  return RunInChild(body, kLong);
}

TEST(Standby, RunsItsBodyWithTheMemoryOfItsStart) {
  const ChildResult result = InAChild([](const ChildChannel& channel) {
    int number = 1;
    Standby standby([&](std::string_view message) {
      channel.Send(std::string(message) + " " + std::to_string(number));
    });
    number = 2;
    channel.Send(standby.Ask({"one", " and ", "two"}) ? ", ran" : ", failed");
  });
  EXPECT_EQ(result.sent, "one and two 1, ran");
}

TEST(Standby, TakesMoreThanAPipeHolds) {
  const ChildResult result = InAChild([](const ChildChannel& channel) {
    Standby standby([&](std::string_view m) { channel.Send(std::to_string(m.size())); });
    const std::string megabyte(1 << 20, 'x');
    standby.Ask({megabyte, megabyte});
  });
  EXPECT_EQ(result.sent, "2097152");
}

TEST(Standby, IsAskedAmidASignal) {
  const ChildResult result = InAChild([](const ChildChannel& channel) {
    static Standby* asked = nullptr;
    Standby standby([&](std::string_view message) { channel.Send(message); });
    asked = &standby;
    ::signal(SIGSEGV, [](int) {
      asked->Ask({"a last word"});
      ::_exit(3);
    });
    ::raise(SIGSEGV);
  });
  EXPECT_EQ(result.sent, "a last word");
  EXPECT_EQ(result.code, 3);
}

// Also one that was never asked, and while another child holds its pipe.
TEST(Standby, GoesWithItsOwner) {
  const ChildResult result = InAChild([](const ChildChannel& channel) {
    Standby standby([&](std::string_view) { channel.Send("asked"); });
    const pid_t other = ::fork();
    if (other == 0) {
      while (true) ::pause();
    }
    ::kill(other, SIGKILL);
  });
  EXPECT_EQ(result.end, ChildResult::End::kExited);
  EXPECT_EQ(result.sent, "");
}

TEST(Standby, ABodyThatDiesIsToldAndAskedOnce) {
  const ChildResult result = InAChild([](const ChildChannel& channel) {
    Standby standby([](std::string_view) { ::_exit(5); });
    for (int i = 0; i < 2; ++i) channel.Send(standby.Ask({"x"}) ? "ran " : "failed ");
  });
  EXPECT_EQ(result.sent, "failed failed ");
}

}  // namespace
}  // namespace slotproof
