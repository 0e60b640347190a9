"""Bugs planted in the heap that is collected while threads run: its phases, its barrier, its locks."""

load("//mutants:catalogue.bzl", "mutant")

_HEAP = "core/heap/concurrent/concurrent_heap.h"
_WORLD = "core/heap/concurrent/world.h"
_PAGES = "core/heap/page_heap.h"

def _mutant(name, file = _HEAP, **kwargs):
    return mutant(name = "collector_" + name, file = file, engines = ["property"], **kwargs)

# The barrier, and what is marked.
_BARRIER = [
    _mutant(
        name = "store_before_the_barrier",
        rule = "the barrier reads the slot before it is written (mbarrier.go)",
        find = """    if (heap_.marking_.Load()) [[unlikely]]
      heap_.barrier_.BeforeStore(mutator_, LoadSlot<Policy>(slot), value);
    StoreSlot<Policy>(slot, value);""",
        replace = """    StoreSlot<Policy>(slot, value);
    if (heap_.marking_.Load()) heap_.barrier_.BeforeStore(mutator_, LoadSlot<Policy>(slot), value);""",
    ),
    _mutant(
        name = "exchange_without_the_barrier",
        rule = "an exchange has the barrier, too (atomicwb)",
        find = """    if (heap_.marking_.Load()) [[unlikely]]
      heap_.barrier_.BeforeStore(mutator_, expected, desired);
""",
        replace = "",
    ),
    _mutant(
        name = "allocated_white",
        rule = "an object that is made while somebody marks is black (gcmarknewobject)",
        find = "if (heap_.marking_.Load()) Blacken(place);",
        replace = "",
    ),
    _mutant(
        name = "mark_bit_in_two_steps",
        rule = "a mark bit is set in one step where several mark (markBits.setMarked)",
        file = "core/heap/greying.h",
        find = "if (!place.span->Mark<Policy::kMarksAlone>(place.index)) return {};",
        replace = "if (!place.span->Mark<true>(place.index)) return {};",
    ),
    _mutant(
        name = "black_in_two_steps",
        rule = "a new object is marked in one step where several mark (gcmarknewobject)",
        find = "place.span->Mark(place.index);",
        replace = "place.span->Mark<true>(place.index);",
    ),
    _mutant(
        name = "published_relaxed",
        rule = "who reads a pointer sees the object zeroed (publicationBarrier)",
        file = "core/heap/slot.h",
        find = "store(value, std::memory_order_release);",
        replace = "store(value, std::memory_order_relaxed);",
    ),
    _mutant(
        name = "slot_read_relaxed",
        rule = "who reads a pointer sees the object zeroed (publicationBarrier)",
        file = "core/heap/slot.h",
        find = "load(std::memory_order_acquire);",
        replace = "load(std::memory_order_relaxed);",
    ),
]

# Who gives what to whom before marking ends.
_FLUSHED = [
    _mutant(
        name = "termination_does_not_look_again",
        rule = "what threads have caught since they flushed is not left for the next cycle (gcMarkDone)",
        find = "world_.ForEachThread([this, &any](Thread& thread) { any |= Flush(thread.mutator_); });",
        replace = "",
    ),
    _mutant(
        name = "buffer_not_flushed",
        rule = "what the barrier has caught is shaded before marking ends (wbBufFlush)",
        find = """    barrier_.Flush(mutator);
    mutator.work.Flush();
    return any;""",
        replace = """    mutator.work.Flush();
    return any;""",
    ),
    _mutant(
        name = "grey_not_flushed",
        rule = "what a thread holds goes to the others before marking ends (gcw.dispose)",
        find = """    barrier_.Flush(mutator);
    mutator.work.Flush();
    return any;""",
        replace = """    barrier_.Flush(mutator);
    return any;""",
    ),
    _mutant(
        name = "ends_without_a_flush",
        rule = "a thread that ends gives away what it has caught and greyed (wbBufFlush)",
        find = "    heap_.Flush(mutator_);\n",
        replace = "",
    ),
    _mutant(
        name = "helper_keeps_one",
        rule = "at a safe point a helper holds nothing that the collector cannot see (gcDrain)",
        find = "    scanner_.Flush();\n    return true;",
        replace = "    return true;",
    ),
    _mutant(
        name = "stack_black_unscanned",
        rule = "a stack is scanned before it is black (scanstack)",
        find = "    for (void* const root : mutator.stack.all()) greying_.Shade(root, mutator.work);\n",
        replace = "",
    ),
    _mutant(
        name = "last_slot_not_scanned",
        rule = "each slot of a stack is scanned (scanstack)",
        find = "for (void* const root : mutator.stack.all()) greying_.Shade(root, mutator.work);",
        replace = """for (void* const& root : mutator.stack.all()) {
      if (&root != &mutator.stack.all().back()) greying_.Shade(root, mutator.work);
    }""",
    ),
]

# Phases.
_PHASES = [
    _mutant(
        name = "marking_begins_while_threads_run",
        rule = "the phase changes while the world is stopped (setGCPhase)",
        find = """    world_.Stop();
    SLOTPROOF_POLICY_ASSERT(Policy, !marking_.Load() && allocator_.unswept() == 0);
    queue_.ForgetMarked();
    world_.ForEachThread([](Thread& thread) {
      thread.mutator_.stack_is_black = Policy::kBarrier.stacks_black_at_start;
    });
    marking_.Store(true);
    world_.Start();""",
        replace = """    queue_.ForgetMarked();
    marking_.Store(true);""",
    ),
    _mutant(
        name = "marking_ends_while_threads_run",
        rule = "the phase changes while the world is stopped (setGCPhase)",
        find = "    world_.Start();\n    return true;",
        replace = "    marking_.Store(true);\n    world_.Start();\n    marking_.Store(false);\n    return true;",
    ),
    _mutant(
        name = "caches_kept",
        rule = "what caches hold is swept like the rest: they are flushed when marking ends (flushallmcaches)",
        find = "      world_.ForEachThread([this](Thread& thread) { allocator_.Flush(thread.mutator_.cache); });\n",
        replace = "",
    ),
    _mutant(
        name = "cache_of_an_ended_thread_kept",
        rule = "the cache of a thread that ends goes back (freemcache)",
        find = "    heap_.allocator_.Flush(mutator_.cache);\n",
        replace = "",
    ),
    _mutant(
        name = "cycle_begins_unswept",
        rule = "a cycle begins when nothing is left to sweep (gcStart)",
        find = """    Sweep();
    StartMarking();""",
        replace = "StartMarking();",
    ),
]

# Locks.
_LOCKS = [
    _mutant(
        name = "swept_without_the_lock",
        rule = "a sweep shares the lists of spans with those who allocate",
        find = """      const std::lock_guard lock(allocating_);
      more = allocator_.SweepOne();""",
        replace = "      more = allocator_.SweepOne();",
    ),
    _mutant(
        name = "refilled_without_the_lock",
        rule = "a refill takes from lists that threads share (mcentral)",
        find = "if (heap_.allocator_.NeedsRefill(mutator_.cache, span_class)) lock.lock();",
        replace = "",
    ),
    _mutant(
        name = "ends_without_the_lock",
        rule = "a cache goes back to lists that threads share",
        find = """    const std::lock_guard lock(heap_.allocating_);
    heap_.allocator_.Flush(mutator_.cache);""",
        replace = "    heap_.allocator_.Flush(mutator_.cache);",
    ),
]

# What is handed out, and what is given back to the system.
_MEMORY = [
    _mutant(
        name = "memory_scavenged_without_the_lock",
        rule = "pages are given back under the lock of those who allocate (mheap.scavenge)",
        find = "    const std::lock_guard lock(allocating_);\n    return allocator_.Scavenge(pages);",
        replace = "    return allocator_.Scavenge(pages);",
    ),
    _mutant(
        name = "memory_scavenged_page_not_released",
        file = _PAGES,
        rule = "a page that counts as released has no memory behind it, and reads as zero (sysUnused)",
        find = "      pages_.Release(arena.base + Bytes(first), Bytes(end - first));\n",
        replace = "",
    ),
    _mutant(
        name = "memory_idle_page_taken_for_zero",
        file = _PAGES,
        rule = "a run is zeroed only if its pages come from the system (allocNeedsZero)",
        find = ".zeroed = backed == 0}",
        replace = ".zeroed = true}",
    ),
    _mutant(
        name = "memory_swept_memory_taken_for_zero",
        file = "core/heap/span.h",
        rule = "memory of a swept span is zeroed before it is handed out (mallocgc, needzero)",
        find = "    needs_zero_ = true;\n",
        replace = "",
    ),
    _mutant(
        name = "memory_handed_out_unzeroed",
        rule = "what needs it is zeroed before it is handed out (mallocgc, needzero)",
        find = "    if (place.span->needs_zero()) std::memset(place.address(), 0, place.span->object_bytes());\n",
        replace = "",
    ),
]

# Maps whose parts are objects: bulk.h, running.h, collected_map.h.
_MAPS = [
    _mutant(
        name = "map_iterator_not_scanned",
        rule = "what an iterator stands in is a root of its thread (hiter)",
        find = """    for (const RootSource* const source : thread.sources_) {
      source->ForEachRoot([&](void* root) { greying_.Shade(root, mutator.work); });
    }
""",
        replace = "    static_cast<void>(thread.sources_);\n",
    ),
    _mutant(
        name = "map_reference_stored_without_the_barrier",
        file = "core/heap/running.h",
        rule = "a key, an element or a link is stored with the write barrier (typedmemmove)",
        find = "      access_.Store(slot, value);",
        replace = "      StoreSlot<Policy>(slot, value);",
    ),
    _mutant(
        name = "map_reference_stored_plainly",
        file = "core/heap/running.h",
        rule = "who marks may read a pointer while it is written (atomicstorep)",
        find = "      access_.Store(slot, value);",
        replace = "      access_.Store(slot, *slot);\n      *slot = value;",
    ),
    _mutant(
        name = "map_deleted_without_the_barrier",
        file = "core/heap/collected_map.h",
        rule = "what a deleted entry had is shaded (mapdelete, memclrHasPointers)",
        find = "pointers_[slot] = nullptr;",
        replace = "StoreSlot<HeapPolicy>(reinterpret_cast<void**>(&pointers_[slot]), nullptr);",
    ),
    _mutant(
        name = "map_zeroed_without_the_barrier",
        rule = "what is zeroed in bulk is shaded (memclrHasPointers)",
        find = "      BeforeBulk(target, nullptr, bytes);\n",
        replace = "      static_cast<void>(0);\n",
    ),
    _mutant(
        name = "map_zeroed_before_the_barrier",
        rule = "the barrier reads each pointer before any is zeroed (bulkBarrierPreWrite)",
        find = "    if (heap_.marking_.Load()) [[unlikely]]\n      BeforeBulk(target, nullptr, bytes);\n    ClearShared(heap_.allocator_, target, bytes);",
        replace = "    ClearShared(heap_.allocator_, target, bytes);\n    if (heap_.marking_.Load()) BeforeBulk(target, nullptr, bytes);",
    ),
    _mutant(
        name = "map_zeroed_in_one_piece",
        file = "core/heap/bulk.h",
        rule = "who marks may read a pointer while it is zeroed (memclrHasPointers)",
        find = "    StoreSlot<Policy>(slot, nullptr);\n    at = here + kWordBytes;",
        replace = "    static_cast<void>(here);\n    static_cast<void>(slot);",
    ),
    _mutant(
        name = "map_entry_not_zeroed",
        file = "core/heap/collected_map.h",
        rule = "a deleted entry keeps neither its key nor its element (mapdelete)",
        find = "pointers_[slot] = nullptr;",
        replace = "",
    ),
    _mutant(
        name = "map_old_bucket_not_zeroed",
        file = "core/heap/collected_map.h",
        rule = "an evacuated bucket keeps nothing (evacuate)",
        find = "    Running<HeapPolicy>::Now().Clear(memory, bytes);",
        replace = "    static_cast<void>(memory);\n    static_cast<void>(bytes);",
    ),
    _mutant(
        name = "map_header_of_array_unrooted",
        file = "core/heap/collected_map.h",
        rule = "what is allocated first must outlive what is allocated next (makeBucketArray)",
        find = "    frame[0] = header;",
        replace = "",
    ),
    _mutant(
        name = "map_elements_not_scanned",
        file = "core/heap/collected_map.h",
        rule = "a collector sees the elements of a bucket (MapBucketType)",
        find = "add(kWords - 1 - Bucket::kWidth, Bucket::kWidth);",
        replace = "add(kWords - 1 - Bucket::kWidth, Bucket::kWidth - 1);",
    ),
    _mutant(
        name = "map_overflow_link_not_scanned",
        file = "core/heap/collected_map.h",
        rule = "the link to an overflow bucket is a pointer (MapBucketType)",
        find = "std::uint64_t map = std::uint64_t{1} << (kWords - 1);",
        replace = "std::uint64_t map = 0;",
    ),
]

# Stopping the world.
_STOPS = [
    _mutant(
        name = "stop_does_not_wait",
        file = _WORLD,
        rule = "the world is stopped when every thread stands still (stopTheWorldWithSema)",
        find = "    all_parked_.wait(lock, [this] { return running_ == 0; });\n",
        replace = "",
    ),
    _mutant(
        name = "handshake_does_not_wait",
        file = _WORLD,
        rule = "a handshake ends when every thread has answered (forEachP)",
        find = "    all_answered_.wait(lock, [this] { return unanswered_ == 0; });\n",
        replace = "    unanswered_ = 0;\n",
    ),
    _mutant(
        name = "parked_threads_not_asked",
        file = _WORLD,
        rule = "for a thread that waits, the one who asks does the work (forEachP)",
        find = "        work_(member->thread_);\n      } else {",
        replace = "      } else {",
    ),
    _mutant(
        name = "parks_without_an_answer",
        file = _WORLD,
        rule = "a thread that goes to wait answers first (entersyscall)",
        find = "    DoAsked(member);\n    member.parked_ = true;\n    StopRunning();\n  }\n  void Unpark",
        replace = "    member.parked_ = true;\n    StopRunning();\n  }\n  void Unpark",
    ),
    _mutant(
        name = "ends_without_an_answer",
        file = _WORLD,
        rule = "a thread that ends answers first",
        find = "    DoAsked(member);\n    std::erase",
        replace = "    std::erase",
    ),
    _mutant(
        name = "runs_on_in_a_stopped_world",
        file = _WORLD,
        rule = "a thread that comes back waits until the world runs (exitsyscall)",
        find = """    SLOTPROOF_ASSERT(member.parked_);
    WaitForStart(lock);""",
        replace = "    SLOTPROOF_ASSERT(member.parked_);",
    ),
    _mutant(
        name = "begins_in_a_stopped_world",
        file = _WORLD,
        rule = "a thread that comes waits until the world runs",
        find = """    members_.reserve(members_.size() + 1);
    WaitForStart(lock);""",
        replace = "    members_.reserve(members_.size() + 1);",
    ),
    _mutant(
        name = "start_wakes_nobody",
        file = _WORLD,
        rule = "those who stood still go on (startTheWorldWithSema)",
        find = "    started_.notify_all();\n",
        replace = "",
    ),
    _mutant(
        name = "last_to_park_says_nothing",
        file = _WORLD,
        rule = "the last one to stand still wakes who stops the world",
        find = "if (--running_ == 0) all_parked_.notify_all();",
        replace = "--running_;",
    ),
    _mutant(
        name = "last_answer_unheard",
        file = _WORLD,
        rule = "the last one to answer wakes who asks",
        find = "if (--unanswered_ == 0) all_answered_.notify_all();",
        replace = "--unanswered_;",
    ),
]

MUTANTS = _BARRIER + _FLUSHED + _PHASES + _LOCKS + _MEMORY + _MAPS + _STOPS
