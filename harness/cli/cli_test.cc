#include "harness/cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/base/build_info.h"
#include "harness/base/child_process.h"
#include "harness/base/file_io.h"
#include "harness/report/replay_line.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/trace_file.h"

// What a user of the command sees, compared with testdata/*.golden. To rewrite these files:
//
//   SLOTPROOF_UPDATE_GOLDEN=1 bazel run //harness/cli:cli_test

namespace slotproof {
namespace {

namespace fs = std::filesystem;

using testing::AllToyTargets;

constexpr std::string_view kWrongPop =
    "slotproof-trace 1\n"
    "target toy_wrong_pop\n"
    "header universe=16 seed=7\n"
    "push k1\n"
    "mark i0\n"
    "push_many k2 x5\n"
    "push_from k9 t1\n"
    "pop\n"
    "pop\n"
    "peek 1\n"
    "rewind i0\n"
    "clear\n";

const fs::path& TestData() {
  static const fs::path folder = [] {
    const char* workspace = ::getenv("BUILD_WORKSPACE_DIRECTORY");
    const fs::path root = workspace == nullptr ? fs::current_path() : fs::path(workspace);
    return root / "harness/cli/testdata";
  }();
  return folder;
}

void ReplaceAll(std::string* text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

std::string Contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The same in each configuration.
std::string SomeTraceFile() {
  const TraceInfo info = {.vocabulary = "toy",
                          .vocabulary_version = 3,
                          .target = "toy",
                          .laws = {},
                          .configuration = "plain",
                          .found_by = "hand",
                          .build = "some compiler",
                          .signature = "mismatch/pop.key",
                          .summary = "op 1: mismatch/pop.key"};
  std::vector<std::uint8_t> bytes;
  EncodeTraceFile(info, {}, &bytes);
  return std::string(AsText(bytes));
}

struct Result {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// Each test stands in an empty folder.
class CliTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TestData();  // Asked before the working directory changes.
    ::unsetenv("BUILD_WORKING_DIRECTORY");
    ::unsetenv("BUILD_WORKSPACE_DIRECTORY");
    start_ = fs::current_path();
    folder_ = ::testing::TempDir() + "cli_test.XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    folder_ = fs::canonical(folder_);
    fs::current_path(folder_);
    Write("a.txt", kWrongPop);
  }
  void TearDown() override {
    fs::current_path(start_);
    fs::remove_all(folder_);
  }

  static void Write(const std::string& name, std::string_view bytes) {
    std::ofstream(name, std::ios::binary) << bytes;
  }

  // The trace of a.txt for another target.
  static void WriteFor(const std::string& name, const std::string& target) {
    std::string text(kWrongPop);
    ReplaceAll(&text, "toy_wrong_pop", target);
    ReplaceAll(&text, "push_many k2 x5", "push k1\npush k1");
    Write(name, text);
  }

  static Result Run(const std::vector<std::string>& words) {
    std::vector<const char*> argv = {"slotproof"};
    for (const std::string& word : words) argv.push_back(word.c_str());
    std::ostringstream out;
    std::ostringstream err;
    Result result;
    result.exit_code = Main(static_cast<int>(argv.size()), argv.data(), AllToyTargets(),
                            {.version = "1.2.3", .commands = {}, .out = &out, .err = &err});
    result.out = out.str();
    result.err = err.str();
    return result;
  }

  // Appends what a user would see, without what differs between machines and configurations.
  void See(const std::vector<std::string>& words) {
    const Result result = Run(words);
    seen_ += "$ slotproof";
    for (const std::string& word : words) seen_ += " " + word;
    seen_ +=
        "\n" + result.out + result.err + "exit code " + std::to_string(result.exit_code) + "\n\n";
    ReplaceAll(&seen_, folder_, "FOLDER");
    seen_ = std::regex_replace(seen_, std::regex("in [0-9]+ runs"), "in N runs");
    seen_ = std::regex_replace(seen_, std::regex("\"runs\": [0-9]+"), "\"runs\": N");
    ReplaceAll(&seen_, CommandLabel(), CommandLabel("plain"));
    ReplaceAll(&seen_, "(" + std::string(Configuration()) + ")", "(CONFIGURATION)");
  }

  void ExpectSeen(const std::string& golden) const {
    const fs::path path = TestData() / (golden + ".golden");
    if (::getenv("SLOTPROOF_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(path, std::ios::binary) << seen_;
      return;
    }
    EXPECT_EQ(seen_, Contents(path)) << "see the top of cli_test.cc to rewrite " << golden;
  }

  fs::path start_;
  std::string folder_;
  std::string seen_;
};

bool IsPlain() { return Configuration() == "plain"; }

TEST_F(CliTest, Replay) {
  WriteFor("passes.txt", "toy");
  WriteFor("fatal.txt", "toy_fatal");
  WriteFor("throws.txt", "toy_exception");
  WriteFor("random.txt", "toy_random");
  See({"replay", "a.txt"});
  See({"replay", "passes.txt", "fatal.txt", "throws.txt", "random.txt"});
  See({"replay", "a.txt", "--check-every-op", "--in-process"});
  See({"replay", "a.txt", "--json"});
  See({"replay", "a.txt", "--target", "toy"});
  WriteFor("elsewhere.txt", "of_another_program");
  See({"replay", "elsewhere.txt"});
  See({"replay", "elsewhere.txt", "--target", "toy_fatal"});
  See({"replay", "absent.trace", "a.txt", "--json"});
  See({"explain", "absent.trace", "--json"});
  See({"shrink", "absent.trace", "--json"});
  ExpectSeen("replay");
}

TEST_F(CliTest, ReplayOfDeaths) {
  if (!IsPlain()) GTEST_SKIP() << "sanitizers report these deaths in their own ways";
  for (const char* target : {"toy_segv", "toy_abort", "toy_exit", "toy_hang"}) {
    WriteFor(std::string(target) + ".txt", target);
    See({"replay", std::string(target) + ".txt", "--time-limit", "0.3"});
  }
  ExpectSeen("replay_deaths");
}

TEST_F(CliTest, ReplayOfASanitizersDeathShowsItsReport) {
  if (Configuration() != "asan") GTEST_SKIP() << "needs AddressSanitizer";
  WriteFor("overflow.txt", "toy_overflow");
  const Result result = Run({"replay", "overflow.txt"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.out.find("signature  sanitizer/heap-buffer-overflow"), std::string::npos)
      << result.out;
  EXPECT_NE(result.err.find("SUMMARY: AddressSanitizer: heap-buffer-overflow"), std::string::npos)
      << result.err;
}

TEST_F(CliTest, Explain) {
  WriteFor("passes.txt", "toy");
  WriteFor("fatal.txt", "toy_fatal");
  See({"explain", "a.txt"});
  See({"explain", "a.txt", "--around", "1"});
  See({"explain", "passes.txt", "--around", "2"});
  See({"explain", "passes.txt", "--at", "3", "--around", "2"});
  See({"explain", "fatal.txt", "--around", "0"});
  See({"explain", "a.txt", "--around", "1", "--json"});
  ExpectSeen("explain");
}

TEST_F(CliTest, ExplainOfADeathDrawsWhatCameBefore) {
  if (!IsPlain()) GTEST_SKIP() << "sanitizers report this death in their own ways";
  WriteFor("segv.txt", "toy_segv");
  See({"explain", "segv.txt", "--around", "1"});
  ExpectSeen("explain_death");
}

TEST_F(CliTest, Shrink) {
  See({"shrink", "a.txt"});
  See({"replay", "a.min.trace"});
  See({"shrink", "a.min.trace", "-o", "again.trace"});
  See({"shrink", "a.txt", "--expand", "-o", "again.trace"});
  See({"shrink", "a.txt", "--json", "-o", "again.trace"});
  See({"shrink", "a.txt", "--target", "toy"});
  See({"shrink", "a.txt", "-o", "no/such/folder.trace"});
  See({"shrink", "a.txt", "-o", "a.txt/b.trace"});
  See({"shrink", "a.txt", "-o", "a.txt"});
  seen_ += Contents("a.txt") + "\n";
  See({"shrink", "a.min.trace", "-o", "my text.txt"});
  seen_ += Contents("my text.txt");
  ExpectSeen("shrink");
}

// Without -o, what cannot lie beside its file lies where the user stands.
TEST_F(CliTest, ShrinkOfAFileInAnArchiveSavesHere) {
  ASSERT_EQ(Run({"convert", "a.txt", "--to", "trace", "-o", "found.trace"}).exit_code, 0);
  if (std::system("zip -qm outputs.zip found.trace 2>/dev/null") != 0) {
    GTEST_SKIP() << "zip is not installed";
  }
  const Result result = Run({"shrink", folder_ + "/outputs.zip/found.trace"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("\nsaved " + folder_ + "/found.min.trace\n"), std::string::npos)
      << result.out;
  EXPECT_EQ(Run({"replay", "found.min.trace"}).exit_code, 1);
}

// The form stays what it was, and an extension says another one.
TEST_F(CliTest, ShrinkKeepsTheForm) {
  ASSERT_EQ(Run({"convert", "a.txt", "--to", "trace", "-o", "found"}).exit_code, 0);
  Write("text", kWrongPop);
  const auto form = [](const std::string& file, const std::string& out) {
    EXPECT_EQ(Run({"shrink", file, "-o", out}).exit_code, 0) << file << " " << out;
    const auto loaded = LoadTrace(out, AllToyTargets());
    EXPECT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->trace.ops.size(), 6u);
    return loaded->form;
  };
  EXPECT_EQ(form("text", "out"), TraceForm::kText);
  EXPECT_EQ(form("text", "out.trace"), TraceForm::kTraceFile);
  EXPECT_EQ(form("found", "out"), TraceForm::kTraceFile);
  EXPECT_EQ(form("found", "out.txt"), TraceForm::kText);
}

TEST_F(CliTest, ShrinkOfDeathsAndHangs) {
  if (!IsPlain()) GTEST_SKIP() << "sanitizers report these deaths in their own ways";
  WriteFor("segv.txt", "toy_segv");
  WriteFor("hang.txt", "toy_hang");
  See({"shrink", "segv.txt"});
  See({"shrink", "hang.txt", "--time-limit", "0.5"});
  ExpectSeen("shrink_deaths");
}

// Fails at its end whatever it runs; Ctrl-C comes in the fourth run of a process.
class InterruptedSession : public Session {
 public:
  void Reset(const Header&) override {
    ResetBase();
    ops_ = 0;
    if (++resets_ == 4) ::raise(SIGINT);
  }
  StepResult Step(const Op&) override {
    ++ops_;
    return StepResult::kOk;
  }
  bool CheckFull() override { return true; }
  bool Finish() override { return ops_ == 0 || Mismatch("end", "nothing", "something"); }
  void Abandon() override {}
  std::string Draw() const override { return ""; }
  std::string Annotate(const Op&) const override { return ""; }
  void StructuralState(std::span<std::uint8_t>) const override {}

 private:
  int ops_ = 0;
  int resets_ = 0;
};

TEST_F(CliTest, AnInterruptedShrinkSavesTheSmallestTraceSoFar) {
  Target target = testing::ToyTarget();
  target.new_session = []() -> std::unique_ptr<Session> {
    return std::make_unique<InterruptedSession>();
  };
  std::string text = "slotproof-trace 1\ntarget toy\n";
  for (int i = 0; i < 64; ++i) text += "pop\n";
  Write("long.txt", text);
  const Target* const only = &target;
  const auto run = [&](const std::vector<const char*>& argv, std::ostringstream* out) {
    return Main(static_cast<int>(argv.size()), argv.data(), std::span(&only, 1),
                {.version = "1", .commands = {}, .out = out, .err = out});
  };
  std::ostringstream out;
  EXPECT_EQ(run({"slotproof", "shrink", "long.txt"}, &out), 130) << out.str();
  EXPECT_NE(out.str().find("from 64 to 16 operations in 4 runs, interrupted: not yet minimal"),
            std::string::npos)
      << out.str();
  const auto loaded = LoadTrace("long.min.trace", AllToyTargets());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->trace.ops.size(), 16u);

  EXPECT_EQ(run({"slotproof", "to-test", "long.txt", "--dir", "tests"}, &out), 130) << out.str();
  EXPECT_FALSE(fs::exists("tests"));
}

TEST_F(CliTest, Convert) {
  See({"convert", "a.txt", "--to", "text"});
  See({"convert", "a.txt", "--to", "trace"});
  See({"convert", "a.trace", "--to", "raw", "-o", "b"});
  See({"convert", "b", "--to", "text", "--target", "toy_wrong_pop", "-o", "c.txt"});
  EXPECT_EQ(Contents("c.txt"), Run({"convert", "a.txt", "--to", "text"}).out);
  See({"convert", "a.trace", "--to", "trace"});
  ExpectSeen("convert");
}

TEST_F(CliTest, ToTest) {
  Write("WORKSPACE", "");
  fs::create_directories("below/here");
  fs::current_path("below/here");
  See({"to-test", "../../a.txt"});
  See({"to-test", "../../a.txt"});
  See({"to-test", "../../a.txt", "--no-shrink"});
  See({"to-test", "../../a.txt", "--no-shrink"});
  Write("deeper.txt", std::string(kWrongPop) + "push k1\n");
  See({"to-test", "deeper.txt", "--no-shrink"});
  See({"to-test", "../../a.txt", "--no-shrink", "--name", "wrong pop after growth"});
  See({"replay", "../../fuzz/regressions/toy_wrong_pop/mismatch-pop.key.txt"});
  See({"to-test", "../../a.txt", "--target", "toy"});
  See({"to-test", "../../a.txt", "--target", "toy", "--name", "fixed", "--dir", "d"});
  const auto loaded = LoadTrace("../../a.txt", AllToyTargets());
  ASSERT_TRUE(loaded);
  TraceInfo info = loaded->info;
  info.found_by = "fuzz";
  info.signature = "sanitizer/heap-use-after-free";
  info.summary = "op 5: sanitizer/heap-use-after-free";
  ASSERT_TRUE(SaveTraceFile("found.trace", *loaded->target, loaded->trace, info));
  See({"to-test", "found.trace", "--no-shrink"});
  See({"to-test", "found.trace", "--dir", "e"});
  See({"to-test", "found.trace", "--dir", "f", "--target", "toy"});
  WriteFor("random.txt", "toy_random");
  See({"to-test", "random.txt", "--dir", "g"});
  seen_ += Contents(folder_ + "/fuzz/regressions/toy_wrong_pop/sanitizer-heap-use-after-free.txt") +
           "\n";
  seen_ += Contents(folder_ + "/fuzz/regressions/toy_wrong_pop/mismatch-pop.key.txt");
  ExpectSeen("to_test");
}

TEST_F(CliTest, ToTestOutsideAWorkspaceIsAnError) {
  // A workspace above the temporary folder would be found.
  fs::current_path("/");
  if (fs::exists("WORKSPACE")) GTEST_SKIP() << "/ is a workspace";
  const Result result = Run({"to-test", folder_ + "/a.txt"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("say --dir DIR"), std::string::npos) << result.err;
}

TEST_F(CliTest, List) {
  See({"list"});
  See({"list", "vocabularies"});
  See({"list", "goals", "--target", "toy"});
  See({"list", "ops"});
  See({"list", "ops", "--json"});
  See({"list", "targets", "--target", "toy", "--json"});
  ExpectSeen("list");
}

TEST_F(CliTest, Linearize) {
  constexpr std::string_view kBegin =
      "slotproof-history 1\nmodel register\np0 invoke write 1\np0 ok\np0 invoke write 2\np0 ok\n"
      "p1 invoke read\n";
  Write("right.txt", std::string(kBegin) + "p1 ok 2\n");
  Write("stale.txt", std::string(kBegin) + "p1 ok 1\n");
  Write("nobody.txt", std::string(kBegin) + "p1 ok 3\n");
  Write("key.edn",
        "{:process 0 :type :invoke :f :write :value [\"x\" 1]}\n"
        "{:process 0 :type :ok :f :write :value [\"x\" 1]}\n"
        "{:process 1 :type :invoke :f :read :value [\"x\" nil]}\n"
        "{:process 1 :type :ok :f :read :value [\"x\" nil]}\n");
  std::string hard = "slotproof-history 1\nmodel register\n";
  for (int i = 0; i < 12; ++i) hard += fmt::format("p{0} invoke write {0}\n", i);
  for (int i = 0; i < 12; ++i) hard += fmt::format("p{} ok\n", i);
  Write("hard.txt", hard + "p0 invoke read\np0 ok nil\n");
  Write("typo.txt", "slotproof-history 1\nmodel register\np0 invoke raed\n");
  See({"linearize", "right.txt"});
  See({"linearize", "stale.txt"});
  See({"linearize", "stale.txt", "--json"});
  See({"linearize", "nobody.txt", "-o", "page.html"});
  See({"linearize", "key.edn", "--keyed"});
  See({"linearize", "key.edn", "--keyed", "--json"});
  See({"linearize", "hard.txt", "--configurations", "100"});
  See({"linearize", "hard.txt", "--configurations", "100", "--json"});
  See({"linearize", "typo.txt"});
  See({"linearize", "absent.txt"});
  See({"linearize", "right.txt", "--model", "bag"});
  See({"linearize", "right.txt", "--model", "queue"});
  See({"linearize", "--help"});
  EXPECT_NE(Contents("page.html").find("not linearizable"), std::string::npos);
  ExpectSeen("linearize");
}

TEST_F(CliTest, Help) {
  See({"--version"});
  See({"--help"});
  for (const char* command :
       {"replay", "explain", "shrink", "convert", "to-test", "list", "completion"}) {
    See({command, "--help"});
  }
  ExpectSeen("help");
}

TEST_F(CliTest, Completion) {
  for (const char* shell : {"bash", "zsh", "fish"}) See({"completion", shell});
  ExpectSeen("completion");
}

TEST_F(CliTest, Errors) {
  Write("empty", "");
  Write("empty.trace", "");
  Write("random.bin", "\x01\x02\x03\x04");
  Write("typo.txt", "slotproof-trace 1\ntarget toy\npsuh k1\n");
  Write("newer.txt", "slotproof-trace 9\n");
  const std::string whole = SomeTraceFile();
  Write("cut.trace", whole.substr(0, 40));
  std::string changed = whole;
  changed[8] = 7;
  Write("newer.trace", changed);
  changed = whole;
  changed[14] = 'T';
  Write("damaged.trace", changed);
  Write("huge.trace", "");
  fs::resize_file("huge.trace", 100'000'000);
  See({});
  See({"repaly", "a.txt"});
  See({"--colour"});
  See({"replay"});
  See({"replay", "--tagret", "toy", "a.txt"});
  See({"replay", "a.txt", "--target", "toy_segw"});
  See({"replay", "absent.trace", "a.txt"});
  for (const char* file : {".", "empty", "empty.trace", "random.bin", "typo.txt", "newer.txt",
                           "cut.trace", "newer.trace", "damaged.trace", "huge.trace"}) {
    See({"explain", file});
  }
  See({"convert", "a.txt", "--to", "xml"});
  See({"list", "colours"});
  See({"list", "--target", "tyo"});
  See({"replay", "a.txt", "--time-limit", "-1"});
  See({"replay", "a.txt", "--time-limit", "nan"});
  See({"replay", "a.txt", "--every-fuse"});
  See({"replay", "a.txt", "--every-fuse", "--in-process"});
  See({"replay", "a.txt", "b.txt", "--every-fuse", "-o", "c.trace"});
  See({"replay", "a.txt", "a.trace", "--every-fuse"});
  See({"replay", "a.txt", "--budget", "5"});
  See({"explain", "a.txt", "--around", "-1"});
  See({"explain", "a.txt", "--at", "99999999999999999999999"});
  See({"explain", "a.txt", "--at", "10"});
  ExpectSeen("errors");
}

// Names of files are bytes; JSON is not.
TEST_F(CliTest, JsonIsValidWhateverAFileIsCalled) {
  const std::string name = "a\xff.txt";
  Write(name, kWrongPop);
  for (const char* command : {"replay", "explain", "shrink"}) {
    const Result result = Run({command, name, "--json"});
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(nlohmann::json::accept(result.out)) << result.out;
    EXPECT_NE(result.out.find("a\xef\xbf\xbd"), std::string::npos) << result.out;
  }
}

TEST_F(CliTest, RawInputRunsOnTheTargetThatIsSaid) {
  Write("random.bin", "\x01\x02\x03\x04");
  EXPECT_EQ(Run({"replay", "random.bin", "--target", "toy"}).exit_code, 0);
}

TEST_F(CliTest, RelativePathsAreOfTheFolderOfBazelRun) {
  ::setenv("BUILD_WORKING_DIRECTORY", folder_.c_str(), 1);
  fs::current_path("/");
  EXPECT_EQ(Run({"replay", "a.txt"}).exit_code, 1);
  EXPECT_EQ(Run({"convert", "a.txt", "--to", "trace"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ + "/a.trace"));
  ::unsetenv("BUILD_WORKING_DIRECTORY");
}

// A full disk, done by a limit on the size of files.
TEST_F(CliTest, AFullDiskIsOneErrorAndLosesNothing) {
  const ChildResult child = RunInChild(
      [](const ChildChannel& channel) {
        const rlimit limit = {.rlim_cur = 10, .rlim_max = 10};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const Result result = Run({"shrink", "a.txt"});
        channel.Send(std::to_string(result.exit_code) + "\n" + result.out + result.err);
      },
      std::chrono::seconds(50));
  EXPECT_TRUE(child.sent.starts_with("3\n")) << child.sent;
  EXPECT_NE(child.sent.find("target toy_wrong_pop\nheader universe=8"), std::string::npos);
  EXPECT_NE(child.sent.find("a.min.trace: cannot be written: File too large; free some space"),
            std::string::npos)
      << child.sent;
  EXPECT_EQ(std::distance(fs::directory_iterator("."), {}), 1);
}

// A subcommand from elsewhere is a subcommand like the others.
TEST_F(CliTest, FurtherCommandsCanBeAdded) {
  std::ostringstream out;
  const char* const argv[] = {"slotproof", "greet"};
  const ToolConfig config = {.version = "1",
                             .commands = {[](CLI::App& app, Context& context) {
                               app.add_subcommand("greet", "Say hello")->callback([&context] {
                                 context.out << "hello\n";
                                 context.exit_code = kExitFailure;
                               });
                             }},
                             .out = &out};
  EXPECT_EQ(Main(2, argv, AllToyTargets(), config), kExitFailure);
  EXPECT_EQ(out.str(), "hello\n");
}

}  // namespace
}  // namespace slotproof
