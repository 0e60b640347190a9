"""The planted faults of the scheduler, each of which its litmus programs or a fast test must notice."""

load(":faults.bzl", "fault")

_LITMUS = "//harness/sched/litmus:litmus_test.cc"
_LIBRARY = "//harness/sched/behaviour:library_test.cc"
_RACES = "//harness/sched:race_detector_test.cc"
_ARENA = "//harness/sched:arena_test.cc"
_EPOCHS = "//harness/sched:epoch_map_test.cc"
_CLOCKS = "//harness/sched:vector_clock_test.cc"
_SCHEDULE = "//harness/sched:schedule_test.cc"
_CHOICES = "//harness/sched:choices_test.cc"

# What is scheduled in them.
SCHED_PROGRAMS = {
    _LITMUS: ["//harness/sched/litmus:programs"],
    _LIBRARY: ["//harness/sched/behaviour:library_programs"],
}

def _fault(name, file, test, **kwargs):
    return fault(name = "sched_" + name, file = "harness/sched/" + file, test = test, **kwargs)

SCHED_FAULTS = [
    # Happens-before.
    _fault(
        name = "acquire_learns_nothing",
        file = "runtime_memory.cc",
        rule = "an acquire load makes known what the release store knew",
        find = "(Acquires(order) ? thread.clock : thread.to_acquire).Join(released);",
        replace = "thread.to_acquire.Join(released);",
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
        find = "released.Join(thread.clock);\n      thread.clock.Advance(current_);",
        replace = "released.Join(thread.clock);",
        test = _LITMUS,
    ),
    _fault(
        name = "exchange_ends_a_release_sequence",
        file = "runtime_memory.cc",
        rule = "a read-modify-write continues what a release store began",
        find = "if (!effect.reads) released.Clear();",
        replace = "released.Clear();",
        test = _LITMUS,
    ),
    _fault(
        name = "store_continues_a_release_sequence",
        file = "runtime_memory.cc",
        rule = "a store ends what was released before",
        find = "if (!effect.reads) released.Clear();",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "release_fence_ignored",
        file = "runtime_memory.cc",
        rule = "a relaxed store behind a release fence makes known what came before the fence",
        find = "released.Join(thread.at_release_fence);",
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
        find = "object.owner = current_;\n  object.depth = 1;\n  Current().clock.Join(object.clock);",
        replace = "object.owner = current_;\n  object.depth = 1;",
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
                  "    Current().clock.Advance(current_);\n    return false;\n  }\n  TakeMutex(address);",
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
        replace = "      count = 0;\n      contended = false;\n      rest.clear();",
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
        replace = "if (found == nullptr) return",
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

    # Who can go on.
    _fault(
        name = "unlock_wakes_nobody",
        file = "runtime_sync.cc",
        rule = "who waits for a mutex can go on when it is given back",
        find = "  object.owner = kNoThread;\n  object.depth = 0;\n  object.clock.Join(Current().clock);\n" +
               "  Current().clock.Advance(current_);\n  Progress();\n  Recheck(mutex);",
        replace = "  object.owner = kNoThread;\n  object.depth = 0;\n  object.clock.Join(Current().clock);\n" +
                  "  Current().clock.Advance(current_);\n  Progress();",
        test = _LITMUS,
    ),
    _fault(
        name = "lock_stops_nobody",
        file = "runtime_sync.cc",
        rule = "who stands before a mutex that another one takes cannot go on",
        find = "  object.depth = 1;\n  Current().clock.Join(object.clock);\n  Current().spin_used = 0;\n" +
               "  Progress();\n  Recheck(mutex);",
        replace = "  object.depth = 1;\n  Current().clock.Join(object.clock);\n  Current().spin_used = 0;\n" +
                  "  Progress();",
        test = _LITMUS,
    ),
    _fault(
        name = "readers_exclude_each_other",
        file = "runtime.cc",
        rule = "several can read at once",
        find = "return objects_.At(event.address).owner == kNoThread;",
        replace = "return !objects_.At(event.address).taken();",
        test = _LITMUS,
    ),
    _fault(
        name = "recursive_lock_given_back_at_once",
        file = "runtime_sync.cc",
        rule = "a recursive mutex is given back as often as it was taken",
        find = "if (--object.depth == 0) LetGo(object, mutex);",
        replace = "LetGo(object, mutex);",
        test = _LITMUS,
    ),
    _fault(
        name = "signal_wakes_all",
        file = "runtime_sync.cc",
        rule = "a signal wakes one",
        find = "if (!all) break;",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "broadcast_wakes_one",
        file = "runtime_sync.cc",
        rule = "a broadcast wakes all",
        find = "if (!all) break;",
        replace = "break;",
        test = _LIBRARY,
    ),
    _fault(
        name = "woken_without_the_mutex",
        file = "runtime.cc",
        rule = "who was woken goes on when it can have its mutex",
        find = "return event.mutex == 0 || !objects_.At(event.mutex).taken();",
        replace = "return true;",
        test = _LITMUS,
    ),
    _fault(
        name = "lost_wakeup_called_a_deadlock",
        file = "runtime_sync.cc",
        rule = "a signal that came when nobody waited is told apart",
        find = "object.waiters.empty()) object.signalled_in_vain = true;\n  while",
        replace = "object.waiters.empty()) object.signalled_in_vain = false;\n  while",
        test = _LITMUS,
    ),
    _fault(
        name = "time_stands_still",
        file = "runtime.h",
        rule = "a wait that ends in vain ends when it says",
        find = "slept_ += until > Now() ? until - Now() : 0;",
        replace = "slept_ += until > Now() ? 1 : 0;",
        test = _LIBRARY,
    ),
    _fault(
        name = "spin_not_noticed",
        file = "runtime_memory.cc",
        rule = "a thread that reads again and again what does not change waits for others",
        find = "      read.times = 0;\n      YieldNow();",
        replace = "      read.times = 0;",
        test = _LITMUS,
    ),

    # Fibers.
    _fault(
        name = "exceptions_shared",
        file = "fiber.cc",
        rule = "each thread has exceptions in flight of its own",
        find = "*globals = to.exceptions;",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "thread_locals_shared",
        file = "runtime.cc",
        rule = "each thread has thread-local variables of its own",
        find = "std::vector<void*>& locals = Current().locals;",
        replace = "std::vector<void*>& locals = threads_[0].locals;",
        test = _LITMUS,
    ),
    _fault(
        name = "thread_locals_not_destroyed",
        file = "runtime.cc",
        rule = "a thread's variables are destroyed when it ends",
        find = "    body(argument);\n  }",
        replace = "  }",
        test = _LIBRARY,
    ),

    # All interleavings.
    _fault(
        name = "conflict_wakes_no_sleeper",
        file = "exhaustive.cc",
        rule = "a sleeping step wakes when a step conflicts with it",
        find = "if (Conflict(event, view.pending[other])) sleeping_.Remove(other);",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "nobody_sleeps",
        file = "exhaustive.cc",
        rule = "what was explored here does not come first again",
        find = "node.done.ForEach([this](ThreadId thread) { sleeping_.Add(thread); });",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "last_conflict_alone_reversed",
        file = "exhaustive.cc",
        rule = "each race is reversed, not the last one",
        find = "    past.Join(step.clock);\n    if (had_to) continue;\n    Node& node = nodes_[step.node];",
        replace = "    past.Join(step.clock);\n    if (had_to) continue;\n    if (i == 0) break;\n" +
                  "    i = 0;\n    Node& node = nodes_[step.node];",
        test = _LITMUS,
    ),
    _fault(
        name = "conflict_event_alone_planned",
        file = "exhaustive.cc",
        rule = "who comes first in the other order may be one between the two that conflict",
        find = "const ThreadSet able = initials.And(node.enabled);",
        replace = "const ThreadSet able = ThreadSet::Of(thread).And(node.enabled);",
        test = _LITMUS,
    ),
    _fault(
        name = "waiting_steps_not_reversed",
        file = "exhaustive.cc",
        rule = "steps that a deadlock kept from coming could have come earlier",
        find = "view_->alive.ForEach([this](ThreadId thread) { PlanReversals(thread, view_->pending[thread]); });",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "reads_conflict",
        file = "event.h",
        rule = "the order of two reads does not matter",
        find = "(one.may_write || other.may_write) &&",
        replace = "",
        test = _LITMUS,
    ),
    _fault(
        name = "readers_conflict",
        file = "event.h",
        rule = "the order of two shared locks does not matter",
        find = "if (one.kind == EventKind::kLockShared && other.kind == EventKind::kLockShared) return false;",
        replace = "",
        test = _LITMUS,
    ),

    # Schedules.
    _fault(
        name = "switches_count_from_the_first_operation",
        file = "schedule.cc",
        rule = "a schedule's text says of which operation a point is",
        find = "if (change.operation != 0) text +=",
        replace = "if (change.operation > 1) text +=",
        test = _SCHEDULE,
    ),
    _fault(
        name = "thread_beyond_the_last_taken",
        file = "schedule.cc",
        rule = "a thread's number is below the most that there can be",
        find = "*number >= limit) return false;",
        replace = "*number > limit) return false;",
        test = _SCHEDULE,
    ),
    _fault(
        name = "yielding_not_in_the_schedule",
        file = "runtime.cc",
        rule = "that a thread yields which could go on is part of the schedule",
        find = "able_.Has(current_) ? current_ : candidates.First()",
        replace = "candidates.Has(current_) ? current_ : candidates.First()",
        test = _LITMUS,
    ),
    _fault(
        name = "choice_of_two_bytes",
        file = "choices.h",
        rule = "a byte decides one choice",
        find = "return std::uint64_t{Below(256)} << 56 | Next() >> 8;",
        replace = "return std::uint64_t{Below(256)} << 56 | std::uint64_t{Below(256)} << 48;",
        test = _CHOICES,
    ),
    _fault(
        name = "choices_biased",
        file = "choices.h",
        rule = "each choice is as likely as any other",
        find = "return static_cast<std::uint32_t>(std::uint64_t{byte} * limit >> 8);",
        replace = "return static_cast<std::uint32_t>(std::uint64_t{byte} * limit / 260);",
        test = _CHOICES,
    ),
]
