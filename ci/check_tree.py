#!/usr/bin/python3
"""Keeps the tree tidy: sizes of files, include guards, white space, words that do not belong.

A source file of more than MAX_LINES lines is listed with its reason in ci/long_files.
"""

import pathlib
import re
import subprocess
import sys

MAX_LINES = 500
LONG_FILES = "ci/long_files"
SOURCE = (".h", ".cc", ".py", ".bzl", ".go", ".sh", "BUILD", "WORKSPACE")
TEXT = SOURCE + (".md", ".txt", ".yaml", ".yml", ".patch", ".dict", ".bazelrc", ".gitignore")

# What is wrong with a line: a pattern and why.
WORDS = (
    (re.compile(r"(?<![\w$/.~}])/(?:home|root|work|Users)/(?!(?:me|you)/)\w"), "a path of one machine"),
    (re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"), "an unfinished thing: finish it"),
)


def is_source(path):
    return path.endswith(SOURCE) or (path.startswith(("ci/", ".ci/")) and "." not in path[4:])


def read_long_files():
    """{path: reason} and errors."""
    reasons, errors = {}, []
    try:
        text = pathlib.Path(LONG_FILES).read_text(encoding="utf-8")
    except FileNotFoundError:
        return reasons, errors
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        path, _, reason = line.partition(": ")
        if not reason.strip():
            errors.append(f"{LONG_FILES}:{number}: wants 'path: reason'")
        reasons[path] = number
    return reasons, errors


def check_guard(path, lines):
    guard = "SLOTPROOF_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
    first = next((n for n, line in enumerate(lines) if line.startswith("#")), None)
    if first is None or lines[first : first + 2] != [f"#ifndef {guard}", f"#define {guard}"]:
        yield f"{path}:{(first or 0) + 1}: the include guard must be {guard}"


def check_file(path, long_files):
    data = pathlib.Path(path).read_bytes()
    if not data:
        return
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        yield f"{path}: not UTF-8 at byte {e.start}"
        return
    if not text.endswith("\n"):
        yield f"{path}: the last line has no end"
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if "\r" in line or (line != line.rstrip() and not path.endswith((".md", ".patch"))):
            yield f"{path}:{number}: white space at the end of the line"
        for pattern, why in WORDS:
            found = pattern.search(line)
            if found:
                yield f"{path}:{number}: '{found.group()}': {why}"
    if is_source(path):
        if len(lines) > MAX_LINES and path not in long_files:
            yield f"{path}: {len(lines)} lines, at most {MAX_LINES}; split it, or list it in {LONG_FILES}"
        elif len(lines) <= MAX_LINES and path in long_files:
            yield f"{LONG_FILES}:{long_files[path]}: {path} has only {len(lines)} lines now"
    if path.endswith(".h"):
        yield from check_guard(path, lines)


def main():
    listed = subprocess.run(["ci/list_files"], stdout=subprocess.PIPE, check=True).stdout
    files = [f for f in listed.decode("utf-8").split("\0") if f]
    long_files, errors = read_long_files()
    for path in sorted(set(long_files) - set(files)):
        errors.append(f"{LONG_FILES}:{long_files[path]}: {path} does not exist")
    for path in files:
        if path.endswith(TEXT) or is_source(path):
            errors.extend(check_file(path, long_files))
    print("".join(e + "\n" for e in errors), end="")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
