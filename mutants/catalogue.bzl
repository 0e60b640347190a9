"""The planted bugs: in which header, which text becomes which, and what rule of the runtime breaks.

Each text must be in its file exactly once (apply_mutant sees to it), so a mutant cannot outlive
the code that it breaks. The runtime's function that has the rule is named in parentheses.
"""

ENGINES = ["property", "fuzz"]

def _mutant(
        name,
        file,
        rule,
        find,
        replace,
        engines = ENGINES,
        memory = False,
        seeded = False,
        gap = ""):
    """One bug.

    Args:
      name: snake_case, says what is broken.
      file: of core/map, without the folder.
      rule: what should be, and the runtime's function.
      find: the text that is there once.
      replace: what it becomes.
      engines: those that find it within the tests' budget; the others' tests assert that they
          do not, so that this list is corrected when they improve. None: see gap.
      memory: it leaks or breaks the heap, so the tests are built with AddressSanitizer.
      seeded: the fuzzer starts from the checked-in corpus; without it, it would take much longer.
      gap: for a mutant that no engine finds: what would.
    """
    return struct(
        name = name,
        file = "core/map/" + file,
        rule = rule,
        find = find,
        replace = replace,
        engines = engines,
        memory = memory,
        seeded = seeded,
        gap = gap,
    )

# Deletion: the states of empty slots.
_DELETE = [
    _mutant(
        name = "empty_rest_not_propagated",
        file = "delete.h",
        rule = "a deletion at a chain's end turns all emptyOne before it into emptyRest (mapdelete)",
        find = "if (previous.bucket->tophash[previous.slot] != kEmptyOne) break;",
        replace = "break;",
    ),
    _mutant(
        name = "empty_rest_stays_in_its_bucket",
        file = "delete.h",
        rule = "emptyRest runs back into the previous bucket of the chain (mapdelete)",
        find = "if (slot.bucket == head) return {};",
        replace = "if (slot.bucket != nullptr) return {};",
    ),
    _mutant(
        name = "empty_rest_before_a_used_bucket",
        file = "delete.h",
        rule = "a bucket's last slot is the rest only when the next bucket is empty (mapdelete)",
        find = "return next == nullptr || next->tophash[0] == kEmptyRest;",
        replace = "return next == nullptr || next->tophash[0] <= kEmptyOne;",
    ),
    _mutant(
        name = "empty_rest_before_a_used_slot",
        file = "delete.h",
        rule = "a deleted slot is emptyRest only when the next one is (mapdelete)",
        find = "return slot.bucket->tophash[slot.slot + 1] == kEmptyRest;",
        replace = "return slot.bucket->tophash[slot.slot + 1] <= kEmptyOne;",
    ),
    _mutant(
        name = "elem_not_zeroed_by_delete",
        file = "delete.h",
        rule = "a deleted slot's element is zeroed (mapdelete)",
        find = "slot.bucket->elems.Zero(slot.slot);",
        replace = "static_cast<void>(slot);",
    ),
    _mutant(
        name = "key_not_zeroed_by_delete",
        file = "delete.h",
        rule = "a deleted slot's key is dropped when it holds pointers (mapdelete)",
        find = "slot.bucket->keys.Destroy(slot.slot);",
        replace = "static_cast<void>(slot);",
        memory = True,
    ),
    _mutant(
        name = "elem_leaked_by_delete",
        file = "delete.h",
        rule = "a deleted slot gives up its indirect element (mapdelete)",
        find = "slot.bucket->elems.Destroy(slot.slot);",
        replace = "static_cast<void>(slot);",
        memory = True,
    ),
    _mutant(
        name = "seed_kept_by_last_delete",
        file = "delete.h",
        rule = "the hash seed is drawn anew when the last entry goes (mapdelete)",
        find = "h.hash0 = h.random.Rand32();",
        replace = "static_cast<void>(h.random.Rand32());",
    ),
    _mutant(
        name = "delete_does_no_grow_work",
        file = "delete.h",
        rule = "a deletion during growth first evacuates its bucket (mapdelete)",
        find = "GrowWork(h, index);",
        replace = "static_cast<void>(index);",
    ),
]

# The byte that stands for a slot.
_TOPHASH = [
    _mutant(
        name = "min_tophash_not_applied",
        file = "tophash.h",
        rule = "top bytes below minTopHash are raised by it (tophash)",
        find = "if (top < kMinTopHash)",
        replace = "if (top < kEmptyOne)",
    ),
    _mutant(
        name = "tophash_of_another_byte",
        file = "tophash.h",
        rule = "tophash is the hash's highest byte (tophash)",
        find = "hash >> 56",
        replace = "hash >> 48",
    ),
    _mutant(
        name = "evacuated_empty_is_occupied",
        file = "tophash.h",
        rule = "iteration skips slots that were empty when evacuated (mapiternext)",
        find = "_mm_or_si128(empty, gone)",
        replace = "_mm_andnot_si128(gone, empty)",
    ),
]

# Look-up.
_LOOKUP = [
    _mutant(
        name = "lookup_in_the_new_array_alone",
        file = "lookup.h",
        rule = "a chain not yet evacuated is searched in the old array (mapaccess1)",
        find = "if (!IsEvacuated(old_bucket->tophash[0])) {",
        replace = "if (h.count == 0) {",
    ),
    _mutant(
        name = "lookup_ends_at_empty_one",
        file = "lookup.h",
        rule = "only emptyRest ends a search (mapaccess1)",
        find = "if (bucket->tophash[T::kWidth - 1] == kEmptyRest) return {};",
        replace = "if (bucket->tophash[T::kWidth - 1] <= kEmptyOne) return {};",
    ),
    _mutant(
        name = "lookup_halves_the_mask_of_same_size",
        file = "lookup.h",
        rule = "in a growth of the same size the old index has as many bits (mapaccess1)",
        find = "if (!h.SameSizeGrow()) mask >>= 1;",
        replace = "mask >>= 1;",
    ),
]

# Assignment.
_ASSIGN = [
    _mutant(
        name = "last_empty_slot_of_the_bucket",
        file = "assign.h",
        rule = "an insertion takes the first empty slot (mapassign)",
        find = "search.first_empty = {bucket, empty.Lowest()};",
        replace = "search.first_empty = {bucket, 31 - std::countl_zero(empty.bits())};",
    ),
    _mutant(
        name = "last_bucket_with_an_empty_slot",
        file = "assign.h",
        rule = "an insertion takes the first empty slot of the whole chain (mapassign)",
        find = "if (!search.first_empty) {",
        replace = "{",
    ),
    _mutant(
        name = "key_not_updated",
        file = "assign.h",
        rule = "an overwrite stores the new key where equal keys differ: -0 over +0 (mapassign)",
        find = "*stored = std::forward<KeyArg>(key);",
        replace = "static_cast<void>(key);",
    ),
    _mutant(
        name = "slot_not_searched_again_after_growth",
        file = "assign.h",
        rule = "after a growth begins, the assignment starts again (mapassign)",
        find = "search = GrowAndSearchAgain(h, hash, key);",
        replace = "HashGrow(h);",
    ),
    _mutant(
        name = "overflow_linked_behind_the_head",
        file = "assign.h",
        rule = "a new overflow bucket goes behind the last of the chain (newoverflow)",
        find = "NewOverflow(h, search.last)",
        replace = "NewOverflow(h, h.buckets->At(hash & BucketMask(h.b)))",
    ),
    _mutant(
        name = "tophash_written_from_another_hash",
        file = "assign.h",
        rule = "a slot's tophash is that of its key's hash (mapassign)",
        find = "slot.bucket->tophash[slot.slot] = TopHash(hash);",
        replace = "slot.bucket->tophash[slot.slot] = TopHash(hash << 1);",
    ),
]

# When the table grows, and how.
_GROWTH = [
    _mutant(
        name = "load_factor_of_six",
        file = "growth.h",
        rule = "growth begins above 6.5 entries a bucket (overLoadFactor)",
        find = "Policy::kLoadFactorNumerator * (",
        replace = "(Policy::kLoadFactorNumerator - 1) * (",
    ),
    _mutant(
        name = "growth_one_overflow_bucket_late",
        file = "growth.h",
        rule = "2^B overflow buckets are too many (tooManyOverflowBuckets)",
        find = "return noverflow >= BucketShift",
        replace = "return noverflow > BucketShift",
    ),
    _mutant(
        name = "growth_one_entry_late",
        file = "table.h",
        rule = "the growth decision counts the entry to be inserted (mapassign)",
        find = "OverLoadFactor<Policy>(count + 1, b)",
        replace = "OverLoadFactor<Policy>(count, b)",
    ),
    _mutant(
        name = "growth_begun_while_growing",
        file = "table.h",
        rule = "no growth begins before another has ended (mapassign)",
        find = "    if (Growing()) return false;\n",
        replace = "",
    ),
    _mutant(
        name = "never_same_size_growth",
        file = "table.h",
        rule = "too many overflow buckets start a growth (mapassign)",
        find = " || TooManyOverflowBuckets(noverflow, b);",
        replace = ";",
    ),
    _mutant(
        name = "same_size_growth_doubles",
        file = "evacuate.h",
        rule = "a growth for overflow buckets alone keeps the size (hashGrow)",
        find = "const bool bigger = OverLoadFactor<typename T::Policy>(h.count + 1, h.b);",
        replace = "const bool bigger = h.buckets != nullptr;",
    ),
    _mutant(
        name = "size_decided_without_the_new_entry",
        file = "evacuate.h",
        rule = "whether to double counts the entry to be inserted (hashGrow)",
        find = "OverLoadFactor<typename T::Policy>(h.count + 1, h.b)",
        replace = "OverLoadFactor<typename T::Policy>(h.count, h.b)",
    ),
    _mutant(
        name = "same_size_flag_left_on",
        file = "evacuate.h",
        rule = "sameSizeGrow is cleared when the growth is over (advanceEvacuationMark)",
        find = "h.flags.And(static_cast<std::uint8_t>(~kSameSizeGrow));",
        replace = "",
    ),
    _mutant(
        name = "same_size_mask_halved",
        file = "table.h",
        rule = "in a growth of the same size there are as many old buckets (noldbuckets)",
        find = "const unsigned old_b = SameSizeGrow() ? b : b - 1U;",
        replace = "const unsigned old_b = b - 1U;",
    ),
    _mutant(
        name = "overflow_count_kept_by_growth",
        file = "evacuate.h",
        rule = "noverflow starts at 0 with the new array (hashGrow)",
        find = "h.noverflow = 0;",
        replace = "",
    ),
    _mutant(
        name = "spare_overflow_buckets_not_counted",
        file = "table.h",
        rule = "each overflow bucket counts, wherever it comes from (newoverflow)",
        find = "IncrNoverflow(h);",
        replace = "if (h.buckets->next_overflow() == nullptr) IncrNoverflow(h);",
    ),
]

# Evacuation.
_EVACUATE = [
    _mutant(
        name = "wrong_hash_bit",
        file = "evacuate.h",
        rule = "the hash bit that the new mask adds decides between X and Y (evacuate)",
        find = "return (hash & newbit_) != 0;",
        replace = "return (hash & (newbit_ << 1)) != 0;",
    ),
    _mutant(
        name = "one_bucket_per_write",
        file = "evacuate.h",
        rule = "a write during growth evacuates its bucket and one more (growWork)",
        find = "if (h.Growing()) Evacuate(h, h.nevacuate);",
        replace = "",
    ),
    _mutant(
        name = "mark_never_skips",
        file = "evacuate.h",
        rule = "the mark passes up to 1024 buckets evacuated before (advanceEvacuationMark)",
        find = "kMaxAdvance = 1024;",
        replace = "kMaxAdvance = 0;",
    ),
    _mutant(
        name = "tophash_lost_in_evacuation",
        file = "evacuate.h",
        rule = "an entry keeps its tophash (evacuate)",
        find = "dst.bucket->tophash[dst.slot] = top;",
        replace = "dst.bucket->tophash[dst.slot] = static_cast<std::uint8_t>(top | 1);",
    ),
    _mutant(
        name = "full_destination_written_over",
        file = "evacuate.h",
        rule = "a full destination gets an overflow bucket (evacuate)",
        find = "dst.bucket = NewOverflow(h_, dst.bucket);",
        replace = "static_cast<void>(NewOverflow(h_, dst.bucket));",
    ),
    _mutant(
        name = "head_zeroed_under_old_iterator",
        file = "evacuate.h",
        rule = "an old bucket is not zeroed while oldIterator is set (evacuate)",
        find = "keeps_head_((h.flags.Load() & kOldIterator) != 0)",
        replace = "keeps_head_(false)",
    ),
    _mutant(
        name = "evacuation_state_zeroed",
        file = "bucket.h",
        rule = "zeroing an old bucket spares its tophash, which says where it went (evacuate)",
        find = "std::memset(data(), 0, sizeof(Bucket) - DataOffset());",
        replace = "std::memset(static_cast<void*>(this), 0, sizeof(Bucket));",
    ),
    _mutant(
        name = "iterator_flag_not_handed_over",
        file = "evacuate.h",
        rule = "growth turns iterator into oldIterator (hashGrow)",
        find = "if ((before & kIterator) != 0) flags |= kOldIterator;",
        replace = "",
    ),
    _mutant(
        name = "iterator_flag_kept_by_growth",
        file = "evacuate.h",
        rule = "growth takes the iterator flag away (hashGrow)",
        find = "before & ~(kIterator | kOldIterator)",
        replace = "before & ~kOldIterator",
    ),
    _mutant(
        name = "nan_sent_by_its_fresh_hash",
        file = "evacuate.h",
        rule = "under an iterator the low bit of its old tophash sends a NaN to X or Y (evacuate)",
        find = "const bool use_y = (top & 1) != 0;",
        replace = "const bool use_y = (hash & newbit_) != 0;",
        seeded = True,
    ),
    _mutant(
        name = "nan_keeps_its_tophash",
        file = "evacuate.h",
        rule = "under an iterator a NaN gets the tophash of its fresh hash (evacuate)",
        find = "          top = TopHash(hash);\n",
        replace = "",
        engines = [],
        gap = "comparison with the runtime's own memory; contents and order are right",
    ),
    _mutant(
        name = "always_marked_evacuated_x",
        file = "evacuate.h",
        rule = "an old slot says whether its entry went to X or Y (evacuate)",
        find = "static_cast<std::uint8_t>(kEvacuatedX + use_y)",
        replace = "kEvacuatedX",
        seeded = True,
    ),
    _mutant(
        name = "moved_objects_destroyed_again",
        file = "evacuate.h",
        rule = "an entry that has moved is no longer the old slot's (evacuate)",
        find = "if (b != head_ && !keeps) b->tophash[i] = kEvacuatedEmpty;",
        replace = "",
        memory = True,
    ),
    _mutant(
        name = "kept_key_moved_away",
        file = "evacuate.h",
        rule = "under oldIterator an old slot keeps its key (evacuate)",
        find = "(kMustCopyKey || Keeps(from))",
        replace = "(kMustCopyKey || from == nullptr)",
        memory = True,
    ),
    _mutant(
        name = "kept_nan_elem_moved_away",
        file = "evacuate.h",
        rule = "under oldIterator a NaN's old slot keeps its element (evacuate)",
        find = "(kMustCopyElem || KeepsElem(from, key))",
        replace = "(kMustCopyElem || (from == nullptr && KeepsElem(from, key)))",
        memory = True,
        seeded = True,
    ),
    _mutant(
        name = "kept_keys_leaked",
        file = "bucket_array.h",
        rule = "what an old bucket keeps dies with the old array (evacuate)",
        find = "holds_objects_ = !kept_.empty() || keeps_overflow_;",
        replace = "holds_objects_ = false;",
        memory = True,
    ),
    _mutant(
        name = "old_array_leaked",
        file = "evacuate.h",
        rule = "the end of a growth drops the old array (advanceEvacuationMark)",
        find = "    h.old_buckets->Release();\n",
        replace = "",
        memory = True,
    ),
]

# Arrays, spare buckets, clearing.
_ARRAY = [
    _mutant(
        name = "no_spare_end_marker",
        file = "bucket_array.h",
        rule = "the last spare's link is not nil, which marks the end (makeBucketArray)",
        find = "next_overflow_ = At(main_count());\n    At(total_ - 1)->overflow = At(0);",
        replace = "next_overflow_ = At(main_count());",
        memory = True,
    ),
    _mutant(
        name = "end_marker_left_in_the_last_spare",
        file = "bucket_array.h",
        rule = "the last spare loses the end marker when it is handed out (newoverflow)",
        find = "spare->overflow = nullptr;",
        replace = "",
    ),
    _mutant(
        name = "fresh_array_not_zeroed",
        file = "zeroed_memory.h",
        rule = "a new array is zeroed (makeBucketArray)",
        find = "memory = std::calloc(1, bytes);",
        replace = "memory = std::malloc(bytes);",
        memory = True,
    ),
    _mutant(
        name = "spares_not_zeroed_by_clear",
        file = "bucket_array.h",
        rule = "clearing zeroes the spare buckets as well (makeBucketArray)",
        find = "std::memset(static_cast<void*>(buckets()), 0, total_ * sizeof(Bucket));",
        replace = "std::memset(static_cast<void*>(buckets()), 0, main_count() * sizeof(Bucket));",
        memory = True,
    ),
    _mutant(
        name = "seed_kept_by_clear",
        file = "clear.h",
        rule = "clearing draws a new hash seed (mapclear)",
        find = "h.hash0 = h.random.Rand32();",
        replace = "static_cast<void>(h.random.Rand32());",
    ),
    _mutant(
        name = "same_size_flag_kept_by_clear",
        file = "clear.h",
        rule = "clearing clears sameSizeGrow (mapclear)",
        find = "h.flags.And(static_cast<std::uint8_t>(~kSameSizeGrow));",
        replace = "",
        seeded = True,
    ),
    _mutant(
        name = "overflow_count_kept_by_clear",
        file = "clear.h",
        rule = "clearing sets noverflow to 0 (mapclear)",
        find = "h.noverflow = 0;",
        replace = "",
    ),
    _mutant(
        name = "old_array_leaked_by_clear",
        file = "clear.h",
        rule = "clearing drops the old array (mapclear)",
        find = "std::exchange(h.old_buckets, nullptr)->Release();",
        replace = "h.old_buckets = nullptr;",
        memory = True,
    ),
    _mutant(
        name = "chains_freed_under_iterator",
        file = "bucket_array.h",
        rule = "chains cut loose by a clear live while an iterator may stand in them (mapclear)",
        find = "    if (IsShared()) {",
        replace = "    if (total_ == 0) {",
        memory = True,
        seeded = True,
    ),
    _mutant(
        name = "detached_chains_leaked",
        file = "bucket_array.h",
        rule = "chains cut loose by a clear die with the array (mapclear)",
        find = "block->next = detached_;",
        replace = "block->next = nullptr;",
        memory = True,
    ),
    _mutant(
        name = "entries_leaked_by_clear",
        file = "bucket_array.h",
        rule = "clearing gives up the entries (mapclear)",
        find = "    DestroyInArray();\n    if (IsShared()) {",
        replace = "    if (IsShared()) {",
        memory = True,
    ),
]

# Iteration.
_ITERATE = [
    _mutant(
        name = "moved_entry_not_looked_up",
        file = "iterator.h",
        rule = "an entry that has moved is looked up in the current table (mapiternext)",
        find = "const bool moved = HasMoved(state);",
        replace = "const bool moved = state == kEvacuatedY;",
    ),
    _mutant(
        name = "check_bucket_ignored",
        file = "iterator.h",
        rule = "read from an old chain, entries of the other new bucket are left out (mapiternext)",
        find = "if (GoesElsewhere(key, state)) return false;",
        replace = "",
        seeded = True,
    ),
    _mutant(
        name = "nan_not_filtered",
        file = "iterator.h",
        rule = "read from an old chain, a NaN belongs to the half its tophash names (mapiternext)",
        find = "if (check_bucket_ >> (b_ - 1) == static_cast<std::size_t>(state & 1)) return false;",
        replace = "return state == kEmptyRest;",
        seeded = True,
    ),
    _mutant(
        name = "another_growth_taken_for_its_own",
        file = "iterator.h",
        rule = "only a growth of its own B sends an iterator to the old array (mapiternext)",
        find = "if (h_->Growing() && b_ == h_->b) {",
        replace = "if (h_->Growing() && b_ + 1 >= h_->b) {",
        seeded = True,
    ),
    _mutant(
        name = "iterator_reads_past_the_end",
        file = "iterator.h",
        rule = "after the last bucket comes the first (mapiternext)",
        find = "if (next_bucket_ == BucketShift(b_)) {",
        replace = "if (next_bucket_ > BucketShift(b_)) {",
        memory = True,
    ),
    _mutant(
        name = "iterator_never_wraps",
        file = "iterator.h",
        rule = "having wrapped, an iteration ends where it began (mapiternext)",
        find = "      wrapped_ = true;\n",
        replace = "",
    ),
    _mutant(
        name = "offset_ignored",
        file = "iterator.h",
        rule = "an iteration starts each bucket at a slot drawn by chance (mapiterinit)",
        find = "offset_ = static_cast<int>((r >> h.b) & (T::kWidth - 1));",
        replace = "offset_ = 0;",
    ),
    _mutant(
        name = "start_bucket_fixed",
        file = "iterator.h",
        rule = "an iteration starts at a bucket drawn by chance (mapiterinit)",
        find = "start_bucket_ = r & BucketMask(h.b);",
        replace = "start_bucket_ = 0;",
    ),
    _mutant(
        name = "iterator_sets_one_flag",
        file = "iterator.h",
        rule = "an iteration sets both iterator and oldIterator (mapiterinit)",
        find = "h.flags.FetchOr(kBoth);",
        replace = "h.flags.FetchOr(kIterator);",
    ),
    _mutant(
        name = "iterator_keeps_no_old_array",
        file = "iterator.h",
        rule = "an iterator keeps the array it reads (mapiternext)",
        find = "if (old_array_.get() != h_->old_buckets)",
        replace = "if (h_->count == 0)",
        memory = True,
        seeded = True,
    ),
    _mutant(
        name = "iterator_keeps_no_reference",
        file = "bucket_array.h",
        rule = "an array lives while an iterator reads it (mapiterinit)",
        find = "void Acquire() noexcept { refs_.Acquire(); }",
        replace = "void Acquire() noexcept {}",
        memory = True,
    ),
    _mutant(
        name = "iterator_never_lets_go",
        file = "bucket_array.h",
        rule = "an array goes with its last iterator (mapiterinit)",
        find = "    if (array_ != nullptr) array_->Release();",
        replace = "",
        memory = True,
    ),
]

# The misuse flag; the container around the table.
_MAP = [
    _mutant(
        name = "misuse_flag_left_on",
        file = "table.h",
        rule = "hashWriting is off between writes (mapassign)",
        find = "    Clear();\n    finished_ = true;",
        replace = "    finished_ = true;",
    ),
    _mutant(
        name = "misuse_flag_takes_iterator_along",
        file = "table.h",
        rule = "the end of a write clears hashWriting alone (mapassign)",
        find = "h_.flags.And(static_cast<std::uint8_t>(~kHashWriting));",
        replace = "h_.flags.And(static_cast<std::uint8_t>(~(kHashWriting | kIterator)));",
    ),
    _mutant(
        name = "copy_misses_the_old_array",
        file = "shape.h",
        rule = "a copy has the entries of both arrays",
        find = "const typename T::Array* array = in_old ? h.old_buckets : h.buckets;",
        replace = "const typename T::Array* array = in_old ? nullptr : h.buckets;",
        seeded = True,
    ),
    _mutant(
        name = "move_forgets_the_evacuation_mark",
        file = "hash_map.h",
        rule = "a moved map goes on growing where it was",
        find = "std::swap(table_.nevacuate, other.table_.nevacuate);",
        replace = "",
    ),
    _mutant(
        name = "move_forgets_the_flags",
        file = "hash_map.h",
        rule = "a moved map remembers which growth it is in",
        find = "std::swap(table_.flags, other.table_.flags);",
        replace = "",
        seeded = True,
    ),
    _mutant(
        name = "destructor_leaks_the_old_array",
        file = "hash_map.h",
        rule = "a map destroyed while growing gives up both arrays",
        find = "if (table_.old_buckets != nullptr) table_.old_buckets->Release();",
        replace = "",
        memory = True,
    ),
]

MUTANTS = _DELETE + _TOPHASH + _LOOKUP + _ASSIGN + _GROWTH + _EVACUATE + _ARRAY + _ITERATE + _MAP
