"""The planted faults of what judges the heap, each of which a fast test must notice.

Some make the checking blind and some make it wrong. Those of core/heap are in the second marking and in the
laws; the faults of the heap itself are mutants (mutants/heap.bzl).
"""

load(":faults.bzl", "fault")

_MODEL_TEST = "//models:heap_model_test.cc"
_POOL_TEST = "//models:pool_model_test.cc"
_LOST_TEST = "//core/heap:lost_object_test.cc"
_COMPARE_TEST = "//subjects/heap:heap_compare_test.cc"
_SESSION_TEST = "//subjects/heap:heap_session_test.cc"

def _model(name, test = _MODEL_TEST, file = "heap_model.cc", **kwargs):
    return fault(name = "heap_model_" + name, file = "models/" + file, test = test, **kwargs)

def _pool(name, **kwargs):
    return _model(name = "pool_" + name, test = _POOL_TEST, file = "pool_model.h", **kwargs)

def _closure(name, **kwargs):
    return fault(name = "heap_closure_" + name, file = "core/heap/closure.h", test = _LOST_TEST, **kwargs)

def _law(name, **kwargs):
    return fault(name = "heap_law_" + name, file = "core/heap/heap_laws.h", test = _LOST_TEST, **kwargs)

def _session(name, file = "heap_compare.cc", test = _COMPARE_TEST, **kwargs):
    return fault(name = "heap_session_" + name, file = "subjects/heap/" + file, test = test, **kwargs)

HEAP_FAULTS = [
    # What may be freed, and what must.
    _model(
        name = "lets_all_garbage_float",
        rule = "what was unreachable from the beginning to the end of marking must go",
        find = "doomed_[id] ? Fate::kDies : Fate::kFloats",
        replace = "Fate::kFloats",
    ),
    _model(
        name = "is_content_with_any_sweep",
        rule = "a sweep leaves none of what must go",
        find = "return objects_[id].has_finalizer ? \"finalizer.queued\" : \"cycle.garbage\";",
        replace = "static_cast<void>(id);",
    ),
    _model(
        name = "lets_reachable_objects_be_freed",
        rule = "what is reachable is not freed",
        find = "Reachable()[id] ? \"reach.freed\" : \"cycle.too_soon\"",
        replace = "Reachable()[id] ? \"\" : \"cycle.too_soon\"",
    ),
    _model(
        name = "lets_garbage_go_too_soon",
        rule = "garbage is not freed before a cycle has found it",
        find = "Reachable()[id] ? \"reach.freed\" : \"cycle.too_soon\"",
        replace = "Reachable()[id] ? \"reach.freed\" : \"\"",
    ),
    _model(
        name = "keeps_fates_for_ever",
        rule = "what floated and was not freed by the sweep stays until the next cycle",
        find = "fates_.clear();\n  return \"\";",
        replace = "return \"\";",
    ),
    _model(
        name = "lets_new_objects_float",
        rule = "what is born during marking stays",
        find = "object.born_in == cycles_begun_",
        replace = "false",
    ),
    _model(
        name = "follows_one_pointer",
        rule = "what a reachable object refers to is reachable, however far",
        find = "pending_.push_back(field.object);",
        replace = "",
    ),
    _model(
        name = "forgets_globals",
        rule = "globals are roots",
        find = "ReachAll(globals_);",
        replace = "",
    ),
    _model(
        name = "forgets_the_pool",
        rule = "what the pool holds is reachable",
        find = "pool_.ForEach([this](const Pooled& item) { Reach(item.pointer.object); });",
        replace = "",
    ),

    # Finalizers and weak handles.
    _model(
        name = "forgets_due_finalizers",
        rule = "the queue of finalizers is a root",
        find = "for (const Id id : due_) Reach(id);",
        replace = "",
    ),
    _model(
        name = "finalizers_keep_nothing",
        rule = "what an object with a finalizer refers to is reachable",
        find = "!objects_[id].is_gone && objects_[id].has_finalizer",
        replace = "false",
    ),
    _model(
        name = "finalizers_keep_their_objects",
        rule = "an object is not kept by its own finalizer",
        find = "ReachFields(id);",
        replace = "Reach(id);",
    ),
    _model(
        name = "finalizers_keep_what_refers_to_itself",
        rule = "nor by a pointer to itself",
        find = "if (!LeadsToItself(id, i)) Reach(fields[i].object);",
        replace = "Reach(fields[i].object);",
    ),
    _model(
        name = "queues_twice",
        rule = "a finalizer is queued once",
        find = "object.has_finalizer = false;",
        replace = "",
    ),
    _model(
        name = "queues_what_is_reachable",
        rule = "no finalizer is queued for what stays",
        find = "return \"finalizer.reachable\";",
        replace = "return \"\";",
    ),
    _model(
        name = "frees_what_must_be_finalized",
        rule = "an object with a finalizer is queued, not freed",
        find = "if (object.has_finalizer) return \"finalizer.skipped\";",
        replace = "",
    ),
    _model(
        name = "weak_upgrade_keeps_nothing",
        rule = "what is had from a weak handle during marking is marked",
        find = "kept_[id] = true;",
        replace = "",
    ),
    _model(
        name = "weak_gives_the_dead",
        rule = "what dies cannot be had from a weak handle",
        find = "return Upgrade::kMay;",
        replace = "return Upgrade::kMust;",
    ),

    # Where tiny objects go, and the goal.
    _model(
        name = "tiny_block_replaced_by_its_equal",
        rule = "a new tiny block replaces the present one only if it has more room left (mallocgc)",
        find = "end < tiny.offset",
        replace = "end <= tiny.offset",
    ),
    _model(
        name = "tiny_aligned_to_four",
        rule = "a tiny object of eight bytes lies at a multiple of eight (mallocgc)",
        find = "align < 8",
        replace = "align < 4",
    ),
    _model(
        name = "goal_without_roots",
        rule = "the goal counts stacks and globals (gcControllerState.commit)",
        find = "marked + (marked + stacks + globals) * p / 100",
        replace = "marked + marked * p / 100",
    ),

    # The pool.
    _pool(
        name = "keeps_victims",
        rule = "a cycle drops the victims",
        find = "victims_ = shelves_;",
        replace = "victims_ = victims_.empty() ? shelves_ : victims_;",
    ),
    _pool(
        name = "forgets_victims",
        rule = "what a cycle found in the pool is there until the next",
        find = "victims_ = shelves_;",
        replace = "victims_.clear();",
    ),
    _pool(
        name = "victims_are_never_spent",
        rule = "when no victim was found, nobody looks again (getSlow)",
        find = "victims_are_spent_ = true;",
        replace = "",
    ),
    _pool(
        name = "steals_the_head",
        rule = "other workers' items are taken from the tail (popTail)",
        find = "shelf.shared.back()",
        replace = "shelf.shared.front()",
    ),

    # The second marking.
    _closure(
        name = "forgets_globals",
        rule = "the second marking begins with globals",
        find = "for (const std::span<void* const> range : heap_.globals()) FromSlots(range);",
        replace = "",
    ),
    _closure(
        name = "forgets_sources",
        rule = "and with what registers as a source of roots",
        find = "source->ForEachRoot([this](void* root) { From(root); });",
        replace = "static_cast<void>(source);",
    ),
    _closure(
        name = "forgets_stacks",
        rule = "and with stacks",
        find = "{\n      FromSlots(mutator->stack.all());",
        replace = "{ static_cast<void>(mutator);",
    ),
    _closure(
        name = "forgets_due_finalizers",
        rule = "and with finalizers that are due",
        find = "for (std::size_t i = 0; i < due.Size(); ++i) From(due[i].object);",
        replace = "static_cast<void>(due);",
    ),
    _closure(
        name = "forgets_what_finalizers_see",
        rule = "and with what objects with finalizers refer to",
        find = "if (special.IsFinalizer()) FromFieldsOf(span, special.index);",
        replace = "static_cast<void>(special);",
    ),
    _closure(
        name = "stops_at_the_first_object",
        rule = "it goes on behind each object that it reaches",
        find = "if (reached_.Add(place)) pending_.push_back(place);",
        replace = "reached_.Add(place);",
    ),
    _closure(
        name = "goes_from_grey_through_black",
        rule = "what a grey object protects, it leads to through white ones",
        find = "if (white_only_ && place.span->IsMarked(place.index)) return;",
        replace = "",
    ),

    # The laws of marking.
    _law(
        name = "asks_nothing_of_black_stacks",
        rule = "what a black stack refers to is marked, or a grey object protects it",
        find = "!mutator->stack_is_black",
        replace = "mutator->stack.slots() != 0",
    ),
    _law(
        name = "asks_nothing_of_black_globals",
        rule = "what a global that has been looked at refers to is marked, or a grey object protects it",
        find = "for (const std::span<void* const> range : heap_.globals()) std::ranges::for_each(range, hold);",
        replace = "",
    ),
    _law(
        name = "asks_nothing_of_finalized_objects",
        rule = "so is what an object with a finalizer refers to",
        find = "WalkStep(heap_.allocator().spans(), &start, {}, NextWithFinalizer, hold);",
        replace = "",
    ),
    _law(
        name = "asks_nothing_of_black_objects",
        rule = "what a black object refers to is marked, or a grey one protects it",
        find = "grey.Has({const_cast<Span*>(&span), i})",
        replace = "!span.IsFree(i)",
    ),
    _law(
        name = "skips_objects_alone_in_their_span",
        rule = "each object that the second marking reaches is marked, large ones too",
        find = "reached.Has({&span, i})",
        replace = "(span.objects() != 1 && reached.Has({&span, i}))",
    ),
    _law(
        name = "of_the_second_marking_holds",
        rule = "a reachable object that is not marked is reported",
        find = "return lawful ? \"\" : \"closure.reachable\";",
        replace = "return \"\";",
    ),

    # The session.
    _session(
        name = "asks_nothing_of_what_is_freed",
        rule = "each object that is gone was allowed to go",
        find = "if (const std::string_view law = Gone(id); !law.empty()) return FailCollector(law, id);",
        replace = "static_cast<void>(Gone(id));",
    ),
    _session(
        name = "trusts_the_count_of_freed_objects",
        rule = "a full check also sees what no sweep has counted",
        find = "freed_ = ~std::uint64_t{0};",
        replace = "",
    ),
    _session(
        name = "compares_no_data",
        rule = "each word of data is as it was written",
        find = "same = same && actual == expected;",
        replace = "static_cast<void>(actual == expected);",
    ),
    _session(
        name = "compares_no_global",
        rule = "each global is what the model has there",
        find = "if (!SamePointer(\"root.global\", model_.globals()[i], subject_->Globals()[i])) return false;",
        replace = "",
    ),
    _session(
        name = "does_not_hear_of_broken_markings",
        rule = "what the second marking finds is a failure",
        find = "!broken_law.empty() && !failed_",
        replace = "false",
    ),
    _session(
        name = "compares_no_goal",
        rule = "when marking ends, the goal follows from what was marked",
        find = "failed_ = failed_ || !CompareGoal();",
        replace = "",
    ),
    _session(
        name = "asks_nothing_after_a_sweep",
        rule = "after a sweep, what must be gone is",
        find = "if (is_swept && !was_swept_) {",
        replace = "if (is_swept && !was_swept_ && model_.is_marking()) {",
    ),
    _session(
        name = "asks_for_no_zeroes",
        file = "heap_session.cc",
        rule = "memory is zero when it is handed out",
        find = "!IsZero(memory, shape.bytes())",
        replace = "false",
    ),
    _session(
        name = "records_no_steps",
        file = "heap_session.cc",
        test = _SESSION_TEST,
        rule = "a burst records the operations that it performs",
        find = "RecordStep(op);",
        replace = "",
    ),

    # Of maps and slices on the heap.
    _session(
        name = "kept_entries_not_compared",
        file = "heap_container_compare.cc",
        rule = "a map keeps what is in it, and nothing else",
        find = "if (kept == expected) return true;",
        replace = "return true;",
    ),
    _session(
        name = "growing_maps_alone_are_compared",
        file = "heap_container_compare.cc",
        rule = "what a map keeps is looked at, unless an old array may keep more",
        find = "return containers.MayKeepMore(map) || CheckKept(id);",
        replace = "return !containers.MayKeepMore(map) || CheckKept(id);",
    ),
    _session(
        name = "entries_not_counted",
        file = "heap_container_compare.cc",
        rule = "a map has all its entries",
        find = "if (!same || seen != entries.size()) {",
        replace = "if (!same) {",
    ),
    _session(
        name = "cells_not_compared",
        file = "heap_container_compare.cc",
        rule = "each cell of a slice's array is compared",
        find = "if (!SamePointer(\"slice.cell\", cells[i], view.cells[i])) return false;",
        replace = "",
    ),
    _session(
        name = "numbers_counted_alone",
        file = "heap_container_compare.cc",
        rule = "each number of a map is found",
        find = "same = same && containers.FindNumber(map, number) == NumberMapModel::ElemOf(number);",
        replace = "",
    ),
    _session(
        name = "roots_of_iterators_not_counted",
        file = "heap_container_compare.cc",
        rule = "an iterator at its end keeps nothing",
        find = "if (roots <= kRootsOfIterator * active) return true;",
        replace = "return true;",
    ),
    _session(
        name = "refused_containers_forgiven",
        file = "heap_containers.cc",
        rule = "without a limit a container gets what it needs",
        find = "if (page_limit_ != kHeapPageLimits[0]) return true;",
        replace = "return true;",
    ),
    _session(
        name = "iterated_entries_not_looked_up",
        file = "heap_containers.cc",
        rule = "an iteration yields what is in the map",
        find = "if (found == model.entries.end() || found->second != elem) {",
        replace = "if (found != model.entries.end() && found->second != elem) {",
    ),
    _session(
        name = "model_window_ignores_its_beginning",
        file = "heap_containers.cc",
        rule = "s[i:j] begins at i",
        find = "const RefSliceModel window = model.Window(i, j);",
        replace = "const RefSliceModel window = model.Window(0, j - i);",
    ),
]
