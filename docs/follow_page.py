#!/usr/bin/python3
"""Follows a page as a reader would: makes its files, makes its edits, runs its commands.

  follow_page.py write PAGE TREE                  what BUILD files of TREE then say is the page's
  follow_page.py run PAGE [TEST | LABEL=PROGRAM]...
      runs these programs in a scratch folder: outputs must be those shown, and the tests those that
      the page runs
  follow_page.py update PAGE ...
      the same, but puts the real outputs into the page, and what its commands make into made/

A block is fenced, and its first line says what it is:

  ```cpp PATH, or any language but these: the new file PATH
  ```diff PATH      an edit of the file PATH: the lines with " " and "-" are there once, and become
                    those with " " and "+"
  ```console        commands, after "$ ", each with the output that it has. `bazel run LABEL -- ...`
                    is run if a program is given for the label; a line that ends in
                    "# exits with N" exits with that, and any other with 0
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

READER = "/home/me/slotproof"  # where the checkout is, in the outputs shown
MADE = "made"  # beside the page: what its commands make, which `write` cannot run
REMEDY = "to put the real ones there: bazel run //docs:update_add_a_vocabulary"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = re.compile(r"bazel run (\S+) -- ")
EXITS = re.compile(r"# exits with (\d+)$")


class Mistake(Exception):
    """What is wrong with the page, in a sentence."""


def edit(text, diff, path):
    """The text after the edit."""
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] in " -")
    after = "".join(line[1:] for line in lines if line[0] in " +")
    places = [m.start() for m in re.finditer(f"^(?={re.escape(before)})", text, re.MULTILINE)]
    if len(places) != 1:
        raise Mistake(f"{path}: the lines to edit are there {len(places)} times, not once:\n{before}")
    return text[:places[0]] + after + text[places[0] + len(before):]


def write(page, tree):
    """Makes the files and edits of the page in the folder `tree`."""
    made = page.parent / MADE
    if made.exists():
        shutil.copytree(made, tree, dirs_exist_ok=True)
    for language, path, text in BLOCK.findall(page.read_text()):
        if not path:
            continue
        file = tree / path
        if language == "diff":
            file.write_text(edit(file.read_text(), text, path))
        elif file.exists():
            raise Mistake(f"{path}: is there already, so that it is no new file")
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)


def run(command, programs, tree):
    """What the command prints and exits with; nothing when its program is not given."""
    match = RUN.match(command)
    if not match or match.group(1) not in programs:
        return None
    line = command.replace(match.group(), f"'{programs[match.group(1)]}' ")
    env = dict(os.environ, PWD=str(tree), BUILD_WORKSPACE_DIRECTORY=str(tree),
               BUILD_WORKING_DIRECTORY=str(tree))
    done = subprocess.run(["bash", "-c", line], cwd=tree, env=env, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    expected = EXITS.search(command)
    if done.returncode != (int(expected.group(1)) if expected else 0):
        raise Mistake(f"exits with {done.returncode}: {command}\n{done.stdout}")
    return done.stdout.replace(str(tree), READER)


def run_block(text, programs, tree, ran):
    """The block with the outputs that its commands have."""
    result = ""
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        output = run(command, programs, tree)
        if output is not None:
            ran.append(command)
        result += f"$ {command}\n{shown if output is None else output}"
    return result


def made_files(folder):
    return {str(file.relative_to(folder)): file.read_bytes()
            for file in (folder / "fuzz").rglob("*") if file.is_file()}


def programs_of(args):
    """{label: path of the program}"""
    return {label: pathlib.Path(program).absolute()
            for label, is_program, program in (arg.partition("=") for arg in args) if is_program}


def check_tests(page, args):
    """The page's `bazel test` lines name just the tests among the arguments."""
    named = set()
    for labels in re.findall(r"^\$ bazel test (.*)$", page, re.MULTILINE):
        named.update(subprocess.check_output(["bash", "-c", "echo " + labels], text=True).split())
    tests = {arg for arg in args if "=" not in arg}
    if named != tests:
        raise Mistake(f"the page runs other tests than those that were run: {named ^ tests}")


def run_all(path, args, update):
    page = path.read_text()
    programs = programs_of(args)
    check_tests(page, args)
    ran = []
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        (tree / "WORKSPACE").touch()
        (tree / "fuzz").mkdir()
        for _, file, text in BLOCK.findall(page):
            if file.endswith(".txt"):
                (tree / file).parent.mkdir(parents=True, exist_ok=True)
                (tree / file).write_text(text)
        real = page
        for match in BLOCK.finditer(page):
            if match.group(1) != "console":
                continue
            text = run_block(match.group(3), programs, tree, ran)
            real = real.replace(match.group(3), text)
        made = made_files(tree)
    if update:
        path.write_text(real)
        shutil.rmtree(path.parent / MADE, ignore_errors=True)
        for file, data in made.items():
            (path.parent / MADE / file).parent.mkdir(parents=True, exist_ok=True)
            (path.parent / MADE / file).write_bytes(data)
    elif made != made_files(path.parent / MADE):
        raise Mistake(f"the commands of {path.name} make other files than those in {MADE}/; {REMEDY}")
    elif real != page:
        raise Mistake(f"{path.name} shows other outputs than these; {REMEDY}\n" + "\n".join(
            match.group(3) for match in BLOCK.finditer(real) if match.group() not in page))
    print(f"{len(ran)} commands of {path.name} ran")
    unused = [label for label in programs if not any(f" {label} " in line for line in ran)]
    if unused:
        raise Mistake(f"no command of the page runs {', '.join(unused)}")


def main():
    try:
        match sys.argv[1:]:
            case ["write", page, tree]:
                write(pathlib.Path(page), pathlib.Path(tree))
            case ["update", page, *args]:
                root = os.environ.get("BUILD_WORKSPACE_DIRECTORY", ".")
                run_all(pathlib.Path(root) / page, args, update=True)
            case ["run", page, *args]:
                run_all(pathlib.Path(page), args, update=False)
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except Mistake as mistake:
        print(f"follow_page.py: {mistake}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
