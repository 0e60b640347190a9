#!/usr/bin/python3
"""Runs clang-tidy over our C++ sources, those alone that changed since they last passed.

Also writes compile_commands.json, from the commands that Bazel would run, for editors. What
passed is remembered in .cache/clang_tidy.json: a hash of the command, of the configuration and
of each of our files that the source includes.

usage: clang_tidy.py [FILE...]      (default: all)
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

TIDY = "clang-tidy-19"
CACHE = pathlib.Path(".cache/clang_tidy.json")
DATABASE = pathlib.Path("compile_commands.json")
CONFIG = ".clang-tidy"

# All checks take up to 20 s for a test: they also walk through RapidCheck's and GoogleTest's
# headers. These find what matters in a test and take 2 to 4 s.
TEST_CHECKS = (
    "-*",
    "bugprone-argument-comment",
    "bugprone-integer-division",
    "bugprone-string-constructor",
    "google-explicit-constructor",
    "misc-definitions-in-headers",
    "modernize-use-override",
    "performance-for-range-copy",
    "readability-identifier-naming",
)

# Half of the time of all checks. They walk paths through code that manages memory, which subjects
# instantiate; elsewhere tests under ASan see as much.
ANALYZED = ("subjects/", "models/", "harness/base/")


def is_test(path):
    return path.endswith("_test.cc") or path.startswith("properties/")


def compile_commands():
    """{source: arguments} of our own sources, in the plain configuration where there is one."""
    query = subprocess.run(
        ["/usr/bin/bazel", "aquery", "--include_artifacts=false", "--output=jsonproto"]
        + ["--noshow_progress", "--ui_event_filters=-info", 'mnemonic("CppCompile", deps(//...))'],
        stdout=subprocess.PIPE,
        check=False,
    )
    if query.returncode:
        sys.exit(f"clang_tidy: bazel aquery failed with exit code {query.returncode}")
    commands = {}
    for action in json.loads(query.stdout).get("actions", []):
        arguments = action["arguments"]
        source = arguments[arguments.index("-c") + 1]
        if source.startswith(("external/", "bazel-out/")):
            continue
        # A mutant's copy of core/map is seen in Bazel's sandbox alone.
        if any(argument.startswith("-DSLOTPROOF_MUTANT") for argument in arguments):
            continue
        # The modes of build_defs/modes.bzl have output folders of their own.
        if source in commands and "-ST-" in arguments[arguments.index("-o") + 1]:
            continue
        commands[source] = without_outputs(arguments)
    return commands


def without_outputs(arguments):
    kept, skip = [], 0
    for argument in arguments:
        if skip:
            skip -= 1
        elif argument in ("-MF", "-o"):
            skip = 1
        elif argument != "-MD" and not argument.startswith("-frandom-seed="):
            kept.append(argument)
    return kept


def hash_files(paths):
    digest = hashlib.sha256()
    for path in paths:
        try:
            digest.update(hashlib.sha256(pathlib.Path(path).read_bytes()).digest())
        except OSError:
            return None
    return digest.hexdigest()


def included_files(arguments):
    """The source and our own headers that it includes, or None if it does not compile."""
    source = arguments[arguments.index("-c") + 1]
    command = [a for a in arguments if a != "-c"] + ["-MM"]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if made.returncode:
        return None
    rule = made.stdout.decode("utf-8").replace("\\\n", " ")
    return [source] + [f for f in rule.split(":", 1)[1].split() if f != source]


def check(source, command_hash, arguments):
    """(source, what to remember or None, output)"""
    files = included_files(arguments)
    content = hash_files(files) if files else None
    checks = []
    if is_test(source):
        checks = ["--checks=" + ",".join(TEST_CHECKS)]
    elif not source.startswith(ANALYZED):
        checks = ["--checks=-clang-analyzer-*"]
    tidy = subprocess.run(
        [TIDY, "--quiet", "-p", "."] + checks + [source],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    if tidy.returncode:
        errors = b"" if b"error:" in tidy.stdout else tidy.stderr
        return source, None, (tidy.stdout + errors).decode("utf-8", "replace")
    known = {"command": command_hash, "files": files, "content": content} if content else None
    return source, known, ""


def main():
    commands = compile_commands()
    directory = os.getcwd()
    DATABASE.write_text(
        json.dumps(
            [
                {"directory": directory, "file": source, "arguments": arguments}
                for source, arguments in sorted(commands.items())
            ],
            indent=1,
        ),
        encoding="utf-8",
    )
    try:
        cache = json.loads(CACHE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        cache = {}
    configuration = hash_files([CONFIG, __file__]) + subprocess.check_output([TIDY, "--version"], text=True)

    wanted = sys.argv[1:] or sorted(commands)
    unknown = [source for source in wanted if source not in commands]
    if unknown:
        sys.exit(f"clang_tidy: no target compiles {' '.join(unknown)}")
    stale = []
    for source in wanted:
        text = configuration + " ".join(commands[source])
        command_hash = hashlib.sha256(text.encode("utf-8")).hexdigest()
        known = cache.pop(source, None)
        if (
            known
            and known["command"] == command_hash
            and known["content"] == hash_files(known["files"])
        ):
            cache[source] = known
        else:
            stale.append((source, command_hash))

    # The short ones last, so that all processors end together.
    stale.sort(key=lambda job: (is_test(job[0]), not job[0].startswith(ANALYZED)))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(check, source, key, commands[source]) for source, key in stale]
        for job in concurrent.futures.as_completed(jobs):
            source, known, output = job.result()
            if known:
                cache[source] = known
            if output:
                print(output, end="")
            if output or not known:
                failed += 1
                print(f"clang-tidy failed: {source}")
    CACHE.parent.mkdir(exist_ok=True)
    CACHE.write_text(json.dumps(cache), encoding="utf-8")
    print(f"clang-tidy: checked {len(stale)} of {len(wanted)} sources; the rest has not changed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
