"""Whether a map says that two threads use it at once: all interleavings, Go's own, ThreadSanitizer."""

import collections
import math
import os
import subprocess

from rounds import Failure, run, table

# Columns: what an ending counts as. The rest is what the map said.
ENDINGS = ("corrupted", "lost", "wrong answer", "use after free", "crash", "livelock", "unnoticed")


def read(output):
    """{kind: {program: [fields of each line]}}"""
    lines = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in output.splitlines():
        kind, program, *fields = line.split("\t")
        lines[kind][program].append(fields)
    return lines


def column_of(ending):
    if ending in ENDINGS:
        return ending
    if ending.startswith("concurrent map"):
        return "thrown"
    return "crash"


def by_column(rows):
    counts = collections.Counter()
    for ending, count, *_ in rows:
        counts[column_of(ending)] += int(count)
    return counts


def message_of(rows):
    """The messages met, without what all of them begin with."""
    said = sorted({ending for ending, *_ in rows if column_of(ending) == "thrown"})
    return ", ".join(one.replace("concurrent map ", "").replace("map ", "") for one in said) or "-"


def interval(count, total):
    """Wilson's, 95%, in percent: half of its width."""
    share, z = count / total, 1.96
    return 100 * z / (1 + z * z / total) * math.sqrt(share * (1 - share) / total + z * z / (4 * total**2))


def percent(count, total):
    return "-" if total == 0 else "0" if count == 0 else f"{100 * count / total:.2f}"


def shares(counts):
    total = sum(counts.values())
    others = [counts[ending] for ending in ENDINGS]
    return [percent(counts["thrown"], total)] + [percent(count, total) for count in others]


def race_reports(options, program):
    """(rounds, rounds with a report, processes that crashed)"""
    wanted, done, reports, crashes = options.scale(100), 0, 0, 0
    env = dict(os.environ, TSAN_OPTIONS="")  # the caller's may end it at its first report
    for _ in range(10):
        command = [options.bin / "misuse" / "misuse_threads", program, str(wanted - done)]
        try:
            ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 check=False, timeout=10, text=True, env=env)
            crashes += ran.returncode != 0
            output = ran.stdout
        except subprocess.TimeoutExpired as late:  # a map that is broken may have no end
            output = (late.stdout or b"").decode()
        whole = [line.split("\t") for line in output.splitlines(keepends=True) if line.endswith("\n")]
        if whole:
            done, reports = done + int(whole[-1][2]), reports + int(whole[-1][3])
        if done >= wanted:
            return done, reports, crashes
    if done == 0:
        raise Failure(f"misuse_threads did no rounds of {program}")
    return done, reports, crashes


def misuse(options):
    most, schedules = (50, 40) if options.quick else (3000, 2000)
    lines = read(run([options.bin / "misuse" / "misuse_bench", most, schedules]))
    programs = {name: rows[0] for name, rows in lines["PROGRAM"].items()}
    classes, walks, go, tsan = [], [], [], []
    for name, (entries, *threads) in programs.items():
        rows = lines["CLASSES"][name]
        title = [name, entries, *(f"`{thread}`" for thread in threads)]
        counts = by_column(rows)
        whole = all(row[2] == "whole" for row in rows)
        cells = [str(counts[c]) for c in ("thrown", *ENDINGS)] if whole else ["-"] * (1 + len(ENDINGS))
        total = sum(counts.values())
        classes.append([*title, f"{total:,}" if whole else f"over {total:,}", *cells, message_of(rows)])
        counts = by_column(lines["WALK"][name])
        half = interval(counts["thrown"], sum(counts.values()))
        walks.append([name, *shares(counts), f"{half:.2f}"])
        if options.quick and len(go) == 2:
            continue
        rounds, seconds = (200, 1) if options.quick else (20000, 2)
        output = run([options.bin / "go" / "misuse_bench_go.exe", rounds, seconds, name, entries, *threads])
        rows = read(output)["GO"][name]
        counts = by_column(rows)
        others = ", ".join(f"{ending} {count}" for ending, count in rows if column_of(ending) == "crash")
        go.append([name, f"{sum(counts.values()):,}", *(f"{counts[c]:,}" for c in ("thrown", "corrupted",
                  "lost", "wrong answer", "crash", "unnoticed")), message_of(rows), others or "-"])
        done, reports, crashes = race_reports(options, name)
        tsan.append([name, f"{done:,}", percent(reports, done), str(crashes)])
    table("Classes of interleavings, all of them",
          ["program", "entries", "thread 0", "thread 1", "classes", "thrown", *ENDINGS, "messages: concurrent map"],
          classes)
    table(f"{schedules:,} schedules of a uniform walk, %",
          ["program", "thrown", *ENDINGS, "95% interval of thrown, ±"], walks)
    table("Go 1.19, two goroutines on two cores, rounds",
          ["program", "rounds", "thrown", "corrupted", "lost", "wrong answer", "crash", "unnoticed",
           "messages: concurrent map", "crashes"], go)
    table("ThreadSanitizer, real threads on core/map",
          ["program", "rounds", "with a report, %", "crashes"], tsan)
