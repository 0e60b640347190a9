// What Go programs write with append, copy and slicing where other languages have methods.
//
//   delete s[1:3]     | a | b | c | d | e |         insert x, y at 1   | a | b | c |   |   |
//                     | a | d | e |             append zeros, then   | a | b | c | 0 | 0 |
//                                 | d | e |     copy back to front   | a | b | c | b | c |
//                       len 3       not cleared                      | a | x | y | b | c |
//
// Each function does what its Go text does, step by step, with all that follows from sharing:
// other slices of the array see the writes, and cells beyond the new length keep old values. An
// error is the panic of the Go text at that point; steps before it have been done.
#ifndef SLOTPROOF_CORE_SLICE_IDIOMS_H_
#define SLOTPROOF_CORE_SLICE_IDIOMS_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/slice/growth.h"
#include "core/slice/slice.h"
#include "core/slice/slice_error.h"

namespace slotproof::core {

namespace internal_idioms {

// s = window, if there is one.
template <class T, class Policy>
[[nodiscard]] Checked<void> Assign(Slice<T, Policy>& s, Checked<Slice<T, Policy>> window) {
  if (!window) return tl::unexpected<SliceError>(window.error());
  s = *std::move(window);
  return {};
}

}  // namespace internal_idioms

// s = append(s[:i], s[j:]...)
template <class T, class Policy>
[[nodiscard]] Checked<void> DeleteRange(Slice<T, Policy>& s, std::int64_t i, std::int64_t j) {
  Checked<Slice<T, Policy>> head = s.Sub(0, i);
  if (!head) return tl::unexpected<SliceError>(head.error());
  const Checked<Slice<T, Policy>> tail = s.Sub(j, s.len());
  if (!tail) return tl::unexpected<SliceError>(tail.error());
  const Checked<void> appended = head->Append(*tail);
  if (!appended) return appended;
  s = *std::move(head);
  return {};
}

// s = append(s, make([]T, len(items))...)
// copy(s[i+len(items):], s[i:])
// copy(s[i:], items)
template <class T, class Policy>
[[nodiscard]] Checked<void> Insert(Slice<T, Policy>& s, std::int64_t i, std::span<const T> items) {
  // Items in the array of s must outlive an append that leaves it.
  const Slice<T, Policy> held = s.IsInArray(items.data()) ? s : Slice<T, Policy>(s.runtime());
  const auto n = static_cast<std::int64_t>(items.size());
  const Checked<void> appended = s.AppendZeros(n);
  if (!appended) return appended;
  Checked<Slice<T, Policy>> behind = s.Sub(WrappingAdd(i, n), s.len());
  if (!behind) return tl::unexpected<SliceError>(behind.error());
  Checked<Slice<T, Policy>> from = s.Sub(i, s.len());
  if (!from) return tl::unexpected<SliceError>(from.error());
  behind->CopyFrom(*from);
  from->CopyFrom(items);
  return {};
}
template <class T, class Policy>
[[nodiscard]] Checked<void> Insert(Slice<T, Policy>& s, std::int64_t i,
                                   const Slice<T, Policy>& items) {
  // Read here and now: `items` may be s itself.
  return Insert(s, i, std::span<const T>(items.data(), static_cast<std::size_t>(items.len())));
}

// kept := s[:0]
// for _, x := range s { if keep(x) { kept = append(kept, x) } }
// s = kept
template <class T, class Policy, std::predicate<const T&> Keep>
[[nodiscard]] Checked<void> Filter(Slice<T, Policy>& s, Keep keep) {
  Checked<Slice<T, Policy>> kept = s.Sub(0, 0);
  if (!kept) return tl::unexpected<SliceError>(kept.error());
  for (std::int64_t i = 0; i < s.len(); ++i) {
    if (!keep(s[i])) continue;
    const Checked<void> appended = kept->Append(s[i]);
    if (!appended) return appended;
  }
  s = *std::move(kept);
  return {};
}

// s = s[1:]
template <class T, class Policy>
[[nodiscard]] Checked<void> PopFront(Slice<T, Policy>& s) {
  return internal_idioms::Assign(s, s.Sub(1, s.len()));
}

// s = s[:len(s)-1]
template <class T, class Policy>
[[nodiscard]] Checked<void> PopBack(Slice<T, Policy>& s) {
  return internal_idioms::Assign(s, s.Sub(0, s.len() - 1));
}

// s[:i], s[i:]
template <class T, class Policy>
[[nodiscard]] Checked<std::pair<Slice<T, Policy>, Slice<T, Policy>>> SplitAt(
    const Slice<T, Policy>& s, std::int64_t i) {
  Checked<Slice<T, Policy>> head = s.Sub(0, i);
  if (!head) return tl::unexpected<SliceError>(head.error());
  Checked<Slice<T, Policy>> tail = s.Sub(i, s.len());
  if (!tail) return tl::unexpected<SliceError>(tail.error());
  return std::pair(*std::move(head), *std::move(tail));
}

// append([]T(nil), s...)
template <class T, class Policy>
[[nodiscard]] Checked<Slice<T, Policy>> Clone(const Slice<T, Policy>& s) {
  Slice<T, Policy> clone(s.runtime());
  const Checked<void> appended = clone.Append(s);
  if (!appended) return tl::unexpected<SliceError>(appended.error());
  return clone;
}

// s[:len(s):len(s)]
template <class T, class Policy>
[[nodiscard]] Checked<Slice<T, Policy>> Clip(const Slice<T, Policy>& s) {
  return s.Sub3(0, s.len(), s.len());
}

}  // namespace slotproof::core

#endif  // SLOTPROOF_CORE_SLICE_IDIOMS_H_
