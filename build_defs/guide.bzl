"""What of a program guides a fuzzer that runs traces, and what of it is sanitized.

Modes "fuzz" and "fuzz_plain" instrument what says nothing here. A target's core guides, with its
adapter; what drives and judges it is neither sanitized nor does it guide, because that costs more
than the core does and finds nothing in it. Other tests run those parts under sanitizers.

Mode "asan" takes a target, its core and adapter, as "fuzz" compiles it, and all else with sanitizers;
a plain build takes it as "fuzz_plain" does (fuzzed_library in modes.bzl).

A function that both sides instantiate, of std say, is the one or the other by the linker's choice.
"""

_HERE = Label("//build_defs:guide.bzl")

# These labels mean this repository, whichever calls the macros that use them.
_MODES = "@%s//build_defs:fuzzing_traces" % _HERE.workspace_name

def _list(name):
    root = _HERE.workspace_root
    return (root + "/" if root else "") + "build_defs/" + name

# copts of harness, models and sessions.
NOT_UNDER_TEST = select({
    _MODES: ["-fno-sanitize=all"],
    "//conditions:default": [],
})

# copts of models and sessions: all that an operation does beside the core. Without optimization a
# property test takes two to four times as long under AddressSanitizer.
IN_EACH_OPERATION = NOT_UNDER_TEST + select({
    "@%s//build_defs:unoptimized" % _HERE.workspace_name: ["-O1"],
    "//conditions:default": [],
})

# copts and deps of what instantiates a core.
CORE_UNDER_TEST_COPTS = select({
    _MODES: [
        "-fsanitize-coverage-allowlist=" + _list("guide_functions.list"),
        "-fsanitize-coverage-ignorelist=" + _list("unguided_functions.list"),
        "-include",
        _list("guide_functions.list"),
        "-include",
        _list("unguided_functions.list"),
    ],
    "//conditions:default": [],
})
CORE_UNDER_TEST_DEPS = ["@%s//build_defs:guide_lists" % _HERE.workspace_name]
