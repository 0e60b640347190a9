"""cc_library, cc_binary and cc_test whose sources have the headers of std read for them.

Those headers took two thirds of the time of a compilation. So they are compiled once a mode, into
files that clang reads in a hundredth of a second (//build_defs:std_headers), and each source is
compiled with the one of them that fits its options. A header of std that a source forgets goes
unnoticed here; ci/lint compiles the sources without them.

Without them (std_headers = False) is compiled what instantiates a core, so that a fuzzer's edges and
the points of a schedule are those of the code alone; what defines functions of the system; and what
has local_defines, which no folder of compiled headers fits.
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")
load("@rules_cc//cc:defs.bzl", _cc_binary = "cc_binary", _cc_library = "cc_library", _cc_test = "cc_test")

_HERE = Label("//build_defs:cc.bzl")
_NAME = "std_headers"
_HEADERS = "@%s//build_defs:%s" % (_HERE.workspace_name, _NAME)
_FOLDER = "/".join([part for part in ["$(BINDIR)", _HERE.workspace_root, "build_defs", _NAME] if part])

# In a folder clang looks for one that fits. Mode "opt" has no position-independent code.
_COPTS = select({
    "@%s//build_defs:opt" % _HERE.workspace_name: [],
    "//conditions:default": ["-include-pch", _FOLDER],
})

def _precompiled_headers_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        cc_toolchain = toolchain,
        ctx = ctx,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    outs = []
    for variant, copts in ctx.attr.variants.items():
        variables = cc_common.create_compile_variables(
            cc_toolchain = toolchain,
            feature_configuration = features,
            use_pic = True,
            user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + copts,
        )
        out = ctx.actions.declare_file("%s/%s.pch" % (ctx.attr.name, variant))
        ctx.actions.run_shell(
            # What is read has the absolute path in it, of a sandbox that is gone. So it is standard
            # input, of a folder that is the same everywhere, and so is what is written.
            command = 'here=$PWD && cd / && "$@" -x c++-header - -o "$here/{out}" < "$here/{header}"'.format(
                header = ctx.file.header.path,
                out = out.path,
            ),
            arguments = [cc_common.get_tool_for_action(
                action_name = ACTION_NAMES.cpp_compile,
                feature_configuration = features,
            )] + cc_common.get_memory_inefficient_command_line(
                action_name = ACTION_NAMES.cpp_compile,
                feature_configuration = features,
                variables = variables,
            ) + ["-fpch-instantiate-templates"],
            env = cc_common.get_environment_variables(
                action_name = ACTION_NAMES.cpp_compile,
                feature_configuration = features,
                variables = variables,
            ),
            inputs = depset([ctx.file.header], transitive = [toolchain.all_files]),
            mnemonic = "CppPrecompile",
            outputs = [out],
            progress_message = "Precompiling %s (%s)" % (ctx.file.header.short_path, variant),
        )
        outs.append(out)
    return [
        DefaultInfo(files = depset(outs)),
        CcInfo(compilation_context = cc_common.create_compilation_context(headers = depset(outs))),
    ]

precompiled_headers = rule(
    _precompiled_headers_impl,
    doc = "Headers of the system, compiled ahead with each of some sets of options.",
    attrs = {
        "header": attr.label(
            allow_single_file = True,
            doc = "It includes them.",
            mandatory = True,
        ),
        "variants": attr.string_list_dict(
            doc = "By a name the options that come after the mode's.",
            mandatory = True,
        ),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

def _built(rule, srcs = [], copts = [], deps = [], std_headers = True, **kwargs):
    if srcs and std_headers:
        copts = copts + _COPTS
        deps = deps + [_HEADERS]
    rule(
        srcs = srcs,
        copts = copts,
        deps = deps,
        **kwargs
    )

def cc_library(**kwargs):
    """As rules_cc's, with std_headers."""
    _built(_cc_library, **kwargs)

def cc_binary(**kwargs):
    """As rules_cc's, with std_headers."""
    _built(_cc_binary, **kwargs)

def cc_test(**kwargs):
    """As rules_cc's, with std_headers."""
    _built(_cc_test, **kwargs)
