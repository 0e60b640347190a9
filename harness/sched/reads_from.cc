#include "harness/sched/reads_from.h"

#include <algorithm>
#include <utility>

namespace slotproof::sched {
namespace {

constexpr std::size_t kMostKept = 256;

// Of one schedule: a program whose threads spin because of a wish is to come to an end.
constexpr std::uint32_t kReadPatience = 2000;

bool Has(const std::vector<std::uintptr_t>& list, std::uintptr_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

void AddOnce(std::vector<std::uintptr_t>* list, std::uintptr_t value) {
  if (!Has(*list, value)) list->push_back(value);
}

}  // namespace

std::uintptr_t ReadsFrom::ObjectOf(const Event& event) {
  return IsMemory(event.kind) ? event.address & ~std::uintptr_t{7} : event.address;
}

bool ReadsFrom::Reads(const Event& event) {
  switch (event.kind) {
    case EventKind::kRead:
    case EventKind::kAtomicLoad:
    case EventKind::kAtomicRmw:
    case EventKind::kLock:
    case EventKind::kLockShared:
    case EventKind::kTryLock:
    case EventKind::kSemaphore:
      return true;
    default:
      return false;
  }
}

bool ReadsFrom::Writes(const Event& event) {
  return event.kind == EventKind::kLock || event.kind == EventKind::kPost || event.may_write;
}

void ReadsFrom::Forget() {
  kept_.clear();
  known_.clear();
  reads_.clear();
  objects_.clear();
  learnt_.Clear();
}

ReadsFrom::Read& ReadsFrom::ReadAt(Place place) {
  const auto found =
      std::find_if(reads_.begin(), reads_.end(), [&](const Read& r) { return r.place == place; });
  if (found != reads_.end()) return *found;
  reads_.push_back({.place = place, .writes = {0}, .seen = {}, .objects = {}});
  return reads_.back();
}

ReadsFrom::Object& ReadsFrom::ObjectAt(std::uintptr_t address) {
  const auto found = std::find_if(objects_.begin(), objects_.end(),
                                  [&](const Object& o) { return o.address == address; });
  if (found != objects_.end()) return *found;
  objects_.push_back({.address = address, .writes = {}});
  return objects_.back();
}

void ReadsFrom::Begin() {
  last_.NextEpoch();
  seen_.clear();
  wishes_.clear();
  if (steer_ && !kept_.empty()) MakeWishes();
}

// One of those that were used least.
ReadsFrom::Kept& ReadsFrom::ChooseKept() {
  std::uint32_t least = ~0U;
  std::uint32_t as_little = 0;
  for (const Kept& kept : kept_) {
    as_little = kept.uses < least ? 1 : as_little + (kept.uses == least ? 1 : 0);
    least = std::min(least, kept.uses);
  }
  std::uint32_t skipped = choices_.Below(as_little);
  for (Kept& kept : kept_) {
    if (kept.uses == least && skipped-- == 0) return kept;
  }
  return kept_.front();
}

void ReadsFrom::MakeWishes() {
  Kept& base = ChooseKept();
  ++base.uses;
  patience_ = kReadPatience;
  for (const Pair& pair : base.pairs) wishes_.push_back({.pair = pair});
  for (const bool only_new : {true, false}) {
    changes_.clear();
    for (const Pair& pair : base.pairs) {
      const Read& read = ReadAt(pair.read);
      for (const Place write : read.writes) {
        if (write != pair.write && !(only_new && Has(read.seen, write))) {
          changes_.push_back({.read = pair.read, .write = write});
        }
      }
    }
    // What was never seen is often impossible, so now and then it is something else.
    if (!changes_.empty() && !(only_new && choices_.OneIn(4))) break;
  }
  if (changes_.empty()) return;
  const Pair change = changes_[choices_.Below(static_cast<std::uint32_t>(changes_.size()))];
  for (Wish& wish : wishes_) {
    if (wish.pair.read == change.read) wish.pair = change;
  }
}

void ReadsFrom::Arrived(ThreadId thread, const View& view) { order_.Arrived(thread, view); }

// Whether the event would spoil a wish: a read that does not see what it should yet, or a write
// over what another read is still to see.
bool ReadsFrom::Waits(const Event& event) {
  const std::uintptr_t object = ObjectOf(event);
  if (object == 0) return false;
  const Place now = last_.At(object).place;
  for (const Wish& wish : wishes_) {
    if (!wish.open) continue;
    if (wish.pair.read == event.pc) {
      if (Reads(event) && wish.pair.write != now) return true;
      continue;
    }
    if (!Writes(event) || wish.pair.write != now) continue;
    const Read& read = ReadAt(wish.pair.read);
    if (Has(read.objects, object)) {
      return true;
    }
  }
  return false;
}

ThreadId ReadsFrom::Pick(const View& view) {
  ThreadSet free = view.enabled;
  if (!wishes_.empty() && patience_ > 0) {
    --patience_;
    view.enabled.ForEach([&](ThreadId thread) {
      if (Waits(view.pending[thread])) free.Remove(thread);
    });
  }
  return order_.Highest(free.empty() ? view.enabled : free);
}

void ReadsFrom::NoteSeen(const Event& event, Place seen) {
  const auto before = std::find_if(seen_.begin(), seen_.end(),
                                   [&](const Pair& pair) { return pair.read == event.pc; });
  if (before == seen_.end()) {
    seen_.push_back({.read = event.pc, .write = seen});
  } else {
    before->write = seen;
  }
}

void ReadsFrom::Learn(const Event& event, std::uintptr_t object, Place seen) {
  // The same once more teaches nothing.
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  const std::uint64_t key = ((event.pc * kOdd ^ object) * kOdd ^ seen) * kOdd | 1;
  if (std::exchange(learnt_.At(key).learnt, true)) return;
  Object& known = ObjectAt(object);
  if (Writes(event)) {
    AddOnce(&known.writes, event.pc);
    for (Read& read : reads_) {
      if (Has(read.objects, object)) {
        AddOnce(&read.writes, event.pc);
      }
    }
  }
  if (!Reads(event)) return;
  Read& read = ReadAt(event.pc);
  AddOnce(&read.seen, seen);
  if (!Has(read.objects, object)) {
    read.objects.push_back(object);
    for (const Place write : ObjectAt(object).writes) AddOnce(&read.writes, write);
  }
}

void ReadsFrom::Executes(ThreadId thread, const View& view) {
  order_.Executes(thread, view);
  const Event& event = view.pending[thread];
  const std::uintptr_t object = ObjectOf(event);
  if (object == 0 || event.pc == 0) return;
  LastWrite& last = last_.At(object);
  const Place seen = last.place;
  if (Writes(event)) last.place = event.pc;
  Learn(event, object, seen);
  if (!Reads(event)) return;
  NoteSeen(event, seen);
  for (Wish& wish : wishes_) {
    if (wish.pair.read == event.pc) wish.open = false;
  }
}

void ReadsFrom::End() {
  std::sort(seen_.begin(), seen_.end());
  std::uint64_t hash = 0;
  for (const Pair& pair : seen_) {
    hash = (hash ^ pair.read) * 0xff51afd7ed558ccd;
    hash = (hash ^ pair.write ^ hash >> 32) * 0xff51afd7ed558ccd;
  }
  if (kept_.size() < kMostKept && known_.insert(hash).second) {
    kept_.push_back({.pairs = seen_, .uses = 0});
  }
}

}  // namespace slotproof::sched
