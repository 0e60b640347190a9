"""mutated_sources: copies of source files with planted bugs; mutated_headers: a library of them."""

load("@rules_cc//cc:defs.bzl", "cc_library")

def _impl(ctx):
    outs = []
    missing = {file: True for file in ctx.attr.files}
    for src in ctx.files.srcs:
        path = src.owner.package + "/" + src.owner.name
        out = ctx.actions.declare_file(ctx.attr.name + "/" + path)
        outs.append(out)
        if path not in missing:
            ctx.actions.symlink(output = out, target_file = src)
            continue
        missing.pop(path)
        args = ctx.actions.args()
        args.add_all(["alone" if ctx.attr.alone else "together", src, out])
        for i in range(len(ctx.attr.files)):
            if ctx.attr.files[i] == path:
                args.add_all([ctx.attr.names[i], ctx.attr.finds[i], ctx.attr.replaces[i]])
        ctx.actions.run(
            executable = ctx.executable._apply,
            arguments = [args],
            inputs = [src],
            outputs = [out],
            mnemonic = "Mutate",
            progress_message = "Planting %s in %s" % (ctx.attr.name, path),
        )
    if missing:
        fail("%s: %s is not among srcs" % (ctx.label, ", ".join(missing.keys())))
    return [DefaultInfo(files = depset(outs))]

_mutated_sources = rule(
    _impl,
    attrs = {
        "srcs": attr.label_list(allow_files = True, mandatory = True),
        "alone": attr.bool(mandatory = True),
        "files": attr.string_list(mandatory = True),
        "names": attr.string_list(mandatory = True),
        "finds": attr.string_list(mandatory = True),
        "replaces": attr.string_list(mandatory = True),
        # The host's configuration is one; each mode has an "exec" of its own, and would compile it again.
        "_apply": attr.label(default = "//mutants/plant:apply_mutant", executable = True, cfg = "host"),
    },
)

def mutated_sources(name, srcs, mutants, alone = False, **kwargs):
    """Copies the srcs, each to NAME/ITS/PATH in this package, with bugs planted in them.

    Args:
      name: of the rule and of the copies' folder.
      srcs: files.
      mutants: of a catalogue.
      alone: whether there is one, and it is there without a choice.
      **kwargs: tags, visibility.
    """
    if alone and len(mutants) != 1:
        fail("%s: one mutant is alone, not %d" % (name, len(mutants)))
    _mutated_sources(
        name = name,
        srcs = srcs,
        alone = alone,
        files = [m.file for m in mutants],
        names = [m.name for m in mutants],
        finds = [m.find for m in mutants],
        replaces = [m.replace for m in mutants],
        **kwargs
    )

def mutated_headers(name, hdrs, mutants, alone = False, tags = [], **kwargs):
    """A cc_library of headers with planted bugs, which are included as the headers themselves are.

    Args:
      name: of the library.
      hdrs: with bugs, and those that include them.
      mutants: of a catalogue.
      alone: whether there is one, and it is there without a choice.
      tags: of both.
      **kwargs: of the library: deps, testonly.
    """
    mutated_sources(
        name = name + "_sources",
        srcs = hdrs,
        alone = alone,
        mutants = mutants,
        tags = tags,
    )
    cc_library(
        name = name,
        hdrs = [name + "_sources"],
        strip_include_prefix = name + "_sources",
        tags = tags,
        **kwargs
    )
