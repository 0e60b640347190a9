#include "harness/night/program.h"

#include <poll.h>
#include <signal.h>

#include <string>

#include <gtest/gtest.h>

namespace slotproof {
namespace {

Expected<Program> Shell(const std::string& script, ProgramOutput output = ProgramOutput::kStdout) {
  return Program::Start({"/bin/sh", "-c", script}, {{"GREETING", "hello"}}, output);
}

struct Ended {
  ProgramExit exit;
  std::string output;
};

Ended RunToEnd(Program& program) {
  std::string output;
  while (true) {
    pollfd polled = {.fd = program.output_fd(), .events = POLLIN, .revents = 0};
    poll(&polled, 1, 100);
    const auto exit = program.Exit();
    output += program.ReadOutput();
    if (exit) return {.exit = *exit, .output = output};
  }
}

TEST(ProgramTest, OutputEnvironmentAndExitCodeArrive) {
  auto program = Shell("echo $GREETING; echo not this >&2; exit 3");
  ASSERT_TRUE(program);
  const Ended ended = RunToEnd(*program);
  EXPECT_EQ(ended.output, "hello\n");
  EXPECT_EQ(ended.exit.code, 3);
  EXPECT_EQ(ended.exit.signal, 0);
}

TEST(ProgramTest, ErrorOutputCanBeTakenInstead) {
  auto program = Shell("echo not this; echo this >&2", ProgramOutput::kStderr);
  ASSERT_TRUE(program);
  EXPECT_EQ(RunToEnd(*program).output, "this\n");
}

TEST(ProgramTest, DeathByASignalIsTold) {
  auto program = Shell("kill -9 $$");
  ASSERT_TRUE(program);
  EXPECT_EQ(RunToEnd(*program).exit.signal, SIGKILL);
}

// A program that is not there is an error that names it, not a child that exits.
TEST(ProgramTest, MissingProgramIsAnError) {
  const auto program = Program::Start({"/nowhere/fuzzer"}, {}, ProgramOutput::kStderr);
  ASSERT_FALSE(program);
  EXPECT_NE(program.error().message.find("/nowhere/fuzzer"), std::string::npos);
  EXPECT_NE(program.error().message.find("No such file"), std::string::npos);
}

// What goes out of scope is gone: nothing runs on unobserved.
TEST(ProgramTest, GoesAwayWithItsObject) {
  std::string pid;
  {
    auto program = Shell("echo $$; exec sleep 1000");
    ASSERT_TRUE(program);
    while (pid.find('\n') == std::string::npos) {
      pollfd polled = {.fd = program->output_fd(), .events = POLLIN, .revents = 0};
      poll(&polled, 1, 100);
      pid += program->ReadOutput();
    }
    EXPECT_FALSE(program->Exit());
  }
  EXPECT_NE(kill(std::stoi(pid), 0), 0);
}

// Nor what it has started: the pipe closes when the last of them is gone.
TEST(ProgramTest, TakesItsChildrenAlong) {
  auto program = Shell("sleep 1000 & echo started; wait");
  ASSERT_TRUE(program);
  std::string output;
  while (output.empty()) {
    pollfd polled = {.fd = program->output_fd(), .events = POLLIN, .revents = 0};
    poll(&polled, 1, 100);
    output += program->ReadOutput();
  }
  EXPECT_EQ(program->KillAndWait().signal, SIGKILL);
  pollfd polled = {.fd = program->output_fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&polled, 1, 10'000), 1);
  EXPECT_NE(polled.revents & POLLHUP, 0);
}

TEST(ProgramTest, SignalsReachIt) {
  auto program = Shell("exec sleep 1000");
  ASSERT_TRUE(program);
  program->Signal(SIGTERM);
  EXPECT_EQ(RunToEnd(*program).exit.signal, SIGTERM);
  EXPECT_EQ(program->KillAndWait().signal, SIGTERM) << "an end is final";
}

}  // namespace
}  // namespace slotproof
