#!/usr/bin/python3
"""Runs the benchmark programs side by side and prints their tables in Markdown.

Programs that are compared run alternately, A B A B, for several rounds; a ratio is taken within
each round, and the table shows the median of the ratios with the least and the greatest. So what
disturbs the machine for a while disturbs both sides.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

IMPLEMENTATIONS = ("core", "go", "absl", "std")
MAP_OPERATIONS = ("insert", "hit", "miss", "delete_insert", "iterate")


class Failure(Exception):
    pass


def run(command, env=None):
    """Standard output of a command that must succeed."""
    print("  " + " ".join(str(c) for c in command)[:150], file=sys.stderr, flush=True)
    done = subprocess.run(
        [str(c) for c in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ, **(env or {})),
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stderr.decode("utf-8", "replace")[-4000:])
        raise Failure(f"{command[0]} ended with exit code {done.returncode}")
    return done.stdout.decode("utf-8")


def results(output):
    """{name: (count, seconds, checksum)} of the RESULT lines."""
    found = {}
    for line in output.splitlines():
        word, *fields = line.split(" ")
        if word == "RESULT":
            name, count, seconds, checksum = fields
            found[name] = (int(count), float(seconds), int(checksum))
    if not found:
        raise Failure("a program printed no RESULT line")
    return found


def rate(result):
    return result[0] / result[1]


def nanoseconds(result):
    return result[1] / result[0] * 1e9


def in_rounds(rounds, commands):
    """Runs each of {name: function of the round} once a round; {name: [result of each round]}."""
    collected = {name: [] for name in commands}
    for number in range(rounds):
        for name, function in commands.items():
            collected[name].append(function(number))
    return collected


def ratio_of(ours, theirs):
    """Median, least and greatest of the rounds' ratios, as text."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    digits = 1 if statistics.median(ratios) >= 10 else 2
    low, high = min(ratios), max(ratios)
    return f"{statistics.median(ratios):.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def million(rates):
    return f"{statistics.median(rates) / 1e6:.2f}"


def table(title, header, rows):
    print(f"\n### {title}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + "|".join("---" if i == 0 else "---:" for i in range(len(header))) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def checked(options):
    def ours(mix, traces):
        command = [options.bin / "property_bench", mix, traces]
        return lambda n: rate(results(run(command, {"RC_PARAMS": f"seed={n + 1}"}))["checked"])

    def theirs(_):
        return rate(results(run([options.bin / "rc_state_map", options.scale(20000)]))["checked"])

    rates = in_rounds(
        options.rounds,
        {
            "rc::state, `std::map` model, uint64": theirs,
            "ours, the peer's operations, keys and length": ours("peer", options.scale(300000)),
            "ours, all operations, uint64": ours("uint64", options.scale(20000)),
            "ours, all operations, all kinds of key and element": ours("all", options.scale(20000)),
        },
    )
    peer = next(iter(rates.values()))
    table(
        "Property engine against RapidCheck's state testing",
        ("", "million checked operations/s", "ratio: ours / rc::state (least–greatest)"),
        [(name, million(r), "1" if r is peer else ratio_of(r, peer)) for name, r in rates.items()],
    )


def seed_folders(scratch, corpus):
    """The seed corpus, and for the peer as many files of random bytes, each as long."""
    seeds = sorted(p for p in corpus.rglob("*") if p.is_file()) if corpus else []
    folders = {"map_fuzz": scratch / "ours", "naive_map_fuzz": scratch / "naive"}
    for folder in folders.values():
        folder.mkdir()
    rng = random.Random(1)
    for number, seed in enumerate(seeds):
        data = seed.read_bytes()
        (folders["map_fuzz"] / str(number)).write_bytes(data)
        (folders["naive_map_fuzz"] / str(number)).write_bytes(rng.randbytes(len(data)))
    return folders, len(seeds)


def fuzz(options):
    budget = "-runs=200" if options.quick else f"-max_total_time={options.seconds}"

    def fuzzer(program, seeds):
        def once(number):
            with tempfile.TemporaryDirectory() as found:
                command = [options.bin / program, budget, f"-seed={number + 1}", "-max_len=4096"]
                command += ["-print_final_stats=0", f"-artifact_prefix={found}/", found]
                return rate(results(run(command + seeds))["checked"])

        return once

    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folders, seeds = seed_folders(pathlib.Path(scratch), options.corpus)
        for mode, build in (("plain", "-O2"), ("asan", "ASan+UBSan")):
            for start in ("empty", "seeded")[: 2 if seeds else 1]:
                rates = in_rounds(
                    options.rounds,
                    {
                        name: fuzzer(f"{name}_{mode}", [folder] if start == "seeded" else [])
                        for name, folder in folders.items()
                    },
                )
                ours, naive = rates["map_fuzz"], rates["naive_map_fuzz"]
                rows.append((f"{build}, {start}", million(ours), million(naive), ratio_of(ours, naive)))
    table(
        "Fuzz target against a byte-op target",
        ("build, corpus", "ours, million checked operations/s", "byte-op target", "ours / byte-op"),
        rows,
    )


def codec(options):
    command = [options.bin / "codec_bench", "--benchmark_format=json"]
    command += [f"--benchmark_repetitions={options.rounds}", "--benchmark_enable_random_interleaving"]
    command += ["--benchmark_min_time=" + ("0.001" if options.quick else "0.2")]
    rates = {}
    for entry in json.loads(run(command))["benchmarks"]:
        if entry["run_type"] == "iteration":
            name, _, operations = entry["run_name"].partition("/")
            rates.setdefault(int(operations), {}).setdefault(name, []).append(entry["items_per_second"])
    table(
        "Codec, million operations/s",
        ("operations", "decode", "encode", "memcpy of the bytes", "decode / memcpy"),
        [
            (f"{operations:,}", *(f"{statistics.median(r[n]) / 1e6:,.0f}" for n in ("Decode", "Encode", "Copy")),
             ratio_of(r["Decode"], r["Copy"]))
            for operations, r in sorted(rates.items())
        ],
    )


def length(options):
    total = options.scale(10_000_000)
    per_trace = {f"{total:,}": total, f"{total // 1000:,}": total // 1000}

    def bench(operations):
        return lambda _: results(run([options.bin / "trace_length_bench", total, operations]))

    found = in_rounds(options.rounds, {name: bench(n) for name, n in per_trace.items()})
    if len({r["operations"][2] for rounds in found.values() for r in rounds}) != 1:
        raise Failure("trace_length_bench did different work for different lengths")
    long, short = ([nanoseconds(r["operations"]) for r in rounds] for rounds in found.values())
    rows = []
    for name, rounds in found.items():
        cost = [nanoseconds(r["operations"]) for r in rounds]
        cost_checked = [nanoseconds(r["checked"]) for r in rounds]
        ratio = ratio_of(long, short) if cost == long else "1"
        rows.append((name, f"{statistics.median(cost):.0f}", f"{statistics.median(cost_checked):.1f}", ratio))
    table(
        f"{total:,} operations, as one trace and as 1,000",
        ("operations a trace", "ns an operation", "ns a checked operation", "long / short"),
        rows,
    )


def check_same_work(case, rounds):
    """All implementations must have seen the same keys, values and counts."""
    for operation in MAP_OPERATIONS:
        work = {(r[operation][0], r[operation][2]) for one in rounds.values() for r in one}
        if len(work) != 1:
            raise Failure(f"{case} {operation}: the implementations did different work: {work}")


def map_case(options, key, entries):
    def bench(name):
        program = [options.bin / "map_bench", name]
        if name == "go":
            program = [options.bin / "go" / "map_bench_go.exe"]
        return lambda _: results(run(program + [key, entries, options.scale(1 << 22)]))

    found = in_rounds(options.rounds, {name: bench(name) for name in IMPLEMENTATIONS})
    check_same_work(f"{key} {entries}", found)
    rows = []
    for operation in MAP_OPERATIONS:
        ns = {name: [nanoseconds(r[operation]) for r in found[name]] for name in IMPLEMENTATIONS}
        times = [f"{statistics.median(ns[name]):.1f}" for name in IMPLEMENTATIONS]
        ratios = [ratio_of(ns["core"], ns[name]) for name in IMPLEMENTATIONS[1:]]
        rows.append((operation, *times, *ratios))
    return rows


def maps(options):
    for key in ("uint64", "string"):
        for entries in (1 << 10, 1 << 16, 1 << 22):
            entries = options.scale(entries) if options.quick else entries
            rows = map_case(options, key, entries)
            table(
                f"Maps, {key} keys, {entries:,} entries, ns an operation",
                ("", "HashMap", "Go 1.19", "absl", "std", "ours / Go", "ours / absl", "ours / std"),
                rows,
            )


TABLES = {"checked": checked, "fuzz": fuzz, "codec": codec, "length": length, "map": maps}


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("tables", nargs="*", help="%s; default: all" % ", ".join(TABLES))
    parser.add_argument("--bin", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5, help="of each comparison (default: 5)")
    parser.add_argument("--seconds", type=int, default=10, help="of a fuzzing run (default: 10)")
    parser.add_argument("--quick", action="store_true", help="tiny counts: do the programs work?")
    options = parser.parse_args()
    unknown = [t for t in options.tables if t not in TABLES]
    if unknown:
        parser.error(f"unknown table {unknown[0]}; there are {', '.join(TABLES)}")
    if options.quick:
        options.rounds = 2
    options.scale = lambda n: max(n // 10000, 40) if options.quick else n
    try:
        for name in options.tables or TABLES:
            TABLES[name](options)
    except Failure as failure:
        print(f"bench/run: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
