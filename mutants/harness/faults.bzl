"""fault_suite: faults planted in the harness, and the tests that its own tests notice them."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library")
load("//build_defs:defs.bzl", "expect_failure_test", "wrapped_test")
load("//mutants:chosen.bzl", "choice_library", "choice_of")
load("//mutants:mutated_sources.bzl", "mutated_sources")

def _test_name(label):
    """"//harness/trace:codec_test.cc" -> "codec_test"."""
    return label.rpartition(":")[2].rpartition(".")[0]

def fault_suite(name, faults, harness):
    """Makes, for each test that the faults name, that test over sources with all faults in them.

    Tests: FAULT_noticed for each fault; TEST_without_a_fault, the same program when no fault is chosen.

    Args:
      name: of the library with the faults.
      faults: the catalogue.
      harness: the library of all that the tests include.
    """
    files = {f.file: True for f in faults}
    mutated_sources(
        name = name + "_sources",
        srcs = ["//%s:%s" % (file.rpartition("/")[0], file.rpartition("/")[2]) for file in files],
        mutants = faults,
        tags = ["manual"],
    )
    choice_library(
        name = name + "_choice",
        catalogue = "mutants/harness/catalogue.bzl",
        mutants = faults,
        tags = ["manual"],
    )

    # Their functions come before those of the libraries, of which the linker then takes none.
    cc_library(
        name = name,
        testonly = True,
        srcs = [name + "_sources"],
        local_defines = ["SLOTPROOF_MUTANT=1"],
        tags = ["manual"],
        alwayslink = True,
        deps = [
            name + "_choice",
            harness,
        ],
    )
    for test in {f.test: True for f in faults}:
        program = name + "_" + _test_name(test)
        cc_binary(
            name = program,
            testonly = True,
            srcs = [test],
            tags = ["manual"],
            deps = [
                name,
                "@googletest//:gtest_main",
            ],
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
            env = choice_of(f.name),
            pattern = "\\[  FAILED  \\] ",
            tags = ["mutant"],
        )
