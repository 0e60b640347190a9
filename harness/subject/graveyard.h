#ifndef SLOTPROOF_HARNESS_SUBJECT_GRAVEYARD_H_
#define SLOTPROOF_HARNESS_SUBJECT_GRAVEYARD_H_

#include <memory>
#include <mutex>
#include <vector>

namespace slotproof {

// Lets go of a subject whose destructor must not run: it stays reachable for the life of the
// process, so that LeakSanitizer does not take it for a leak.
template <class T>
void Bury(std::unique_ptr<T> subject) {
  static std::mutex mutex;
  static auto& graves = *new std::vector<const T*>;
  const std::lock_guard lock(mutex);
  graves.push_back(subject.release());
}

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_GRAVEYARD_H_
