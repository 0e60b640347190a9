#!/usr/bin/python3
"""Runs clang-tidy over our C++ sources, those alone that changed since they last passed.

Also writes compile_commands.json, from the commands that Bazel would run, for editors. What
passed is remembered in .cache/clang_tidy.json: a hash of the command, of the configuration and
of each of our files that the source includes.

Most of the time goes into the headers of the system, which are parsed for each source, and through
which each check then walks. So sources are checked by the dozen, one behind the other in one file, as
far as they and our headers that they include define different names. Where such a file has a finding,
or does not compile after all, its sources are checked one by one, so that what is printed names the
place.

usage: clang_tidy.py [FILE...]      (default: all)
"""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

TIDY = "clang-tidy-19"
CACHE = pathlib.Path(".cache/clang_tidy.json")
# Below the root, for clang-tidy looks for its configuration in the folders above a file.
UNITS = pathlib.Path(".cache/clang_tidy")
DATABASE = pathlib.Path("compile_commands.json")
CONFIG = ".clang-tidy"

# Those that find what matters in a test. All of them take five times as long: they also walk through
# what RapidCheck's and GoogleTest's headers instantiate.
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

# Half of the time of all checks. It walks paths through code that manages memory, which subjects
# instantiate; elsewhere tests under ASan see as much. It looks at each source alone: beside its callers
# a function's paths would be those that they take, not all.
ANALYZED = ("subjects/", "models/", "harness/base/")
# What manages memory there is not ours.
NOT_ANALYZED = "subjects/public_containers/"

# What is added to the configuration's checks, to have all but the analyzer, or the analyzer alone.
BUT_ANALYZER = "-clang-analyzer-*"
ANALYZER_ALONE = "-bugprone-*,-google-*,-misc-*,-modernize-*,-performance-*,-readability-*"

# Lines of sources that are checked as one: enough that headers are a small part of the time, and few
# enough that all processors end together.
UNIT_LINES = 5000

# Options of which the checks see nothing. What the compiler warns of fails the build; in a unit one
# source's names would shadow another's.
NOT_CHECKED = (
    "-W",
    "-O",
    "-g",
    "-fPIC",
    "-falign-",
    "-fdata-sections",
    "-ffunction-sections",
    "-fno-sanitize",
    "-fsanitize=fuzzer",
    "-D_FORTIFY_SOURCE",
    "-D_GLIBCXX_ASSERTIONS",
)

# What a source defines for all of its file begins at the left margin, as clang-format has it.
MACRO = re.compile(r"(?:#define )?[A-Z][A-Z0-9_]+[( ]")
ENTITY = re.compile(r"(?:class|struct|union|enum(?: class)?|concept|using) (?:\w+::)*(\w+)")
OTHER = re.compile(r"((?:\w+::)*~?\w+)(?:\[\w*\])?(?: += |\{|\(|;| =$)")
NO_NAME = re.compile(r"(?:namespace|template|requires|public|private|static_assert|extern \"C\")\b|\W")
ENUMERATORS = re.compile(r"^enum (?!class).*?\{(.*?)\}", re.MULTILINE | re.DOTALL)
ENUMERATOR = re.compile(r"\bk[A-Z]\w*(?=[,\s=]|$)")
FUZZER = re.compile(
    r'^(?:SLOTPROOF_FUZZ_TARGET\(|extern "C" int LLVMFuzzerTestOneInput\(.*\{)', re.MULTILINE
)

# Of a header only what cannot be there twice. Functions can: they are overloaded.
IN_HEADER = re.compile(
    r"(?:class|struct|union|enum(?: class)?|concept|using) (\w+)(?![\w<;:])"
    r"|inline (?:constexpr|const) [^(={]*?\b(k[A-Z]\w*)(?: += |\{|\[|;| =$)"
)
INCLUDE = re.compile(r'^#include "(.*)"', re.MULTILINE)


def is_test(path):
    return path.endswith("_test.cc") or path.startswith("properties/")


def is_analyzed(path):
    return path.startswith(ANALYZED) and not (is_test(path) or path.startswith(NOT_ANALYZED))


def checks_of(source):
    return ",".join(TEST_CHECKS) if is_test(source) else BUT_ANALYZER


def compile_commands():
    """{source: arguments} of our own sources, in the plain configuration where there is one."""
    query = ask_bazel("aquery", "--include_artifacts=false", "--output=jsonproto", 'mnemonic("CppCompile", deps(//...))')
    merged = merged_sources()
    commands = {}
    for action in json.loads(query).get("actions", []):
        arguments = action["arguments"]
        source = arguments[arguments.index("-c") + 1]
        made = source.startswith("bazel-out/") and source.split("/bin/", 1)[1]
        if source.startswith("external/") or (made and made not in merged):
            continue
        # A mutant's copy of core/map is seen in Bazel's sandbox alone.
        if any(argument.startswith("-DSLOTPROOF_MUTANT") for argument in arguments):
            continue
        # The modes of build_defs/modes.bzl have output folders of their own; headers with planted
        # faults (mutants/harness) are found in one that Bazel makes.
        elsewhere = "-ST-" in arguments[arguments.index("-o") + 1]
        planted = any(argument.startswith("-Ibazel-out/") for argument in arguments)
        for each in merged[made] if made else [source]:
            if each not in commands or not (elsewhere or planted):
                commands[each] = [each if a == source else a for a in without_outputs(arguments)]
    return commands


def merged_sources():
    """{what merged_library (build_defs/merged.bzl) makes: [source, ...]}"""
    sources = {}
    rules = ask_bazel("query", "--output=xml", 'kind("_merged_source rule", deps(//...))')
    for rule in xml.etree.ElementTree.fromstring(rules).iter("rule"):
        labels = [label.get("value") for label in rule.findall("list[@name='srcs']/label")]
        sources[path_of(rule.get("name")) + ".cc"] = [
            path_of(label) for label in labels if label.endswith(".cc")
        ]
    return sources


def path_of(label):
    return label.removeprefix("//").replace(":", "/")


def ask_bazel(*arguments):
    """What Bazel answers."""
    query = subprocess.run(
        ["/usr/bin/bazel", arguments[0], "--noshow_progress", "--ui_event_filters=-info", *arguments[1:]],
        stdout=subprocess.PIPE,
        check=False,
    )
    if query.returncode:
        sys.exit(f"clang_tidy: bazel {arguments[0]} failed with exit code {query.returncode}")
    return query.stdout


def without_outputs(arguments):
    kept, skip = [], 0
    for argument in arguments:
        if skip:
            skip -= 1
        elif argument in ("-MF", "-o", "-include-pch"):
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


def text_of(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


@functools.cache
def includes(path):
    """Our own headers that the file includes itself."""
    beside = os.path.dirname(path)
    found = []
    for header in INCLUDE.findall(text_of(path)):
        places = [header, os.path.join(beside, header)]
        found += [place for place in places if os.path.exists(place)][:1]
    return found


def included_files(source):
    """The source and all of our own headers that it includes."""
    files = [source]
    for path in files:
        files += [header for header in includes(path) if header not in files]
    return files


def names_in(source, text):
    """What the source defines that another one in the same unit must not define."""
    names = set()
    for line in text.splitlines():
        if MACRO.match(line):
            names.add(line)
        elif line and not NO_NAME.match(line):
            found = ENTITY.match(line) or OTHER.search(line)
            # Tests are not asked for using-declarations that are not used, and share many.
            if found and not (is_test(source) and re.match(r"using [^=]*;", line)):
                names.add(found[1])
    names |= enumerators_in(text)
    if FUZZER.search(text):
        names.add("LLVMFuzzerTestOneInput")
    # Each gets a name of its own.
    names.discard("main")
    return names


def enumerators_in(text):
    return {name for names in ENUMERATORS.findall(text) for name in ENUMERATOR.findall(names)}


@functools.cache
def names_in_header(header):
    text = text_of(header)
    found = [IN_HEADER.match(line) for line in text.splitlines()]
    return enumerators_in(text) | {match[1] or match[2] for match in found if match}


def definitions_of(source, text):
    """{name: the file that defines it}"""
    definitions = {}
    for header in included_files(source)[1:]:
        definitions.update(dict.fromkeys(names_in_header(header), header))
    definitions.update(dict.fromkeys(names_in(source, text), source))
    return definitions


def split_command(arguments):
    """(arguments, folders to include from), without what changes nothing of what is checked."""
    kept, folders = [], []
    rest = iter(arguments[1:])
    for argument in rest:
        if argument in ("-iquote", "-isystem", "-I"):
            folders.append((argument, next(rest)))
        elif argument in ("-c", "-mllvm"):
            next(rest)
        elif argument.startswith("-D") and argument in kept:
            continue
        elif not argument.startswith(NOT_CHECKED):
            kept.append(argument)
    return tuple(kept), folders


class Unit:
    """Sources that are checked as one."""

    def __init__(self, kind):
        self.kind = kind
        self.sources = []
        self.definitions = {}
        self.folders = {}
        self.lines = 0

    def takes(self, kind, definitions, lines):
        if self.kind != kind or self.lines + lines > UNIT_LINES:
            return False
        return all(self.definitions.get(name, file) == file for name, file in definitions.items())

    def add(self, source, definitions, lines, folders):
        self.sources.append(source)
        self.definitions.update(definitions)
        self.lines += lines
        self.folders.update(dict.fromkeys(folders))

    def write(self, path):
        texts = []
        for source in self.sources:
            text = text_of(source)
            texts.append(re.sub(r"^int main\(", f"int main_{len(texts)}(", text, flags=re.MULTILINE))
        path.write_text("\n".join(texts), encoding="utf-8")

    def command(self):
        return [*self.kind[1], *(word for folder in self.folders for word in folder)]


def make_units(sources, commands):
    """Units of all sources, those with the most lines first."""
    units = []
    for source in sources:
        arguments, folders = split_command(commands[source])
        text = text_of(source)
        # Where slotproof::testing is known, `testing` is no longer GoogleTest's.
        kind = (checks_of(source), arguments, '#include "harness/testing/' in text)
        definitions = definitions_of(source, text)
        lines = text.count("\n")
        unit = next((unit for unit in units if unit.takes(kind, definitions, lines)), None)
        if not unit:
            unit = Unit(kind)
            units.append(unit)
        unit.add(source, definitions, lines, folders)
    return sorted(units, key=lambda unit: -unit.lines)


def run_tidy(source, checks, command=None):
    """What clang-tidy has to say; empty if the source passed."""
    where = ["-p", "."] if command is None else []
    after = [] if command is None else ["--", *command]
    tidy = subprocess.run(
        [TIDY, "--quiet", *where, "--checks=" + checks, str(source), *after],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    if not tidy.returncode:
        return ""
    errors = b"" if b"error:" in tidy.stdout else tidy.stderr
    return (tidy.stdout + errors).decode("utf-8", "replace") or f"exit code {tidy.returncode}\n"


def check_unit(unit, number):
    """[(source, output)] of the sources that failed."""
    checks = unit.kind[0]
    if len(unit.sources) > 1:
        path = UNITS / f"unit_{number}.cc"
        unit.write(path)
        if not run_tidy(path, checks, unit.command()):
            return []
    failed = [(source, output) for source in unit.sources if (output := run_tidy(source, checks))]
    if not failed and len(unit.sources) > 1:
        print(f"clang-tidy: checked one by one, for in one file they fail: {' '.join(unit.sources)}")
    return failed


def analyze(source):
    output = run_tidy(source, ANALYZER_ALONE)
    return [(source, output)] if output else []


def known_of(source, command_hash):
    """What to remember of a source that passed, or None if it is gone."""
    files = included_files(source)
    content = hash_files(files)
    return {"command": command_hash, "files": files, "content": content} if content else None


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
    stale = {}
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
            stale[source] = command_hash

    UNITS.mkdir(parents=True, exist_ok=True)
    failed = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # Read before the checks: what changes meanwhile is checked again the next time.
        remembered = {
            source: pool.submit(known_of, source, key) for source, key in stale.items()
        }
        jobs = [pool.submit(analyze, source) for source in stale if is_analyzed(source)]
        units = make_units(stale, commands)
        jobs += [pool.submit(check_unit, unit, number) for number, unit in enumerate(units)]
        for job in concurrent.futures.as_completed(jobs):
            for source, output in job.result():
                print(output, end="")
                print(f"clang-tidy failed: {source}")
                failed.add(source)
    for source, job in remembered.items():
        if job.result() is None and source not in failed:
            print(f"clang-tidy failed: {source}: cannot be read")
            failed.add(source)
        elif source not in failed:
            cache[source] = job.result()
    CACHE.parent.mkdir(exist_ok=True)
    CACHE.write_text(json.dumps(cache), encoding="utf-8")
    print(f"clang-tidy: checked {len(stale)} of {len(wanted)} sources; the rest has not changed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
