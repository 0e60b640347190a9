#include "harness/trace/trace_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "harness/base/file_io.h"
#include "harness/testing/toy_target.h"
#include "harness/trace/codec.h"
#include "harness/trace/random_trace.h"
#include "harness/trace/text.h"

namespace slotproof {
namespace {

namespace fs = std::filesystem;

using testing::AllToyTargets;
using testing::LawsToyTarget;
using testing::OtherVersionToyTarget;
using testing::Plant;
using testing::RandomBytes;
using testing::RandomTrace;
using testing::ToyTarget;
using testing::ToyVocabulary;

class TraceFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "trace_file_test.XXXXXX";
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(std::string_view name) const { return folder_ + "/" + std::string(name); }

  std::string Write(std::string_view name, std::string_view bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }

  // The error without the folder, or "no error".
  std::string LoadError(const std::string& path, std::string_view target = {}) const {
    const auto loaded = LoadTrace(path, AllToyTargets(), target);
    if (loaded) return "no error";
    std::string message = loaded.error().message;
    const std::size_t at = message.find(folder_ + "/");
    return at == std::string::npos ? message : message.erase(at, folder_.size() + 1);
  }

  std::size_t FilesLeft() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }

  std::string folder_;
};

TraceInfo SomeInfo() {
  return {.vocabulary = "toy",
          .vocabulary_version = 3,
          .target = "toy",
          .laws = {},
          .configuration = "asan",
          .found_by = "property seed=42",
          .build = "clang 19",
          .signature = "mismatch/pop.key",
          .summary = "op 3: mismatch/pop.key: expected k3, got k2"};
}

std::string SomeFile() {
  std::vector<std::uint8_t> bytes;
  const std::vector<std::uint8_t> raw = {1, 0, 9, 0, 0, 0, 0, 0, 0, 5, 0};
  EncodeTraceFile(SomeInfo(), raw, &bytes);
  return std::string(AsText(bytes));
}

// A file with the same content under a right checksum, so that later checks are reached.
std::string Resealed(TraceFile file) {
  std::vector<std::uint8_t> bytes;
  EncodeTraceFile(file.info, file.raw, &bytes);
  return std::string(AsText(bytes));
}

// DecodeTraceFile(EncodeTraceFile(f)) == f
TEST(TraceFile, IsLossless) {
  std::mt19937_64 rng(3);
  std::vector<std::uint8_t> bytes;
  for (int i = 0; i < 3000; ++i) {
    TraceFile file = {.info = SomeInfo(), .raw = RandomBytes(rng, 200)};
    file.info.summary = AsText(RandomBytes(rng, 60));
    file.info.laws = AsText(RandomBytes(rng, 20));
    file.info.vocabulary_version = static_cast<std::uint16_t>(rng());
    file.info.points = static_cast<std::uint16_t>(rng());
    EncodeTraceFile(file.info, file.raw, &bytes);
    const auto decoded = DecodeTraceFile(bytes, "f.trace");
    ASSERT_TRUE(decoded) << decoded.error().message;
    ASSERT_EQ(*decoded, file);
  }
}

// No prefix of a file and no file with one flipped bit is taken for a file.
TEST(TraceFile, EachDamagedBitAndEachMissingByteIsAnError) {
  const std::string whole = SomeFile();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto decoded = DecodeTraceFile(AsBytes(whole).first(length), "f.trace");
    ASSERT_FALSE(decoded) << length;
    ASSERT_TRUE(decoded.error().message.starts_with("f.trace: byte ")) << decoded.error().message;
  }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(DecodeTraceFile(AsBytes(damaged), "f.trace")) << "bit " << bit;
  }
  ASSERT_TRUE(DecodeTraceFile(AsBytes(whole), "f.trace"));
}

// As slotproof wrote it before: version 2 has no field for the points, version 1 none for the laws.
std::string OfVersion(std::uint8_t version) {
  TraceInfo info = SomeInfo();
  info.laws.clear();
  info.points = 7;
  std::vector<std::uint8_t> bytes;
  EncodeTraceFile(info, {}, &bytes);
  constexpr std::size_t kVersionAt = 8;
  // magic, version, "toy", vocabulary version, "toy"
  constexpr std::ptrdiff_t kLawsAt = 8 + 2 + (4 + 3) + 2 + (4 + 3);
  constexpr std::ptrdiff_t kLawsBytes = 4;
  bytes[kVersionAt] = version;
  const auto laws = bytes.begin() + kLawsAt;
  bytes.erase(version == 1 ? laws : laws + kLawsBytes, laws + kLawsBytes + 2);
  bytes.resize(bytes.size() - sizeof(std::uint64_t));
  std::uint64_t checksum = Checksum(bytes);
  for (int i = 0; i < 8; ++i, checksum >>= 8) bytes.push_back(static_cast<std::uint8_t>(checksum));
  return std::string(AsText(bytes));
}

TEST(TraceFile, OlderVersionsNameNoLawsAndNoPoints) {
  for (const std::uint8_t version : {std::uint8_t{1}, std::uint8_t{2}}) {
    const std::string bytes = OfVersion(version);
    const auto decoded = DecodeTraceFile(AsBytes(bytes), "f.trace");
    ASSERT_TRUE(decoded) << decoded.error().message;
    TraceInfo expected = SomeInfo();
    expected.laws.clear();
    EXPECT_EQ(decoded->info, expected);
  }
}

// With each form, a trace keeps the version of the points that its switches were counted by, also
// where the target has another one by now; a text that says none is known to say none.
TEST_F(TraceFileTest, EachFormKeepsTheVersionOfThePoints) {
  Target counted = ToyTarget();
  counted.points = 7;
  ASSERT_TRUE(SaveTraceFile(Path("a"), counted, Trace{}, SomeInfo()));
  Write("b", PrintTrace(counted, Trace{}));
  Write("c", PrintTrace(ToyTarget(), Trace{}));
  counted.points = 8;
  const Target* const targets[] = {&counted};
  for (const auto& [name, points] : {std::pair("a", 7), std::pair("b", 7), std::pair("c", 0)}) {
    const auto loaded = LoadTrace(Path(name), targets);
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_EQ(loaded->info.points, points) << name;
  }
}

// With each form, a trace is judged by the laws it was saved under, and by others if they are said.
TEST_F(TraceFileTest, EachFormKeepsTheLaws) {
  const Target& lax = LawsToyTarget();
  const Target& strict = *lax.by_laws[1];
  const Target* const targets[] = {&lax, &ToyTarget()};
  for (const Target* const saved : {&lax, &strict}) {
    ASSERT_TRUE(SaveTraceFile(Path("a"), *saved, Trace{}, SomeInfo()));
    Write("b", PrintTrace(*saved, Trace{}));
    for (const char* const name : {"a", "b"}) {
      const auto loaded = LoadTrace(Path(name), targets);
      ASSERT_TRUE(loaded) << loaded.error().message;
      EXPECT_EQ(loaded->target, saved) << name;
      EXPECT_EQ(loaded->info.laws, saved->laws) << name;
      EXPECT_EQ(LoadTrace(Path(name), targets, {}, "lax")->target, &lax) << name;
      EXPECT_EQ(LoadTrace(Path(name), targets, {}, "strict")->target, &strict) << name;
      EXPECT_EQ(LoadTrace(Path(name), targets, "toy")->target, &ToyTarget()) << name;
      EXPECT_EQ(LoadTrace(Path(name), targets, "toy_laws")->target, saved) << name;
    }
  }
  Write("c", "");
  EXPECT_EQ(LoadTrace(Path("c"), targets, "toy_laws")->target, &lax);
  EXPECT_EQ(LoadTrace(Path("c"), targets, "toy_laws", "strict")->target, &strict);
}

TEST_F(TraceFileTest, ATraceThatNamesNoLawsMeansTheDefault) {
  const Target& lax = LawsToyTarget();
  const Target& strict = *lax.by_laws[1];
  // Also when it is loaded for a target by other laws.
  const Target* const targets[] = {&strict, &ToyTarget()};
  std::string old = OfVersion(1);
  EXPECT_EQ(LoadTrace(Write("a", old), targets, "toy_laws")->target, &lax);
  EXPECT_EQ(LoadTrace(Write("b", "slotproof-trace 1\ntarget toy_laws\n"), targets)->target, &lax);
}

TEST_F(TraceFileTest, LawsThatTheTargetDoesNotHaveAreAnError) {
  const Target* const targets[] = {&LawsToyTarget(), &ToyTarget()};
  TraceFile file = {.info = SomeInfo(), .raw = {}};
  file.info.target = "toy_laws";
  file.info.laws = "odd";
  Write("a", Resealed(file));
  EXPECT_EQ(LoadTrace(Path("a"), targets).error().message,
            Path("a") +
                ": unknown laws \"odd\"; target \"toy_laws\" has lax and strict; choose "
                "others with --laws NAME");
  EXPECT_TRUE(LoadTrace(Path("a"), targets, {}, "lax"));
  EXPECT_EQ(LoadTrace(Path("a"), targets, {}, "nonsense").error().message,
            "unknown laws \"nonsense\"; target \"toy_laws\" has lax and strict");
  const auto none = LoadTrace(Path("a"), targets, "toy", "lax");
  EXPECT_EQ(
      none.error().message,
      "target \"toy\" has no laws to choose from, and so none called \"lax\"; say no laws, or "
      "choose another target");
  EXPECT_EQ(none.error().kind, Error::Kind::kUsage);
}

TEST_F(TraceFileTest, EachFormOfATraceLoadsAsThatTrace) {
  std::mt19937_64 rng(4);
  for (int i = 0; i < 100; ++i) {
    const Trace trace = RandomTrace(ToyVocabulary(), rng, 30);
    ASSERT_TRUE(SaveTraceFile(Path("a"), ToyTarget(Plant::kLeak), trace, SomeInfo()));
    Write("b", PrintTrace(ToyTarget(Plant::kLeak), trace));
    Write("c", AsText(Codec(ToyVocabulary()).Encode(trace)));
    for (const auto& [name, target, form] :
         {std::tuple("a", "", TraceForm::kTraceFile), std::tuple("b", "", TraceForm::kText),
          std::tuple("c", "toy_leak", TraceForm::kRaw)}) {
      const auto loaded = LoadTrace(Path(name), AllToyTargets(), target);
      ASSERT_TRUE(loaded) << loaded.error().message;
      ASSERT_EQ(loaded->trace, trace);
      ASSERT_EQ(loaded->target, &ToyTarget(Plant::kLeak));
      ASSERT_EQ(loaded->form, form);
      ASSERT_EQ(loaded->info.target, "toy_leak");
    }
  }
  EXPECT_EQ(LoadTrace(Path("a"), AllToyTargets())->info.found_by, "property seed=42");
}

TEST_F(TraceFileTest, ATraceRunsOnAnotherTargetOfItsVocabulary) {
  Write("a", SomeFile());
  const auto loaded = LoadTrace(Path("a"), AllToyTargets(), "toy_segv");
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->target, &ToyTarget(Plant::kSegv));
}

TEST_F(TraceFileTest, EachBadFileIsOneClearError) {
  const std::string whole = SomeFile();
  EXPECT_EQ(LoadError(Write("empty.trace", "")),
            "empty.trace: byte 0: this file is empty; copy it anew");
  EXPECT_EQ(LoadError(Write("empty", "")),
            "empty: this file is empty and so can only be raw input; say what it is for: "
            "--target NAME");
  EXPECT_EQ(LoadError(Write("cut.trace", whole.substr(0, 32))),
            "cut.trace: byte 32: the file ends inside the configuration, which needs 4 bytes and "
            "has 0; it is cut short or damaged: copy it anew");
  EXPECT_EQ(LoadError(Write("cut.trace", whole.substr(0, whole.size() - 3))),
            "cut.trace: byte 158: the file ends inside the checksum, which needs 8 bytes and has "
            "5; it is cut short or damaged: copy it anew");
  EXPECT_EQ(LoadError(Write("long.trace", whole + "x")),
            "long.trace: byte 166: something follows the trace; cut the file here or copy it anew");
  std::string newer = whole;
  newer[8] = 4;
  EXPECT_EQ(LoadError(Write("newer", newer)),
            "newer: byte 8: trace file version 4 was written by a newer slotproof, this one reads "
            "version 3; use the newer one, or let it convert the file to text");
  std::string damaged = whole;
  damaged[whole.size() - 12] ^= 1;
  EXPECT_EQ(LoadError(Write("damaged", damaged)).substr(0, 35),
            "damaged: byte 158: the checksum is ");
  EXPECT_EQ(LoadError(Write("text.trace", "slotproof-trace 1\ntarget toy\n")),
            "text.trace: byte 0: this is not a trace file: its magic number is missing; if it is "
            "raw input, name it otherwise than .trace and say --target NAME");
  EXPECT_EQ(LoadError(Write("random", "\x01\x02\x03")),
            "random: this is neither a trace file nor a text trace and so can only be raw input; "
            "say what it is for: --target NAME");
  EXPECT_EQ(LoadError(Write("random", "\x01\x02\x03"), "toy_sevg"),
            "unknown target \"toy_sevg\"; did you mean \"toy_segv\"?");
  EXPECT_EQ(LoadError(Write("draft.txt", "push k1\n")),
            "draft.txt:1:1: the first line must be \"slotproof-trace 1\", this is \"push\"");
}

// A later version that only added to the ends of its lists reads what an earlier one wrote.
TEST_F(TraceFileTest, AnOlderVersionIsReadWhereItMeansTheSame) {
  Vocabulary grown = *ToyTarget().vocabulary;
  grown.version = 9;
  grown.oldest_version = 3;
  Target target = ToyTarget();
  target.vocabulary = &grown;
  const Target* const targets[] = {&target};
  TraceFile file = {.info = SomeInfo(), .raw = {}};
  const auto loads = [&](std::uint16_t version) {
    file.info.vocabulary_version = version;
    return LoadTraceBytes(Resealed(file), "a", targets).has_value();
  };
  EXPECT_FALSE(loads(2));
  EXPECT_TRUE(loads(3));
  EXPECT_TRUE(loads(8));
  EXPECT_TRUE(loads(9));
  EXPECT_FALSE(loads(10));
}

TEST_F(TraceFileTest, AForeignVocabularyIsAnError) {
  TraceFile file = {.info = SomeInfo(), .raw = {}};
  file.info.vocabulary = "map";
  EXPECT_EQ(LoadError(Write("a", Resealed(file))),
            "a: byte 14: the trace is of vocabulary \"map\" version 3, target \"toy\" has \"toy\" "
            "version 3; choose another one with --target");
  file.info = SomeInfo();
  file.info.vocabulary_version = 4;
  EXPECT_EQ(LoadError(Write("a", Resealed(file))),
            "a: byte 14: the trace is of vocabulary \"toy\" version 4, target \"toy\" has \"toy\" "
            "version 3; use the newer slotproof that wrote it");
  file.info = SomeInfo();
  file.info.target = "heap";
  EXPECT_EQ(LoadError(Write("a", Resealed(file))).substr(0, 32),
            "a: unknown target \"heap\"; known:");
  const Target* const other[] = {&OtherVersionToyTarget()};
  const auto loaded = LoadTrace(Write("a", SomeFile()), other);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("let the older slotproof"), std::string::npos);
}

// A text travels between programs that have other targets of one vocabulary.
TEST_F(TraceFileTest, ATextRunsOnTheTargetThatIsSaidWhateverItNames) {
  const std::string path =
      Write("a.txt", "slotproof-trace 1\ntarget of_another_program\npush k1\n");
  EXPECT_EQ(LoadError(path).substr(0, 49), "a.txt:2:8: unknown target \"of_another_program\"; k");
  EXPECT_TRUE(LoadError(path).ends_with("; choose one with --target NAME")) << LoadError(path);
  const auto loaded = LoadTrace(path, AllToyTargets(), "toy_segv");
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->target->name, "toy_segv");
  EXPECT_EQ(loaded->info.target, "toy_segv");
  EXPECT_EQ(loaded->trace.ops.size(), 1u);

  // The one that it names is known and has other operations.
  const Target* const two[] = {&ToyTarget(Plant::kSegv), &OtherVersionToyTarget()};
  Write("b.txt", "slotproof-trace 1\ntarget toy\npush k1\n");
  const auto other = LoadTrace(Path("b.txt"), two, "toy_segv");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("b.txt:2:8: the trace is of vocabulary \"toy\", target "
                                       "\"toy_segv\" has \"toy\"; choose another one"),
            std::string::npos)
      << other.error().message;
}

TEST_F(TraceFileTest, APathThatCannotBeReadIsOneClearError) {
  EXPECT_EQ(LoadError(Path("absent.trace")),
            "absent.trace: cannot open this file: No such file or directory; check the path");
  fs::create_directory(Path("folder"));
  EXPECT_EQ(LoadError(Path("folder")), "folder: this is a directory; name a file in it");
  Write("file", "x");
  EXPECT_EQ(LoadError(Path("file/below")),
            "file/below: cannot open this file: Not a directory; check the path");
  // Root may read everything.
  Write("secret", "x");
  fs::permissions(Path("secret"), fs::perms::none);
  if (::geteuid() != 0) {
    EXPECT_EQ(LoadError(Path("secret")),
              "secret: cannot open this file: Permission denied; make it readable");
  }
}

TEST_F(TraceFileTest, ATraceInAnArchiveLoadsAsItself) {
  Write("a.trace", SomeFile());
  const std::string zip = "cd " + folder_ + " && zip -qm outputs.zip a.trace 2>/dev/null";
  if (std::system(zip.c_str()) != 0) GTEST_SKIP() << "zip is not installed";
  const auto loaded = LoadTrace(Path("outputs.zip/a.trace"), AllToyTargets());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->info.found_by, "property seed=42");
  EXPECT_EQ(LoadError(Path("outputs.zip/b.trace")),
            "outputs.zip/b.trace: the archive has no such file or is damaged; look with unzip -l");
}

TEST_F(TraceFileTest, AHugeFileIsRefusedBeforeItIsReadWhole) {
  Write("huge.trace", "");
  fs::resize_file(Path("huge.trace"), 100'000'000);
  EXPECT_EQ(LoadError(Path("huge.trace")),
            "huge.trace: too large for a trace, the limit is 67108864 bytes; if it is one, "
            "shorten it");
}

TEST_F(TraceFileTest, SavingIntoAMissingFolderIsAnError) {
  const auto saved = SaveTraceFile(Path("no/such/a.trace"), ToyTarget(), Trace{}, {});
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().message.find("cannot be written: No such file or directory; choose"),
            std::string::npos)
      << saved.error().message;
  EXPECT_EQ(FilesLeft(), 0u);
}

TEST_F(TraceFileTest, AFullDeviceIsAnErrorAndStaysADevice) {
  const auto saved = SaveTraceFile("/dev/full", ToyTarget(), Trace{}, {});
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().message,
            "/dev/full: cannot be written: No space left on device; free some space or choose "
            "another place");
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
  EXPECT_FALSE(SaveTraceFile(folder_, ToyTarget(), Trace{}, {}));
}

// What a full disk does to a file, done by a limit on the size of files.
TEST_F(TraceFileTest, AFullDiskLeavesTheOldFileAndNothingElse) {
  Write("a.trace", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {.rlim_cur = 1000, .rlim_max = 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto saved = WriteFile(Path("a.trace"), std::string(5000, 'x'));
    const bool clear = !saved && saved.error().message.find("File too large; free some space") !=
                                     std::string::npos;
    ::_exit(clear ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(*ReadFile(Path("a.trace")), "old");
  EXPECT_EQ(FilesLeft(), 1u);
}

}  // namespace
}  // namespace slotproof
