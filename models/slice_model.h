#ifndef SLOTPROOF_MODELS_SLICE_MODEL_H_
#define SLOTPROOF_MODELS_SLICE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

// What slices do, as simply as it can be said: the graph of who shares which cells.
//
//   array A   | v1 | v2 | v3 | 0  |        a row of cells
//   s0        [    len 2  )    cap 3       a window: array, offset, length, capacity
//   s5             [ len 2   )
//
// A write through s0[1] is a write to A's second cell, so s5[0] shows it. An array lives as long as
// a window names it, however short: that is retention.
//
// Cells hold tokens: the number of the write that put them there, 0 for the zero value. Elements of
// no size have no cells, and every read of them is 0.
//
// A panic is its message, as the runtime words it (Go 1.19, panic.go, error.go, slice.go). The
// bounds are checked in the order of the compiler's code: the upper one first.

namespace slotproof {

class SliceModel {
 public:
  using Int = std::int64_t;
  using Token = std::uint32_t;
  using Panic = std::optional<std::string>;  // nothing: it went well

  // How append chooses a capacity.
  enum class Rule : std::uint8_t { kGo118, kGo117 };

  struct Array {
    std::vector<Token> cells;
  };

  struct Window {
    std::shared_ptr<Array> array;  // null: nil, of capacity 0 from the start, or of no size
    Int offset = 0;
    Int len = 0;
    Int cap = 0;
    bool nil = true;

    std::span<const Token> Cells() const;  // all to the capacity; empty without an array
  };

  // Arrays that windows still reach.
  struct Reach {
    std::size_t arrays = 0;
    std::size_t cells = 0;

    friend bool operator==(const Reach&, const Reach&) = default;
  };

  SliceModel() = default;
  SliceModel(Rule rule, Int elem_bytes) : rule_(rule), elem_bytes_(elem_bytes) {}

  // make([]T, len, cap)
  Panic Make(Int len, Int cap, Window* out);
  // Whether making it would be no panic and yet need more than `most` cells.
  bool IsTooLarge(Int len, Int cap, Int most) const;

  // s[i:j] and s[i:j:k]
  Panic Sub(const Window& s, Int i, Int j, Window* out) const;
  Panic Sub3(const Window& s, Int i, Int j, Int k, Window* out) const;

  // s[i], s[i] = token, (*[n]T)(s)
  Panic Get(const Window& s, Int i, Token* token) const;
  Panic Set(const Window& s, Int i, Token token) const;
  Panic ToArray(const Window& s, Int n) const;

  // append(s, tokens...) and append(s, source...)
  Panic Append(const Window& s, std::span<const Token> tokens, Window* out);
  Panic AppendSlice(const Window& s, const Window& source, Window* out);

  // copy(to, from), which gives the number of elements copied
  Int Copy(const Window& to, const Window& from) const;
  // for i := range s { s[i] = zero }
  void Clear(const Window& s) const;

  // append(s[:i], s[j:]...)
  Panic Delete(const Window& s, Int i, Int j, Window* out);
  // s = append(s, make([]T, n)...); copy(s[i+n:], s[i:]); copy(s[i:], tokens)
  Panic Insert(const Window& s, Int i, std::span<const Token> tokens, Window* out);
  // x := s[:0]; for each v of s: if v>>bit is odd { x = append(x, v) }
  Panic Filter(const Window& s, unsigned bit, Window* out);
  // append([]T(nil), s...)
  Panic Clone(const Window& s, Window* out);

  // Arrays made so far.
  std::uint64_t allocations() const { return allocations_; }
  static Reach ReachOf(std::span<const Window> windows);

 private:
  // s with n elements more that are yet to be written, on a new array if there is no room.
  Panic Extend(const Window& s, Int n, Window* out);
  Panic Grow(const Window& s, Int need, Window* out);
  Panic GrownCapacity(Int old_cap, Int need, Int* cap) const;
  std::shared_ptr<Array> NewArray(Int cap);

  Rule rule_ = Rule::kGo118;
  Int elem_bytes_ = 8;
  std::uint64_t allocations_ = 0;
};

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_SLICE_MODEL_H_
