"""The planted faults of the scheduler, each of which its litmus programs or a fast test must notice."""

load(":faults.bzl", "fault")
load(":race_faults.bzl", "RACE_FAULTS")
load(":stale_faults.bzl", "STALE_FAULTS")

_LITMUS = "//harness/sched/litmus:litmus_test.cc"
_LIBRARY = "//harness/sched/behaviour:library_test.cc"
_RUNTIME = "//harness/sched/behaviour:runtime_test.cc"
_STRATEGIES = "//harness/sched/behaviour:strategies_test.cc"
_SCHEDULE = "//harness/sched:schedule_test.cc"
_CHOICES = "//harness/sched:choices_test.cc"

# What is scheduled in them.
SCHED_PROGRAMS = {
    _LITMUS: ["//harness/sched/litmus:programs"],
    _LIBRARY: ["//harness/sched/behaviour:library_programs"],
    _RUNTIME: ["//harness/sched/behaviour:runtime_programs"],
    _STRATEGIES: ["//harness/sched/behaviour:runtime_programs"],
}

def _fault(name, file, test, **kwargs):
    return fault(name = "sched_" + name, file = "harness/sched/" + file, test = test, **kwargs)

SCHED_FAULTS = RACE_FAULTS + STALE_FAULTS + [
    # Who can go on.
    _fault(
        name = "unlock_wakes_nobody",
        file = "runtime_sync.cc",
        rule = "who waits for a mutex can go on when it is given back",
        find = "  object.owner = kNoThread;\n  object.depth = 0;\n  GiveBack(object, mutex);",
        replace = "  object.owner = kNoThread;\n  object.depth = 0;\n  object.clock.Join(Current().clock);\n" +
                  "  Current().clock.Advance(current_thread);\n  Progress();",
        test = _LITMUS,
    ),
    _fault(
        name = "lock_stops_nobody",
        file = "runtime_sync.cc",
        rule = "who stands before a mutex that another one takes cannot go on",
        find = "  object.depth = 1;\n  Took(object, mutex);",
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
        find = "woken < most && !object",
        replace = "most > 0 && !object",
        test = _LITMUS,
    ),
    _fault(
        name = "broadcast_wakes_one",
        file = "runtime_sync.cc",
        rule = "a broadcast wakes all",
        find = "woken < most && !object",
        replace = "woken < (most > 0 ? 1 : 0) && !object",
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
        find = "object.waiters.empty()) object.signalled_in_vain = true;",
        replace = "object.waiters.empty()) object.signalled_in_vain = false;",
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
        test = _RUNTIME,
    ),

    # Fibers.
    _fault(
        name = "exceptions_shared",
        file = "fiber.cc",
        rule = "each thread has exceptions in flight of its own",
        find = "*globals = to.exceptions;",
        replace = "",
        test = _LIBRARY,
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
        name = "initials_depend_on_others",
        file = "exhaustive.cc",
        rule = "who could come first depends on none of the steps in between",
        find = "if (!come.Has(step.thread) && depends_on_none(step.clock)) initials.Add(step.thread);",
        replace = "if (!come.Has(step.thread)) initials.Add(step.thread);",
        test = _LITMUS,
    ),
    _fault(
        name = "initials_after_the_race",
        file = "exhaustive.cc",
        rule = "steps that depend on the one that is to come later cannot come before it",
        find = "if (before < step.clock.Of(steps_[before].thread)) continue;",
        replace = "",
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
        find = "able_.Has(current_thread) ? current_thread : candidates.First()",
        replace = "candidates.Has(current_thread) ? current_thread : candidates.First()",
        test = _RUNTIME,
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
    _fault(
        name = "points_of_all_operations",
        file = "runtime.cc",
        rule = "points are counted in each operation from 1",
        find = "  ++thread.operation;\n  thread.points = 0;",
        replace = "  ++thread.operation;",
        test = _RUNTIME,
    ),
    _fault(
        name = "operation_without_a_stop",
        file = "runtime.cc",
        rule = "where an operation begins, the strategy says at which point of it it is to be asked",
        find = "  thread.points = 0;\n  AskForStop(current_thread);",
        replace = "  thread.points = 0;",
        test = _RUNTIME,
    ),
    _fault(
        name = "slices_never_end",
        file = "runtime.cc",
        rule = "a thread that computes for ever lets others run",
        find = "if (++thread.slice > options_.slice_points) {",
        replace = "if (thread.slice > options_.slice_points) {",
        test = _RUNTIME,
    ),
    _fault(
        name = "computing_called_a_livelock",
        file = "runtime.cc",
        rule = "a thread that computes long does not wait",
        find = "idle_rounds_ = 0;  // it computes, and does not wait",
        replace = "",
        test = _RUNTIME,
    ),
    _fault(
        name = "moved_schedule_not_told",
        file = "replay.h",
        rule = "a schedule whose switch did not happen has moved",
        find = "return std::find(happened_.begin(), happened_.end(), false) != happened_.end();",
        replace = "return std::find(happened_.begin(), happened_.end(), true) == happened_.end();",
        test = _RUNTIME,
    ),
    _fault(
        name = "memory_of_a_failure_kept",
        file = "runtime.cc",
        rule = "what a failed schedule allocated is taken back",
        find = "Arena::Get().Reset();",
        replace = "if (result_.threads == kMaxThreads) Arena::Get().Reset();",
        test = _RUNTIME,
    ),
    _fault(
        name = "exceptions_of_a_failure_kept",
        file = "fiber.cc",
        rule = "a new fiber has no exceptions in flight",
        find = "fiber.exceptions = Exceptions{};",
        replace = "",
        test = _RUNTIME,
    ),
    _fault(
        name = "locals_of_another_schedule",
        file = "runtime.cc",
        rule = "a new thread's variables start anew",
        find = "locals.clear();",
        replace = "",
        test = _RUNTIME,
    ),
    _fault(
        name = "digest_of_all_schedules",
        file = "runtime.cc",
        rule = "equal schedules have equal digests",
        find = "result_.digest = 0x9e3779b97f4a7c15;",
        replace = "",
        test = _RUNTIME,
    ),

    # Random strategies.
    _fault(
        name = "priority_changes_a_step_late",
        file = "pct.h",
        rule = "priorities change after each of the k steps as often",
        find = "changes_.push_back(1 + ",
        replace = "changes_.push_back(2 + ",
        test = _STRATEGIES,
    ),
    _fault(
        name = "priority_changes_once_less",
        file = "pct.h",
        rule = "priorities change depth - 1 times",
        find = "for (std::uint32_t i = 1; i < depth_; ++i) {",
        replace = "for (std::uint32_t i = 2; i < depth_; ++i) {",
        test = _STRATEGIES,
    ),
    _fault(
        name = "conflicting_steps_keep_their_priority",
        file = "pos.h",
        rule = "steps that conflict with the one that happened draw anew",
        find = "if (other != thread && Conflict(event, view.pending[other])) {",
        replace = "if (other == thread && Conflict(event, view.pending[other])) {",
        test = _STRATEGIES,
    ),
    _fault(
        name = "all_steps_draw_anew",
        file = "pos.h",
        rule = "steps that do not conflict keep their priority",
        find = "if (other != thread && Conflict(event, view.pending[other])) {",
        replace = "if (other != thread) {",
        test = _STRATEGIES,
    ),
    _fault(
        name = "walk_prefers_the_current_thread",
        file = "random_walk.h",
        rule = "each thread that can go on is as likely",
        find = "one_in_ = always_uniform_ ? 1 :",
        replace = "one_in_ = always_uniform_ ? 2 :",
        test = _STRATEGIES,
    ),
]
