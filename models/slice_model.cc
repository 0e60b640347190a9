#include "models/slice_model.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "models/block_sizes.h"

namespace slotproof {
namespace {

using Int = SliceModel::Int;
using Window = SliceModel::Window;
using Panic = SliceModel::Panic;

constexpr Int kMaxAllocation = Int{1} << 48;  // bytes

void Add(std::string* text, std::string_view more) { *text += more; }
void Add(std::string* text, Int number) {
  char digits[20];
  text->append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
}

// The message of texts and numbers one after the other.
template <class... Parts>
Panic RuntimeError(const Parts&... parts) {
  std::string text;
  text.reserve(128);
  text = "runtime error: ";
  (Add(&text, parts), ...);
  return text;
}

template <class... Parts>
Panic OutOfRange(const Parts&... bracket) {
  return RuntimeError("slice bounds out of range [", bracket..., "]");
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

}  // namespace

std::span<const SliceModel::Token> Window::Cells() const {
  if (array == nullptr) return {};
  return std::span<const Token>(array->cells)
      .subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(cap));
}

std::shared_ptr<SliceModel::Array> SliceModel::NewArray(Int cap) {
  if (cap == 0 || elem_bytes_ == 0) return nullptr;
  ++allocations_;
  auto array = std::make_shared<Array>();
  array->cells.resize(static_cast<std::size_t>(cap));
  return array;
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
    if (!fits(len)) return RuntimeError("makeslice: len out of range");
    return RuntimeError("makeslice: cap out of range");
  }
  *out = {.array = NewArray(cap), .offset = 0, .len = len, .cap = cap, .nil = false};
  return {};
}

Panic SliceModel::Sub(const Window& s, Int i, Int j, Window* out) const {
  if (j < 0) return OutOfRange(":", j);
  if (j > s.cap) {
    return RuntimeError("slice bounds out of range [:", j, "] with capacity ", s.cap);
  }
  if (i < 0) return OutOfRange(i, ":");
  if (i > j) return OutOfRange(i, ":", j);
  *out = Cut(s, i, j, s.cap);
  return {};
}

Panic SliceModel::Sub3(const Window& s, Int i, Int j, Int k, Window* out) const {
  if (k < 0) return OutOfRange("::", k);
  if (k > s.cap) {
    return RuntimeError("slice bounds out of range [::", k, "] with capacity ", s.cap);
  }
  if (j < 0) return OutOfRange(":", j, ":");
  if (j > k) return OutOfRange(":", j, ":", k);
  if (i < 0) return OutOfRange(i, "::");
  if (i > j) return OutOfRange(i, ":", j, ":");
  *out = Cut(s, i, j, k);
  return {};
}

Panic SliceModel::Get(const Window& s, Int i, Token* token) const {
  if (i < 0) return RuntimeError("index out of range [", i, "]");
  if (i >= s.len) return RuntimeError("index out of range [", i, "] with length ", s.len);
  *token = s.array == nullptr ? 0 : s.Cells()[static_cast<std::size_t>(i)];
  return {};
}

Panic SliceModel::Set(const Window& s, Int i, Token token) const {
  Token before = 0;
  if (Panic panic = Get(s, i, &before)) return panic;
  if (s.array != nullptr) s.array->cells[static_cast<std::size_t>(s.offset + i)] = token;
  return {};
}

Panic SliceModel::ToArray(const Window& s, Int n) const {
  if (n <= s.len) return {};
  return RuntimeError("cannot convert slice with length ", s.len,
                      " to pointer to array with length ", n);
}

Panic SliceModel::GrownCapacity(Int old_cap, Int need, Int* cap) const {
  const auto panic = [] { return RuntimeError("growslice: cap out of range"); };
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
  *out = {.array = NewArray(cap), .offset = 0, .len = s.len, .cap = cap, .nil = false};
  if (out->array == nullptr || s.array == nullptr) return {};
  const std::span<const Token> kept = s.Cells().first(static_cast<std::size_t>(s.len));
  std::copy(kept.begin(), kept.end(), out->array->cells.begin());
  return {};
}

Panic SliceModel::Extend(const Window& s, Int n, Window* out) {
  const Int need = WrappingAdd(s.len, n);
  Window longer = s;
  if (need < 0 || need > s.cap) {
    if (Panic panic = Grow(s, need, &longer)) return panic;
  }
  longer.len = need;
  *out = std::move(longer);
  return {};
}

Panic SliceModel::Append(const Window& s, std::span<const Token> tokens, Window* out) {
  Window longer;
  if (Panic panic = Extend(s, static_cast<Int>(tokens.size()), &longer)) return panic;
  if (longer.array != nullptr) {
    std::copy(tokens.begin(), tokens.end(),
              longer.array->cells.begin() + static_cast<std::ptrdiff_t>(longer.offset + s.len));
  }
  *out = std::move(longer);
  return {};
}

Panic SliceModel::AppendSlice(const Window& s, const Window& source, Window* out) {
  if (elem_bytes_ == 0) return Extend(s, source.len, out);
  const std::span<const Token> cells = source.Cells();
  const std::vector<Token> tokens(cells.begin(), cells.begin() + source.len);
  return Append(s, tokens, out);
}

Int SliceModel::Copy(const Window& to, const Window& from) const {
  const Int n = std::min(to.len, from.len);
  if (to.array == nullptr || from.array == nullptr) return n;
  const std::span<const Token> cells = from.Cells();
  const std::vector<Token> through(cells.begin(), cells.begin() + n);
  std::copy(through.begin(), through.end(),
            to.array->cells.begin() + static_cast<std::ptrdiff_t>(to.offset));
  return n;
}

void SliceModel::Clear(const Window& s) const {
  if (s.array == nullptr) return;
  const auto first = s.array->cells.begin() + static_cast<std::ptrdiff_t>(s.offset);
  std::fill(first, first + static_cast<std::ptrdiff_t>(s.len), 0);
}

Panic SliceModel::Delete(const Window& s, Int i, Int j, Window* out) {
  Window head;
  if (Panic panic = Sub(s, 0, i, &head)) return panic;
  Window tail;
  if (Panic panic = Sub(s, j, s.len, &tail)) return panic;
  return AppendSlice(head, tail, out);
}

Panic SliceModel::Insert(const Window& s, Int i, std::span<const Token> tokens, Window* out) {
  const std::vector<Token> zeros(tokens.size());
  Window longer;
  if (Panic panic = Append(s, zeros, &longer)) return panic;
  Window to;
  if (Panic panic = Sub(longer, WrappingAdd(i, static_cast<Int>(tokens.size())), longer.len, &to)) {
    return panic;
  }
  Window from;
  if (Panic panic = Sub(longer, i, longer.len, &from)) return panic;
  Copy(to, from);
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (static_cast<Int>(at) < from.len) Set(from, static_cast<Int>(at), tokens[at]);
  }
  *out = std::move(longer);
  return {};
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
  *out = std::move(kept);
  return {};
}

Panic SliceModel::Clone(const Window& s, Window* out) { return AppendSlice(Window{}, s, out); }

SliceModel::Reach SliceModel::ReachOf(std::span<const Window> windows) {
  Reach reach;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const Array* array = windows[i].array.get();
    const auto names_it = [array](const Window& w) { return w.array.get() == array; };
    if (array == nullptr) continue;
    const bool alone = windows[i].array.use_count() == 1;
    if (!alone && std::any_of(windows.begin(), windows.begin() + static_cast<int>(i), names_it)) {
      continue;
    }
    ++reach.arrays;
    reach.cells += array->cells.size();
  }
  return reach;
}

}  // namespace slotproof
