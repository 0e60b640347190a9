#!/usr/bin/python3
"""Finds sources that no target has: they are never compiled, and a test among them never runs.

usage: check_targets.py [LABELS_FILE]
LABELS_FILE has a label a line of each source file that some target uses; without it Bazel is asked.
Prints a line for each source that is not among them and exits with 1 if there is one.
"""

import pathlib
import subprocess
import sys

SOURCES = [".h", ".cc", ".go", "_test.sh", "_test.py"]
QUERY = 'kind("source file", deps(//...))'


def ask_bazel():
    query = subprocess.run(
        ["/usr/bin/bazel", "query", "--noshow_progress", "--ui_event_filters=-info", QUERY],
        stdout=subprocess.PIPE,
        check=False,
    )
    if query.returncode:
        sys.exit(f"check_targets: bazel query failed with exit code {query.returncode}, see above")
    return query.stdout.decode("utf-8")


def main():
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    labels = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8") if sys.argv[1:] else ask_bazel()
    used = {
        label[len("//") :].replace(":", "/").lstrip("/")
        for label in labels.split("\n")
        if label.startswith("//")
    }
    listed = subprocess.run(["ci/list_files", *SOURCES], stdout=subprocess.PIPE, check=True)
    sources = [f for f in listed.stdout.decode("utf-8").split("\0") if f]
    lost = [f for f in sources if f not in used]
    for path in lost:
        package = next(p for p in pathlib.Path(path).parents if (p / "BUILD").is_file() or p == pathlib.Path("."))
        print(f"{path}: no target has it; add it to one in {package / 'BUILD'}, or delete it")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
