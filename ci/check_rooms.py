#!/usr/bin/python3
"""Keeps the rooms apart: who may include whom, and no circle among the folders of harness/.

The folders are a graph: an arrow leads from a folder to each one whose headers it includes. Tests,
and what is there for tests alone, are left out: a test may use any engine to test its room.

usage: check_rooms.py [FILE...]      (default: all sources of the tree)
Prints a line for each mistake and exits with 1 if there is one.
"""

import collections
import pathlib
import re
import subprocess
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)

# Top-level folders, and those of them that they may include.
MAY_INCLUDE = {
    "core": {"core"},
    "models": {"models"},
    "harness": {"harness"},
}

FOR_TESTS = re.compile(r"(_test|_test_util)\.(cc|h)$|/testing/|/toy_[a-z_]+\.cc$")


def room(path):
    return path.rpartition("/")[0]


def read_arrows(files):
    """{folder: {folder: (file, header)}}, of each arrow one include that makes it."""
    arrows = collections.defaultdict(dict)
    for path in files:
        if FOR_TESTS.search(path):
            continue
        for header in INCLUDE.findall(pathlib.Path(path).read_text(encoding="utf-8")):
            if "/" in header and room(header) != room(path):
                arrows[room(path)].setdefault(room(header), (path, header))
    return arrows


def trespasses(arrows):
    for start, ends in sorted(arrows.items()):
        top = start.partition("/")[0]
        for end, (path, header) in sorted(ends.items()):
            other = end.partition("/")[0]
            if top in MAY_INCLUDE and other not in MAY_INCLUDE[top]:
                yield f'{path}: {top} must know nothing of {other}, but includes "{header}"'


def shortest_circle(arrows, start):
    """The folders of the shortest way from start back to it, or nothing."""
    came_from = {}
    reached = collections.deque([start])
    while reached:
        folder = reached.popleft()
        for end in sorted(arrows.get(folder, ())):
            if end == start:
                way = [folder]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return way[::-1]
            if end not in came_from:
                came_from[end] = folder
                reached.append(end)
    return []


def circles(arrows):
    told = set()
    for start in sorted(arrows):
        way = shortest_circle(arrows, start)
        if not way or told.intersection(way):
            continue
        told.update(way)
        lines = ["the folders " + " -> ".join(way + [start]) + " are a circle:"]
        for folder, end in zip(way, way[1:] + [start]):
            path, header = arrows[folder][end]
            lines.append(f'  {path} includes "{header}"')
        yield "\n".join(lines)


def all_sources():
    listed = subprocess.run(["ci/list_files", ".h", ".cc"], stdout=subprocess.PIPE, check=True)
    return [f for f in listed.stdout.decode("utf-8").split("\0") if f]


def main():
    arrows = read_arrows(sys.argv[1:] or all_sources())
    mistakes = list(trespasses(arrows))
    mistakes += circles({f: ends for f, ends in arrows.items() if f.startswith("harness/")})
    print("".join(mistake + "\n" for mistake in mistakes), end="")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
