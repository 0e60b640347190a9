#include "subjects/shared_map/shared_map_session.h"

#include <algorithm>
#include <barrier>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

#include "harness/subject/graveyard.h"

namespace slotproof {
namespace {

// A value says which thread wrote it and when in that thread's order; 0 is no value.
std::uint64_t ValueOf(std::uint32_t thread, std::uint64_t write) {
  return (std::uint64_t{thread} << 48) | write;
}

std::string Name(std::uint32_t key) { return "k" + std::to_string(key); }

std::string Written(std::uint64_t value) {
  if (value == 0) return "absent";
  return "write " + std::to_string(value & 0xffffffffffff) + " of t" + std::to_string(value >> 48);
}

constexpr std::size_t kIterateAtMost = 16;

}  // namespace

void SharedMapSession::Policy::Fatal(core::FailureKind, std::string_view message) {
  throw SubjectFatal(Outcome::kFatal, message);
}

void SharedMapSession::Reset(const Header& header) {
  ResetBase();
  header_ = SharedMapHeader::From(header);
  map_ = std::make_unique<Map>(0, core::WyRand(header_.seed));
  for (Thread& thread : threads_) thread = Thread{};
}

void SharedMapSession::Abandon() { Bury(std::move(map_)); }

StepResult SharedMapSession::Step(const Op& op) {
  threads_[op.b % kThreads].ops.push_back(op);
  return StepResult::kOk;
}

bool SharedMapSession::Finish() {
  std::barrier start(kThreads);
  std::vector<std::thread> running;
  for (std::uint32_t number = 0; number < kThreads; ++number) {
    running.emplace_back([this, number, &start] {
      start.arrive_and_wait();
      RunThread(number);
    });
  }
  for (std::thread& thread : running) thread.join();
  if (!CheckThreads() || !CheckContents()) return false;
  map_.reset();
  return true;
}

void SharedMapSession::RunThread(std::uint32_t number) {
  Thread& thread = threads_[number];
  try {
    for (std::uint32_t round = 0; round < header_.rounds; ++round) {
      for (const Op& op : thread.ops) RunOp(number, op);
    }
  } catch (const std::exception& error) {
    thread.fatal = error.what();
  }
}

void SharedMapSession::RunOp(std::uint32_t number, const Op& op) {
  const auto key = [&](std::uint32_t i) { return (op.a + i) & (header_.universe - 1); };
  switch (static_cast<SharedMapOp>(op.code)) {
    case SharedMapOp::kInsert:
      return Insert(number, key(0));
    case SharedMapOp::kFind:
      return Find(number, key(0));
    case SharedMapOp::kDelete:
      return Delete(number, key(0));
    case SharedMapOp::kInsertRun:
      for (std::uint32_t i = 0; i < kRunLength; ++i) Insert(number, key(i));
      return;
    case SharedMapOp::kDeleteRun:
      for (std::uint32_t i = 0; i < kRunLength; ++i) Delete(number, key(i));
      return;
    case SharedMapOp::kIterate:
      return Iterate(threads_[number]);
  }
}

template <class Body>
void SharedMapSession::Guarded(Body body) {
  if (guard_ == Guard::kNone) return body();
  const std::lock_guard lock(mutex_);
  body();
}

void SharedMapSession::Insert(std::uint32_t number, std::uint32_t key) {
  Thread& thread = threads_[number];
  const Value value = ValueOf(number, ++thread.writes);
  const bool forget = guard_ == Guard::kForgetfulMutex && thread.writes % 50 == 0;
  Guarded([&] {
    if (forget) return;
    thread.deeds[key].balance += map_->InsertOrAssign(std::uint64_t{key}, value).second;
  });
  thread.deeds[key].last = value;
  ++thread.results;
}

void SharedMapSession::Delete(std::uint32_t number, std::uint32_t key) {
  Thread& thread = threads_[number];
  Guarded([&] { thread.deeds[key].balance -= map_->Erase(key); });
  thread.deeds[key].last = 0;
  ++thread.results;
}

void SharedMapSession::Find(std::uint32_t number, std::uint32_t key) {
  Thread& thread = threads_[number];
  Value found = 0;
  Guarded([&] {
    const Value* value = std::as_const(*map_).Find(key);
    if (value != nullptr) found = *value;
  });
  ++thread.results;
  if (found >> 48 < kThreads) return;
  if (thread.bad_find.empty()) thread.bad_find = Name(key) + " with " + std::to_string(found);
}

void SharedMapSession::Iterate(Thread& thread) {
  Guarded([&] {
    auto it = map_->Iterate();
    for (std::size_t i = 0; i < kIterateAtMost && it.Next(); ++i) ++thread.results;
  });
}

bool SharedMapSession::CheckThreads() {
  for (const Thread& thread : threads_) {
    if (!thread.fatal.empty()) {
      return Fail(Outcome::kFatal, thread.fatal, "", "fatal error: " + thread.fatal);
    }
    if (!thread.bad_find.empty()) {
      return Mismatch("find", "a value that somebody inserted", thread.bad_find);
    }
    for (std::uint64_t i = 0; i < thread.results; ++i) Observe(i);
  }
  if (const auto broken = map_->CheckInvariants()) {
    return Fail(Outcome::kInvariant, broken->law, "", broken->message);
  }
  return true;
}

bool SharedMapSession::CheckContents() {
  for (std::uint32_t key = 0; key < header_.universe; ++key) {
    const Value* found = map_->Find(key);
    const Value value = found == nullptr ? 0 : *found;
    bool written = false;
    bool explained = false;
    std::int64_t balance = 0;
    for (const Thread& thread : threads_) {
      const Deeds& deeds = thread.deeds[key];
      balance += deeds.balance;
      written = written || deeds.last.has_value();
      explained = explained || deeds.last == value;
    }
    if (!explained && (written || value != 0)) {
      return Mismatch("contents", Name(key) + " as some thread left it", Written(value));
    }
    if (balance != (value != 0)) {
      return Mismatch("balance", std::to_string(value != 0),
                      Name(key) + " inserted less deleted " + std::to_string(balance));
    }
  }
  return true;
}

std::string SharedMapSession::Draw() const {
  std::string text;
  for (std::uint32_t number = 0; number < kThreads; ++number) {
    text += "t" + std::to_string(number) + ": " + std::to_string(threads_[number].ops.size()) +
            " operations, " + std::to_string(header_.rounds) + " times\n";
  }
  return text;
}

void SharedMapSession::StructuralState(std::span<std::uint8_t> features) const {
  std::fill(features.begin(), features.end(), std::uint8_t{0});
}

namespace {

Target MakeTarget(std::string_view name, std::string_view help,
                  std::unique_ptr<Session> (*new_session)()) {
  Target target;
  target.name = name;
  target.help = help;
  target.vocabulary = &SharedMapVocabulary();
  target.profiles = SharedMapProfiles();
  target.new_session = new_session;
  target.isolate = true;
  return target;
}

}  // namespace

const Target& LockedMapTarget() {
  static const Target target =
      MakeTarget("locked_map", "four threads on one reference map behind a mutex",
                 []() -> std::unique_ptr<Session> {
                   return std::make_unique<SharedMapSession>(Guard::kMutex);
                 });
  return target;
}

const Target& UnguardedMapTarget() {
  static const Target target =
      MakeTarget("unguarded_map", "four threads on one reference map without a lock: it races",
                 []() -> std::unique_ptr<Session> {
                   return std::make_unique<SharedMapSession>(Guard::kNone);
                 });
  return target;
}

}  // namespace slotproof
