"""The repositories of this workspace, all of them made from Debian's packages.

Bazel 4.2's own @bazel_tools loads @rules_cc, @rules_java, @rules_proto and
@remote_coverage_tools and would download them. A repository declared first wins,
so declaring them here is all that an offline build needs.
"""

_RULES = "/usr/share/bazel/rules/"

def _need(rctx, path, package):
    if not rctx.path(path).exists:
        fail("%s not found: run ci/setup, or: apt-get install %s" % (path, package))

def _debian_rules_impl(rctx):
    lang = rctx.attr.lang
    _need(rctx, _RULES + lang, rctx.attr.package)
    copied = rctx.execute(["cp", "-RL", _RULES + lang + "/" + lang, "."])
    if copied.return_code:
        fail("cannot copy %s: %s" % (_RULES + lang, copied.stderr))
    rctx.file("WORKSPACE", "")
    for path in rctx.attr.patched:
        text = rctx.read(path)
        for old, new in rctx.attr.replace.items():
            if old not in text:
                fail("%s%s/%s has no %s any more: %s has changed, adapt %s" % (
                    _RULES,
                    lang,
                    path,
                    old,
                    rctx.attr.package,
                    "build_defs/repositories.bzl",
                ))
            text = text.replace(old, new)
        rctx.file(path, text)

_debian_rules = repository_rule(
    _debian_rules_impl,
    doc = "A rule set as Debian packages it, with text replaced in some of its files.",
    attrs = {
        "lang": attr.string(mandatory = True),
        "package": attr.string(mandatory = True),
        "patched": attr.string_list(),
        "replace": attr.string_dict(),
    },
    local = True,
)

def _debian_library_impl(rctx):
    _need(rctx, "/usr/include/" + rctx.attr.header, rctx.attr.package)
    text = 'load("@rules_cc//cc:defs.bzl", "cc_library")\n'
    for name, options in rctx.attr.targets.items():
        text += 'cc_library(name = "%s", linkopts = %s, visibility = ["//visibility:public"])\n' % (
            name,
            options.split(" ") if options else [],
        )
    rctx.file("WORKSPACE", "")
    rctx.file("BUILD.bazel", text)

_debian_library = repository_rule(
    _debian_library_impl,
    doc = "Targets for a library whose headers are in /usr/include: {target: link options}.",
    attrs = {
        "header": attr.string(mandatory = True),
        "package": attr.string(mandatory = True),
        "targets": attr.string_dict(mandatory = True),
    },
    local = True,
)

def _no_coverage_impl(rctx):
    rctx.file("WORKSPACE", "")
    rctx.file("no_coverage.sh", "echo 'bazel coverage is not supported here' >&2\nexit 1\n")
    rctx.file("BUILD.bazel", "".join([
        'sh_binary(name = "%s", srcs = ["no_coverage.sh"], visibility = ["//visibility:public"])\n' % name
        for name in ["coverage_report_generator", "lcov_merger"]
    ]))

_no_coverage = repository_rule(
    _no_coverage_impl,
    doc = "Stands for @remote_coverage_tools, which Debian lacks and each test rule names.",
)

# raw_hash_set's sampler pulls in most of the rest; --as-needed drops what is not.
_ABSL = " ".join(["-Wl,--as-needed"] + ["-labsl_" + lib for lib in [
    "hash",
    "city",
    "low_level_hash",
    "raw_hash_set",
    "hashtablez_sampler",
    "bad_variant_access",
    "bad_optional_access",
    "int128",
    "throw_delegate",
    "raw_logging_internal",
]])

def slotproof_repositories():
    """Call it first in WORKSPACE."""
    _debian_rules(
        name = "rules_cc",
        lang = "cc",
        package = "bazel-rules-cc",
        # rules_cc 0.0.4 expects Bazel 5's toolchain_utils.bzl in these two.
        patched = [
            "cc/private/rules_impl/cc_flags_supplier.bzl",
            "cc/private/rules_impl/compiler_flag.bzl",
        ],
        replace = {
            ", \"use_cpp_toolchain\")": ")",
            "use_cpp_toolchain()": "[\"@bazel_tools//tools/cpp:toolchain_type\"]",
        },
    )
    _debian_rules(name = "rules_java", lang = "java", package = "bazel-rules-java")
    _debian_rules(name = "rules_proto", lang = "proto", package = "bazel-rules-proto")
    _no_coverage(name = "remote_coverage_tools")

    _debian_library(
        name = "rapidcheck",
        header = "rapidcheck.h",
        package = "librapidcheck-dev",
        targets = {"rapidcheck": "-lrapidcheck"},
    )
    _debian_library(
        name = "googletest",
        header = "gtest/gtest.h",
        package = "libgtest-dev libgmock-dev",
        targets = {
            "gtest": "-lgtest -pthread",
            "gtest_main": "-lgtest_main -lgtest -pthread",
            "gmock": "-lgmock -lgtest -pthread",
        },
    )
    _debian_library(
        name = "benchmark",
        header = "benchmark/benchmark.h",
        package = "libbenchmark-dev",
        targets = {
            "benchmark": "-lbenchmark -pthread",
            "benchmark_main": "-lbenchmark_main -lbenchmark -pthread",
        },
    )
    _debian_library(
        name = "absl",
        header = "absl/container/flat_hash_map.h",
        package = "libabsl-dev",
        targets = {"flat_hash_map": _ABSL},
    )
    _debian_library(
        name = "cli11",
        header = "CLI/CLI.hpp",
        package = "libcli11-dev",
        targets = {"cli11": ""},
    )
    _debian_library(
        name = "json",
        header = "nlohmann/json.hpp",
        package = "nlohmann-json3-dev",
        targets = {"json": ""},
    )
    _debian_library(
        name = "fmt",
        header = "fmt/format.h",
        package = "libfmt-dev",
        targets = {"fmt": "-lfmt"},
    )
    _debian_library(
        name = "expected",
        header = "tl/expected.hpp",
        package = "libexpected-dev",
        targets = {"expected": ""},
    )
