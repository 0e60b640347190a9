#include "harness/engine/fuzz/stats_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace slotproof {
namespace {

constexpr std::uint64_t kMagic = 0x3153'5441'5453'5053;  // "SPSTATS1"
constexpr std::uint64_t kUpdatesPerGoalCopy = 32;

void Store(std::uint64_t* at, std::uint64_t value) {
  std::atomic_ref<std::uint64_t>(*at).store(value, std::memory_order_relaxed);
}

SignatureCount* FindSignature(FuzzStats* stats, std::string_view name) {
  const auto end = stats->signatures.begin() + static_cast<std::ptrdiff_t>(stats->signature_count);
  const auto it = std::find_if(stats->signatures.begin(), end,
                               [&](const SignatureCount& s) { return s.name() == name; });
  return it == end ? nullptr : &*it;
}

// Nothing when the table is full.
SignatureCount* AppendSignature(FuzzStats* stats, std::string_view name) {
  if (stats->signature_count >= kMaxSignatures) return nullptr;
  SignatureCount* slot = &stats->signatures[stats->signature_count];
  std::copy(name.begin(), name.end(), slot->signature.begin());
  Store(&stats->signature_count, stats->signature_count + 1);
  return slot;
}

// Nothing when the file is cut short.
std::unique_ptr<LastInputs> ReadLast(const std::string& path) {
  auto last = std::make_unique<LastInputs>();
  std::ifstream file(path, std::ios::binary);
  file.seekg(sizeof(FuzzStats));
  file.read(reinterpret_cast<char*>(last.get()), sizeof(*last));
  if (file.gcount() != sizeof(*last)) return nullptr;
  return last;
}

std::vector<std::uint8_t> Bytes(const StoredInput& input) {
  const std::size_t size = std::min<std::size_t>(input.size, input.bytes.size());
  return {input.bytes.begin(), input.bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

bool Sound(const FuzzStats& stats) {
  return stats.magic == kMagic && stats.bytes == sizeof(FuzzStats) &&
         stats.signature_count <= kMaxSignatures &&
         std::all_of(stats.signatures.begin(), stats.signatures.end(),
                     [](const SignatureCount& s) { return s.signature.back() == '\0'; });
}

}  // namespace

std::unique_ptr<StatsFile> StatsFile::Open(const std::string& path, std::string* error) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) {
    *error = path + ": cannot open the statistics file: " + std::strerror(errno);
    return nullptr;
  }
  // Blocks are allocated now: a store into a mapped hole would end the process on a full disk.
  int code = posix_fallocate(fd, 0, sizeof(Layout));
  void* mapped = MAP_FAILED;
  if (code == 0) {
    mapped = mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    code = errno;
  }
  close(fd);
  if (mapped == MAP_FAILED) {
    *error = path + ": cannot map the statistics file: " + std::strerror(code);
    return nullptr;
  }
  return std::unique_ptr<StatsFile>(new StatsFile(static_cast<Layout*>(mapped)));
}

StatsFile::StatsFile(Layout* layout) : layout_(layout), mapped_(&layout->stats) {
  if (!Sound(*mapped_)) *mapped_ = FuzzStats{.magic = kMagic, .bytes = sizeof(FuzzStats)};
  mapped_->pid = static_cast<std::uint64_t>(getpid());
  before_ = *mapped_;
  Store(&layout_->last.entered, 0);
  Leave();
}

StatsFile::~StatsFile() { munmap(layout_, sizeof(Layout)); }

void StatsFile::Update(const RunStats& totals) {
  Store(&mapped_->executions, before_.executions + totals.traces);
  Store(&mapped_->operations, before_.operations + totals.operations);
  Store(&mapped_->checked_operations, before_.checked_operations + totals.checked_operations);
  if (updates_++ % kUpdatesPerGoalCopy == 0) Flush(totals);
}

void StatsFile::Flush(const RunStats& totals) {
  for (std::size_t i = 0; i < kMaxGoals; ++i) {
    Store(&mapped_->goals[i], before_.goals[i] + totals.goals[i]);
  }
}

void StatsFile::Enter(std::span<const std::uint8_t> input) {
  LastInputs& last = layout_->last;
  StoredInput& place = last.inputs[last.entered % kLastInputs];
  const std::size_t size = std::min(input.size(), place.bytes.size());
  if (size != 0) std::memcpy(place.bytes.data(), input.data(), size);
  Store(&place.size, size);
  Store(&last.entered, last.entered + 1);
  Store(&last.in_flight, 1);
}

void StatsFile::Leave() { Store(&layout_->last.in_flight, 0); }

bool StatsFile::CountFailure(std::string_view signature) {
  signature = signature.substr(0, kSignatureBytes - 1);
  Store(&mapped_->failures, mapped_->failures + 1);
  SignatureCount* slot = FindSignature(mapped_, signature);
  const bool is_new = slot == nullptr;
  if (is_new) slot = AppendSignature(mapped_, signature);
  if (slot == nullptr) return false;
  Store(&slot->count, slot->count + 1);
  return is_new;
}

std::optional<FuzzStats> ReadStats(const std::string& path) {
  FuzzStats stats;
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(&stats), sizeof(stats));
  if (file.gcount() != sizeof(stats) || !Sound(stats)) return std::nullopt;
  return stats;
}

std::vector<std::uint8_t> ReadInputInFlight(const std::string& path) {
  const auto last = ReadLast(path);
  if (last == nullptr || last->in_flight == 0 || last->entered == 0) return {};
  return Bytes(last->inputs[(last->entered - 1) % kLastInputs]);
}

std::vector<std::vector<std::uint8_t>> ReadLastInputs(const std::string& path) {
  const auto last = ReadLast(path);
  std::vector<std::vector<std::uint8_t>> inputs;
  if (last == nullptr) return inputs;
  const std::uint64_t count = std::min<std::uint64_t>(last->entered, kLastInputs);
  for (std::uint64_t i = last->entered - count; i < last->entered; ++i) {
    inputs.push_back(Bytes(last->inputs[i % kLastInputs]));
  }
  return inputs;
}

void AddStats(const FuzzStats& part, FuzzStats* total) {
  total->executions += part.executions;
  total->operations += part.operations;
  total->checked_operations += part.checked_operations;
  total->failures += part.failures;
  for (std::size_t i = 0; i < kMaxGoals; ++i) total->goals[i] += part.goals[i];
  for (std::size_t i = 0; i < part.signature_count; ++i) {
    const SignatureCount& from = part.signatures[i];
    SignatureCount* to = FindSignature(total, from.name());
    if (to == nullptr) to = AppendSignature(total, from.name());
    if (to != nullptr) to->count += from.count;
  }
}

}  // namespace slotproof
