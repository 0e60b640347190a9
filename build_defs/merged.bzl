"""merged_library: a cc_library whose sources are compiled as one.

Most of a source's time goes into the headers that it includes, and into the templates that all of a
library's sources instantiate.
"""

load(":cc.bzl", "cc_library")

def _impl(ctx):
    merged = ctx.actions.declare_file(ctx.attr.name + ".cc")
    sources = [f for f in ctx.files.srcs if f.extension == "cc"]
    ctx.actions.write(merged, "".join(['#include "%s"\n' % f.path for f in sources]))
    return [DefaultInfo(files = depset([merged]))]

_merged_source = rule(
    _impl,
    attrs = {"srcs": attr.label_list(allow_files = True, mandatory = True)},
)

def merged_library(name, srcs, alone = [], **kwargs):
    """A cc_library. No two of its sources define one name, not even in unnamed namespaces.

    Args:
      name: of the library.
      srcs: C++ sources, and headers of their own; or rules that make sources.
      alone: sources that are compiled on their own.
      **kwargs: as a cc_library's.
    """
    _merged_source(
        name = name + "_merged",
        srcs = srcs,
        tags = ["manual"],
        visibility = ["//visibility:private"],
    )
    cc_library(
        name = name,
        srcs = [name + "_merged"] + alone,
        textual_hdrs = srcs,
        **kwargs
    )
