"""slotproof_test: a C++ test that runs plain and under sanitizers."""

load(":cc.bzl", "cc_binary", "cc_test")
load(":modes.bzl", "wrapped_test")
load(":quick.bzl", "QUICK_TO_COMPILE")

def slotproof_test(
        name,
        srcs = [],
        deps = [],
        sanitizers = ["asan", "tsan"],
        main = "@googletest//:gtest_main",
        copts = [],
        optimized = False,
        linkopts = [],
        tags = [],
        **kwargs):
    """Makes NAME, and NAME_asan and NAME_tsan, which are tagged "asan" and "tsan".

    Args:
      name: of the plain test.
      srcs: C++ sources.
      deps: libraries.
      sanitizers: the modes (of modes.bzl) to run it in besides plain; [] for none.
      main: the library with main(), or None if srcs or deps have one.
      copts: of the compiler.
      optimized: whether srcs are, as deps are; for sources that themselves run long.
      linkopts: of the linker.
      tags: of all the tests.
      **kwargs: of all the tests: args, data, env, size, timeout, flaky, shard_count ...
          Programs in data are built plain for each of them.
    """
    built = dict(
        srcs = srcs,
        # Also in mode "asan", which optimizes nothing else.
        copts = (["-O1"] if optimized else QUICK_TO_COMPILE) + copts,
        linkopts = linkopts,
        deps = deps + ([main] if main else []),
    )
    cc_test(name = name, tags = tags, **dict(built, **kwargs))
    if not sanitizers:
        return

    # Has no data of its own, or a program in data would be built and laid out twice.
    bare = name + "_bare"
    cc_binary(
        name = bare,
        testonly = True,
        tags = ["manual"],
        visibility = ["//visibility:private"],
        **built
    )
    for mode in sanitizers:
        wrapped_test(
            name = "%s_%s" % (name, mode),
            actual = bare,
            mode = mode,
            tags = tags + [mode],
            **kwargs
        )
