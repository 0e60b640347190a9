#ifndef SLOTPROOF_BENCH_PEERS_SIMPLE_SLICES_H_
#define SLOTPROOF_BENCH_PEERS_SIMPLE_SLICES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/slice/growth.h"
#include "core/slice/idioms.h"
#include "core/slice/slice.h"

// Sixteen slices of uint64 as one would model them in an afternoon, for both peers: arrays are
// vectors, a slice is a window of numbers. A plain value, so that copies are independent.

namespace slotproof {

using Int = std::int64_t;
using Word = std::uint64_t;
using CoreSlice = core::Slice<Word>;
using SliceFailure = std::optional<core::SliceError>;

inline constexpr std::size_t kPeerSlices = 16;

enum class PeerOp : std::uint8_t {
  kGet,
  kSet,
  kAppend,
  kSlice,
  kSlice3,
  kShare,
  kNil,
  kMake,
  kCopy,
  kClear,
  kAppendSlice,
  kDelete,
};
inline constexpr std::size_t kPeerOps = 12;
inline constexpr std::array<std::string_view, kPeerOps> kPeerOpNames = {
    "get", "set",  "append", "slice", "slice3",       "share",
    "nil", "make", "copy",   "clear", "append_slice", "delete"};

// Which operands are read depends on the operation, as in subjects/slice/slice_vocabulary.h.
struct PeerCall {
  PeerOp op;
  std::size_t d = 0, s = 0, t = 0;
  Int i = 0, j = 0, k = 0;
  std::size_t n = 0;  // elements to append: first, first + 1, ...
  Word first = 0;

  std::vector<Word> Items() const {
    std::vector<Word> items(n);
    for (std::size_t at = 0; at < n; ++at) items[at] = first + at;
    return items;
  }
};

// What an operation gave: a failure, or a number that it returned.
struct PeerResult {
  SliceFailure failure{};
  Word value = 0;

  friend bool operator==(const PeerResult&, const PeerResult&) = default;
};

class SimpleSlices {
 public:
  struct Window {
    std::size_t array = 0;  // 0: none
    Int offset = 0, len = 0, cap = 0;
    bool nil = true;
  };

  const Window& operator[](std::size_t s) const { return windows_[s]; }
  std::span<const Word> Cells(const Window& w) const {
    return std::span(arrays_[w.array]).subspan(size(w.offset), size(w.array == 0 ? 0 : w.cap));
  }

  PeerResult Apply(const PeerCall& call) {
    const Window s = windows_[call.s];
    Window& d = windows_[call.d];
    switch (call.op) {
      case PeerOp::kGet:
        if (call.i < 0 || call.i >= s.len) return Fail(core::SliceErrorCode::kIndex, call.i, s.len);
        return {.value = At(s, call.i)};
      case PeerOp::kSet:
        if (call.i < 0 || call.i >= s.len) return Fail(core::SliceErrorCode::kIndex, call.i, s.len);
        At(s, call.i) = call.first;
        return {};
      case PeerOp::kAppend:
        Append(s, call.Items(), d);
        break;
      case PeerOp::kSlice:
        return {.failure = Sub(s, call.i, call.j, d)};
      case PeerOp::kSlice3:
        return {.failure = Sub3(s, call.i, call.j, call.k, d)};
      case PeerOp::kShare:
        d = s;
        break;
      case PeerOp::kNil:
        d = Window{};
        break;
      case PeerOp::kMake:
        return {.failure = Make(call.i, call.j, d)};
      case PeerOp::kCopy: {
        const Int n = std::min(d.len, s.len);
        const std::vector<Word> items = Visible(s);
        std::copy_n(items.begin(), n, arrays_[d.array].begin() + d.offset);
        return {.value = static_cast<Word>(n)};
      }
      case PeerOp::kClear:
        for (Int i = 0; i < s.len; ++i) At(s, i) = 0;
        break;
      case PeerOp::kAppendSlice:
        Append(s, Visible(windows_[call.t]), d);
        break;
      case PeerOp::kDelete: {
        Window head, tail;
        if (const SliceFailure failure = Sub(s, 0, call.i, head)) return {.failure = failure};
        if (const SliceFailure failure = Sub(s, call.j, s.len, tail)) return {.failure = failure};
        Append(head, Visible(tail), d);
        break;
      }
    }
    DropUnreached();
    return {};
  }

 private:
  static std::size_t size(Int n) { return static_cast<std::size_t>(n); }
  static PeerResult Fail(core::SliceErrorCode code, Int x, Int y) {
    return {.failure = core::SliceError{.code = code, .x = x, .y = y}};
  }

  Word& At(const Window& w, Int i) { return arrays_[w.array][size(w.offset + i)]; }
  std::vector<Word> Visible(const Window& w) const {
    const std::span<const Word> cells = Cells(w).first(size(w.len));
    return {cells.begin(), cells.end()};
  }

  Window NewWindow(Int len, Int cap) {
    if (cap != 0) arrays_.emplace_back(size(cap));
    return {.array = cap == 0 ? 0 : arrays_.size() - 1, .len = len, .cap = cap, .nil = false};
  }

  SliceFailure Make(Int len, Int cap, Window& out) {
    if (const SliceFailure failure = core::CheckMakeSlice(sizeof(Word), len, cap)) return failure;
    out = NewWindow(len, cap);
    DropUnreached();
    return {};
  }

  static SliceFailure Sub(const Window& s, Int i, Int j, Window& out) {
    if (j < 0 || j > s.cap) return Fail(core::SliceErrorCode::kSliceAcap, j, s.cap).failure;
    if (i < 0 || i > j) return Fail(core::SliceErrorCode::kSliceB, i, j).failure;
    return Cut(s, i, j, s.cap, out);
  }
  static SliceFailure Sub3(const Window& s, Int i, Int j, Int k, Window& out) {
    if (k < 0 || k > s.cap) return Fail(core::SliceErrorCode::kSlice3Acap, k, s.cap).failure;
    if (j < 0 || j > k) return Fail(core::SliceErrorCode::kSlice3B, j, k).failure;
    if (i < 0 || i > j) return Fail(core::SliceErrorCode::kSlice3C, i, j).failure;
    return Cut(s, i, j, k, out);
  }
  static SliceFailure Cut(const Window& s, Int i, Int j, Int k, Window& out) {
    out = {.array = s.array,
           .offset = k == i ? s.offset : s.offset + i,
           .len = j - i,
           .cap = k - i,
           .nil = s.nil};
    return {};
  }

  void Append(Window s, const std::vector<Word>& items, Window& out) {
    const Int need = s.len + static_cast<Int>(items.size());
    if (need > s.cap) {
      const Int cap =
          core::GrowCapacity(core::GrowthRule::kGo118, sizeof(Word), s.cap, need).value();
      const std::vector<Word> kept = Visible(s);
      s = NewWindow(s.len, cap);
      std::copy(kept.begin(), kept.end(), arrays_[s.array].begin());
    }
    std::copy(items.begin(), items.end(), arrays_[s.array].begin() + s.offset + s.len);
    s.len = need;
    out = s;
  }

  // Keeps copies of the model small.
  void DropUnreached() {
    while (arrays_.size() > 1 && std::ranges::none_of(windows_, [&](const Window& w) {
             return w.array == arrays_.size() - 1;
           })) {
      arrays_.pop_back();
    }
  }

  std::vector<std::vector<Word>> arrays_ = std::vector<std::vector<Word>>(1);
  std::array<Window, kPeerSlices> windows_;
};

// The slices under test.
class CoreSlices {
 public:
  const CoreSlice& operator[](std::size_t s) const { return slices_[s]; }

  PeerResult Run(const PeerCall& call) {
    CoreSlice& s = slices_[call.s];
    CoreSlice& d = slices_[call.d];
    switch (call.op) {
      case PeerOp::kGet: {
        const auto at = s.At(call.i);
        return at ? PeerResult{.value = **at} : PeerResult{.failure = at.error()};
      }
      case PeerOp::kSet:
        return Failure(s.Set(call.i, call.first));
      case PeerOp::kAppend:
        return Changed(d, s, [&](CoreSlice& slice) { return slice.Append(call.Items()); });
      case PeerOp::kSlice:
        return Assigned(d, s.Sub(call.i, call.j));
      case PeerOp::kSlice3:
        return Assigned(d, s.Sub3(call.i, call.j, call.k));
      case PeerOp::kShare:
        d = s;
        return {};
      case PeerOp::kNil:
        d = CoreSlice();
        return {};
      case PeerOp::kMake:
        return Assigned(d, CoreSlice::Make(call.i, call.j));
      case PeerOp::kCopy:
        return {.value = static_cast<Word>(d.CopyFrom(s))};
      case PeerOp::kClear:
        s.Clear();
        return {};
      case PeerOp::kAppendSlice:
        return Changed(d, s, [&](CoreSlice& slice) { return slice.Append(slices_[call.t]); });
      case PeerOp::kDelete:
        return Changed(d, s,
                       [&](CoreSlice& slice) { return core::DeleteRange(slice, call.i, call.j); });
    }
    return {};
  }

 private:
  static PeerResult Failure(const core::Checked<void>& result) {
    return result ? PeerResult{} : PeerResult{.failure = result.error()};
  }
  static PeerResult Assigned(CoreSlice& d, core::Checked<CoreSlice> result) {
    if (!result) return {.failure = result.error()};
    d = *std::move(result);
    return {};
  }
  template <class Change>
  static PeerResult Changed(CoreSlice& d, const CoreSlice& s, Change change) {
    CoreSlice slice = s;
    const core::Checked<void> result = change(slice);
    if (result) d = std::move(slice);
    return Failure(result);
  }

  std::array<CoreSlice, kPeerSlices> slices_;
};

// Whether each slice shows what the model shows, up to its capacity, and shares what that shares.
inline bool Agree(const SimpleSlices& model, const CoreSlices& slices) {
  for (std::size_t s = 0; s < kPeerSlices; ++s) {
    const SimpleSlices::Window& expected = model[s];
    const CoreSlice& actual = slices[s];
    if (actual.IsNil() != expected.nil || actual.len() != expected.len ||
        actual.cap() != expected.cap || actual.offset() != expected.offset ||
        !std::ranges::equal(model.Cells(expected),
                            std::span(actual.data(), static_cast<std::size_t>(actual.cap())))) {
      return false;
    }
    for (std::size_t other = 0; other < s; ++other) {
      if ((actual.array_id() == slices[other].array_id()) !=
          (expected.array == model[other].array)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace slotproof

#endif  // SLOTPROOF_BENCH_PEERS_SIMPLE_SLICES_H_
