#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_MAP_WALK_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_MAP_WALK_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/heap/concurrent/thread_use.h"
#include "core/heap/root_table.h"
#include "core/heap/running.h"
#include "core/map/shape.h"
#include "subjects/scheduled_heap/heap_objects.h"

namespace slotproof::heap_objects {

// A map's contents, by the numbers of keys and elements; 0 is nil.
using MapContents = std::map<std::uint32_t, std::uint32_t>;

// One thread's iteration over a map of the heap, step by step, while others change the map and
// collect. It owes what core/map/iterator.h promises: an entry that is there throughout is yielded
// once, a deleted one not, a new one once at most. Nothing is owed where the runtime breaks that:
// where the map is emptied, or grows to the same size.
template <class Map>
class MapWalk {
 public:
  explicit MapWalk(Heap::Thread& thread) : roots_(thread) {}

  // The element of the next entry, null behind the last; then the walk begins anew. Whoever calls
  // has the map to itself.
  void* Next(Heap::Thread& thread, Map& map, const MapContents& model) {
    const core::Running<SharedPolicy> running(thread, roots_);
    if (!at_) Begin(map, model);
    if (!at_->Next()) {
      if (!excused_ && !owed_.empty()) Break("missed n" + std::to_string(*owed_.begin()));
      at_.reset();
      return nullptr;
    }
    Node* const elem = at_->value();
    if (!excused_) Check(NumberOf(at_->key()), NumberOf(elem), model);
    return elem;
  }

  void OnDeleted(std::uint32_t key) {
    owed_.erase(key);
    yielded_.erase(key);
  }
  void Excuse() { excused_ = true; }

  // Empty, or what the walk did not do as it should.
  const std::string& broken() const { return broken_; }

 private:
  void Begin(Map& map, const MapContents& model) {
    at_.emplace(map.Iterate());
    owed_.clear();
    for (const auto& [key, elem] : model) owed_.insert(key);
    yielded_.clear();
    const core::MapVitals vitals = map.Vitals();
    excused_ = vitals.growing && vitals.same_size_grow;
  }
  void Check(std::uint32_t key, std::uint32_t elem, const MapContents& model) {
    const auto entry = model.find(key);
    if (entry == model.end() || entry->second != elem) {
      Break("yielded n" + std::to_string(key) + ": n" + std::to_string(elem));
    }
    if (!yielded_.insert(key).second) Break("yielded n" + std::to_string(key) + " again");
    owed_.erase(key);
  }
  void Break(const std::string& what) {
    if (broken_.empty()) broken_ = "contents: a walk over the map " + what;
  }

  core::RootTable<SharedPolicy> roots_;
  std::optional<typename Map::Iterator> at_;  // its roots are in the table
  std::set<std::uint32_t> owed_;              // there since the walk began, and not yielded
  std::set<std::uint32_t> yielded_;
  bool excused_ = false;
  std::string broken_;
};

}  // namespace slotproof::heap_objects

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_HEAP_MAP_WALK_H_
