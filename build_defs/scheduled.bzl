"""Code that is run under the scheduler: compiled so that each of its accesses is a call."""

load(":cc.bzl", "cc_binary", "cc_library", "cc_test")
load(":guide.bzl", "CORE_UNDER_TEST_COPTS", "CORE_UNDER_TEST_DEPS")

# Each access to memory and each use of a thread-local variable becomes a call, also a read right
# before a write of the same word. Calls of functions do not, for nobody asks for stacks. A call at a
# function's end stays a call, so that each place in the code is told by its return address.
SCHEDULED_COPTS = [
    "-O2",
    "-fsanitize=thread",
    "-femulated-tls",
    "-fno-optimize-sibling-calls",
    "-mllvm",
    "-tsan-instrument-read-before-write=1",
    "-mllvm",
    "-tsan-instrument-func-entry-exit=0",
]

def scheduled_library(name, copts = [], deps = [], **kwargs):
    """A cc_library whose code a scheduler can interleave, and which guides a fuzzer."""
    cc_library(
        name = name,
        std_headers = False,
        copts = SCHEDULED_COPTS + CORE_UNDER_TEST_COPTS + copts,
        alwayslink = True,
        deps = deps + CORE_UNDER_TEST_DEPS,
        **kwargs
    )

def _scheduled(rule, name, srcs, scheduled, deps, testonly, **kwargs):
    cc_library(
        name = name + "_srcs",
        testonly = testonly,
        srcs = srcs,
        alwayslink = True,
        visibility = ["//visibility:private"],
        deps = deps,
    )
    rule(
        name = name,
        deps = scheduled + [":%s_srcs" % name],
        **kwargs
    )

def scheduled_test(name, srcs, scheduled, deps, **kwargs):
    """A cc_test of scheduled code.

    Functions that both sides instantiate, of std say, are those of the first object of the link. So
    the scheduled code comes first, and the test is a library behind it.

    Args:
      name: of the test.
      srcs: of the test, which is not scheduled itself.
      scheduled: scheduled_library targets.
      deps: of srcs, with main().
      **kwargs: of the test.
    """
    _scheduled(cc_test, name, srcs, scheduled, deps, True, **kwargs)

def scheduled_binary(name, srcs, scheduled, deps, **kwargs):
    """A cc_binary of scheduled code, as scheduled_test.

    Args:
      name: of the program.
      srcs: with main(), not scheduled itself.
      scheduled: scheduled_library targets.
      deps: of srcs.
      **kwargs: of the program.
    """
    _scheduled(cc_binary, name, srcs, scheduled, deps, False, **kwargs)

def unseen_test(name, scheduled, unseen, known = []):
    """Whether the scheduler sees all that a library does, but for what is listed.

    Args:
      name: of the test.
      scheduled: a scheduled_library.
      unseen: what //harness/sched:unseen.py prints of it, a list of lines.
      known: libraries that it calls and that hide nothing, beside the scheduler itself.
    """
    arguments = []
    files = ["//harness/sched:unseen.py"]
    for i, library in enumerate([scheduled, "//harness/sched:runtime"] + known):
        archive = "%s_archive%d" % (name, i)
        native.filegroup(
            name = archive,
            srcs = [library],
            visibility = ["//visibility:private"],
        )
        files.append(archive)
        arguments += (["--known"] if i else []) + ["$(rootpath :%s)" % archive]
    native.sh_test(
        name = name,
        size = "small",
        srcs = ["//harness/sched:prints_unseen.sh"],
        args = ["$(rootpath //harness/sched:unseen.py)", "'%s'" % ",".join(unseen)] + arguments,
        data = files,
    )
