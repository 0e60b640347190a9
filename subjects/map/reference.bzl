"""map_reference_target: MapTarget() over one build of core/map, which may be a mutant's."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def map_reference_target(name, core_map, defines = [], **kwargs):
    """Makes a library that defines MapTarget().

    Args:
      name: of the library.
      core_map: the library of core/map's headers to test.
      defines: of the compilation.
      **kwargs: of the cc_library.
    """
    cc_library(
        name = name,
        srcs = ["//subjects/map:reference_sources"],
        local_defines = defines,
        deps = [
            core_map,
            "//harness/check:target",
            "//subjects/map:map_session",
            "//subjects/map:targets",
            "//subjects/map:transition_laws",
        ],
        **kwargs
    )
