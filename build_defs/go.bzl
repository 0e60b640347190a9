"""go_program, go_c_archive: a Go package main as a program, or as a library for C++."""

load("@rules_cc//cc:defs.bzl", "cc_library")

_BUILD = "//build_defs:go_build.sh"

def go_program(name, srcs, visibility = None):
    """A program of the sources, which include go.mod and use the standard library only."""
    native.genrule(
        name = name,
        srcs = srcs,
        outs = [name + ".exe"],
        cmd = "$(location %s) exe $@ $(SRCS)" % _BUILD,
        executable = True,
        tools = [_BUILD],
        visibility = visibility,
    )

def go_c_archive(name, srcs, hdrs):
    """A cc_library of the functions that a Go package main exports.

    The archive is built once, whatever modes its users are built in: neither the Go code nor the
    runtime is instrumented.

    Args:
      name: of the cc_library.
      srcs: of the Go package, with go.mod; the standard library only.
      hdrs: plain C headers that declare the exported functions; the Go sources include them by
          their bare names, and C++ code by their paths from the root.
    """
    native.genrule(
        name = name + "_build",
        srcs = srcs + hdrs,
        outs = ["once/lib%s.a" % name],
        # Go leaves a header of its own beside the archive.
        cmd = "$(location %s) c-archive $@ $(SRCS) && rm -f $(RULEDIR)/once/lib%s.h" % (_BUILD, name),
        tags = ["manual"],
        tools = [_BUILD],
        visibility = ["//visibility:private"],
    )

    # A tool has one configuration, the host's; what is copied has the user's.
    native.genrule(
        name = name + "_archive",
        outs = ["lib%s.a" % name],
        cmd = "cp $(location %s_build) $@" % name,
        tags = ["manual"],
        tools = [name + "_build"],
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = ["lib%s.a" % name],
        hdrs = hdrs,
        linkopts = ["-pthread"],
        visibility = ["//visibility:private"],
    )
