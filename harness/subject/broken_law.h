#ifndef SLOTPROOF_HARNESS_SUBJECT_BROKEN_LAW_H_
#define SLOTPROOF_HARNESS_SUBJECT_BROKEN_LAW_H_

#include <string>

namespace slotproof {

// What a walk through a subject's structure found wrong.
struct BrokenLaw {
  std::string law;     // a short stable name, part of the signature: "window.capacity"
  std::string detail;  // for people
};

}  // namespace slotproof

#endif  // SLOTPROOF_HARNESS_SUBJECT_BROKEN_LAW_H_
