"""Programs that have many planted bugs, of which each run has those that it is told to have."""

load("//build_defs:defs.bzl", "cc_library")
load("//subjects:subject.bzl", "write_source")

_VARIABLE = "SLOTPROOF_MUTANT"

def choice_of(mutant):
    """The environment of a program that is to have this bug.

    Args:
      mutant: its name.
    Returns:
      what is to be set.
    """
    return {_VARIABLE: mutant}

def choice_library(name, mutants, catalogue, **kwargs):
    """The flags of the mutants, set as the environment says (plant/choice.h).

    Args:
      name: of the library.
      mutants: of a catalogue.
      catalogue: the file that lists them.
      **kwargs: tags, visibility.
    """
    write_source(
        name + ".cc",
        ["#include \"mutants/plant/choice.h\"", "namespace slotproof::mutants {"] +
        ["bool %s = false;" % m.name for m in mutants] +
        ["namespace {", "constexpr Flag kFlags[] = {"] +
        ["    {\"%s\", &%s}," % (m.name, m.name) for m in mutants] +
        [
            "};",
            "}  // namespace",
            "std::span<const Flag> AllFlags() { return kFlags; }",
            "namespace {",
            # Before the constructors of the program; up to 100 they are the system's.
            "[[gnu::constructor(101)]] void ChooseAtStart() { Choose(kFlags, \"%s\"); }" % catalogue,
            "}  // namespace",
            "}  // namespace slotproof::mutants",
        ],
    )
    cc_library(
        name = name,
        srcs = [name + ".cc"],
        alwayslink = True,
        deps = ["//mutants/plant:choice"],
        **kwargs
    )

# The program lies beside the script, in the output tree and among runfiles alike.
_SCRIPT = """#!/bin/bash
here=${BASH_SOURCE[0]%%/*}
[[ -e $here/%s ]] || here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
%s=%s exec "$here/%s" "$@"
"""

def _chosen_binary_impl(ctx):
    program = ctx.executable.program
    out = ctx.actions.declare_file(ctx.label.name)
    text = _SCRIPT % (program.basename, _VARIABLE, ctx.attr.mutant, program.basename)
    ctx.actions.write(out, text, is_executable = True)
    runfiles = ctx.runfiles([program]).merge(ctx.attr.program[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = out, files = depset([out]), runfiles = runfiles)]

chosen_binary = rule(
    _chosen_binary_impl,
    doc = "The program of this package with one of its planted bugs.",
    attrs = {
        "mutant": attr.string(mandatory = True),
        "program": attr.label(executable = True, cfg = "target", mandatory = True),
    },
    executable = True,
)
