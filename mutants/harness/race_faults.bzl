"""The planted faults of what a schedule is told apart by: happens-before, races, memory."""

load(":faults.bzl", "fault")

_LITMUS = "//harness/sched/litmus:litmus_test.cc"
_LIBRARY = "//harness/sched/behaviour:library_test.cc"
_RACES = "//harness/sched:race_detector_test.cc"
_ARENA = "//harness/sched:arena_test.cc"
_EPOCHS = "//harness/sched:epoch_map_test.cc"
_CLOCKS = "//harness/sched:vector_clock_test.cc"

def _fault(name, file, test, **kwargs):
    return fault(name = "sched_" + name, file = "harness/sched/" + file, test = test, **kwargs)

RACE_FAULTS = [
    # Happens-before.
    _fault(
        name = "acquire_learns_nothing",
        file = "runtime_memory.cc",
        rule = "an acquire load makes known what the release store knew",
        find = "(Acquires(order) ? thread.clock : thread.to_acquire).Join(*released);",
        replace = "thread.to_acquire.Join(*released);",
        test = _LITMUS,
    ),
    _fault(
        name = "relaxed_load_learns",
        file = "runtime_memory.cc",
        rule = "a relaxed load makes nothing known",
        find = "return order != kRelaxed && order != static_cast<int>(std::memory_order_release);",
        replace = "return order >= kRelaxed;",
        test = _LITMUS,
    ),
    _fault(
        name = "release_not_advanced",
        file = "runtime_memory.cc",
        rule = "what a thread does after a release is not made known by it",
        find = "released->Join(thread.clock);\n      thread.clock.Advance(current_thread);",
        replace = "released->Join(thread.clock);",
        test = _LITMUS,
    ),
    _fault(
        name = "exchange_ends_a_release_sequence",
        file = "runtime_memory.cc",
        rule = "a read-modify-write continues what a release store began",
        find = "if (!effect.reads) released->Clear();",
        replace = "released->Clear();",
        test = _LITMUS,
    ),
    _fault(
        name = "store_continues_a_release_sequence",
        file = "runtime_memory.cc",
        rule = "a store ends what was released before",
        find = "if (!effect.reads) released->Clear();",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "release_fence_ignored",
        file = "runtime_memory.cc",
        rule = "a relaxed store behind a release fence makes known what came before the fence",
        find = "released->Join(thread.at_release_fence);",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "acquire_fence_ignored",
        file = "runtime_memory.cc",
        rule = "an acquire fence makes known what relaxed loads before it have seen",
        find = "if (Acquires(order)) thread.clock.Join(thread.to_acquire);",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "failed_exchange_writes",
        file = "callbacks.cc",
        rule = "a compare-exchange that fails has only read",
        find = ".writes = equal, ",
        replace = ".writes = true, ",
        test = _LIBRARY,
    ),
    _fault(
        name = "mutex_makes_nothing_known",
        file = "runtime_sync.cc",
        rule = "who takes a mutex knows what those knew that had it",
        find = "object.owner = current_thread;\n  object.depth = 1;\n  Took(object, mutex);",
        replace = "object.owner = current_thread;\n  object.depth = 1;\n  Current().spin_used = 0;\n" +
                  "  Progress();\n  Recheck(mutex);",
        test = _LITMUS,
    ),
    _fault(
        name = "join_makes_nothing_known",
        file = "runtime.cc",
        rule = "who joins a thread knows what it knew",
        find = "Current().clock.Join(threads_[thread].clock);",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "join_goes_on_at_once",
        file = "runtime.cc",
        rule = "a join waits until the thread has ended",
        find = "return threads_[event.address - 1].ended;",
        replace = "return event.address != 0;",
        test = _LITMUS,
    ),
    _fault(
        name = "done_once_makes_all_known",
        file = "runtime_sync.cc",
        rule = "what is done once makes known what was known when it was done, and nothing since",
        find = "    return false;\n  }\n  TakeMutex(address);",
        replace = "    objects_.At(address).clock.Join(Current().clock);\n" +
                  "    Current().clock.Advance(current_thread);\n    return false;\n  }\n  TakeMutex(address);",
        test = _LIBRARY,
    ),
    _fault(
        name = "once_flags_kept",
        file = "runtime.cc",
        rule = "what is done once is done in each schedule",
        find = "*flag = 0;",
        replace = "static_cast<void>(flag);",
        test = _LIBRARY,
    ),
    _fault(
        name = "static_made_known_to_nobody",
        file = "once_calls.cc",
        rule = "who finds a static variable made knows what its maker knew",
        find = "AtomicDone(EventKind::kAtomicStore, flag, 1, kRelease,",
        replace = "AtomicDone(EventKind::kAtomicStore, flag, 1, 0,",
        test = _LIBRARY,
    ),

    # The race detector.
    _fault(
        name = "covered_write_dropped",
        file = "race_detector.cc",
        rule = "a read does not stand for a write",
        find = "(now.writes || !record.writes) &&",
        replace = "",
        test = _RACES,
    ),
    _fault(
        name = "plain_access_covered_by_an_atomic",
        file = "race_detector.cc",
        rule = "an atomic access does not stand for a plain one",
        find = "(!now.atomic || record.atomic)",
        replace = "true",
        test = _RACES,
    ),
    _fault(
        name = "longer_access_covered_by_a_shorter",
        file = "race_detector.cc",
        rule = "an access stands for one of bytes that it has all of",
        find = "(record.bytes & ~now.bytes) == 0 &&",
        replace = "",
        test = _RACES,
    ),
    _fault(
        name = "fourth_reader_forgotten",
        file = "race_detector.cc",
        rule = "all accesses are kept that a later one can race with",
        find = "rest.push_back(record);",
        replace = "rest.assign(1, record), count = kInline;",
        test = _RACES,
    ),
    _fault(
        name = "races_of_whole_words",
        file = "race_detector.cc",
        rule = "neighbours in a word are no race",
        find = "if ((record.bytes & now.bytes) == 0) {",
        replace = "if (record.bytes == 0) {",
        test = _LITMUS,
    ),
    _fault(
        name = "atomics_race",
        file = "race_detector.cc",
        rule = "two atomic accesses are no race",
        find = "const bool atomics = record.atomic && now.atomic;",
        replace = "const bool atomics = record.atomic && now.atomic && !now.writes;",
        test = _LITMUS,
    ),
    _fault(
        name = "only_the_first_granule",
        file = "race_detector.cc",
        rule = "an access is of all words that it touches",
        find = "if (found && !race) race = found;\n    return false;",
        replace = "if (found && !race) race = found;\n    return true;",
        test = _RACES,
    ),
    _fault(
        name = "contended_forgotten",
        file = "race_detector.h",
        rule = "what was contended in a schedule is so in the next",
        find = "      count = 0;\n      rest.clear();",
        replace = "      count = 0;\n      contended_in = 0;\n      rest.clear();",
        test = _RACES,
    ),
    _fault(
        name = "sticky_value_lost_by_growth",
        file = "epoch_map.h",
        rule = "a table that grows keeps all that it has",
        find = "if (slot.key != 0) Find(slot.key) = std::move(slot);",
        replace = "if (slot.key != 0 && slot.epoch == epoch_) Find(slot.key) = std::move(slot);",
        test = _EPOCHS,
    ),
    _fault(
        name = "sticky_value_lost_by_shrinking",
        file = "epoch_map.h",
        rule = "of many values those that are wanted are kept",
        find = "Find(slot.key) = std::move(slot);\n    }\n  }\n\n  // Forgets",
        replace = "slot.key = 0;\n    }\n  }\n\n  // Forgets",
        test = _EPOCHS,
    ),
    _fault(
        name = "clock_grows_over_garbage",
        file = "vector_clock.h",
        rule = "entries of a clock that were never set are 0",
        find = "std::fill(entries_.begin() + size_, entries_.begin() + thread + 1, 0);",
        replace = "",
        test = _CLOCKS,
    ),

    # Memory.
    _fault(
        name = "freed_memory_not_marked",
        file = "arena.cc",
        rule = "each access to freed memory is seen",
        find = "static_cast<int>(State::kFreed), grains);",
        replace = "static_cast<int>(State::kFreed), grains / 2);",
        test = _ARENA,
    ),
    _fault(
        name = "inner_pointer_freed",
        file = "arena.cc",
        rule = "only what was allocated can be freed",
        find = "if (found != &HeadOf(block)) return",
        replace = "if (found != nullptr) block = const_cast<Head*>(found) + 1;\n  if (found == nullptr) return",
        test = _ARENA,
    ),
    _fault(
        name = "addresses_of_all_threads",
        file = "arena.cc",
        rule = "a block's address depends on its own thread alone",
        find = "used_[thread] = block + rounded - region;",
        replace = "for (std::size_t& used : used_) used = std::max(used, block + rounded - region);",
        test = _ARENA,
    ),
    _fault(
        name = "last_state_not_reset",
        file = "arena.cc",
        rule = "all memory is taken back",
        find = "used_[thread] / kGrain + 1);",
        replace = "used_[thread] / kGrain / 2 + 1);",
        test = _ARENA,
    ),
    _fault(
        name = "dead_memory_not_looked_at",
        file = "runtime_memory.cc",
        rule = "an access to freed memory is a failure",
        find = "!Arena::Contains(address) || arena.StateOf(address) == Arena::State::kLive",
        replace = "!Arena::Contains(address) || arena.StateOf(address) != Arena::State::kNever",
        test = _LITMUS,
    ),
]
