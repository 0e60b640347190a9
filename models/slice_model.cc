#include "models/slice_model.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "models/block_sizes.h"

namespace slotproof {
namespace {

using Int = SliceModel::Int;
using Window = SliceModel::Window;
using Panic = SliceModel::Panic;
using Refusal = SliceModel::Refusal;

constexpr Int kMaxAllocation = Int{1} << 48;  // bytes

template <class... Parts>
Panic OutOfRange(Refusal about, const Parts&... bracket) {
  return Panic(about, "slice bounds out of range [", bracket..., "]");
}

// Go's integers wrap round.
Int WrappingAdd(Int a, Int b) {
  return static_cast<Int>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

// s[i:j:k], within bounds.
Window Cut(const Window& s, Int i, Int j, Int k) {
  Window cut = s;
  cut.len = j - i;
  cut.cap = k - i;
  if (cut.cap != 0) cut.offset += i;  // never one past the end
  return cut;
}

// Whether a copy of n cells onto cells of the same array goes from the last to the first.
bool GoesBackward(SliceModel::ArrayId to, Int to_offset, const Window& from, Int n) {
  return to == from.array && from.offset < to_offset && to_offset < from.offset + n;
}

}  // namespace

void SliceModel::Reset(Rule rule, Int elem_bytes) {
  rule_ = rule;
  elem_bytes_ = elem_bytes;
  allocations_ = 0;
  taken_ = 1;
  recording_ = false;
}

void SliceModel::Write(const Window& s, Int first, std::span<const Token> tokens, bool backward) {
  if (s.array == kNoArray) return;
  const auto cells = Writable(s).begin() + first;
  if (recording_) [[unlikely]] {
    for (std::size_t n = 0; n < tokens.size(); ++n) {
      const std::size_t at = backward ? tokens.size() - 1 - n : n;
      writes_.push_back({.array = s.array,
                         .cell = s.offset + first + static_cast<Int>(at),
                         .before = cells[static_cast<std::ptrdiff_t>(at)],
                         .after = tokens[at]});
    }
  }
  std::copy(tokens.begin(), tokens.end(), cells);
}

std::span<const SliceModel::CellWrite> SliceModel::TakeBack() {
  recording_ = false;
  for (std::size_t n = writes_.size(); n-- > 0;) {
    arrays_[writes_[n].array][static_cast<std::size_t>(writes_[n].cell)] = writes_[n].before;
  }
  return writes_;
}

std::span<SliceModel::Token> SliceModel::Writable(const Window& s) {
  if (s.array == kNoArray) return {};
  return std::span(arrays_[s.array])
      .subspan(static_cast<std::size_t>(s.offset), static_cast<std::size_t>(s.cap));
}

std::span<const SliceModel::Token> SliceModel::Cells(const Window& s) const {
  if (s.array == kNoArray) return {};
  return std::span(arrays_[s.array])
      .subspan(static_cast<std::size_t>(s.offset), static_cast<std::size_t>(s.cap));
}

SliceModel::ArrayId SliceModel::NewArray(Int cap) {
  if (cap == 0 || elem_bytes_ == 0) return kNoArray;
  const auto array = static_cast<ArrayId>(std::countr_one(taken_));
  if (array == kMostArrays) throw std::length_error("SliceModel: too many arrays, call Collect()");
  taken_ |= std::uint64_t{1} << array;
  ++allocations_;
  arrays_[array].assign(static_cast<std::size_t>(cap), 0);
  return array;
}

SliceModel::Reach SliceModel::Collect(std::span<const Window> windows) {
  taken_ = 1;
  for (const Window& w : windows) taken_ |= std::uint64_t{1} << w.array;
  Reach reach;
  for (std::uint64_t rest = taken_ & ~std::uint64_t{1}; rest != 0; rest &= rest - 1) {
    ++reach.arrays;
    reach.cells += arrays_[static_cast<std::size_t>(std::countr_zero(rest))].size();
  }
  return reach;
}

bool SliceModel::IsTooLarge(Int len, Int cap, Int most) const {
  if (elem_bytes_ == 0 || len < 0 || cap < len) return false;
  return cap > most && cap <= kMaxAllocation / elem_bytes_;
}

Panic SliceModel::Make(Int len, Int cap, Window* out) {
  const auto fits = [&](Int n) {
    return n >= 0 && (elem_bytes_ == 0 || n <= kMaxAllocation / elem_bytes_);
  };
  if (!fits(cap) || len < 0 || len > cap) {
    if (!fits(len)) return Panic(Refusal::kMake, "makeslice: len out of range");
    return Panic(Refusal::kMake, "makeslice: cap out of range");
  }
  *out = {.array = NewArray(cap), .nil = false, .offset = 0, .len = len, .cap = cap};
  return {};
}

Panic SliceModel::Sub(const Window& s, Int i, Int j, Window* out) const {
  constexpr Refusal kAbout = Refusal::kSlice;
  if (j < 0) return OutOfRange(kAbout, ":", j);
  if (j > s.cap) {
    return Panic(kAbout, "slice bounds out of range [:", j, "] with capacity ", s.cap);
  }
  if (i < 0) return OutOfRange(kAbout, i, ":");
  if (i > j) return OutOfRange(kAbout, i, ":", j);
  *out = Cut(s, i, j, s.cap);
  return {};
}

Panic SliceModel::Sub3(const Window& s, Int i, Int j, Int k, Window* out) const {
  constexpr Refusal kAbout = Refusal::kSlice3;
  if (k < 0) return OutOfRange(kAbout, "::", k);
  if (k > s.cap) {
    return Panic(kAbout, "slice bounds out of range [::", k, "] with capacity ", s.cap);
  }
  if (j < 0) return OutOfRange(kAbout, ":", j, ":");
  if (j > k) return OutOfRange(kAbout, ":", j, ":", k);
  if (i < 0) return OutOfRange(kAbout, i, "::");
  if (i > j) return OutOfRange(kAbout, i, ":", j, ":");
  *out = Cut(s, i, j, k);
  return {};
}

Panic SliceModel::Get(const Window& s, Int i, Token* token) const {
  if (i < 0) return Panic(Refusal::kNegativeIndex, "index out of range [", i, "]");
  if (i >= s.len) return Panic(Refusal::kIndex, "index out of range [", i, "] with length ", s.len);
  *token = s.array == kNoArray ? 0 : Cells(s)[static_cast<std::size_t>(i)];
  return {};
}

Panic SliceModel::Set(const Window& s, Int i, Token token) {
  Token before = 0;
  if (Panic panic = Get(s, i, &before)) return panic;
  Write(s, i, {&token, 1});
  return {};
}

Panic SliceModel::ToArray(const Window& s, Int n) const {
  if (n <= s.len) return {};
  return Panic(Refusal::kConvert, "cannot convert slice with length ", s.len,
               " to pointer to array with length ", n);
}

Panic SliceModel::GrownCapacity(Int old_cap, Int need, Int* cap) const {
  const auto panic = [] { return Panic(Refusal::kGrow, "growslice: cap out of range"); };
  if (need < old_cap) return panic();
  if (elem_bytes_ == 0) {
    *cap = need;
    return {};
  }
  const Int threshold = rule_ == Rule::kGo118 ? 256 : 1024;
  Int grown = old_cap;
  if (need > 2 * old_cap) {
    grown = need;
  } else if (old_cap < threshold) {
    grown = 2 * old_cap;
  } else {
    while (grown < need) grown += rule_ == Rule::kGo118 ? (grown + 3 * threshold) / 4 : grown / 4;
  }
  if (grown > kMaxAllocation / elem_bytes_) return panic();
  const std::uint64_t block = BlockSize(static_cast<std::uint64_t>(grown * elem_bytes_));
  *cap = static_cast<Int>(block) / elem_bytes_;
  return {};
}

Panic SliceModel::Grow(const Window& s, Int need, Window* out) {
  Int cap = 0;
  if (Panic panic = GrownCapacity(s.cap, need, &cap)) return panic;
  *out = {.array = NewArray(cap), .nil = false, .offset = 0, .len = s.len, .cap = cap};
  if (out->array == kNoArray || s.array == kNoArray) return {};
  const std::span<const Token> kept = Cells(s).first(static_cast<std::size_t>(s.len));
  std::copy(kept.begin(), kept.end(), Writable(*out).begin());
  return {};
}

Panic SliceModel::Extend(const Window& s, Int n, Window* out) {
  const Int need = WrappingAdd(s.len, n);
  Window longer = s;
  if (need < 0 || need > s.cap) {
    if (Panic panic = Grow(s, need, &longer)) return panic;
  }
  longer.len = need;
  *out = longer;
  return {};
}

Panic SliceModel::Append(const Window& s, std::span<const Token> tokens, Window* out) {
  return AppendCells(s, tokens, /*backward=*/false, out);
}

Panic SliceModel::AppendCells(const Window& s, std::span<const Token> tokens, bool backward,
                              Window* out) {
  Window longer;
  if (Panic panic = Extend(s, static_cast<Int>(tokens.size()), &longer)) return panic;
  Write(longer, s.len, tokens, backward);
  *out = longer;
  return {};
}

Panic SliceModel::AppendSlice(const Window& s, const Window& source, Window* out) {
  if (elem_bytes_ == 0) return Extend(s, source.len, out);
  const std::span<const Token> cells = Cells(source);
  aside_.assign(cells.begin(), cells.begin() + source.len);
  return AppendCells(s, aside_, GoesBackward(s.array, s.offset + s.len, source, source.len), out);
}

Int SliceModel::Copy(const Window& to, const Window& from) {
  const Int n = std::min(to.len, from.len);
  if (to.array == kNoArray || from.array == kNoArray) return n;
  const std::span<const Token> cells = Cells(from);
  aside_.assign(cells.begin(), cells.begin() + n);
  Write(to, 0, aside_, GoesBackward(to.array, to.offset, from, n));
  return n;
}

void SliceModel::Clear(const Window& s) {
  if (s.array == kNoArray) return;
  aside_.assign(static_cast<std::size_t>(s.len), 0);
  Write(s, 0, aside_);
}

Panic SliceModel::Delete(const Window& s, Int i, Int j, Window* out) {
  Window head;
  if (Panic panic = Sub(s, 0, i, &head)) return panic;
  Window tail;
  if (Panic panic = Sub(s, j, s.len, &tail)) return panic;
  return AppendSlice(head, tail, out);
}

Panic SliceModel::MakeRoom(const Window& s, Int i, Int n, Window* out, Window* at) {
  if (elem_bytes_ == 0) {
    if (Panic panic = Extend(s, n, out)) return panic;
  } else {
    aside_.assign(static_cast<std::size_t>(n), 0);
    if (Panic panic = Append(s, aside_, out)) return panic;
  }
  Window behind;
  if (Panic panic = Sub(*out, WrappingAdd(i, n), out->len, &behind)) return panic;
  if (Panic panic = Sub(*out, i, out->len, at)) return panic;
  Copy(behind, *at);
  return {};
}

Panic SliceModel::Insert(const Window& s, Int i, std::span<const Token> tokens, Window* out) {
  Window longer;
  Window at;
  if (Panic panic = MakeRoom(s, i, static_cast<Int>(tokens.size()), &longer, &at)) return panic;
  const auto n = std::min(tokens.size(), static_cast<std::size_t>(at.len));
  Write(at, 0, tokens.first(n));
  *out = longer;
  return {};
}

Panic SliceModel::InsertSlice(const Window& s, Int i, const Window& source, Window* out) {
  Window longer;
  Window at;
  if (Panic panic = MakeRoom(s, i, source.len, &longer, &at)) return panic;
  Copy(at, source);
  *out = longer;
  return {};
}

Panic SliceModel::AppendPart(const Window& s, Int i, Int j, Window* out) {
  Window part;
  if (Panic panic = Sub(s, i, j, &part)) return panic;
  return AppendSlice(s, part, out);
}

Panic SliceModel::AppendElem(const Window& s, Int i, Window* out) {
  Token token = 0;
  if (Panic panic = Get(s, i, &token)) return panic;
  return Append(s, {&token, 1}, out);
}

Panic SliceModel::SetElem(const Window& s, Int i, Int j) {
  Token token = 0;
  if (Panic panic = Get(s, j, &token)) return panic;
  return Set(s, i, token);
}

Panic SliceModel::Filter(const Window& s, unsigned bit, Window* out) {
  Window kept;
  if (Panic panic = Sub(s, 0, 0, &kept)) return panic;
  for (Int i = 0; i < s.len; ++i) {
    Token token = 0;
    if (Panic panic = Get(s, i, &token)) return panic;
    if (((token >> bit) & 1) == 0) continue;
    if (Panic panic = Append(kept, {&token, 1}, &kept)) return panic;
  }
  *out = kept;
  return {};
}

Panic SliceModel::Clone(const Window& s, Window* out) { return AppendSlice(Window{}, s, out); }

}  // namespace slotproof
