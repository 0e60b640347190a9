"""mutant_suite: what is built from each mutant of the catalogue, and the tests that kill it."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library")
load("//build_defs:defs.bzl", "expect_failure_test", "wrapped_binary", "wrapped_test")
load(":catalogue.bzl", "ENGINES")
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

# How long a program may take that finds its failure in a second or two, or in ten when it hangs.
# libFuzzer says ALARM then, but its handler may itself get stuck, in the allocator's lock.
_DEADLINE_S = 120

# A failure that the engine has understood as one; not a build or a start that went wrong.
_SANITIZER = "ERROR: (Address|Leak|UndefinedBehavior)Sanitizer: |runtime error: "
_FOUND = {
    "property": "^Falsified: |while it ran a trace of map|" + _SANITIZER,
    "fuzz": "^slotproof: map: op |ERROR: libFuzzer: deadly signal|ALARM: working on the last Unit|" + _SANITIZER,
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

def check_catalogue(mutants):
    """Fails the build when names are not unique or a mutant does not say what it breaks.

    Args:
      mutants: the catalogue.
    """
    names = {}
    for m in mutants:
        if m.name in names or m.name == "unmutated":
            fail("mutants/catalogue.bzl: two mutants are called %s" % m.name)
        names[m.name] = True
        if m.name != m.name.lower() or not m.name.replace("_", "").isalnum():
            fail("mutants/catalogue.bzl: %s should be snake_case" % m.name)
        if len(m.rule) < 20:
            fail("mutants/catalogue.bzl: %s does not say which rule it breaks" % m.name)
        if m.find == m.replace:
            fail("mutants/catalogue.bzl: %s changes nothing" % m.name)
        if bool(m.engines) == bool(m.gap):
            fail("mutants/catalogue.bzl: %s needs engines, or else a gap that says why none finds it" % m.name)
        if [e for e in m.engines if e not in ENGINES]:
            fail("mutants/catalogue.bzl: %s: engines %s; there are %s" % (m.name, m.engines, ENGINES))

def _kill_test(name, engine, mutant, actual, args, mode, found, data = []):
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
    remedy = "'%s: now found by %s: add it to engines in mutants/catalogue.bzl'" % (mutant, engine)
    if mutant == "unmutated":
        remedy = "'%s has found a bug in the reference map'" % engine
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

def map_mutant(name, core_map, defines = [], engines = ENGINES, memory = False, seeded = False):
    """Programs and tests of the map over one build of core/map.

    On demand: NAME_fuzz, NAME_fuzz_plain, NAME_slotproof, NAME_slotproof_asan.
    Tests: NAME_property, NAME_fuzz_kill.

    Args:
      name: of the mutant.
      core_map: the library of core/map's headers.
      defines: of the compilation.
      engines: those that find it.
      memory: whether finding it needs AddressSanitizer.
      seeded: whether the fuzzer starts from the checked-in corpus.
    """
    target = name + "_target"
    cc_library(
        name = target,
        srcs = [
            "few_kinds.cc",
            ":map_target_sources",
        ],
        local_defines = defines,
        tags = ["manual"],
        deps = [
            core_map,
            "//harness/check:target",
            "//subjects/map:map_session",
            "//subjects/map:targets",
            "//subjects/map:transition_laws",
        ],
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
            "//fuzz:map_fuzz_source",
        ],
    )
    _kill_test(
        name = name + "_property",
        engine = "property",
        mutant = name,
        actual = name + "_property_program",
        args = ["//mutants:%s_property" % name],
        mode = mode,
        found = "property" in engines,
    )
    _kill_test(
        name = name + "_fuzz_kill",
        engine = "fuzz",
        mutant = name,
        actual = name + "_libfuzzer",
        args = _FUZZ_ARGS + [
            "-runs=%d" % (_RUNS_TO_FIND if "fuzz" in engines else _RUNS_TO_SURVIVE),
        ] + (["-seed_inputs=@$(rootpath :seed_list)"] if seeded else []),
        data = [
            ":seed_list",
            "//fuzz:map_corpus",
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

def mutant_suite(mutants):
    """All of map_mutant for each mutant of the catalogue.

    Args:
      mutants: the catalogue.
    """
    check_catalogue(mutants)
    for m in mutants:
        mutated_sources(
            name = m.name + "_sources",
            srcs = ["//core/map:headers"],
            file = m.file,
            find = m.find,
            replace = m.replace,
            tags = ["manual"],
        )
        cc_library(
            name = m.name + "_core",
            hdrs = [m.name + "_sources"],
            strip_include_prefix = m.name + "_sources",
            tags = ["manual"],
            deps = ["//core/map:headers_deps"],
        )
        map_mutant(
            name = m.name,
            core_map = m.name + "_core",
            defines = ["SLOTPROOF_MUTANT=1"],
            engines = m.engines,
            memory = m.memory,
            seeded = m.seeded,
        )

    # The map itself survives what kills its mutants.
    map_mutant(
        name = "unmutated",
        core_map = "//core/map:hash_map",
        engines = [],
        seeded = True,
    )
