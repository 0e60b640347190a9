#ifndef SLOTPROOF_HARNESS_LINEAR_MODELS_OPERATION_H_
#define SLOTPROOF_HARNESS_LINEAR_MODELS_OPERATION_H_

#include <cstdint>
#include <limits>

// One form of operation for all models here, so that one history serves whichever of them judges
// it. Values are numbers whose equality is all that counts; who makes the history says what they
// stand for. 0 is nil, which is also what is under a key that is absent.

namespace slotproof::linear {

using Value = std::uint32_t;

inline constexpr Value kNil = 0;
inline constexpr Value kFalse = 1;
inline constexpr Value kTrue = 2;
// An answer that says nothing about the state.
inline constexpr Value kAnyResult = std::numeric_limits<Value>::max();

enum class Code : std::uint8_t {
  kRead,          // what is under the key
  kWrite,         // b under the key
  kCas,           // b under the key if a is: whether it was
  kInsert,        // b under the key: whether it was absent
  kDelete,        // whether the key was present
  kContains,      // whether it is
  kLoadOrStore,   // b under the key if it is absent: what was there
  kGetAndDelete,  // what was there
  kAppend,        // b behind what is under the key
  kSize,          // of all keys: how many are present
  kClear,         //
  kReadAll,       // which keys are present: a list of them (TableModel::AddList)
  kEnqueue,       // b
  kDequeue,       // what was at the head, nil if nothing was
  kSwap,          // b under the key: what was there
};

struct Operation {
  Code code = Code::kRead;
  std::uint32_t key = 0;
  Value a = kNil;
  Value b = kNil;
};

// Of kSize: numbers are values of their own there.
using Result = Value;

constexpr bool IsOfAllKeys(Code code) {
  return code == Code::kSize || code == Code::kClear || code == Code::kReadAll;
}

}  // namespace slotproof::linear

#endif  // SLOTPROOF_HARNESS_LINEAR_MODELS_OPERATION_H_
