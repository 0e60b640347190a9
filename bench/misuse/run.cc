#include "bench/misuse/run.h"

#include <semaphore.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bench/schedules/thread.h"
#include "core/map/hash_map.h"

namespace slotproof::bench {
namespace {

MisuseSeen seen;

// A fatal use of the map, on its way out of the thread.
struct Thrown {
  std::string_view message;
};

// A key names its bucket by its low bits; no two have the same top byte.
struct KeyIsHash {
  std::uint64_t operator()(std::uint32_t key) const { return key | std::uint64_t{key + 10} << 56; }
};

struct Policy : core::DefaultMapPolicy<std::uint32_t> {
  using Hash = KeyIsHash;
  static constexpr bool kAssertions = false;
  [[noreturn]] static void Fatal(core::FailureKind kind, std::string_view message);
};
using Map = core::HashMap<std::uint32_t, std::uint32_t, Policy>;

// A thread that uses the map.
struct User {
  Map* map;
  void (*wait)();
  MisuseSeen::Thread* seen;
  std::size_t count = 0;
  std::array<MisuseOp, kMisuseOps> ops;
  sem_t ended;  // posted when it is
  sem_t* other_ended;
};

thread_local User* running;

void Policy::Fatal(core::FailureKind, std::string_view message) {
  // The other one must not see what leaving undoes.
  sem_post(&running->ended);
  sem_wait(running->other_ended);
  throw Thrown{message};
}

void Iterate(const User& thread) {
  for (auto it = thread.map->Iterate(); it.Next();) {
    const std::uint32_t key = it.key();
    if (key >= kMisuseKeys || thread.seen->iterated[key] != 0) {
      thread.seen->iterated_badly = true;
    } else {
      thread.seen->iterated[key] = it.value();
    }
  }
}

void RunOp(const User& thread, std::size_t number) {
  const MisuseOp& op = thread.ops[number];
  switch (op.kind) {
    case MisuseKind::kInsert:
      thread.map->InsertOrAssign(op.key, op.value);
      break;
    case MisuseKind::kFind: {
      const std::uint32_t* const found = thread.map->Find(op.key);
      thread.seen->answers[number] = found == nullptr ? 0 : *found;
      break;
    }
    case MisuseKind::kDelete:
      thread.map->Erase(op.key);
      break;
    case MisuseKind::kIterate:
      Iterate(thread);
      break;
    case MisuseKind::kClear:
      thread.map->Clear();
      break;
  }
}

void RunThread(User& thread) {
  running = &thread;
  if (thread.wait != nullptr) thread.wait();
  try {
    for (std::size_t i = 0; i < thread.count; ++i) RunOp(thread, i);
    sem_post(&thread.ended);
  } catch (const Thrown& thrown) {
    thread.seen->thrown = thrown.message;
  }
}

void LookAtTheEnd(const Map& map) {
  if (const auto broken = map.CheckInvariants()) {
    seen.broken_law = broken->law;
    return;
  }
  for (std::uint32_t key = 0; key < kMisuseKeys; ++key) {
    const std::uint32_t* const found = map.Find(key);
    seen.contents[key] = found == nullptr ? 0 : *found;
  }
}

}  // namespace

const MisuseSeen& RunMisuse(const MisuseProgram& program, void (*wait)()) {
  seen = MisuseSeen{};
  // What was corrupted cannot be destroyed; but for a scheduler, which takes all memory back.
  Map& map = *new Map(0, core::WyRand(1));
  for (std::uint32_t key = 1; key <= program.entries; ++key) {
    map.InsertOrAssign(key, ValueAtStart(key));
  }
  std::array<User, 2> threads;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    User& thread = threads[i];
    thread.map = &map;
    thread.wait = wait;
    thread.seen = &seen.threads[i];
    for (const MisuseOp& op : OpsOf(program, i)) thread.ops[thread.count++] = op;
    sem_init(&thread.ended, 0, 0);
    thread.other_ended = &threads[1 - i].ended;
  }
  const Thread first = Start<RunThread>(threads[0]);
  const Thread second = Start<RunThread>(threads[1]);
  first.Join();
  second.Join();
  if (seen.threads[0].thrown.empty() && seen.threads[1].thrown.empty()) LookAtTheEnd(map);
  return seen;
}

}  // namespace slotproof::bench
