"""mutated_sources: copies of source files, one of them with a planted bug."""

def _impl(ctx):
    outs = []
    hit = False
    for src in ctx.files.srcs:
        path = src.owner.package + "/" + src.owner.name
        out = ctx.actions.declare_file(ctx.attr.name + "/" + path)
        outs.append(out)
        if path != ctx.attr.file:
            ctx.actions.symlink(output = out, target_file = src)
            continue
        hit = True
        args = ctx.actions.args()
        args.add_all([src, out, ctx.attr.find, ctx.attr.replace])
        ctx.actions.run(
            executable = ctx.executable._apply,
            arguments = [args],
            inputs = [src],
            outputs = [out],
            mnemonic = "Mutate",
            progress_message = "Planting %s" % ctx.attr.name,
        )
    if not hit:
        fail("%s: %s is not among srcs" % (ctx.label, ctx.attr.file))
    return [DefaultInfo(files = depset(outs))]

mutated_sources = rule(
    _impl,
    doc = "The srcs, each at NAME/ITS/PATH in this package; in `file`, `find` becomes `replace`.",
    attrs = {
        "srcs": attr.label_list(allow_files = True, mandatory = True),
        "file": attr.string(mandatory = True),
        "find": attr.string(mandatory = True),
        "replace": attr.string(mandatory = True),
        "_apply": attr.label(default = "//mutants:apply_mutant", executable = True, cfg = "exec"),
    },
)
