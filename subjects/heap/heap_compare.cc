#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "subjects/heap/heap_session.h"

// What the session holds against the model.

namespace slotproof {
namespace {

// Of a large object only these many words at each end are looked at.
constexpr std::size_t kWordsAtEnds = 64;

std::uint64_t Contents(std::uint64_t stamp, std::size_t at) {
  return stamp == 0 ? 0 : (stamp * 0x9e3779b97f4a7c15 + at) | 1;
}

// Calls f(offset, bytes) for each word of data to look at, and for a last part of one.
template <class F>
void ForEachDataWord(const HeapShape& shape, const F& f) {
  const std::size_t words = (shape.bytes() + 7) / 8;
  const std::size_t in_type = shape.type_bytes / 8;
  for (std::size_t word = 0; word < words; ++word) {
    if (word == kWordsAtEnds && words > 2 * kWordsAtEnds) word = words - kWordsAtEnds;
    const std::size_t in_element = shape.pointers == 0 ? 0 : word % in_type;
    if (in_element < 64 && (shape.pointers >> in_element & 1) != 0) continue;
    f(word * 8, std::min<std::size_t>(8, shape.bytes() - word * 8));
  }
}

}  // namespace

std::optional<std::size_t> FirstDataWord(const HeapShape& shape) {
  std::optional<std::size_t> first;
  ForEachDataWord(shape, [&first](std::size_t offset, std::size_t bytes) {
    if (!first && bytes == 8) first = offset / 8;
  });
  return first;
}

void HeapSession::FillPart(std::byte* memory, const Part& part) {
  ForEachDataWord(kHeapShapes[part.shape], [&](std::size_t offset, std::size_t bytes) {
    const std::uint64_t contents = Contents(part.stamp, offset);
    std::memcpy(memory + offset, &contents, bytes);
  });
}

bool HeapSession::IsZero(const std::byte* memory, std::size_t bytes) {
  // Zero if the first byte is, and each equals the one before it.
  return memory[0] == std::byte{0} && std::memcmp(memory, memory + 1, bytes - 1) == 0;
}

void HeapSession::OnCycleStarted() {
  // What the last cycle left has been swept; from here on the model judges by the new one.
  failed_ = failed_ || !Sync();
  structural_ = true;
  RefreshContainers();
  if (temporary_slots_ != 0) Goal(HeapGoal::kCycleInsideContainer);
  model_.BeginCycle();
}

void HeapSession::OnMarkTerminated(std::string_view broken_law) {
  structural_ = true;
  ++cycles_ended_;
  RefreshContainers();
  if (!broken_law.empty() && !failed_) {
    failed_ = true;
    Fail(Outcome::kInvariant, broken_law, DescribeLoss(), "white as marking ended");
  }
  NoteInteriors();
  model_.EndMarking();
  for (Id id = 1; id <= model_.last(); ++id) {
    if (model_.FateOf(id) == HeapModel::Fate::kFloats) Goal(HeapGoal::kFloated);
  }
  was_swept_ = false;
  failed_ = failed_ || !CompareGoal();
}

// Whether only pointers into an object, none to its beginning, keep one.
void HeapSession::NoteInteriors() {
  for (std::size_t mutator = 0; mutator < model_.mutators(); ++mutator) {
    for (const Pointer& slot : model_.stack(mutator)) {
      if (slot.offset == 0 || ShapeOf(slot.object).IsTiny()) continue;
      const auto same = [&](const Pointer& other) {
        return other.object == slot.object && other.offset == 0;
      };
      bool whole = std::ranges::any_of(model_.globals(), same);
      for (std::size_t m = 0; m < model_.mutators(); ++m) {
        whole = whole || std::ranges::any_of(model_.stack(m), same);
      }
      if (!whole) Goal(HeapGoal::kInteriorKept);
    }
  }
}

bool HeapSession::Sync() {
  if (!SyncFreed() || !SyncDue()) return false;
  if (subject_->IsMarking() != model_.is_marking()) {
    return Mismatch("phase", model_.is_marking() ? "marking" : "not marking",
                    subject_->IsMarking() ? "marking" : "not marking");
  }
  const bool is_swept = subject_->IsSwept();
  if (is_swept && !was_swept_) {
    structural_ = true;
    if (const std::string_view law = model_.EndSweep(); !law.empty()) {
      return Fail(Outcome::kInvariant, law, "all garbage to be gone after the sweep",
                  NameOf({model_.FirstToDie()}) + " is still there");
    }
  }
  was_swept_ = is_swept;
  return true;
}

bool HeapSession::SyncFreed() {
  const std::uint64_t freed = subject_->Freed();
  if (freed == freed_) return true;
  freed_ = freed;
  for (auto at = at_address_.begin(); at != at_address_.end();) {
    const auto [address, id] = *at;
    if (subject_->IsAllocated(address)) {
      ++at;
      continue;
    }
    if (const std::string_view law = Gone(id); !law.empty()) return FailCollector(law, id);
    at = at_address_.erase(at);
    Goal(HeapGoal::kGarbageFreed);
  }
  return true;
}

bool HeapSession::SyncDue() {
  if (subject_->DueCount() == model_.due().size()) return true;
  const std::vector<void*> due = subject_->Due();
  for (std::size_t i = model_.due().size(); i < due.size(); ++i) {
    const auto found = at_address_.find(static_cast<std::byte*>(due[i]));
    if (found == at_address_.end()) {
      return Mismatch("finalizer.object", "an object", NameOfAddress(due[i]));
    }
    if (const std::string_view law = model_.Queue(found->second); !law.empty()) {
      return FailCollector(law, found->second);
    }
    ClearWeak(found->second);
    for (const Pointer& field : model_.object(found->second).fields) {
      if (model_.object(field.object).has_finalizer) Goal(HeapGoal::kFinalizerWaited);
    }
  }
  if (due.size() == model_.due().size()) return true;
  return Mismatch("finalizer.due", std::to_string(model_.due().size()), std::to_string(due.size()));
}

std::string_view HeapSession::Gone(Id id) {
  const std::string_view law = model_.Free(id);
  if (!law.empty()) return law;
  if (places_[id].was_finalized) Goal(HeapGoal::kFinalizedObjectFreed);
  ClearWeak(id);
  maps_.erase(id);
  numbers_.erase(id);
  slices_.erase(id);
  return "";
}

void HeapSession::ClearWeak(Id id) {
  for (Pointer& weak : weak_) {
    if (weak.object == id) weak = Pointer{};
  }
}

bool HeapSession::FailCollector(std::string_view law, Id id) {
  return Fail(Outcome::kInvariant, law, NameOf({id}) + " to stay", "the collector took it");
}

bool HeapSession::SamePointer(std::string_view law, const Pointer& expected, const void* actual) {
  if (actual == AddressOf(expected)) return true;
  return Mismatch(law, NameOf(expected), NameOfAddress(actual));
}

std::string HeapSession::NameOf(const Pointer& pointer) {
  if (pointer.object == 0) return "nil";
  std::string name = "o" + std::to_string(pointer.object);
  if (pointer.offset != 0) name += "+" + std::to_string(pointer.offset);
  return name;
}

std::string HeapSession::NameOfAddress(const void* address) const {
  if (address == nullptr) return "nil";
  const Pointer pointer = PointerTo(address);
  return pointer.object == 0 ? "no object" : NameOf(pointer);
}

bool HeapSession::CheckFull() {
  if (const std::string_view law = subject_->BrokenLaw(); !law.empty()) {
    return Fail(Outcome::kInvariant, law, std::string(subject_->StatementOf(law)), "broken");
  }
  freed_ = ~std::uint64_t{0};  // also what no sweep has counted
  if (!Sync() || !CompareRoots()) return false;
  for (const auto& [address, id] : at_address_) {
    if (!IsContainer(id) && !CompareObject(id)) return false;
  }
  RefreshContainers();
  return CompareContainers() && CompareNumbers();
}

bool HeapSession::Finish() {
  subject_->FinishMarking();
  if (failed_ || !Sync()) return false;
  // Twice: what floated in the cycle that ran goes in the next.
  ++forced_;
  subject_->Collect();
  return !failed_ && Sync() && CheckFull();
}

bool HeapSession::CompareRoots() {
  for (std::size_t mutator = 0; mutator < model_.mutators(); ++mutator) {
    const std::span<void*> slots = subject_->Stack(mutator);
    for (std::size_t i = 0; i < model_.stack(mutator).size(); ++i) {
      if (!SamePointer("root.stack", model_.stack(mutator)[i], slots[i])) return false;
    }
  }
  for (std::size_t i = 0; i < kHeapGlobals; ++i) {
    if (!SamePointer("root.global", model_.globals()[i], subject_->Globals()[i])) return false;
  }
  for (std::size_t i = 0; i < kHeapHandles; ++i) {
    if (!SamePointer("root.handle", model_.handles()[i], subject_->GetHandle(i))) return false;
  }
  return true;
}

bool HeapSession::CompareObject(Id id) {
  const std::vector<Pointer>& fields = model_.object(id).fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (*SlotOf(id, i) == AddressOf(fields[i])) continue;
    return Mismatch("object.field",
                    NameOf({id}) + ".f" + std::to_string(i) + " = " + NameOf(fields[i]),
                    NameOfAddress(*SlotOf(id, i)));
  }
  return std::ranges::all_of(places_[id].parts,
                             [&](const Part& part) { return ComparePart(id, part); });
}

bool HeapSession::ComparePart(Id id, const Part& part) {
  const Place& place = places_[id];
  bool same = true;
  bool first = true;
  ForEachDataWord(kHeapShapes[part.shape], [&](std::size_t offset, std::size_t bytes) {
    std::uint64_t expected = Contents(part.stamp, offset);
    if (first && place.hidden != 0) expected = place.hidden;
    first = false;
    std::uint64_t actual = 0;
    std::memcpy(&actual, place.address + part.offset + offset, bytes);
    if (bytes < 8) expected &= (std::uint64_t{1} << (8 * bytes)) - 1;
    same = same && actual == expected;
  });
  if (same) return true;
  return Mismatch("object.data", "what was written into " + NameOf({id, part.offset}),
                  "something else");
}

bool HeapSession::CompareNumbers() {
  const HeapNumbers numbers = subject_->Numbers();
  const auto same = [this](std::string_view law, std::uint64_t expected, std::uint64_t actual) {
    return expected == actual || Mismatch(law, std::to_string(expected), std::to_string(actual));
  };
  return same("stats.mallocs", model_.mallocs(), numbers.mallocs) &&
         same("stats.objects", model_.objects_alive(), numbers.objects) &&
         same("stats.bytes", model_.bytes_alive(), numbers.bytes) &&
         same("stats.total_bytes", model_.bytes_ever(), numbers.total_bytes) &&
         same("stats.cycles", cycles_ended_, numbers.cycles) &&
         same("stats.forced", forced_, numbers.forced);
}

// As marking ends: what was marked is possible, and the goal follows from it.
bool HeapSession::CompareGoal() {
  const HeapNumbers numbers = subject_->Numbers();
  const std::uint64_t least = model_.LeastMarked();
  const std::uint64_t most = model_.MostMarked();
  if (numbers.marked < least || numbers.marked > most) {
    return Mismatch("pacer.marked", std::to_string(least) + " to " + std::to_string(most),
                    std::to_string(numbers.marked));
  }
  std::uint64_t slots = temporary_slots_;
  for (std::size_t i = 0; i < model_.mutators(); ++i) slots += model_.stack(i).size();
  const std::uint64_t goal =
      std::min(HeapModel::Goal(numbers.marked, slots * 8, kHeapGlobals * 8, percent_, kHeapMinimum),
               numbers.goal_of_limit);
  if (numbers.goal == goal) return true;
  return Mismatch("pacer.goal", std::to_string(goal), std::to_string(numbers.goal));
}

}  // namespace slotproof
