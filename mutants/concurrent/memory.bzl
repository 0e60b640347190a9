"""Bugs of the shared map's memory: when it is freed, and who sees what."""

load("//mutants:catalogue.bzl", "mutant")

_GRACE_PERIODS = "core/sync/grace_periods.h"

def sync_map_mutant(name, file = "core/map/sync_map.h", **kwargs):
    """A bug of the map or of what frees its memory.

    Args:
      name: without the prefix.
      file: in which it is.
      **kwargs: as a mutant has them.
    Returns:
      the mutant.
    """
    return mutant(name = "sync_map_" + name, file = file, engines = ["property"], **kwargs)

# When memory is freed.
_FREED = [
    sync_map_mutant(
        name = "box_freed_at_once",
        rule = "a value is freed when nobody can look at it (the collector)",
        find = """    if (box != nullptr) section.Retire(const_cast<Box*>(box));
    return ValueOf(box);""",
        replace = """    std::optional<Value> value = ValueOf(box);
    delete box;
    return value;""",
    ),
    sync_map_mutant(
        name = "read_part_freed_at_once",
        rule = "a promoted-over read part is freed when nobody can look at it (the collector)",
        find = """    section.Retire(was->entries);
    section.Retire(const_cast<ReadPart*>(was));""",
        replace = """    delete was->entries;
    delete was;""",
    ),
    sync_map_mutant(
        name = "amended_part_freed_at_once",
        rule = "a read part is freed when nobody can look at it (the collector)",
        find = "    section.Retire(const_cast<ReadPart*>(read));",
        replace = "    delete read;",
    ),
    sync_map_mutant(
        name = "lost_entry_freed_at_once",
        rule = "an entry is freed when nobody can look at it (the collector)",
        find = """      section.Retire(entry);
    });""",
        replace = """      delete entry;
    });""",
    ),
    sync_map_mutant(
        name = "deleted_entry_lost_by_promotion",
        rule = "an entry that is deleted and still dirty lives on (the collector)",
        find = "if (entry->word.load(std::memory_order_relaxed) != Expunged()) return;",
        replace = "if (entry->Load() != nullptr) return;",
    ),
    sync_map_mutant(
        name = "section_does_not_look_again",
        file = _GRACE_PERIODS,
        rule = "a section begins in the present epoch",
        find = "if (grace_.epoch_.load() == epoch_) return;",
        replace = "return;",
    ),
    sync_map_mutant(
        name = "section_leaves_another_epoch",
        file = _GRACE_PERIODS,
        rule = "a section ends in the epoch in which it began",
        find = "active_.of[epoch_ & 1].fetch_sub(1, std::memory_order_release);",
        replace = "active_.of[grace_.epoch_.load() & 1].fetch_sub(1);",
    ),
    sync_map_mutant(
        name = "epoch_does_not_wait",
        file = _GRACE_PERIODS,
        rule = "an epoch waits for the sections of the one before the last",
        find = "if (HaveEnded(epoch - 1)) {",
        replace = "if (HaveEnded(epoch - 1) || true) {",
    ),
    sync_map_mutant(
        name = "freed_an_epoch_early",
        file = _GRACE_PERIODS,
        rule = "what is freed was retired in the third epoch before",
        find = "waiting_[(epoch - 2) % kLists]",
        replace = "waiting_[(epoch - 1) % kLists]",
    ),
    sync_map_mutant(
        name = "freed_in_its_epoch",
        file = _GRACE_PERIODS,
        rule = "what is freed was retired in the third epoch before",
        find = "waiting_[(epoch - 2) % kLists]",
        replace = "waiting_[epoch % kLists]",
    ),
    sync_map_mutant(
        name = "epochs_begun_by_two",
        file = _GRACE_PERIODS,
        rule = "one thread at a time begins an epoch",
        find = "if (beginning_.exchange(true, std::memory_order_acquire)) return;",
        replace = "",
    ),
    sync_map_mutant(
        name = "epoch_announced_late",
        file = _GRACE_PERIODS,
        rule = "an epoch has begun before another may",
        find = """      epoch_.store(epoch + 1);
    }
    beginning_.store(false, std::memory_order_release);""",
        replace = """    }
    beginning_.store(false, std::memory_order_release);
    if (HaveEnded(epoch - 1)) epoch_.store(epoch + 1);""",
    ),
]

# Orders of memory: found by what races then, also by ThreadSanitizer with real threads.
RELAXED = [
    sync_map_mutant(
        name = "read_part_published_relaxed",
        rule = "who finds a read part sees what is in it (atomic.Value.Store)",
        find = "read_.store(read, std::memory_order_seq_cst);",
        replace = "read_.store(read, std::memory_order_relaxed);",
    ),
    sync_map_mutant(
        name = "read_part_loaded_relaxed",
        rule = "who finds a read part sees what is in it (atomic.Value.Load)",
        find = "read_.load(std::memory_order_seq_cst);",
        replace = "read_.load(std::memory_order_relaxed);",
    ),
    sync_map_mutant(
        name = "word_replaced_relaxed",
        rule = "who finds a value sees all of it (atomic.CompareAndSwapPointer)",
        find = "if (word.compare_exchange_strong(expected, desired, std::memory_order_seq_cst,",
        replace = "if (word.compare_exchange_strong(expected, desired, std::memory_order_relaxed,",
    ),
    sync_map_mutant(
        name = "word_exchanged_relaxed",
        rule = "who finds a value sees all of it (atomic.StorePointer)",
        find = "entry.word.exchange(box.release(), std::memory_order_seq_cst);",
        replace = "entry.word.exchange(box.release(), std::memory_order_relaxed);",
    ),
    sync_map_mutant(
        name = "word_loaded_relaxed",
        rule = "who finds a value sees all of it (atomic.LoadPointer)",
        find = "const Box* const there = word.load(std::memory_order_seq_cst);",
        replace = "const Box* const there = word.load(std::memory_order_relaxed);",
    ),
    sync_map_mutant(
        name = "section_ended_relaxed",
        file = _GRACE_PERIODS,
        rule = "what a section read it read before what is freed for its end",
        find = "active_.of[epoch_ & 1].fetch_sub(1, std::memory_order_release);",
        replace = "active_.of[epoch_ & 1].fetch_sub(1, std::memory_order_relaxed);",
    ),
]

# What the map under schedules has not got: several stripes.
STRIPES = [
    sync_map_mutant(
        name = "epoch_waits_for_one_stripe",
        file = _GRACE_PERIODS,
        rule = "an epoch waits for the sections of all threads",
        find = "return std::all_of(stripes_.begin(), stripes_.end(),",
        replace = "return std::all_of(stripes_.begin(), stripes_.begin() + 1,",
    ),
]

MEMORY_MUTANTS = _FREED + RELAXED + STRIPES
