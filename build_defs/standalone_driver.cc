// Runs a libFuzzer entry point on files, without libFuzzer: `driver FILE_OR_FOLDER...`.
//
// Folders are read recursively, files in the order of their names. A path that is missing,
// a folder without a file and a file that cannot be read are errors: a replay that replays
// nothing must not pass. Exit codes: 0 all run, 2 a bad path; a finding ends the process in
// the entry point's own way.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

namespace fs = std::filesystem;

[[noreturn]] void Fail(const std::string& path, const char* what, const char* why) {
  std::fprintf(stderr, "%s: %s: %s\n", path.c_str(), what, why);
  std::exit(2);
}

std::vector<std::string> FilesUnder(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  auto it = fs::recursive_directory_iterator(path, error);
  if (error) Fail(path, "cannot list this folder", error.message().c_str());
  while (it != fs::recursive_directory_iterator()) {
    if (it->is_regular_file(error)) files.push_back(it->path().string());
    it.increment(error);
    if (error) Fail(path, "cannot list this folder", error.message().c_str());
  }
  if (files.empty()) Fail(path, "nothing to replay", "this folder has no file");
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::uint8_t> ReadFile(const std::string& path) {
  const auto close = [](std::FILE* f) { std::fclose(f); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (!file) Fail(path, "cannot open this file", std::strerror(errno));
  std::vector<std::uint8_t> bytes;
  std::uint8_t chunk[1 << 16];
  std::size_t n = 0;
  while ((n = std::fread(chunk, 1, sizeof(chunk), file.get())) > 0) {
    bytes.insert(bytes.end(), chunk, chunk + n);
  }
  if (std::ferror(file.get()) != 0) Fail(path, "cannot read this file", std::strerror(errno));
  return bytes;
}

void Run(const std::string& path) {
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  // An allocation of exactly this size lets ASan see the first byte past the input.
  const auto input = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), input.get());
  std::fprintf(stderr, "%s: %zu bytes\n", path.c_str(), bytes.size());
  const int result = LLVMFuzzerTestOneInput(input.get(), bytes.size());
  if (result != 0 && result != -1) {
    std::fprintf(stderr, "%s: LLVMFuzzerTestOneInput returned %d, must be 0 or -1\n", path.c_str(),
                 result);
    std::exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE_OR_FOLDER...\n", argv[0]);
    return 2;
  }
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const std::string& path : FilesUnder(argv[i])) {
      Run(path);
      ++count;
    }
  }
  std::fprintf(stderr, "%zu inputs, no failure\n", count);
  return 0;
}
