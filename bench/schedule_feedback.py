#!/usr/bin/env python3
"""What guides a fuzzer of schedules, and what each guide is worth: a table of docs/schedules.md.

  bazel build //subjects/scheduled_map:planted_fuzz_plain
  bench/schedule_feedback.py

Each planted map is fuzzed from nothing with seeds 1, 2, ..., with all guides, without each, and
without several. "New reads" is the mutation that lets a read see a later write. A cell is the median
number of executions until the bug is found, with the least and the greatest; "/" says how many seeds
found it where not all did within --runs. The last line is the mean, over the bugs, of the medians; a
run that found nothing counts as --runs.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAM = pathlib.Path("bazel-bin/subjects/scheduled_map/planted_fuzz_plain")
BUGS = ["StoreIntoDeadEntry", "CompareThenStore", "PublishUnchecked", "FreesAtOnce", "PlainValue",
        "LocksInBothOrders", "ForgottenUnlock", "Unguarded"]
COLUMNS = {
    "all": "",
    "no edges": "edges",
    "no seen writes": "seen-writes",
    "no hand-offs": "hand-offs",
    "no blocked": "blocked",
    "no new reads": "new-reads",
    "edges and new reads": "seen-writes,hand-offs,blocked",
    "edges alone": "seen-writes,hand-offs,blocked,new-reads",
    "no guide": "edges,seen-writes,hand-offs,blocked,new-reads",
}
DEADLINE_S = 300


def run(program, bug, without, seed, runs):
    """(executions, seconds, whether it was found)"""
    with tempfile.TemporaryDirectory() as scratch:
        env = dict(os.environ, SLOTPROOF_MUTANT=bug, SLOTPROOF_WITHOUT=without,
                   TEST_UNDECLARED_OUTPUTS_DIR=scratch)
        start = time.monotonic()
        done = subprocess.run(
            [program, f"-seed={seed}", f"-runs={runs}", "-max_len=512", "-print_final_stats=1",
             "-artifact_prefix=" + scratch + "/"],
            cwd=scratch, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, timeout=DEADLINE_S)
        seconds = time.monotonic() - start
    log = done.stdout.decode(errors="replace")
    executions = re.search(r"stat::number_of_executed_units: *(\d+)", log)
    found = re.search(r"^slotproof: planted_map: ", log, re.MULTILINE) is not None
    if executions is None or found == (done.returncode == 0):
        raise RuntimeError(f"{bug}, seed {seed}: exit code {done.returncode}:\n{log[-2000:]}")
    return int(executions.group(1)), seconds, found


def cell(results):
    counts = [executions for executions, _, _ in results]
    found = sum(1 for _, _, was_found in results if was_found)
    text = f"{statistics.median(counts):,.0f} ({min(counts):,}–{max(counts):,})"
    return text if found == len(results) else f"{text} {found}/{len(results)}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=PROGRAM)
    parser.add_argument("--seeds", type=int, default=5, help="how many (default: 5)")
    parser.add_argument("--runs", type=int, default=50000, help="at most (default: 50000)")
    parser.add_argument("--jobs", type=int, default=1, help="programs at a time (default: 1)")
    args = parser.parse_args()
    program = args.program.resolve()
    medians = {column: [] for column in COLUMNS}
    seconds = {column: [] for column in COLUMNS}
    print("| bug | " + " | ".join(COLUMNS) + " |")
    print("|---|" + "---:|" * len(COLUMNS))
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = {(bug, column): [pool.submit(run, program, bug, without, seed + 1, args.runs)
                                for seed in range(args.seeds)]
                for bug in BUGS for column, without in COLUMNS.items()}
        for bug in BUGS:
            cells = []
            for column in COLUMNS:
                results = [job.result() for job in jobs[bug, column]]
                cells.append(cell(results))
                medians[column].append(statistics.median(r[0] for r in results))
                seconds[column].append(statistics.median(r[1] for r in results))
            print(f"| {bug} | " + " | ".join(cells) + " |", flush=True)
    for name, rows, form in [("executions, mean", medians, ",.0f"), ("seconds, mean", seconds, ".2f")]:
        print(f"| {name} | " + " | ".join(format(statistics.mean(v), form) for v in rows.values())
              + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
