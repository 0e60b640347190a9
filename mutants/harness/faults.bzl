"""fault_suite: faults planted in what finds bugs, and the tests that its own tests notice them."""

load("//build_defs:defs.bzl", "cc_binary", "cc_library", "expect_failure_test", "merged_library", "wrapped_test")
load("//mutants:chosen.bzl", "choice_library", "choice_of")
load("//mutants:mutated_sources.bzl", "mutated_headers", "mutated_sources")

def fault(name, file, rule, find, replace, test):
    """One fault.

    Args:
      name: snake_case, says what is broken.
      file: of the harness, or of what judges a subject.
      rule: what should be.
      find: the text that is there once.
      replace: what it becomes.
      test: the source of the test that notices, as a label.
    """
    return struct(name = name, file = file, rule = rule, find = find, replace = replace, test = test)

def _label(file):
    """"harness/trace/codec.cc" -> "//harness/trace:codec.cc"."""
    return "//%s:%s" % (file.rpartition("/")[0], file.rpartition("/")[2])

def _test_name(label):
    """"//harness/trace:codec_test.cc" -> "codec_test"."""
    return label.rpartition(":")[2].rpartition(".")[0]

def fault_suite(name, faults, catalogue, deps, srcs = None, beside = [], alone = [], hdrs = [], programs = {}, copts = [], std_headers = True):
    """Makes, for each test that the faults name, that test over sources with all faults in them.

    Tests: FAULT_noticed for each fault; TEST_without_a_fault, the same program when no fault is chosen.

    Args:
      name: of the library with the faults.
      faults: what the catalogue has.
      catalogue: the file that lists them.
      deps: the libraries of all that the tests and the sources include.
      srcs: in which faults are, and those that include a header with one; by default the former.
      beside: sources without faults that a library of deps compiles as one with some that have one.
      alone: those of srcs that are compiled on their own.
      hdrs: with faults, and those that include them or lie among them. No library of deps may have
        one of them, or include it.
      programs: of a test's source, the libraries that come first in its program.
      copts: of the sources with faults.
      std_headers: whether those have them (build_defs/cc.bzl).
    """
    in_headers = [f for f in faults if f.file.endswith(".h")]
    in_sources = [f for f in faults if f not in in_headers]
    choice_library(
        name = name + "_choice",
        catalogue = catalogue,
        mutants = faults,
        tags = ["manual"],
    )
    deps = deps + [name + "_choice"]
    srcs = [label for label in (srcs or {_label(f.file): True for f in in_sources}.keys()) + beside if label not in alone]
    for suffix, labels in [("_sources", srcs), ("_alone", alone)]:
        if labels:
            mutated_sources(
                name = name + suffix,
                srcs = labels,
                mutants = [f for f in in_sources if _label(f.file) in labels],
                tags = ["manual"],
            )
    if hdrs:
        mutated_headers(
            name = name + "_included",
            testonly = True,
            hdrs = hdrs,
            mutants = in_headers,
            tags = ["manual"],
            deps = deps,
        )
        deps = deps + [name + "_included"]

    # Their functions come before those of the libraries, of which the linker then takes none.
    merged_library(
        name = name,
        testonly = True,
        srcs = [name + "_sources"],
        alone = [name + "_alone"] if alone else [],
        copts = copts,
        std_headers = std_headers,
        tags = ["manual"],
        alwayslink = True,
        deps = deps,
    )
    for test in {f.test: True for f in faults}:
        program = name + "_" + _test_name(test)
        test_deps = [
            name,
            "@googletest//:gtest_main",
        ]
        if test in programs:
            # As a scheduled_test is linked.
            cc_library(
                name = program + "_srcs",
                testonly = True,
                srcs = [test],
                tags = ["manual"],
                alwayslink = True,
                deps = programs[test] + test_deps,
            )
        cc_binary(
            name = program,
            testonly = True,
            srcs = [] if test in programs else [test],
            tags = ["manual"],
            deps = programs[test] + [program + "_srcs"] if test in programs else test_deps,
        )
        wrapped_test(
            name = _test_name(test) + "_without_a_fault",
            size = "small",
            actual = program,
            script = "exec %PROGRAM%",
            tags = ["mutant"],
        )
    for f in faults:
        expect_failure_test(
            name = f.name + "_noticed",
            size = "small",
            actual = name + "_" + _test_name(f.test),
            # The first failure is enough, and what is broken may be slow.
            env = dict(choice_of(f.name), GTEST_FAIL_FAST = "1"),
            pattern = "\\[  FAILED  \\] ",
            tags = ["mutant"],
        )
