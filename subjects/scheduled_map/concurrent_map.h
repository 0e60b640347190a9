#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CONCURRENT_MAP_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CONCURRENT_MAP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "subjects/scheduled/reported_goals.h"

namespace slotproof {

// A map that several threads use at once, as the scheduled sessions drive it. What implements it is
// compiled as scheduled code (build_defs/scheduled.bzl): a scheduled_library with the container,
// this adapter around it and nothing else.
//
// Values are not 0, which stands for an absent key.
class ConcurrentMap {
 public:
  using Key = std::uint32_t;
  using Value = std::uint32_t;

  virtual ~ConcurrentMap() = default;

  virtual bool Insert(Key key, Value value) = 0;  // or assigns; whether the key was absent
  virtual Value Find(Key key) = 0;
  virtual bool Delete(Key key) = 0;                     // whether it was present
  virtual Value LoadOrStore(Key key, Value value) = 0;  // what was there
  virtual Value GetAndDelete(Key key) = 0;              // what was there
  virtual bool CompareAndSwap(Key key, Value expected, Value desired) = 0;
  virtual Value Swap(Key key, Value value) = 0;  // what was there
  virtual bool CompareAndDelete(Key key, Value expected) = 0;
  // Each key with a value that it has at some time during the call; not a key that is absent then.
  virtual void Range(const std::function<void(Key, Value)>& visit) = 0;

  // Its structure as text, whatever the threads are doing; empty when there is no drawing.
  virtual std::string Draw() const { return ""; }

  // When no thread uses it: what is wrong with its structure; empty when nothing is.
  virtual std::string BrokenInvariant() const { return ""; }
};

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CONCURRENT_MAP_H_
