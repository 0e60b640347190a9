"""subject_target: a target of a subject's folder, and the parts that other folders build on."""

load("//build_defs:defs.bzl", "CORE_UNDER_TEST_COPTS", "CORE_UNDER_TEST_DEPS", "cc_library", "fuzzed_library")

def function_of(target):
    """The C++ function of a target: unordered_map has UnorderedMapTarget().

    Args:
      target: its name.
    Returns:
      the function's name.
    """
    return "".join([word.capitalize() for word in target.split("_")]) + "Target"

def write_source(name, lines):
    """Writes a source file.

    Args:
      name: of the file.
      lines: of it.
    """
    native.genrule(
        name = name.replace(".", "_"),
        outs = [name],
        cmd = "cat >$@ <<'END'\n%s\nEND" % "\n".join(lines),
        visibility = ["//visibility:private"],
    )

def subject_target(name, srcs, deps, core = None, mutant_srcs = None):
    """Makes NAME_target, and NAME_under_test, which is the same as TargetUnderTest().

    With a core also what mutant_suite compiles once for each mutant of it: NAME_mutant_src, one
    source that includes all the others, so that what they include is read once; and
    NAME_mutant_deps, all that it includes but the core.

    Args:
      name: of the target. The sources define its function: NameTarget().
      srcs: of the target.
      deps: what they include, but for the core.
      core: the library that mutants are made of.
      mutant_srcs: instead of srcs, where all of them would take long to compile.
    """
    source = name + "_under_test.cc"
    under_test = [
        "#include \"harness/subject/target_under_test.h\"",
        "",
        "namespace slotproof {",
        "const Target& %s();" % function_of(name),
        "const Target& TargetUnderTest() { return %s(); }" % function_of(name),
        "}  // namespace slotproof",
    ]
    write_source(source, under_test)
    objects = name + "_target_objects"
    core_deps = deps + ([core] if core else [])
    cc_library(
        name = objects,
        std_headers = False,
        srcs = srcs,
        copts = CORE_UNDER_TEST_COPTS if core else [],
        visibility = ["//visibility:private"],
        deps = core_deps + (CORE_UNDER_TEST_DEPS if core else []),
    )
    fuzzed_library(
        name = name + "_target",
        objects = objects,
        deps = core_deps,
    )
    cc_library(
        name = name + "_under_test",
        srcs = [source],
        deps = [
            name + "_target",
            "//harness/subject:target_under_test",
        ],
    )
    if not core:
        return
    mutant_srcs = mutant_srcs or srcs
    mutant_source = name + "_mutant.cc"
    write_source(mutant_source, [
        "#include \"%s/%s\"" % (native.package_name(), src)
        for src in mutant_srcs
        if src.endswith(".cc")
    ] + under_test)
    native.filegroup(
        name = name + "_mutant_src",
        srcs = [mutant_source],
    )
    cc_library(
        name = name + "_mutant_deps",
        textual_hdrs = mutant_srcs,
        deps = deps + ["//harness/subject:target_under_test"],
    )
