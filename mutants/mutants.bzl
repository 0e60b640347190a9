"""mutant_suite: what is built from each mutant of a subject, and the tests that kill it."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library")
load("//build_defs:defs.bzl", "CORE_UNDER_TEST_COPTS", "CORE_UNDER_TEST_DEPS", "expect_failure_test", "wrapped_binary", "wrapped_test")
load(":catalogue.bzl", "ENGINES", "check_catalogue")
load(":mutated_sources.bzl", "mutated_sources")

# libFuzzer is not quite the same from run to run, so what must be found has some margin.
_RUNS_TO_FIND = 100000
_RUNS_TO_SURVIVE = 40000
_FUZZ_ARGS = [
    "-seed=1",
    "-max_len=2048",
    "-timeout=10",
    "-rss_limit_mb=2048",
    "-print_final_stats=1",
    # Under Bazel the finding is saved as a trace.
    "-exact_artifact_path=/dev/null",
]

# A mutant is found in some hundredths of a second, and compiled in a dozen when optimized; so it is
# not, but where it runs for long or its time is taken.
_QUICKLY_COMPILED = select({
    ":optimized": [],
    "//conditions:default": [
        "-O0",
        "-g0",
    ],
})

# How long a program may take that finds its failure in a second or two, or in ten when it hangs;
# when libFuzzer gets stuck in its report of that, in twice as long and some seconds more.
_DEADLINE_S = 120

# A failure that the engine has understood as one; not a build or a start that went wrong.
_SANITIZER = "ERROR: (Address|Leak|UndefinedBehavior)Sanitizer: |runtime error: "
_FOUND = {
    "property": "^Falsified: |while it ran a trace of [a-z]|" + _SANITIZER,
    "fuzz": "^slotproof: [a-z_]+: op |ERROR: libFuzzer: deadly signal|ALARM: working on the last Unit|" + _SANITIZER,
}

_SURVIVES = """
log="$TEST_UNDECLARED_OUTPUTS_DIR/log"
%PROGRAM% "$@" >"$log" 2>&1
rc=$?
tail -n 40 "$log"
(( rc == 0 )) && exit 0
echo {0}
exit 1
"""

def _kill_test(name, engine, subject, mutant, actual, args, mode, found, data = []):
    if found:
        expect_failure_test(
            name = name,
            size = "medium",
            actual = actual,
            args = args,
            data = data,
            deadline_s = _DEADLINE_S,
            mode = mode,
            pattern = _FOUND[engine],
            tags = ["mutant"],
        )
        return
    remedy = "'%s: now found by %s: add it to engines in mutants/%s.bzl'" % (mutant, engine, subject)
    if mutant.endswith("unmutated"):
        remedy = "'%s has found a bug in the reference %s'" % (engine, subject)
    wrapped_test(
        name = name,
        size = "medium",
        actual = actual,
        args = args,
        data = data,
        mode = mode,
        script = _SURVIVES.format(remedy),
        tags = ["mutant"],
    )

def _programs_and_tests(name, subject, core, copts = [], defines = [], engines = ENGINES, memory = False, seeded = False, optimized = False):
    """Programs and tests of a subject over one build of its core.

    Args:
      name: of the mutant.
      subject: as mutant_suite makes it.
      core: the library of the core's headers.
      copts: of the compilation.
      defines: of the compilation.
      engines: those that find it.
      memory: whether finding it needs AddressSanitizer.
      seeded: whether the fuzzer starts from the checked-in corpus.
      optimized: whether it is to run fast, rather than to be compiled fast.
    """
    target = name + "_target"
    cc_library(
        name = target,
        srcs = [subject.target + "_mutant_src"],
        copts = copts + CORE_UNDER_TEST_COPTS + ([] if optimized else _QUICKLY_COMPILED),
        local_defines = defines,
        tags = ["manual"],
        deps = [
            core,
            subject.target + "_mutant_deps",
        ] + CORE_UNDER_TEST_DEPS,
    )

    # One mode for both engines, so that they share what they compile.
    mode = "fuzz" if memory else "fuzz_plain"
    cc_binary(
        name = name + "_property_program",
        testonly = True,
        tags = ["manual"],
        deps = [
            target,
            ":property_main",
        ],
    )
    cc_binary(
        name = name + "_libfuzzer",
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [
            target,
            "//fuzz:fuzz_source",
        ],
    )
    _kill_test(
        name = name + "_property",
        engine = "property",
        subject = subject.name,
        mutant = name,
        actual = name + "_property_program",
        args = ["//mutants:%s_property" % name],
        mode = mode,
        found = "property" in engines,
    )
    _kill_test(
        name = name + "_fuzz_kill",
        engine = "fuzz",
        subject = subject.name,
        mutant = name,
        actual = name + "_libfuzzer",
        args = _FUZZ_ARGS + [
            "-runs=%d" % (_RUNS_TO_FIND if "fuzz" in engines else _RUNS_TO_SURVIVE),
        ] + (["-seed_inputs=@$(rootpath %s)" % subject.seed_list] if seeded else []),
        data = [
            subject.seed_list,
            subject.corpus,
        ] if seeded else [],
        mode = mode,
        found = "fuzz" in engines,
    )

    for program, program_mode in [("_fuzz", "fuzz"), ("_fuzz_plain", "fuzz_plain")]:
        wrapped_binary(
            name = name + program,
            testonly = True,
            actual = name + "_libfuzzer",
            mode = program_mode,
            tags = ["manual"],
        )
    cc_binary(
        name = name + "_slotproof",
        tags = ["manual"],
        deps = [
            target,
            ":mutant_main",
        ],
    )
    wrapped_binary(
        name = name + "_slotproof_asan",
        actual = name + "_slotproof",
        mode = "asan",
        tags = ["manual"],
    )

def law_kill_tests(name, src, deps, kills):
    """Tests that each law of a property test finds a mutant that breaks it.

    Args:
      name: prefix of the tests: NAME_LAW for each law.
      src: the property test, compiled against each mutant's core.
      deps: what it includes besides the core and its target.
      kills: for each law, by the name of its test in src, a mutant.
    """
    for mutant in {m: None for m in kills.values()}:
        cc_binary(
            name = "%s_of_%s" % (name, mutant),
            testonly = True,
            srcs = [src],
            copts = _QUICKLY_COMPILED,
            tags = ["manual"],
            deps = deps + [
                mutant + "_core",
                mutant + "_target",
                ":coverage_stubs",
                "@googletest//:gtest_main",
            ],
        )
    for law, mutant in kills.items():
        expect_failure_test(
            name = "%s_%s" % (name, law),
            size = "medium",
            actual = "%s_of_%s" % (name, mutant),
            args = ["--gtest_filter=*.%s" % law],
            deadline_s = _DEADLINE_S,
            mode = "fuzz_plain",
            # Not a death: the law itself has found it.
            pattern = "^\\[  FAILED  \\] .*%s" % law,
            tags = ["mutant"],
        )

def mutant_suite(name, mutants, folder, core, headers, headers_deps = None, prefix = None):
    """Programs and tests for each mutant of a subject and for the subject itself.

    On demand: NAME_fuzz, NAME_fuzz_plain, NAME_slotproof, NAME_slotproof_asan.
    Tests: NAME_property, NAME_fuzz_kill.

    Args:
      name: of the subject and of its target; the catalogue is mutants/NAME.bzl, the corpus
          //fuzz:NAME_corpus.
      mutants: the catalogue.
      folder: the package that calls subject_target().
      core: the library of the core as it is.
      headers: of the core, of which each mutant has a copy.
      headers_deps: the library of what the headers include from elsewhere.
      prefix: of the mutants' names, so that they differ between subjects; default: NAME_.
    """
    if prefix == None:
        prefix = name + "_"
    check_catalogue(name, prefix, mutants)
    corpus = "//fuzz:%s_corpus" % name
    subject = struct(
        name = name,
        target = "%s:%s" % (folder, name),
        corpus = corpus,
        seed_list = name + "_seeds.txt",
    )

    # As libFuzzer wants seeds that it shall not add to.
    native.genrule(
        name = name + "_seed_list",
        srcs = [corpus],
        outs = [subject.seed_list],
        cmd = "echo -n $(rootpaths %s) | tr ' ' , >$@" % corpus,
    )

    for m in mutants:
        mutated_sources(
            name = m.name + "_sources",
            srcs = [headers],
            file = m.file,
            find = m.find,
            replace = m.replace,
            tags = ["manual"],
        )
        mutated_core = m.name + "_core"
        cc_library(
            name = mutated_core,
            hdrs = [m.name + "_sources"],
            strip_include_prefix = m.name + "_sources",
            tags = ["manual"],
            deps = [headers_deps] if headers_deps else [],
        )
        _programs_and_tests(
            name = m.name,
            subject = subject,
            core = mutated_core,
            # Assertions name a header as the repository does, not as this copy of it is called.
            copts = ["-fmacro-prefix-map=$(BINDIR)/mutants/_virtual_includes/%s/=" % mutated_core],
            defines = ["SLOTPROOF_MUTANT=1"],
            engines = m.engines,
            memory = m.memory,
            seeded = m.seeded,
            optimized = m.slow or not m.engines,
        )

    # The subject itself survives what kills its mutants.
    _programs_and_tests(
        name = prefix + "unmutated",
        subject = subject,
        core = core,
        engines = [],
        seeded = True,
        optimized = True,
    )
