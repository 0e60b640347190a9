"""The planted faults of which older stores a load may see, and of how schedules say what it saw."""

load(":faults.bzl", "fault")

_LITMUS = "//harness/sched/litmus:litmus_test.cc"
_HISTORY = "//harness/sched:store_history_test.cc"

def _fault(name, file, test = _LITMUS, **kwargs):
    return fault(name = "sched_" + name, file = "harness/sched/" + file, test = test, **kwargs)

STALE_FAULTS = [
    # Coherence and happens-before.
    _fault(
        name = "read_store_not_known",
        file = "store_history.cc",
        rule = "a thread does not go back behind what it has read",
        find = "  store.SeenBy(thread, clock);\n  word.stale",
        replace = "  word.stale",
    ),
    _fault(
        name = "own_store_not_known",
        file = "store_history.cc",
        rule = "a thread does not go back behind what it has stored",
        find = "  word.TakeValue(address);\n  store.SeenBy(thread, clock);",
        replace = "  word.TakeValue(address);",
    ),
    _fault(
        name = "nothing_happens_before_a_load",
        file = "store_history.cc",
        rule = "a thread does not go back behind what those knew from whom it learnt",
        find = "if (since != 0 && since <= past.Of(thread)) return true;",
        replace = "if (since != 0 && since <= past.Of(thread) && past.size() == thread + 1) return true;",
    ),
    _fault(
        name = "older_store_releases_what_the_last_did",
        file = "store_history.cc",
        rule = "who sees an older store learns what that one released",
        find = "  return store.released;\n}\n\nvoid StoreHistory::CopyValue",
        replace = "  return word.Back(0).released;\n}\n\nvoid StoreHistory::CopyValue",
    ),
    _fault(
        name = "modification_ends_a_release_sequence",
        file = "store_history.cc",
        rule = "what a read-modify-write stores releases what the store before it did",
        find = "store.released.Assign(word.Back(1).released);",
        replace = "store.released.Clear();",
    ),
    _fault(
        name = "exchange_sees_an_older_store",
        file = "runtime_memory.cc",
        rule = "a read-modify-write sees the last store",
        find = "  const bool seq_cst = order == kSeqCst;\n  if (kind == EventKind::kAtomicLoad) {",
        replace = "  const bool seq_cst = order == kSeqCst;\n" +
                  "  if (kind == EventKind::kAtomicRmw) {\n" +
                  "    *back = stores_.Visible(current_thread, clock, address, seq_cst) - 1;\n" +
                  "  }\n" +
                  "  if (kind == EventKind::kAtomicLoad) {",
    ),
    _fault(
        name = "load_sees_the_oldest_value",
        file = "store_history.cc",
        rule = "a load has the value of the store that it sees",
        find = "word.Back(back).value.data(), word.size",
        replace = "word.Back(word.kept() - 1).value.data(), word.size",
    ),

    # The order of seq_cst.
    _fault(
        name = "seq_cst_load_sees_what_others_see",
        file = "store_history.cc",
        rule = "a seq_cst load does not go back behind a seq_cst store",
        find = "seq_cst ? kNever : fence.in_sc;",
        replace = "fence.in_sc;",
    ),
    _fault(
        name = "seq_cst_load_not_known",
        file = "store_history.cc",
        rule = "a seq_cst load does not go back behind what a seq_cst load saw",
        find = "if (seq_cst) store.in_sc = std::min(store.in_sc, ++in_sc_);",
        replace = "",
    ),
    _fault(
        name = "fence_orders_nothing",
        file = "store_history.cc",
        rule = "who is behind a seq_cst fence does not go back behind what came before an earlier one",
        find = "SeenIn(newer, fenced)",
        replace = "(seq_cst && SeenIn(newer, fenced))",
    ),
    _fault(
        name = "fence_orders_no_seq_cst_store",
        file = "store_history.cc",
        rule = "who is behind a seq_cst fence does not go back behind an earlier seq_cst store",
        find = "seq_cst ? kNever : fence.in_sc;",
        replace = "seq_cst ? kNever : 0;",
    ),
    _fault(
        name = "seq_cst_load_passes_a_fence",
        file = "store_history.cc",
        rule = "a seq_cst load does not go back behind what came before a seq_cst fence",
        find = "seq_cst ? before_fences_ : fence.before;",
        replace = "fence.before;",
    ),
    _fault(
        name = "fence_binds_all",
        file = "store_history.cc",
        rule = "a fence binds those whose past it is in",
        find = "return fence.time <= clock.Of(fence.thread);",
        replace = "return fence.time != 0;",
    ),

    # What a run does with it.
    _fault(
        name = "newest_never_seen",
        file = "store_history.cc",
        rule = "who looks again and again sees the last store in the end",
        find = "word.stale.Of(thread) >= kMostStale",
        replace = "word.stale.Of(thread) == kNever",
        test = _HISTORY,
    ),
    _fault(
        name = "oldest_store_kept_as_the_last",
        file = "store_history.h",
        rule = "of more stores than are kept the last ones are known",
        find = "return made < kKept ? made : kKept;",
        replace = "return made;",
        test = _HISTORY,
    ),
    _fault(
        name = "old_fences_bind_nobody",
        file = "store_history.cc",
        rule = "a fence that is forgotten binds all",
        find = "forgotten_ = fences_[kDropped - 1];",
        replace = "",
        test = _HISTORY,
    ),
    _fault(
        name = "plain_write_not_noticed",
        file = "store_history.cc",
        rule = "the history of a word begins with what was written by no atomic",
        find = "if (known) return;",
        replace = "if (known || word.made != 0) return;",
        test = _HISTORY,
    ),
    _fault(
        name = "one_store_explored",
        file = "exhaustive.cc",
        rule = "a load sees each store that it may see",
        find = "if (++node.back < node.stores) return true;",
        replace = "",
    ),
    _fault(
        name = "seq_cst_loads_in_any_order",
        file = "runtime_memory.cc",
        rule = "the order of two seq_cst loads matters",
        find = ".may_write = stores || (Stale() && order == kSeqCst),",
        replace = ".may_write = stores,",
    ),
    _fault(
        name = "fences_in_any_order",
        file = "event.h",
        rule = "the order of a seq_cst fence and an atomic operation matters",
        find = "return is_ordered(one.kind) && is_ordered(other.kind);",
        replace = "return one.kind == EventKind::kRead && is_ordered(other.kind);",
    ),
    _fault(
        name = "stale_load_not_replayed",
        file = "replay.h",
        rule = "a schedule that is replayed has its stale loads",
        find = "return change.back;",
        replace = "return 0;",
    ),
    _fault(
        name = "stale_load_not_recorded",
        file = "runtime.cc",
        rule = "a stale load is part of its schedule",
        find = "if (back == 0) return 0;",
        replace = "return back;",
    ),
]
