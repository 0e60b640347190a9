"""fuzz_target: a libFuzzer entry point with its programs and its tests."""

load(":cc.bzl", "cc_binary", "cc_library")
load(":modes.bzl", "shell_quote", "wrapped_binary", "wrapped_test")
load(":testing.bzl", "slotproof_test")

def runfiles_path(path):
    """Where a test finds a file or folder of this package, which its data has.

    Args:
      path: in the package.
    Returns:
      the path from the folder that tests run in.
    """
    repository = native.repository_name()[1:]  # empty: the main one
    return "/".join((["..", repository] if repository else []) +
                    ([native.package_name()] if native.package_name() else []) + [path])

def _folders(target, files):
    """The outermost folders of files of this package, as tests find them."""
    folders = {}
    for f in files:
        if f.startswith(("//", "@", ":")) or "/" not in f:
            fail("fuzz_target %s: %s must be a file in a folder of this package, as glob() gives it" % (target, f))
        folders[runfiles_path(f.rpartition("/")[0])] = None
    return sorted([
        d
        for d in folders
        if not [o for o in folders if d.startswith(o + "/")]
    ])

def fuzz_target(
        name,
        srcs,
        deps = [],
        corpus = [],
        regressions = [],
        dict = None,
        smoke_runs = 5000,
        smoke_args = [],
        parses_bytes = False,
        driver = "//build_defs:standalone_driver",
        sanitizers = ["asan", "tsan"],
        scheduled = [],
        size = "small",
        tags = [],
        visibility = None):
    """Makes programs and tests from a source with LLVMFuzzerTestOneInput.

    Programs: NAME (libFuzzer, ASan, UBSan) and NAME_plain (libFuzzer, -O2, no sanitizer). With
    scheduled code, which has no sanitizer beside it, both are the latter.
    Tests: NAME_smoke (a short fuzzing run, fixed seed; tagged "smoke") and, where there is a file to
    run, NAME_regression, _regression_asan, _regression_tsan (each file of corpus and regressions
    once, without libFuzzer).

    Args:
      name: of the sanitized fuzzer.
      srcs: sources; one defines LLVMFuzzerTestOneInput.
      deps: libraries.
      corpus: seed files, as glob() gives them; may be empty, as before the first were made.
      regressions: files of past failures, as glob() gives them; may be empty.
      dict: a libFuzzer dictionary of this package.
      smoke_runs: executions in NAME_smoke.
      driver: the library with main() that replays files.
      parses_bytes: whether libFuzzer should see comparisons, to find magic numbers; for inputs that
          are not traces.
      smoke_args: more libFuzzer options for NAME_smoke, such as "-max_len=512".
      sanitizers: the modes that replay the files, besides plain.
      scheduled: scheduled_library targets, which come first in the link.
      size: of the tests.
      tags: of the tests.
      visibility: of the programs.
    """
    files = corpus + regressions
    folders = _folders(name, files)

    entry = name + "_entry"
    cc_library(
        name = entry,
        testonly = True,
        srcs = srcs,
        visibility = ["//visibility:private"],
        alwayslink = True,
        deps = deps,
    )
    fuzzer = name + "_libfuzzer"
    cc_binary(
        name = fuzzer,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        visibility = ["//visibility:private"],
        deps = scheduled + [entry],
    )
    plain = ("fuzz_bytes" if parses_bytes else "fuzz") + "_plain"
    mode = plain if scheduled else plain[:-len("_plain")]
    for program, mode_of_program in [(name, mode), (name + "_plain", plain)]:
        wrapped_binary(
            name = program,
            testonly = True,
            actual = fuzzer,
            mode = mode_of_program,
            visibility = visibility,
        )

    # A replay of nothing must not pass.
    if files:
        slotproof_test(
            name = name + "_regression",
            size = size,
            args = folders,
            data = files,
            main = driver,
            sanitizers = [] if scheduled else sanitizers,
            tags = tags,
            deps = scheduled + [entry],
        )
    options = ["-runs=%d" % smoke_runs, "-seed=1", "-timeout=20", "-rss_limit_mb=2048"] + smoke_args
    if dict:
        options.append("-dict=" + runfiles_path(dict))
    wrapped_test(
        name = name + "_smoke",
        size = size,
        actual = fuzzer,
        args = [shell_quote(o) for o in options],
        data = files + ([dict] if dict else []),
        mode = mode,
        # What is found goes to the first folder, so that one must be new.
        script = """
mkdir -p "$TEST_TMPDIR/found"
exec %PROGRAM% "$@" -artifact_prefix="$TEST_UNDECLARED_OUTPUTS_DIR/" "$TEST_TMPDIR/found" {}
""".format(" ".join([shell_quote(f) for f in folders])),
        tags = tags + ["smoke"],
    )
