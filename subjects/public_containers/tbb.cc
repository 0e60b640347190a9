// oneTBB: a hash map whose entries are locked by accessors, and a queue. Their code is in headers,
// but for the library's allocator.

#include <array>

#include <tbb/concurrent_hash_map.h>
#include <tbb/concurrent_queue.h>

#include "subjects/public_containers/judge.h"
#include "subjects/public_containers/programs.h"

namespace slotproof::public_containers {
namespace {

using linear::Code;
using linear::kFalse;
using linear::kNil;
using linear::kTrue;
using linear::Value;

// Two keys of three have one bucket.
struct HashOfKey {
  static std::size_t hash(Value key) { return key / 2; }
  static bool equal(Value a, Value b) { return a == b; }
};
using Map = tbb::concurrent_hash_map<Value, Value, HashOfKey>;

void Insert(Map& map, std::uint32_t thread, Value key, Value value) {
  Call(thread, {.code = Code::kInsert, .key = key, .b = value},
       [&] { return map.insert({key, value}) ? kTrue : kFalse; });
}

void Erase(Map& map, std::uint32_t thread, Value key) {
  Call(thread, {.code = Code::kDelete, .key = key},
       [&] { return map.erase(key) ? kTrue : kFalse; });
}

Value Find(Map& map, std::uint32_t thread, Value key) {
  return Call(thread, {.code = Code::kRead, .key = key}, [&] {
    Map::const_accessor entry;
    return map.find(entry, key) ? entry->second : kNil;
  });
}

void EntriesComeAndGo() {
  StartRecord();
  Map map;
  Insert(map, 0, 2, 1);
  Together(
      [&] {
        Erase(map, 1, 2);
        Insert(map, 1, 3, 2);
        Find(map, 1, 2);
      },
      [&] {
        Find(map, 2, 2);
        Insert(map, 2, 2, 3);
        Erase(map, 2, 3);
      });
  Find(map, 0, 2);
  Find(map, 0, 3);
  Judge(Contract::kMap);
}

// While one grows the table, whose second bucket is new then, the other looks into it.
void Growth() {
  StartRecord();
  Map map;
  Insert(map, 0, 4, 1);
  Insert(map, 0, 6, 2);
  Together(
      [&] {
        Insert(map, 1, 8, 3);
        Find(map, 1, 6);
      },
      [&] {
        Find(map, 2, 6);
        Erase(map, 2, 4);
      });
  Find(map, 0, 4);
  Find(map, 0, 6);
  Find(map, 0, 8);
  Judge(Contract::kMap);
}

// Two add to one entry under its lock.
void Counter() {
  Map map;
  const auto add = [&] {
    Map::accessor entry;
    map.insert(entry, 1);
    ++entry->second;
  };
  Together(add, add);
  Map::const_accessor entry;
  if (!map.find(entry, 1) || entry->second != 2) sched::Fail("an increment is lost");
}

void QueueOfTwo() {
  StartRecord();
  tbb::concurrent_queue<Value> queue;
  const auto put = [&](std::uint32_t thread, Value value) {
    Call(thread, {.code = Code::kEnqueue, .b = value}, [&] {
      queue.push(value);
      return linear::kAnyResult;
    });
  };
  const auto take = [&](std::uint32_t thread) {
    return Call(thread, {.code = Code::kDequeue}, [&] {
      Value value = kNil;
      return queue.try_pop(value) ? value : kNil;
    });
  };
  Together(
      [&] {
        put(1, 1);
        take(1);
      },
      [&] {
        put(2, 2);
        take(2);
      });
  take(0);
  Judge(Contract::kQueue);
}

// Misuse: the entry is read when its lock was given back.
void ReleasedTooEarly() {
  Map map;
  map.insert({1, 1});
  Together(
      [&] {
        Map::const_accessor entry;
        if (!map.find(entry, 1)) return;
        const Value& value = entry->second;
        entry.release();
        if (value != 1) sched::Fail("another value");
      },
      [&] { map.erase(1); });
}

// Misuse: two accessors at a time, in both orders.
void AccessorsInBothOrders() {
  Map map;
  map.insert({1, 1});
  map.insert({2, 2});
  const auto add = [&](Value from, Value to) {
    Map::accessor one;
    Map::accessor other;
    if (map.find(one, from) && map.find(other, to)) other->second += one->second;
  };
  Together([&] { add(1, 2); }, [&] { add(2, 1); });
}

// Misuse: iterators are for one thread alone.
void IterationBesideInsertion() {
  Map map;
  map.insert({1, 1});
  Together([&] { map.insert({3, 1}); },
           [&] {
             Value sum = 0;
             for (const auto& entry : map) sum += entry.second;
             if (sum > 2) sched::Fail("an entry came twice");
           });
}

constexpr std::array kPrograms = {
    ContainerProgram{"EntriesComeAndGo", &EntriesComeAndGo},
    ContainerProgram{"Growth", &Growth},
    ContainerProgram{"Counter", &Counter},
    ContainerProgram{.name = "QueueOfTwo", .run = &QueueOfTwo, .is_small = true},
    ContainerProgram{"ReleasedTooEarly", &ReleasedTooEarly, "data race"},
    ContainerProgram{"AccessorsInBothOrders", &AccessorsInBothOrders, "livelock"},
    ContainerProgram{"IterationBesideInsertion", &IterationBesideInsertion, "data race"},
};

}  // namespace

std::span<const ContainerProgram> TbbPrograms() { return kPrograms; }

}  // namespace slotproof::public_containers
