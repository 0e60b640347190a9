"""page_repository: what a reader has who follows a page of the documentation to the letter.

The repository has some packages of this one, as the page leaves them, and those that the page adds;
a label of any other package means this repository's, which the page does not touch, so that nothing
is built twice.
"""

def _own_labels(text, packages):
    """The text with labels of other packages than these made labels of the main repository."""
    parts = text.split("\"//")
    result = parts[0]
    for part in parts[1:]:
        package = part.partition("\"")[0].partition(":")[0]
        result += ("\"//" if package in packages else "\"@//") + part
    return result

def _path(label):
    return (label.package + "/" if label.package else "") + label.name

def _page_repository_impl(rctx):
    for label in rctx.attr.files:
        rctx.file(_path(label), rctx.read(label), executable = False)
    root = str(rctx.path(Label("//:WORKSPACE")).dirname)
    for folder in rctx.attr.folders:
        copied = rctx.execute(["cp", "-RL", "--parents", folder, str(rctx.path("."))], working_directory = root)
        if copied.return_code:
            fail("cannot copy %s: %s" % (folder, copied.stderr))
    followed = rctx.execute([rctx.path(rctx.attr._follow), "write", rctx.path(rctx.attr.page), "."])
    if followed.return_code:
        fail(followed.stderr)
    files = rctx.execute(["find", ".", "-name", "BUILD", "-o", "-name", "*.bzl"]).stdout.split("\n")
    files = [f[len("./"):] for f in files if f]
    packages = [f.rpartition("/")[0] for f in files if f.rpartition("/")[2] == "BUILD"]
    for f in files:
        rctx.file(f, _own_labels(rctx.read(f), packages), executable = False)
    rctx.file("WORKSPACE", "")

page_repository = repository_rule(
    _page_repository_impl,
    attrs = {
        "files": attr.label_list(doc = "What is copied from this repository."),
        "folders": attr.string_list(
            doc = "Also copied; when they change, the page is not followed anew.",
        ),
        "page": attr.label(mandatory = True),
        "_follow": attr.label(default = "//docs:follow_page.py"),
    },
    local = True,
)
