"""mutant_suite: what is built from each mutant of a subject, and the tests that kill it."""

load("//build_defs:defs.bzl", "CORE_UNDER_TEST_COPTS", "CORE_UNDER_TEST_DEPS", "cc_binary", "cc_library", "expect_failure_test", "fuzzed_library", "wrapped_binary", "wrapped_test")
load(":catalogue.bzl", "ENGINES", "check_catalogue")
load(":chosen.bzl", "choice_library", "choice_of", "chosen_binary")
load(":mutated_sources.bzl", "mutated_headers")
load(":shortest.bzl", "LONGER", "SHORTEST")

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

# A mutant alone is found in some hundredths of a second, and compiled in a dozen seconds when
# optimized; so it is not, but where it runs for long or its time is taken. The program that has all
# the others is compiled once, as its mode says.
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

# What property_main says of a counterexample that is not short enough, and of a trace that was running
# when the deadline came: then nothing has been found.
_NOT_FOUND = "^TOO LONG: |^slotproof: hang/SIGTERM"

_SURVIVES = """
log="$TEST_UNDECLARED_OUTPUTS_DIR/log"
%PROGRAM% "$@" >"$log" 2>&1
rc=$?
tail -n 40 "$log"
(( rc == 0 )) && exit 0
echo {0}
exit 1
"""

def _kill_test(name, engine, subject, mutant, actual, args, mode, found, data = [], env = {}):
    if found:
        expect_failure_test(
            name = name,
            size = "medium",
            actual = actual,
            args = args,
            data = data,
            deadline_s = _DEADLINE_S,
            env = env,
            mode = mode,
            never = _NOT_FOUND,
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
        env = env,
        mode = mode,
        script = _SURVIVES.format(remedy),
        tags = ["mutant"],
    )

def _programs(name, subject, core, core_copts = [], defines = [], optimized = True):
    """Programs over one build of a subject's core: its TargetUnderTest() under each engine.

    NAME_property_program, NAME_libfuzzer; by hand NAME_slotproof, NAME_slotproof_asan, NAME_fuzz,
    NAME_fuzz_plain.

    Args:
      name: of the build.
      subject: as mutant_suite makes it.
      core: the library of the core's headers.
      core_copts: of the compilation.
      defines: of the compilation.
      optimized: whether it is to run fast, rather than to be compiled fast.
    """
    target = name + "_target"
    deps = [core, subject.target + "_mutant_deps"]
    cc_library(
        name = target + "_objects",
        std_headers = False,
        srcs = [subject.target + "_mutant_src"],
        copts = core_copts + CORE_UNDER_TEST_COPTS + ([] if optimized else _QUICKLY_COMPILED),
        local_defines = defines,
        tags = ["manual"],
        deps = deps + CORE_UNDER_TEST_DEPS,
    )
    fuzzed_library(
        name = target,
        objects = target + "_objects",
        tags = ["manual"],
        deps = deps,
    )
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
    for program, mode in [("_fuzz", "fuzz"), ("_fuzz_plain", "fuzz_plain")]:
        wrapped_binary(
            name = name + program,
            testonly = True,
            actual = name + "_libfuzzer",
            mode = mode,
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

def _mutated_programs(name, subject, mutants, headers, headers_deps, deps = [], alone = False, optimized = True):
    """_programs() over a copy of the core with planted bugs, in NAME_core."""
    core = name + "_core"
    mutated_headers(
        name = core,
        hdrs = [headers],
        alone = alone,
        mutants = mutants,
        tags = ["manual"],
        deps = deps + ([headers_deps] if headers_deps else []),
    )
    _programs(
        name = name,
        subject = subject,
        core = core,
        # Assertions name a header as the repository does, not as this copy of it is called.
        core_copts = ["-fmacro-prefix-map=$(BINDIR)/mutants/_virtual_includes/%s/=" % core],
        defines = ["SLOTPROOF_MUTANT=1"],
        optimized = optimized,
    )

def _chosen_programs(mutant, programs):
    """The programs by hand of a mutant that is chosen when they run."""
    for suffix, testonly in [("_fuzz", True), ("_fuzz_plain", True), ("_slotproof", False), ("_slotproof_asan", False)]:
        chosen_binary(
            name = mutant + suffix,
            testonly = testonly,
            mutant = mutant,
            program = programs + suffix,
            tags = ["manual"],
        )

def _kill_tests(name, subject, programs, engines, memory = False, seeded = False, env = {}):
    """NAME_property and NAME_fuzz_kill.

    Args:
      name: of the mutant.
      subject: as mutant_suite makes it.
      programs: as _programs() was called.
      engines: those that find it.
      memory: whether finding it needs AddressSanitizer.
      seeded: whether the fuzzer starts from the checked-in corpus.
      env: in which the programs have the bug.
    """

    # One mode for both engines, so that they share what they compile.
    mode = "fuzz" if memory else "fuzz_plain"
    _kill_test(
        name = name + "_property",
        engine = "property",
        subject = subject.name,
        mutant = name,
        actual = programs + "_property_program",
        args = ["//mutants:%s_property" % name, str(LONGER.get(name, SHORTEST.get(name, 0)))],
        env = env,
        mode = mode,
        found = "property" in engines,
    )
    _kill_test(
        name = name + "_fuzz_kill",
        engine = "fuzz",
        subject = subject.name,
        mutant = name,
        actual = programs + "_libfuzzer",
        args = _FUZZ_ARGS + [
            "-runs=%d" % (_RUNS_TO_FIND if "fuzz" in engines else subject.runs_to_survive),
        ] + (["-seed_inputs=@$(rootpath %s)" % subject.seed_list] if seeded else []),
        data = [
            subject.seed_list,
            subject.corpus,
        ] if seeded else [],
        env = env,
        mode = mode,
        found = "fuzz" in engines,
    )

def _together(subject):
    """What the programs are called that have all mutants of a subject but those that are alone."""
    return subject + "_mutants"

def law_kill_tests(name, src, deps, kills, subject, mutants):
    """Tests that each law of a property test finds a mutant that breaks it.

    Args:
      name: prefix of the tests: NAME_LAW for each law.
      src: the property test, compiled against the mutants' core.
      deps: what it includes besides the core and its target.
      kills: for each law, by the name of its test in src, a mutant.
      subject: as mutant_suite names it.
      mutants: its catalogue.
    """
    alone = {m.name: True for m in mutants if m.alone}
    builds = {law: mutant if mutant in alone else _together(subject) for law, mutant in kills.items()}
    for build in {b: None for b in builds.values()}:
        cc_binary(
            name = "%s_of_%s" % (name, build),
            testonly = True,
            srcs = [src],
            copts = _QUICKLY_COMPILED,
            tags = ["manual"],
            deps = deps + [
                build + "_core",
                build + "_target",
                "@googletest//:gtest_main",
            ],
        )
    for law, mutant in kills.items():
        expect_failure_test(
            name = "%s_%s" % (name, law),
            size = "medium",
            actual = "%s_of_%s" % (name, builds[law]),
            args = ["--gtest_filter=*.%s" % law],
            deadline_s = _DEADLINE_S,
            env = {} if mutant in alone else choice_of(mutant),
            mode = "fuzz_plain",
            # Not a death: the law itself has found it.
            pattern = "^\\[  FAILED  \\] .*%s" % law,
            tags = ["mutant"],
        )

def mutant_suite(name, mutants, folder, core, headers, headers_deps = None, prefix = None, corpus = None, runs_to_survive = _RUNS_TO_SURVIVE):
    """Programs and tests for each mutant of a subject and for the subject itself.

    On demand: NAME_fuzz, NAME_fuzz_plain, NAME_slotproof, NAME_slotproof_asan.
    Tests: NAME_property, NAME_fuzz_kill.

    Args:
      name: of the subject and of its target; the catalogue is mutants/NAME.bzl.
      mutants: the catalogue.
      folder: the package that calls subject_target().
      core: the library of the core as it is.
      headers: of the core, of which the mutants have copies.
      headers_deps: the library of what the headers include from elsewhere.
      prefix: of the mutants' names, so that they differ between subjects; default: NAME_.
      corpus: the seeds; default: //fuzz:NAME_corpus.
      runs_to_survive: how often the fuzzer runs what it should find nothing in.
    """
    if prefix == None:
        prefix = name + "_"
    check_catalogue(name, prefix, mutants)
    corpus = corpus or "//fuzz:%s_corpus" % name
    subject = struct(
        name = name,
        target = "%s:%s" % (folder, name),
        corpus = corpus,
        runs_to_survive = runs_to_survive,
        seed_list = name + "_seeds.txt",
    )

    # As libFuzzer wants seeds that it shall not add to.
    native.genrule(
        name = name + "_seed_list",
        srcs = [corpus],
        outs = [subject.seed_list],
        cmd = "echo -n $(rootpaths %s) | tr ' ' , >$@" % corpus,
    )

    together = [m for m in mutants if not m.alone]
    choice = name + "_mutants_choice"
    choice_library(
        name = choice,
        catalogue = "mutants/%s.bzl" % name,
        mutants = together,
        tags = ["manual"],
    )
    _mutated_programs(
        name = _together(name),
        deps = [choice],
        headers = headers,
        headers_deps = headers_deps,
        mutants = together,
        subject = subject,
    )
    for m in mutants:
        if m.alone:
            _mutated_programs(
                name = m.name,
                alone = True,
                headers = headers,
                headers_deps = headers_deps,
                mutants = [m],
                optimized = m.slow or not m.engines,
                subject = subject,
            )
        else:
            _chosen_programs(m.name, _together(name))
        _kill_tests(
            name = m.name,
            engines = m.engines,
            env = {} if m.alone else choice_of(m.name),
            memory = m.memory,
            programs = m.name if m.alone else _together(name),
            seeded = m.seeded,
            subject = subject,
        )

    # The subject itself survives what kills its mutants.
    unmutated = prefix + "unmutated"
    _programs(
        name = unmutated,
        core = core,
        subject = subject,
    )
    _kill_tests(
        name = unmutated,
        engines = [],
        programs = unmutated,
        seeded = True,
        subject = subject,
    )
