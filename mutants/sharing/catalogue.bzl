"""Bugs planted in what threads pass to each other: free nodes, items of a pool, windows on arrays."""

load("//mutants:catalogue.bzl", "mutant")

def _free_list_mutant(name, **kwargs):
    return mutant(
        name = "sharing_free_list_" + name,
        file = "core/sync/free_list.h",
        engines = ["property"],
        **kwargs
    )

def _pool_mutant(name, file = "core/heap/concurrent/shared_pool.h", **kwargs):
    return mutant(name = "sharing_pool_" + name, file = file, engines = ["property"], **kwargs)

def _ring_mutant(name, **kwargs):
    return _pool_mutant("ring_" + name, file = "core/heap/concurrent/pool_ring.h", **kwargs)

def _windows_mutant(name, file = "core/sync/atomic.h", **kwargs):
    return mutant(name = "sharing_windows_" + name, file = file, engines = ["property"], **kwargs)

# What real threads seldom or never meet.
_INTERLEAVED = [
    _free_list_mutant(
        name = "tag_repeated_after_a_failed_exchange",
        rule = "a tag is one more than that of the head that is replaced (lfstack.push)",
        find = """    while (!TaggedNode::IsNone(head)) {
      const std::uint32_t node = TaggedNode::NodeOf(head);
      const std::uint32_t below = below_[node].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, Next(below, head), std::memory_order_acquire)) {""",
        replace = """    const Word first = head;
    while (!TaggedNode::IsNone(head)) {
      const std::uint32_t node = TaggedNode::NodeOf(head);
      const std::uint32_t below = below_[node].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, Next(below, first), std::memory_order_acquire)) {""",
    ),
    _free_list_mutant(
        name = "tag_not_counted",
        rule = "each swap of the head counts up its tag (lfstack.push)",
        find = "(TaggedNode::TagOf(head) + 1) & kTagMask;",
        replace = "TaggedNode::TagOf(head) & kTagMask;",
    ),
    _free_list_mutant(
        name = "below_read_before_a_failed_exchange",
        rule = "what is below is read of the head that is replaced (lfstack.pop)",
        find = "if (head_.compare_exchange_weak(head, Next(below, head), std::memory_order_acquire)) {",
        replace = """while (!head_.compare_exchange_weak(head, Next(below, head), std::memory_order_acquire)) {
      }
      {""",
    ),
    _free_list_mutant(
        name = "given_by_a_store",
        rule = "a head that changed is not written over (lfstack.push)",
        find = """    } while (!head_.compare_exchange_weak(head, Next(node, head), std::memory_order_release,
                                          std::memory_order_relaxed));""",
        replace = """    } while (false);
    head_.store(Next(node, head), std::memory_order_release);""",
    ),
    _pool_mutant(
        name = "victim_used_after_clearing",
        rule = "who drops a victim takes it first (poolCleanup)",
        find = "Item(TakeOwn(victim)).reset();",
        replace = "Item(victim.own.load(std::memory_order_acquire)).reset();",
    ),
    _pool_mutant(
        name = "own_taken_in_two_steps",
        rule = "an own item is taken by its worker or by a cycle (sync.Pool.Get, poolCleanup)",
        find = "return local.own.exchange(nullptr, std::memory_order_acquire);",
        replace = """T* const item = local.own.load(std::memory_order_acquire);
    local.own.store(nullptr, std::memory_order_relaxed);
    return item;""",
    ),
    _pool_mutant(
        name = "emptied_at_once",
        rule = "an item survives the first cycle as a victim (poolCleanup)",
        find = "if (!victim.ring.PushHead(item)) Item(item).reset();",
        replace = "Item(item).reset();",
    ),
    _pool_mutant(
        name = "victims_written_over",
        rule = "what the victims hold is dropped before they are filled (poolCleanup)",
        find = "Item(TakeOwn(victim)).reset();",
        replace = "",
    ),
    _ring_mutant(
        name = "tail_taken_without_a_look",
        rule = "one thief takes an item (poolDequeue.popTail)",
        find = """    } while (!ends_.compare_exchange_weak(ends, AfterTail(ends), std::memory_order_acquire,
                                          std::memory_order_relaxed));""",
        replace = """    } while (false);
    ends_.exchange(AfterTail(ends), std::memory_order_acq_rel);""",
    ),
    _ring_mutant(
        name = "head_taken_by_subtraction",
        rule = "the last item is its owner's or a thief's (poolDequeue.popHead)",
        find = "} while (!ends_.compare_exchange_weak(ends, ends - kOneHead, std::memory_order_relaxed));",
        replace = """} while (false);
    ends_.fetch_sub(kOneHead, std::memory_order_relaxed);""",
    ),
    _windows_mutant(
        name = "released_by_load_and_store",
        rule = "two windows that end at once are both counted (the collector)",
        find = "return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;",
        replace = """const std::uint32_t count = count_.load(std::memory_order_acquire);
    count_.store(count - 1, std::memory_order_release);
    return count == 1;""",
    ),
    _windows_mutant(
        name = "acquired_by_load_and_store",
        rule = "two windows that are copied at once are both counted (the collector)",
        find = "count_.fetch_add(1, std::memory_order_relaxed);",
        replace = "count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);",
    ),
    _windows_mutant(
        name = "last_one_does_not_free",
        rule = "of windows that end at once one is the last (the collector)",
        file = "core/slice/backing_array.h",
        find = "if (refs_.IsShared() && !refs_.Release()) return false;",
        replace = """if (refs_.IsShared()) {
      static_cast<void>(refs_.Release());
      return false;
    }""",
    ),
    _windows_mutant(
        name = "last_release_acquires_nothing",
        rule = "who frees an array has seen all that was done to it (the collector)",
        find = "return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;",
        replace = "return count_.fetch_sub(1, std::memory_order_release) == 1;",
    ),
    _ring_mutant(
        name = "slot_emptied_relaxed",
        rule = "a slot is read before it is filled anew (poolDequeue.popTail)",
        find = "slot.full.store(false, std::memory_order_release);",
        replace = "slot.full.store(false, std::memory_order_relaxed);",
    ),
    _ring_mutant(
        name = "slot_not_awaited",
        rule = "a slot is filled when its thief has emptied it (poolDequeue.pushHead)",
        find = "if (slot.full.load(std::memory_order_acquire)) return false;",
        replace = "",
    ),
    _ring_mutant(
        name = "slot_awaited_relaxed",
        rule = "a slot is read before it is filled anew (poolDequeue.pushHead)",
        find = "if (slot.full.load(std::memory_order_acquire)) return false;",
        replace = "if (slot.full.load(std::memory_order_relaxed)) return false;",
    ),
]

# What ThreadSanitizer finds with real threads, in each round: accesses that nothing orders.
RACES = [
    _free_list_mutant(
        name = "given_relaxed",
        rule = "who takes a node sees what was done to it (lfstack.push)",
        find = "} while (!head_.compare_exchange_weak(head, Next(node, head), std::memory_order_release,",
        replace = "} while (!head_.compare_exchange_weak(head, Next(node, head), std::memory_order_relaxed,",
    ),
    _free_list_mutant(
        name = "taken_relaxed",
        rule = "who takes a node sees what was done to it (lfstack.pop)",
        find = """    Word head = head_.load(std::memory_order_acquire);
    while (!TaggedNode::IsNone(head)) {
      const std::uint32_t node = TaggedNode::NodeOf(head);
      const std::uint32_t below = below_[node].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, Next(below, head), std::memory_order_acquire)) {""",
        replace = """    Word head = head_.load(std::memory_order_relaxed);
    while (!TaggedNode::IsNone(head)) {
      const std::uint32_t node = TaggedNode::NodeOf(head);
      const std::uint32_t below = below_[node].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, Next(below, head), std::memory_order_relaxed)) {""",
    ),
    _free_list_mutant(
        name = "head_read_plainly",
        rule = "a head that others swap is an atomic (lfstack.pop)",
        find = "    Word head = head_.load(std::memory_order_acquire);\n    while",
        replace = "    Word head = *reinterpret_cast<const Word*>(&head_);\n    while",
    ),
    _pool_mutant(
        name = "put_relaxed",
        rule = "who gets or drops an item sees what was done to it (sync.Pool.Put)",
        find = "local.own.store(item.release(), std::memory_order_release);",
        replace = "local.own.store(item.release(), std::memory_order_relaxed);",
    ),
    _pool_mutant(
        name = "own_taken_relaxed",
        rule = "who gets or drops an item sees what was done to it (poolCleanup)",
        find = "return local.own.exchange(nullptr, std::memory_order_acquire);",
        replace = "return local.own.exchange(nullptr, std::memory_order_relaxed);",
    ),
    _pool_mutant(
        name = "own_looked_at_plainly",
        rule = "an own item that a cycle may take is an atomic (poolCleanup)",
        find = "if (local.own.load(std::memory_order_relaxed) == nullptr) return nullptr;",
        replace = "if (*reinterpret_cast<T* const*>(&local.own) == nullptr) return nullptr;",
    ),
    _ring_mutant(
        name = "pushed_relaxed",
        rule = "a thief sees what is in the slot that it takes (poolDequeue.pushHead)",
        find = "ends_.fetch_add(kOneHead, std::memory_order_release);",
        replace = "ends_.fetch_add(kOneHead, std::memory_order_relaxed);",
    ),
    _ring_mutant(
        name = "tail_taken_relaxed",
        rule = "a thief sees what is in the slot that it takes (poolDequeue.popTail)",
        find = "} while (!ends_.compare_exchange_weak(ends, AfterTail(ends), std::memory_order_acquire,",
        replace = "} while (!ends_.compare_exchange_weak(ends, AfterTail(ends), std::memory_order_relaxed,",
    ),
    _windows_mutant(
        name = "released_relaxed",
        rule = "who frees an array has seen all that was done to it (the collector)",
        find = "return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;",
        replace = "return count_.fetch_sub(1, std::memory_order_relaxed) == 1;",
    ),
    _windows_mutant(
        name = "looked_at_relaxed",
        rule = "who has the only window has seen all that others did (the collector)",
        find = "return count_.load(std::memory_order_acquire) > 1;",
        replace = "return count_.load(std::memory_order_relaxed) > 1;",
    ),
    _windows_mutant(
        name = "counted_plainly",
        rule = "a count that several threads change is an atomic (the collector)",
        find = "count_.fetch_add(1, std::memory_order_relaxed);",
        replace = "++reinterpret_cast<std::uint32_t&>(count_);",
    ),
]

MUTANTS = _INTERLEAVED + RACES
