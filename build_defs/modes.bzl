"""Build modes, and rules that build a program in one of them.

One `bazel test //...` runs a test plain, under ASan+UBSan and under TSan: the wrapping
rule rebuilds `actual` through a configuration transition, whatever the command line says,
so that all modes live side by side in one output tree and one cache.
"""

_TRACEABLE = ["-g1", "-fno-omit-frame-pointer", "-D_GLIBCXX_ASSERTIONS"]
_ASAN = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
_TSAN = ["-fsanitize=thread"]

# For targets that run traces. A trace holds no magic numbers and its mutator knows the operations, so
# that reporting each comparison to libFuzzer takes half of the time for nothing. Calls of virtual
# functions and the depth of the stack are the harness's.
_EDGES_ALONE = "-fno-sanitize-coverage=trace-cmp,indirect-calls,stack-depth"
_COVERED = ["-fsanitize=fuzzer-no-link", _EDGES_ALONE]

# How a config_setting knows those modes.
FUZZING_TRACES = {"copt": _EDGES_ALONE}

# For targets that parse bytes.
_COMPARED = ["-fsanitize=fuzzer-no-link"]

# C++ is linked by clang-19, not clang++-19: UBSan's C++ part must be asked for.
_ASAN_LINK = _ASAN + ["-fsanitize-link-c++-runtime"]

def _mode(copts, linkopts = [], compilation_mode = "fastbuild"):
    return struct(copts = copts, linkopts = linkopts, compilation_mode = compilation_mode)

# "plain" is whatever the command line asks for. What tests of mode "asan" run is short: to optimize it
# takes longer, but for the cores (fuzzed_library), and what is optimized away cannot be found.
MODES = {
    "plain": None,
    "asan": _mode(["-O0"] + _TRACEABLE + _ASAN, _ASAN_LINK),
    "tsan": _mode(["-O1"] + _TRACEABLE + _TSAN, _TSAN),
    "fuzz": _mode(["-O2"] + _TRACEABLE + _ASAN + _COVERED, _ASAN_LINK),
    "fuzz_plain": _mode(["-O2", "-g1"] + _COVERED),
    "fuzz_bytes": _mode(["-O2"] + _TRACEABLE + _ASAN + _COMPARED, _ASAN_LINK),
    "fuzz_bytes_plain": _mode(["-O2", "-g1"] + _COMPARED),
    "opt": _mode(["-O3", "-g1", "-DNDEBUG"], [], "opt"),
}

_COPT = "//command_line_option:copt"
_LINKOPT = "//command_line_option:linkopt"
_COMPILATION_MODE = "//command_line_option:compilation_mode"
_SETTINGS = [_COPT, _LINKOPT, _COMPILATION_MODE]

# A mode decides these alone, also under --config=opt or --config=asan.
_OWNED = (
    "-O",
    "-g",
    "-DNDEBUG",
    "-D_GLIBCXX_ASSERTIONS",
    "-U_GLIBCXX_ASSERTIONS",
    "-fno-omit-frame-pointer",
    "-fsanitize",
    "-fno-sanitize",
)

def _keep(flags):
    return [f for f in flags if not f.startswith(_OWNED)]

def _settings_of(mode, settings):
    return {
        _COPT: _keep(settings[_COPT]) + mode.copts,
        _LINKOPT: _keep(settings[_LINKOPT]) + mode.linkopts,
        _COMPILATION_MODE: mode.compilation_mode,
    }

def _to_mode_impl(settings, attr):
    mode = MODES[attr.mode]
    return settings if mode == None else _settings_of(mode, settings)

_to_mode = transition(implementation = _to_mode_impl, inputs = _SETTINGS, outputs = _SETTINGS)

def _to_fuzz_impl(settings, attr):
    copts = settings[_COPT]
    asan = MODES["asan"].copts
    if copts[-len(asan):] == asan:
        return _settings_of(MODES["fuzz"], settings)
    sanitized = [f for f in copts if f.startswith("-fsanitize")]
    if settings[_COMPILATION_MODE] == "fastbuild" and not sanitized:
        return _settings_of(MODES["fuzz_plain"], settings)
    return settings

_to_fuzz = transition(implementation = _to_fuzz_impl, inputs = _SETTINGS, outputs = _SETTINGS)

def _fuzzed_library_impl(ctx):
    objects = ctx.attr.objects[0]  # A list, because of the transition.
    context = objects[CcInfo].compilation_context
    own = [
        linked
        for linked in objects[CcInfo].linking_context.linker_inputs.to_list()
        if linked.owner == objects.label
    ]
    return [
        DefaultInfo(files = objects[DefaultInfo].files),
        cc_common.merge_cc_infos(
            direct_cc_infos = [CcInfo(
                compilation_context = cc_common.create_compilation_context(
                    headers = depset(context.direct_public_headers + context.direct_private_headers),
                ),
                linking_context = cc_common.create_linking_context(linker_inputs = depset(own)),
            )],
            cc_infos = [dep[CcInfo] for dep in ctx.attr.deps + [ctx.attr._stubs]],
        ),
    ]

fuzzed_library = rule(
    _fuzzed_library_impl,
    doc = """A library without headers that modes "asan" and "plain" take as "fuzz" and "fuzz_plain" compile it.

The code that a fuzzer is for takes longest to compile, and its objects have all that ASan and UBSan
want. What guides a fuzzer in them does nothing in a program that is not linked with libFuzzer
(coverage_stubs.cc).""",
    attrs = {
        "objects": attr.label(
            cfg = _to_fuzz,
            doc = "The cc_library of the sources.",
            mandatory = True,
            providers = [CcInfo],
        ),
        "deps": attr.label_list(
            doc = "Those of objects, in the mode of the program.",
            providers = [CcInfo],
        ),
        "_stubs": attr.label(default = Label("//build_defs:coverage_stubs")),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)

def _wrapped_impl(ctx):
    info = ctx.attr.actual[0][DefaultInfo]  # A list, because of the transition.
    program = info.files_to_run.executable

    # The program goes by another name here: under its own it would hide, or be hidden by,
    # the same program from another mode in the runfiles of whoever uses both.
    out = ctx.actions.declare_file(ctx.label.name)
    link = ctx.actions.declare_file(ctx.label.name + ".program") if ctx.attr.script else out
    ctx.actions.symlink(output = link, target_file = program, is_executable = True)
    if ctx.attr.script:
        ctx.actions.write(
            out,
            "#!/bin/bash\n" + ctx.attr.script.replace("%PROGRAM%", '"$PWD/%s"' % link.short_path),
            is_executable = True,
        )
    needed = [f for f in info.default_runfiles.files.to_list() if f != program]
    runfiles = ctx.runfiles([link] + needed + ctx.files.data)
    for dep in ctx.attr.data:
        runfiles = runfiles.merge(dep[DefaultInfo].default_runfiles)
    return [
        DefaultInfo(executable = out, files = depset([out]), runfiles = runfiles),
        testing.TestEnvironment(ctx.attr.env),
    ]

_ATTRS = {
    "actual": attr.label(
        cfg = _to_mode,
        doc = "The program, a cc_binary or a cc_test.",
        executable = True,
        mandatory = True,
    ),
    "data": attr.label_list(
        allow_files = True,
        doc = "Files for the program; built plain, whatever the mode.",
    ),
    "env": attr.string_dict(doc = "Environment of the test."),
    "mode": attr.string(
        default = "plain",
        doc = "How the program is built.",
        values = MODES.keys(),
    ),
    "script": attr.string(
        doc = "Bash that runs %PROGRAM%. Without it the program itself is the output.",
    ),
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}

wrapped_binary = rule(
    _wrapped_impl,
    doc = "A program built in a mode: bazel-bin/.../NAME is a link to the executable.",
    attrs = _ATTRS,
    executable = True,
)

wrapped_test = rule(
    _wrapped_impl,
    doc = "A program built in a mode and run as a test, with this rule's args and data.",
    attrs = _ATTRS,
    test = True,
)

def shell_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"

def expect_failure_test(name, actual, pattern, never = "", mode = "plain", deadline_s = 50, **kwargs):
    """Passes when the program fails and its output matches the pattern.

    Args:
      name: of the test.
      actual: the program, a cc_binary or a cc_test.
      pattern: extended regular expression; a line of the output must match it.
      never: another one, which no line may match.
      mode: how the program is built, one of MODES.
      deadline_s: a program that runs longer is stopped, and its output gets the line
          "stopped after N s", so that a pattern can accept a hang.
      **kwargs: of the test: args, data, env, size, tags ...
    """
    wrapped_test(
        name = name,
        actual = actual,
        mode = mode,
        script = """
log="$TEST_UNDECLARED_OUTPUTS_DIR/log"
# The braces keep bash's own "Aborted" out of the test's output.
{{ timeout -k 5 {deadline} %PROGRAM% "$@" >"$log" 2>&1; }} 2>/dev/null
rc=$?
if (( rc == 0 )); then
  tail -n 40 "$log"
  echo "SURVIVED: the program should have failed, and exited with 0"
  exit 1
fi
(( rc == 124 || rc == 137 )) && echo "stopped after {deadline} s" >>"$log"
if ! grep -Eq -e {pattern} "$log"; then
  tail -n 80 "$log"
  echo "the program failed with exit code $rc, but no line above matches" {pattern}
  exit 1
fi
if [[ -n {never} ]] && grep -Eq -e {never} "$log"; then
  tail -n 80 "$log"
  echo "the program failed as it should, but a line above matches" {never}
  exit 1
fi
grep -E -m1 -e {pattern} "$log"
echo "failed as it should, exit code $rc"
""".format(deadline = deadline_s, never = shell_quote(never), pattern = shell_quote(pattern)),
        **kwargs
    )
