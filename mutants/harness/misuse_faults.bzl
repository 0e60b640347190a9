"""The planted faults of the map's misuse flags: each changes how often two threads are told apart."""

load(":faults.bzl", "fault")

_TEST = "//bench/misuse:misuse_test.cc"

# What is scheduled in it comes with the faults.
MISUSE_PROGRAMS = {_TEST: []}

def _fault(name, file, **kwargs):
    return fault(name = "misuse_" + name, file = "core/map/" + file, test = _TEST, **kwargs)

MISUSE_FAULTS = [
    _fault(
        name = "delete_sets_no_flag",
        file = "delete.h",
        rule = "a deletion is a write (mapdelete)",
        find = "WriteSection<T> section(h);",
        replace = "struct { void Finish() {} } section;",
    ),
    _fault(
        name = "flag_cleared_before_the_store",
        file = "assign.h",
        rule = "the flag is set until the entry is there (mapassign)",
        find = "slot.bucket->tophash[slot.slot] = TopHash(hash);\n  ++h.count;\n  section.Finish();",
        replace = "section.Finish();\n  slot.bucket->tophash[slot.slot] = TopHash(hash);\n  ++h.count;",
    ),
    _fault(
        name = "flag_cleared_by_xor",
        file = "table.h",
        rule = "the flag is cleared by and-not, as if it was set or not (mapassign)",
        find = "h_.flags.And(static_cast<std::uint8_t>(~kHashWriting));",
        replace = "h_.flags.Xor(kHashWriting);",
    ),
    _fault(
        name = "flag_set_by_or",
        file = "table.h",
        rule = "the flag is set by xor, so that a second writer takes it from the first (mapassign)",
        find = "h_.flags.Xor(kHashWriting);",
        replace = "h_.flags.Store(static_cast<std::uint8_t>(h_.flags.Load() | kHashWriting));",
    ),
    _fault(
        name = "flag_set_in_one_step",
        file = "table.h",
        rule = "the flag is set by a load and a store, which two writers can interleave (mapassign)",
        find = "h_.flags.Xor(kHashWriting);",
        replace = "h_.flags.FetchAdd(kHashWriting);",
    ),
    _fault(
        name = "no_look_before_the_write",
        file = "assign.h",
        rule = "an insertion looks at the flag before it writes, not only after it (mapassign)",
        find = "FailConcurrentWrites(h);\n  // Hashing may throw: then nothing has been written.",
        replace = "static_cast<void>(h);",
    ),
    _fault(
        name = "no_look_after_the_write",
        file = "table.h",
        rule = "a write looks at the flag once more at its end (mapassign)",
        find = "if (!h_.HashWriting())\n",
        replace = "if (h_.b > 200)\n",
    ),
    _fault(
        name = "iteration_does_not_look",
        file = "iterator.h",
        rule = "each step of an iteration looks at the flag (mapiternext)",
        find = "FailIfWriting(*h_);",
        replace = "",
    ),
    _fault(
        name = "look_up_does_not_look",
        file = "lookup.h",
        rule = "a look-up looks at the flag (mapaccess1)",
        find = "if (h.HashWriting()) [[unlikely]] {",
        replace = "if (h.b > 200) [[unlikely]] {",
    ),
    _fault(
        name = "clear_does_not_look",
        file = "clear.h",
        rule = "a clear looks at the flag before it writes (mapclear)",
        find = "if (h.HashWriting()) [[unlikely]]",
        replace = "if (h.b > 200) [[unlikely]]",
    ),
]
