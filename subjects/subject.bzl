"""reference_target: a subject's target over one build of its core, which may be a mutant's."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def reference_target(name, srcs, core, deps, defines = [], **kwargs):
    """Makes a library that defines the target.

    Args:
      name: of the library.
      srcs: of the target.
      core: the library of the core's headers to test.
      deps: what else the sources include.
      defines: of the compilation.
      **kwargs: of the cc_library.
    """
    cc_library(
        name = name,
        srcs = srcs,
        local_defines = defines,
        deps = [core] + deps,
        **kwargs
    )
