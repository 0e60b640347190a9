#ifndef SLOTPROOF_MODELS_SLICE_MODEL_H_
#define SLOTPROOF_MODELS_SLICE_MODEL_H_

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

// What slices do, as simply as it can be said: the graph of who shares which cells.
//
//   array A   | v1 | v2 | v3 | 0  |        a row of cells
//   s0        [    len 2  )    cap 3       a window: array, offset, length, capacity
//   s5             [ len 2   )
//
// A write through s0[1] is a write to A's second cell, so s5[0] shows it. An array lives as long as
// a window names it, however short: that is retention. Collect() is told all windows there are, and
// what none of them names is gone.
//
// Cells hold tokens: the number of the write that put them there, 0 for the zero value. Elements of
// no size have no cells, and every read of them is 0.
//
// A panic is its message, as the runtime words it (Go 1.19, panic.go, error.go, slice.go). The
// bounds are checked in the order of the compiler's code: the upper one first.
//
// What throws halfway leaves some of its writes behind. To find out which, an operation can be
// recorded: the model gives its writes in their order, and is as if it had never run.

namespace slotproof {

class SliceModel {
 public:
  using Int = std::int64_t;
  using Token = std::uint32_t;

  // How append chooses a capacity.
  enum class Rule : std::uint8_t { kGo118, kGo117 };

  // What a panic is about.
  enum class Refusal : std::uint8_t {
    kNone,
    kIndex,
    kNegativeIndex,
    kSlice,
    kSlice3,
    kConvert,
    kMake,
    kGrow
  };

  // The message of a panic. False, and empty: it went well.
  class Panic {
   public:
    Panic() : about_(Refusal::kNone), size_(0) {}
    // The message is texts and numbers one after the other.
    template <class... Parts>
    explicit Panic(Refusal about, const Parts&... parts) : about_(about), size_(0) {
      Add("runtime error: ");
      (Add(parts), ...);
    }

    explicit operator bool() const { return about_ != Refusal::kNone; }
    Refusal about() const { return about_; }
    std::string_view text() const { return {text_, size_}; }

   private:
    void Add(std::string_view more) { size_ += more.copy(text_ + size_, sizeof(text_) - size_); }
    void Add(Int number) {
      const char* end = std::to_chars(text_ + size_, text_ + sizeof(text_), number).ptr;
      size_ = static_cast<std::size_t>(end - text_);
    }

    Refusal about_;
    std::size_t size_;
    char text_[128];  // the longest has 121
  };

  using ArrayId = std::uint32_t;
  static constexpr ArrayId kNoArray = 0;

  // One cell that an operation wrote, and what it held before and after.
  struct CellWrite {
    ArrayId array;
    Int cell;  // from the array's first
    Token before;
    Token after;
  };

  struct Window {
    ArrayId array = kNoArray;  // none: nil, of capacity 0 from the start, or of no size
    bool nil = true;
    Int offset = 0;
    Int len = 0;
    Int cap = 0;
  };

  // Arrays that windows still reach.
  struct Reach {
    std::size_t arrays = 0;
    std::size_t cells = 0;

    friend bool operator==(const Reach&, const Reach&) = default;
  };

  SliceModel() = default;
  SliceModel(Rule rule, Int elem_bytes) : rule_(rule), elem_bytes_(elem_bytes) {}
  // As new, but for memory that it need not ask for again.
  void Reset(Rule rule, Int elem_bytes);

  // make([]T, len, cap)
  Panic Make(Int len, Int cap, Window* out);
  // Whether making it would be no panic and yet need more than `most` cells.
  bool IsTooLarge(Int len, Int cap, Int most) const;

  // s[i:j] and s[i:j:k]
  Panic Sub(const Window& s, Int i, Int j, Window* out) const;
  Panic Sub3(const Window& s, Int i, Int j, Int k, Window* out) const;

  // s[i], s[i] = token, (*[n]T)(s)
  Panic Get(const Window& s, Int i, Token* token) const;
  Panic Set(const Window& s, Int i, Token token);
  Panic ToArray(const Window& s, Int n) const;

  // append(s, tokens...) and append(s, source...)
  Panic Append(const Window& s, std::span<const Token> tokens, Window* out);
  Panic AppendSlice(const Window& s, const Window& source, Window* out);

  // copy(to, from), which gives the number of elements copied
  Int Copy(const Window& to, const Window& from);
  // for i := range s { s[i] = zero }
  void Clear(const Window& s);

  // append(s[:i], s[j:]...)
  Panic Delete(const Window& s, Int i, Int j, Window* out);
  // s = append(s, make([]T, n)...); copy(s[i+n:], s[i:]); copy(s[i:], tokens)
  Panic Insert(const Window& s, Int i, std::span<const Token> tokens, Window* out);
  // The same with the elements of a slice, which are read last.
  Panic InsertSlice(const Window& s, Int i, const Window& source, Window* out);
  // append(s, s[i:j]...), append(s, s[i]) and s[i] = s[j]
  Panic AppendPart(const Window& s, Int i, Int j, Window* out);
  Panic AppendElem(const Window& s, Int i, Window* out);
  Panic SetElem(const Window& s, Int i, Int j);
  // x := s[:0]; for each v of s: if v>>bit is odd { x = append(x, v) }
  Panic Filter(const Window& s, unsigned bit, Window* out);
  // append([]T(nil), s...)
  Panic Clone(const Window& s, Window* out);

  // From here on writes are recorded, one by one, in the order that core/slice promises: from the
  // first cell on, or from the last where a copy's target begins within its source.
  void Record() {
    writes_.clear();
    recording_ = true;
  }
  // Takes back what was written since, and gives it in its order.
  std::span<const CellWrite> TakeBack();
  // Writes one of them.
  void Repeat(const CellWrite& write) {
    arrays_[write.array][static_cast<std::size_t>(write.cell)] = write.after;
  }

  // The window's cells, all to the capacity; empty without an array.
  std::span<const Token> Cells(const Window& s) const;
  // The cells of its whole array.
  std::span<const Token> ArrayCells(const Window& s) const { return arrays_[s.array]; }

  // Arrays made so far.
  std::uint64_t allocations() const { return allocations_; }
  // What threw had made so many only, whether or not they are gone.
  void CorrectAllocations(std::uint64_t made) { allocations_ = made; }
  // What the windows reach. These must be all: any other array is gone, and its number is given
  // anew. At most kMostArrays can be made between two calls.
  Reach Collect(std::span<const Window> windows);
  static constexpr std::size_t kMostArrays = 64;
  // Their numbers, as bits, and those of arrays made since; kNoArray is always among them.
  std::uint64_t arrays() const { return taken_; }

 private:
  // s with n elements more that are yet to be written, on a new array if there is no room.
  Panic Extend(const Window& s, Int n, Window* out);
  Panic Grow(const Window& s, Int need, Window* out);
  Panic GrownCapacity(Int old_cap, Int need, Int* cap) const;
  ArrayId NewArray(Int cap);
  // s with n zeros more, and what lay behind i behind them: *at is from i on.
  Panic MakeRoom(const Window& s, Int i, Int n, Window* out, Window* at);
  Panic AppendCells(const Window& s, std::span<const Token> tokens, bool backward, Window* out);
  // Where a window's cells are written, from its cell `first` on.
  void Write(const Window& s, Int first, std::span<const Token> tokens, bool backward = false);
  std::span<Token> Writable(const Window& s);

  Rule rule_ = Rule::kGo118;
  Int elem_bytes_ = 8;
  std::uint64_t allocations_ = 0;
  std::uint64_t taken_ = 1;
  std::array<std::vector<Token>, kMostArrays> arrays_;
  std::vector<Token> aside_;  // cells that were read before others are written
  bool recording_ = false;
  std::vector<CellWrite> writes_;
};

}  // namespace slotproof

#endif  // SLOTPROOF_MODELS_SLICE_MODEL_H_
