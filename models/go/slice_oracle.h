// What the real Go 1.19 runtime does with slices: not a model of it, the runtime itself, linked in.
//
//   AppendCaps    the capacity that append gives            runtime.growslice
//   RoundUpSizes  rounding to the allocator's sizes         runtime.roundupsize
//   Make          make([]T, len, cap)                       compiled Go
//   Evaluate      s[i], s[i:j], s[i:j:k], (*[n]T)(s) ...    compiled Go
//
// Each case is answered with what it gives, or with the panic: its text to the letter, and for
// bounds errors the code and the numbers that the runtime keeps. The answers come in the order of
// the cases. Cases that would need more memory than is reasonable, or that cannot be written in
// Go, are declined, with the reason.
//
// Costs: a call takes 2 us before it does anything, so ask for thousands of cases at once.
// Threads: any thread may ask. The first call in a process waits for Go's runtime, some ms. After
// a fork there is no runtime any more: death tests need gtest's "threadsafe" style.
#ifndef SLOTPROOF_MODELS_GO_SLICE_ORACLE_H_
#define SLOTPROOF_MODELS_GO_SLICE_ORACLE_H_

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace slotproof::go {

enum class Status : std::uint8_t { kDone, kPanicked, kDeclined };

// runtime.boundsErrorCode.
enum class BoundsCode : std::int8_t {
  kNone = -1,  // another panic
  kIndex,
  kSliceAlen,
  kSliceAcap,
  kSliceB,
  kSlice3Alen,
  kSlice3Acap,
  kSlice3B,
  kSlice3C,
  kConvert,
};

struct Panic {
  std::string message;  // what Error() says; if the case was declined, why
  BoundsCode code = BoundsCode::kNone;
  std::int64_t x = 0;
  std::int64_t y = 0;

  friend bool operator==(const Panic&, const Panic&) = default;
};

// The slice that came out. The offset is in elements, from the operand's first.
struct Window {
  std::int64_t offset = 0;
  std::int64_t len = 0;
  std::int64_t cap = 0;
  bool is_nil = false;

  friend bool operator==(const Window&, const Window&) = default;
};

struct Answer {
  Status status = Status::kDone;
  Window window = {};  // if done
  Panic panic = {};    // if not
};

// "go1.19.8".
std::string RuntimeVersion();

// A slice with capacity `old_cap` must hold `need` elements; of the window only cap means anything.
struct AppendCase {
  std::int64_t elem_bytes = 8;  // 0..kMostElemBytes
  std::int64_t old_cap = 0;
  std::int64_t need = 0;
  // Do not decline: the runtime will panic. If it does not, it runs out of memory, and says how
  // many bytes it wanted as it ends the process.
  bool sure_of_panic = false;
};
extern const std::int64_t kMostElemBytes;
std::vector<Answer> AppendCaps(std::span<const AppendCase> cases);

std::vector<std::uint64_t> RoundUpSizes(std::span<const std::uint64_t> bytes);

struct MakeCase {
  std::int64_t elem_bytes = 8;  // 0, 1, 8, 24 or 4096
  std::int64_t len = 0;
  std::int64_t cap = 0;
};
std::vector<Answer> Make(std::span<const MakeCase> cases);

enum class Operand : std::uint8_t {
  kSlice,         // elem_bytes 8, cap up to kMostCells; or elem_bytes 0 and any cap
  kNilSlice,      // elem_bytes 8 or 0; len = cap = 0
  kArrayPointer,  // elem_bytes 8; len = cap = kArrayCells
  kString,        // elem_bytes 1; len = cap up to kMostCells
};
extern const std::int64_t kMostCells;
extern const std::int64_t kArrayCells;

enum class Form : std::uint8_t {
  kIndex,       // s[i]: the window is the element
  kLow,         // s[i:]
  kHigh,        // s[:j]
  kLowHigh,     // s[i:j]
  kHighMax,     // s[:j:k]
  kLowHighMax,  // s[i:j:k]
  kToArray,     // (*[i]T)(s); i is 0..6, 1000 or 2^40
};

struct Expression {
  Operand operand = Operand::kSlice;
  Form form = Form::kIndex;
  std::int64_t elem_bytes = 8;
  std::int64_t len = 0;
  std::int64_t cap = 0;
  std::int64_t i = 0;
  std::int64_t j = 0;
  std::int64_t k = 0;
};
std::vector<Answer> Evaluate(std::span<const Expression> cases);

// As Go would write it: "append to cap 3, need 9, 8-byte elements", "s[1:5:7], len 2, cap 6".
std::ostream& operator<<(std::ostream& os, const AppendCase& c);
std::ostream& operator<<(std::ostream& os, const MakeCase& c);
std::ostream& operator<<(std::ostream& os, const Expression& c);
// "{offset 1, len 4, cap 6}", or the panic's or the refusal's text.
std::ostream& operator<<(std::ostream& os, const Answer& answer);

}  // namespace slotproof::go

#endif  // SLOTPROOF_MODELS_GO_SLICE_ORACLE_H_
