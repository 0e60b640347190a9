"""The planted bugs of the slice. The runtime's function that has the rule is named in parentheses."""

load(":catalogue.bzl", "mutant")

def _mutant(name, file, **kwargs):
    return mutant(name = "slice_" + name, file = "core/slice/" + file, **kwargs)

# How much append asks for.
_GROWTH = [
    _mutant(
        name = "threshold_doubled",
        file = "growth.h",
        rule = "from 256 elements on, growth is by a quarter and 192 (growslice)",
        find = "return rule == GrowthRule::kGo117 ? 1024 : 256;",
        replace = "return rule == GrowthRule::kGo117 ? 1024 : 512;",
    ),
    _mutant(
        name = "threshold_inclusive",
        file = "growth.h",
        rule = "before 1.18, a slice of just 1,024 elements grows by a quarter (growslice)",
        find = "if (old_cap < GrowthThreshold(rule))",
        replace = "if (old_cap <= GrowthThreshold(rule))",
    ),
    _mutant(
        name = "quarter_without_192",
        file = "growth.h",
        rule = "a step of growth adds a quarter and 192 elements (growslice)",
        find = "WrappingAdd(cap, 3 * GrowthThreshold(rule)) / 4",
        replace = "cap / 4",
    ),
    _mutant(
        name = "old_rule_steps_by_half",
        file = "growth.h",
        rule = "before 1.18, a step of growth adds a quarter (growslice)",
        find = "return WrappingAdd(cap, cap / 4);",
        replace = "return WrappingAdd(cap, cap / 2);",
    ),
    _mutant(
        name = "one_quarter_only",
        file = "growth.h",
        rule = "steps of a quarter are repeated until the need is met (growslice)",
        find = "while (growth.wanted > 0 && growth.wanted < need) {",
        replace = "if (growth.wanted > 0 && growth.wanted < need) {",
        memory = True,
    ),
    _mutant(
        name = "not_rounded_up",
        file = "growth.h",
        rule = "capacity grows to what the allocator's block holds (growslice)",
        find = "static_cast<std::int64_t>(RoundUpSize(*bytes)) / elem_bytes",
        replace = "growth.wanted",
    ),
    _mutant(
        name = "rounded_capacity_not_floored",
        file = "growth.h",
        rule = "a block's rest that holds no whole element is no capacity (growslice)",
        find = "static_cast<std::int64_t>(RoundUpSize(*bytes)) / elem_bytes",
        replace = "(static_cast<std::int64_t>(RoundUpSize(*bytes)) + elem_bytes - 1) / elem_bytes",
    ),
    _mutant(
        name = "need_of_twice_taken_as_more",
        file = "growth.h",
        rule = "a need of just twice the capacity is met by steps (growslice)",
        find = "if (need > doubled)",
        replace = "if (need >= doubled)",
    ),
    _mutant(
        name = "overflow_not_refused",
        file = "growth.h",
        rule = "a length beyond the largest integer panics (growslice)",
        find = "if (need < old_cap) return out_of_range;",
        replace = "if (need == old_cap) return out_of_range;",
    ),
]

# What make refuses, and with which words.
_MAKE = [
    _mutant(
        name = "make_length_beyond_capacity",
        file = "growth.h",
        rule = "make refuses a length above the capacity (makeslice)",
        find = "len >= 0 && len <= cap)",
        replace = "len >= 0 && len - 1 <= cap)",
        memory = True,
    ),
    _mutant(
        name = "make_blames_the_capacity",
        file = "growth.h",
        rule = "what is wrong with the length alone is blamed on it (makeslice)",
        find = "if (len < 0 || !ArrayBytes(elem_bytes, len)) {",
        replace = "if (len < 0) {",
    ),
    _mutant(
        name = "empty_made_nil",
        file = "slice.h",
        rule = "make([]T, 0) is not nil (makeslice)",
        find = "made.window_ = {nullptr, ZeroBase<T>(), len, cap};",
        replace = "made.window_ = {nullptr, cap == 0 ? nullptr : ZeroBase<T>(), len, cap};",
    ),
    _mutant(
        name = "cells_not_zeroed",
        file = "backing_array.h",
        rule = "cells beyond the length are zero (makeslice, growslice)",
        find = "built = BuildZeros(",
        replace = "built = std::uninitialized_default_construct_n(",
        memory = True,
    ),
]

# The bounds of indices and slice expressions.
_BOUNDS = [
    _mutant(
        name = "read_up_to_capacity",
        file = "slice.h",
        rule = "an index is below the length, not the capacity (panicIndex)",
        find = """if (!IsBelow(i, window_.len)) [[unlikely]]
      return Refuse(SliceErrorCode::kIndex, i, len());
    return Cell(i);""",
        replace = """if (!IsBelow(i, window_.cap)) [[unlikely]]
      return Refuse(SliceErrorCode::kIndex, i, len());
    return Cell(i);""",
    ),
    _mutant(
        name = "write_up_to_capacity",
        file = "slice.h",
        rule = "an index is below the length, not the capacity (panicIndex)",
        find = """if (!IsBelow(i, window_.len)) [[unlikely]]
      return Refuse(SliceErrorCode::kIndex, i, len());
    NoteIfShared""",
        replace = """if (!IsBelow(i, window_.cap)) [[unlikely]]
      return Refuse(SliceErrorCode::kIndex, i, len());
    NoteIfShared""",
    ),
    _mutant(
        name = "sliced_up_to_length",
        file = "slice.h",
        rule = "s[i:j] reaches to the capacity (panicSliceAcap)",
        find = "if (!IsAtMost(j, window_.cap)) [[unlikely]] {",
        replace = "if (!IsAtMost(j, window_.len)) [[unlikely]] {",
    ),
    _mutant(
        name = "low_above_high",
        file = "slice.h",
        rule = "in s[i:j], i is at most j (panicSliceB)",
        find = """if (!IsAtMost(i, j)) [[unlikely]]
      return Refuse(SliceErrorCode::kSliceB, i, j);""",
        replace = """if (!IsAtMost(i, window_.cap)) [[unlikely]]
      return Refuse(SliceErrorCode::kSliceB, i, j);""",
    ),
    _mutant(
        name = "message_numbers_swapped",
        file = "slice.h",
        rule = "the message of s[i:j] names i, then j (panicSliceB)",
        find = "return Refuse(SliceErrorCode::kSliceB, i, j);",
        replace = "return Refuse(SliceErrorCode::kSliceB, j, i);",
    ),
    _mutant(
        name = "message_names_the_length",
        file = "slice.h",
        rule = "a slice's upper bound is refused with its capacity (panicSliceAcap)",
        find = "return Refuse(SliceErrorCode::kSliceAcap, j, cap());",
        replace = "return Refuse(SliceErrorCode::kSliceAcap, j, len());",
    ),
    _mutant(
        name = "slice3_wins_capacity_back",
        file = "slice.h",
        rule = "in s[i:j:k], k is at most the slice's capacity, not its array's (panicSlice3Acap)",
        find = "if (!IsAtMost(k, window_.cap)) [[unlikely]] {",
        replace = "if (!IsAtMost(k, std::max(cap(), array_cap() - offset()))) [[unlikely]] {",
    ),
    _mutant(
        name = "slice3_checks_low_first",
        file = "slice.h",
        rule = "s[i:j:k] checks k, then j, then i (panicSlice3B)",
        find = """if (!IsAtMost(j, k)) [[unlikely]]
      return Refuse(SliceErrorCode::kSlice3B, j, k);""",
        replace = """if (!IsAtMost(j, k)) [[unlikely]]
      return IsAtMost(i, j) ? Refuse(SliceErrorCode::kSlice3B, j, k)
                            : Refuse(SliceErrorCode::kSlice3C, i, j);""",
    ),
    _mutant(
        name = "full_slice_capacity_ignored",
        file = "slice.h",
        rule = "s[i:j:k] has capacity k-i",
        find = "return Part(i, j, k);",
        replace = "return Part(i, j, window_.cap);",
    ),
    _mutant(
        name = "array_up_to_capacity",
        file = "slice.h",
        rule = "a slice converts to arrays up to its length, not its capacity (panicSliceConvert)",
        find = """if (!IsAtMost(n, window_.len)) [[unlikely]]
      return Refuse(SliceErrorCode::kConvert""",
        replace = """if (!IsAtMost(n, window_.cap)) [[unlikely]]
      return Refuse(SliceErrorCode::kConvert""",
    ),
    _mutant(
        name = "convert_numbers_swapped",
        file = "slice_error.h",
        rule = "the message of a conversion names the slice's length first (boundsError.Error)",
        find = "cannot convert slice with length %y to pointer to array with length %x",
        replace = "cannot convert slice with length %x to pointer to array with length %y",
        alone = "the texts of panics are a constant table",
    ),
    _mutant(
        name = "negative_named_with_its_bound",
        file = "slice_error.h",
        rule = "a negative index is named without the bound (boundsError.Error)",
        find = "const bool negative = x < 0 &&",
        replace = "const bool negative = x < -1 &&",
    ),
]

# Which cells a window has, and who shares them.
_WINDOWS = [
    _mutant(
        name = "pointer_past_the_end",
        file = "slice.h",
        rule = "without capacity the pointer is not advanced (compiler, ssagen slice)",
        find = "if (k != i) part.window_.data = Cell(i);",
        replace = "part.window_.data = Cell(i);",
    ),
    _mutant(
        name = "capacity_not_cut_in_front",
        file = "slice.h",
        rule = "s[i:] has i cells less of capacity (compiler, ssagen slice)",
        find = "part.window_.cap = k - i;",
        replace = "part.window_.cap = k;",
        memory = True,
    ),
    _mutant(
        name = "one_past_capacity_in_place",
        file = "slice.h",
        rule = "append of one grows when the length has reached the capacity (append)",
        find = "if (window_.len >= window_.cap) [[unlikely]]",
        replace = "if (window_.len > window_.cap) [[unlikely]]",
        memory = True,
    ),
    _mutant(
        name = "append_in_place_past_capacity",
        file = "slice.h",
        rule = "append stays within its own capacity, however long the array (append)",
        find = "if (!IsAtMost(need, window_.cap)) [[unlikely]]",
        replace = "if (!IsAtMost(need, std::max(cap(), array_cap() - offset()))) [[unlikely]]",
    ),
    _mutant(
        name = "last_cell_not_used",
        file = "slice.h",
        rule = "append in place fills the last cell of the capacity (append)",
        find = "if (window_.len >= window_.cap) [[unlikely]]",
        replace = "if (window_.len + 1 >= window_.cap) [[unlikely]]",
    ),
    _mutant(
        name = "grown_from_the_front_of_the_array",
        file = "slice.h",
        rule = "growth copies what the window shows (growslice)",
        find = "Cells(old.data, old.len),",
        replace = "Cells(old.array == nullptr ? old.data : old.array->cells(), old.len),",
    ),
    _mutant(
        name = "old_array_never_released",
        file = "slice.h",
        rule = "an array that no slice reaches is freed",
        find = "if (old.array != nullptr) ReleaseArray(runtime, old.array);",
        replace = "if (old.array != nullptr && need < 0) ReleaseArray(runtime, old.array);",
    ),
    _mutant(
        name = "window_not_counted",
        file = "slice.h",
        rule = "each window keeps its array alive",
        find = "if (window_.array != nullptr) window_.array->Acquire();",
        replace = "if (window_.array != nullptr && window_.len > 1) window_.array->Acquire();",
        memory = True,
    ),
    _mutant(
        name = "clear_reaches_the_capacity",
        file = "slice.h",
        rule = "clearing zeroes the elements within the length",
        find = "StoreZeros(0, window_.len);",
        replace = "StoreZeros(0, window_.cap);",
    ),
    _mutant(
        name = "clear_frees",
        file = "slice.h",
        rule = "clearing keeps the array and the length",
        find = "StoreZeros(0, window_.len);",
        replace = "StoreZeros(0, window_.len); *this = Slice(runtime_);",
    ),
]

# Copying cells onto cells.
_COPIES = [
    _mutant(
        name = "copied_forward_onto_itself",
        file = "cells.h",
        rule = "a copy that overlaps behind its source goes back to front (memmove)",
        find = "std::copy_backward(source, source + n, target + n);",
        replace = "std::copy(source, source + n, target);",
    ),
    _mutant(
        name = "bytes_copied_onto_themselves",
        file = "cells.h",
        rule = "bytes may be copied onto themselves (memmove)",
        find = "std::memmove(static_cast<void*>(target), source, static_cast<std::size_t>(n) * sizeof(T));",
        replace = "for (std::int64_t c = 0; c < n; ++c) target[c] = source[c];",
    ),
    _mutant(
        name = "copy_reads_before_the_window",
        file = "slice.h",
        rule = "cells that no slice reaches are touched by nothing",
        find = "if constexpr (!kZeroSize) CopyCells(window_.data, source, n);",
        replace = """if constexpr (!kZeroSize) {
      const auto* before = reinterpret_cast<const volatile unsigned char*>(window_.data) - 1;
      if (offset() > 0) static_cast<void>(*before);
      CopyCells(window_.data, source, n);
    }""",
        memory = True,
    ),
    _mutant(
        name = "copy_up_to_capacity",
        file = "slice.h",
        rule = "copy fills the target's length, not its capacity (slicecopy)",
        find = "const std::int64_t n = std::min(len(), source_len);",
        replace = "const std::int64_t n = std::min(cap(), source_len);",
    ),
    _mutant(
        name = "appends_the_front_of_itself",
        file = "slice.h",
        rule = "append reads its source where it is, in the old array too (growslice)",
        find = "Cells(items, items == nullptr ? 0 : n));",
        replace = "Cells(old.IsInArray(items) ? old.array->cells() : items, items == nullptr ? 0 : n));",
    ),
]

# What programs write with them.
_IDIOMS = [
    _mutant(
        name = "delete_keeps_hidden_cells",
        file = "idioms.h",
        rule = "delete moves what is within the length: append(s[:i], s[j:]...)",
        find = "tail = s.Sub(j, s.len());",
        replace = "tail = s.Sub(j, s.cap());",
    ),
    _mutant(
        name = "insert_overwrites",
        file = "idioms.h",
        rule = "insert moves the rest behind the new elements: copy(s[i+n:], s[i:])",
        find = "s.Sub(WrappingAdd(i, n), s.len());",
        replace = "s.Sub(i, s.len());",
    ),
    _mutant(
        name = "insert_fills_before_it_moves",
        file = "idioms.h",
        rule = "insert moves the rest before it writes the new elements",
        find = """behind->CopyFrom(*from);
  from->CopyFrom(items);""",
        replace = """from->CopyFrom(items);
  behind->CopyFrom(*from);""",
    ),
    _mutant(
        name = "filter_not_in_place",
        file = "idioms.h",
        rule = "filtering reuses the array: s[:0]",
        find = "kept = s.Sub(0, 0);",
        replace = "kept = s.Sub3(0, 0, 0);",
    ),
    _mutant(
        name = "pop_front_shows_hidden_cells",
        file = "idioms.h",
        rule = "pop front is s[1:], up to the length",
        find = "s.Sub(1, s.len())",
        replace = "s.Sub(1, s.cap())",
    ),
    _mutant(
        name = "pop_back_clips",
        file = "idioms.h",
        rule = "pop back is s[:len(s)-1], with the capacity kept",
        find = "s.Sub(0, s.len() - 1)",
        replace = "s.Sub3(0, s.len() - 1, s.len() - 1)",
    ),
    _mutant(
        name = "split_shows_hidden_cells",
        file = "idioms.h",
        rule = "the right half of a split is s[i:], up to the length",
        find = "tail = s.Sub(i, s.len());",
        replace = "tail = s.Sub(i, s.cap());",
    ),
    _mutant(
        name = "clone_of_nothing_not_nil",
        file = "idioms.h",
        rule = "append([]T(nil), s...) of an empty s is nil",
        find = "Slice<T, Policy> clone(s.runtime());",
        replace = "Slice<T, Policy> clone = *Slice<T, Policy>::Make(0, 0, s.runtime());",
    ),
    _mutant(
        name = "clip_keeps_capacity",
        file = "idioms.h",
        rule = "clipping takes away the capacity beyond the length: s[:len(s):len(s)]",
        find = "s.Sub3(0, s.len(), s.len())",
        replace = "s.Sub3(0, s.len(), s.cap())",
    ),
]

# What throws: each of these runs only when a fuse burns (harness/subject/fuse.h).
_THROWING = [
    _mutant(
        name = "unfinished_cells_stay",
        file = "backing_array.h",
        rule = "what a new array had built before a copy threw ends (Unfinished)",
        find = "std::destroy(array->cells(), built);",
        replace = "static_cast<void>(built);",
    ),
    _mutant(
        name = "unfinished_array_stays",
        file = "backing_array.h",
        rule = "an array that could not be built is freed (Unfinished)",
        find = "array->Free(runtime);",
        replace = "static_cast<void>(runtime);",
    ),
    _mutant(
        name = "unfinished_ends_what_never_began",
        file = "backing_array.h",
        rule = "of a new array that stays unfinished only the built cells end (Unfinished)",
        find = "std::destroy(array->cells(), built);",
        replace = "std::destroy_n(array->cells(), array->cap());",
        memory = True,
    ),
    _mutant(
        name = "unfinished_forgets_the_last",
        file = "backing_array.h",
        rule = "all that was built before a copy threw ends (Unfinished)",
        find = "std::destroy(array->cells(), built);",
        replace = "if (built != array->cells()) std::destroy(array->cells(), built - 1);",
    ),
    _mutant(
        name = "unfinished_does_not_see_the_head",
        file = "backing_array.h",
        rule = "what was copied from the old array ends when what follows throws (Fill)",
        find = "array->Fill(unfinished.built, head, tail);",
        replace = "T* built = unfinished.built; array->Fill(built, head, tail);",
    ),
    _mutant(
        name = "unfinished_does_not_see_the_tail",
        file = "backing_array.h",
        rule = "what append added to a new array ends when a zero throws (Fill)",
        find = "built = std::uninitialized_copy_n(tail.data(), tail.size(), built);",
        replace = """T* const zeros = std::uninitialized_copy_n(tail.data(), tail.size(), built);
    static_cast<void>(BuildZeros(zeros, cells() + cap_ - zeros));
    return;""",
    ),
    _mutant(
        name = "longer_before_it_is_written",
        file = "slice.h",
        rule = "an append in place that throws leaves the length as it was (append)",
        find = "CopyCells(window_.data + window_.len, items, n);",
        replace = "window_.len = need; CopyCells(window_.data + need - n, items, n);",
    ),
    _mutant(
        name = "one_longer_before_it_is_written",
        file = "slice.h",
        rule = "an append of one that throws leaves the length as it was (append)",
        find = """Store(window_.len, kept);
    window_.len = window_.len + 1;""",
        replace = """window_.len = window_.len + 1;
    Store(window_.len - 1, kept);""",
    ),
    _mutant(
        name = "copied_from_the_wrong_end",
        file = "cells.h",
        rule = "a copy that throws has written the first cells, not the last (CopyCells)",
        find = "std::copy(source, source + n, target);",
        replace = """if (OverlapOf(target, source, n) == Overlap::kNone) {
          std::copy_backward(source, source + n, target + n);
        } else {
          std::copy(source, source + n, target);
        }""",
    ),
]

# Arguments that refer into the slice that is written to.
_ALIASING = [
    _mutant(
        name = "insert_lets_go_of_its_source",
        file = "idioms.h",
        rule = "insert reads its source in the array that it left (growslice, then slicecopy)",
        find = "s.IsInArray(items.data()) ? s : Slice<T, Policy>(s.runtime());",
        replace = "Slice<T, Policy>(s.runtime());",
        memory = True,
    ),
    _mutant(
        name = "insert_follows_its_source",
        file = "idioms.h",
        rule = "insert reads its source where it is, when the rest has moved: copy(s[i:], items)",
        find = "from->CopyFrom(items);",
        replace = """from->CopyFrom(s.IsInArray(items.data()) && items.data() >= from->data()
                     ? std::span<const T>(items.data() + n, items.size())
                     : items);""",
        memory = True,
    ),
    _mutant(
        name = "append_rereads_its_element",
        file = "slice.h",
        rule = "append of one of its own elements reads it before the array goes (append)",
        find = "Store(window_.len, kept);",
        replace = "Store(window_.len, item);",
        memory = True,
    ),
    _mutant(
        name = "element_cleared_before_it_is_assigned",
        file = "slice.h",
        rule = "s[i] = s[i] changes nothing",
        find = "Store(i, value);",
        replace = "StoreZeros(i, 1); Store(i, value);",
    ),
]

MUTANTS = (_GROWTH + _MAKE + _BOUNDS + _WINDOWS + _COPIES + _IDIOMS + _THROWING + _ALIASING)
