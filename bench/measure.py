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
import sys
import tempfile

sys.dont_write_bytecode = True  # no cache of rounds.py in the tree

from rounds import (Failure, in_rounds, million, nanoseconds, rate, ratio_of, results, run, table)

TARGETS = ("map", "slice", "heap")
# What is counted of a target, as its programs call it and in words; see property_bench.cc.
COUNTED = {
    "map": {"checked": "checked operations"},
    "slice": {"operations": "operations", "checked": "operations, bursts by length"},
    "heap": {"operations": "operations", "checked": "operations, bursts by length"},
}
# The one kind of subject that the peer has as well; the heap has no others.
ONE_KIND = {"map": "uint64", "slice": "uint64"}
PEER_MODEL = {"map": "`std::map` model", "slice": "windows on vectors as the model",
              "heap": "vectors of numbers as the model"}

IMPLEMENTATIONS = ("core", "go", "absl", "std")
SLICES = ("core", "go", "std")
MAP_OPERATIONS = ("insert", "hit", "miss", "delete_insert", "iterate")


def checked(options):
    for target in options.target:
        checked_of(target, options)


def rates_by_count(target, rounds):
    """{word of COUNTED: {name: [rate of each round]}} of {name: [results of each round]}."""
    return {
        words: {name: [rate(one[counted]) for one in found] for name, found in rounds.items()}
        for counted, words in COUNTED[target].items()
    }


def checked_of(target, options):
    def ours(mix, traces):
        command = [options.bin / "property_bench", target, mix, traces]
        return lambda n: results(run(command, {"RC_PARAMS": f"seed={n + 1}"}))

    def theirs(_):
        return results(run([options.bin / f"rc_state_{target}", options.scale(20000)]))

    kind = f", {ONE_KIND[target]}" if target in ONE_KIND else ""
    peer = f"rc::state, {PEER_MODEL[target]}{kind}"
    programs = {
        peer: theirs,
        "ours, the peer's operations, sizes and length": ours("peer", options.scale(300000)),
    }
    if kind:
        programs["ours, all operations, uint64"] = ours("uint64", options.scale(20000))
    programs["ours, all operations, all kinds"] = ours("all", options.scale(20000))
    by_count = rates_by_count(target, in_rounds(options.rounds, programs))
    header = [""]
    rows = {}
    for words, rates in by_count.items():
        header += [f"million {words}/s", "ratio: ours / rc::state (least–greatest)"]
        for name, r in rates.items():
            ratio = "1" if name == peer else ratio_of(r, rates[peer])
            rows.setdefault(name, [name]).extend([million(r), ratio])
    title = f"Property engine against RapidCheck's state testing, {target}"
    table(title, header, rows.values())


def seed_folders(scratch, corpus):
    """The seed corpus, and for the peer as many files of random bytes, each as long."""
    seeds = sorted(p for p in corpus.rglob("*") if p.is_file()) if corpus else []
    folders = {"ours": scratch / "ours", "naive": scratch / "naive"}
    for folder in folders.values():
        folder.mkdir()
    rng = random.Random(1)
    for number, seed in enumerate(seeds):
        data = seed.read_bytes()
        (folders["ours"] / str(number)).write_bytes(data)
        (folders["naive"] / str(number)).write_bytes(rng.randbytes(len(data)))
    return folders, len(seeds)


def fuzz(options):
    for target in options.target:
        fuzz_of(target, options)


def fuzz_of(target, options):
    budget = "-runs=200" if options.quick else f"-max_total_time={options.seconds}"
    programs = {"ours": f"{target}_fuzz", "naive": f"naive_{target}_fuzz"}
    same_operations = {"same": f"{target}_peer_operations_fuzz"}

    def fuzzer(program, seeds):
        def once(number):
            with tempfile.TemporaryDirectory() as found:
                command = [options.bin / program, budget, f"-seed={number + 1}", "-max_len=4096"]
                command += ["-print_final_stats=0", f"-artifact_prefix={found}/", found]
                return results(run(command + seeds))

        return once

    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        corpus = options.corpus / target if options.corpus else None
        folders, seeds = seed_folders(pathlib.Path(scratch), corpus)
        for mode, build in (("plain", "-O2"), ("asan", "ASan+UBSan")):
            for start in ("empty", "seeded")[: 2 if seeds else 1]:
                sides = programs if start == "seeded" else programs | same_operations
                rounds = in_rounds(
                    options.rounds,
                    {
                        side: fuzzer(
                            f"{program}_{mode}", [folders[side]] if start == "seeded" else []
                        )
                        for side, program in sides.items()
                    },
                )
                for side, what in (("ours", ""), ("same", ", the byte-op target's operations")):
                    if side not in sides:
                        continue
                    row = [f"{build}, {start}{what}"]
                    for rates in rates_by_count(target, rounds).values():
                        ours, naive = rates[side], rates["naive"]
                        row += [million(ours), million(naive), ratio_of(ours, naive)]
                    rows.append(row)
    header = ["build, corpus"]
    for words in COUNTED[target].values():
        header += [f"ours, million {words}/s", "byte-op target", "ours / byte-op"]
    table(f"Fuzz target against a byte-op target, {target}", header, rows)


def google_benchmarks(output):
    """{name: its entries, one a repetition} of Google Benchmark's JSON."""
    found = {}
    for entry in json.loads(output)["benchmarks"]:
        if entry["run_type"] == "iteration":
            found.setdefault(entry["run_name"].removesuffix("/real_time"), []).append(entry)
    return found


def codec(options):
    command = [options.bin / "codec_bench", "--benchmark_format=json"]
    command += [f"--benchmark_repetitions={options.rounds}", "--benchmark_enable_random_interleaving"]
    command += ["--benchmark_min_time=" + ("0.001" if options.quick else "0.2")]
    rates = {}
    for full_name, entries in google_benchmarks(run(command)).items():
        name, _, operations = full_name.partition("/")
        rates.setdefault(int(operations), {})[name] = [e["items_per_second"] for e in entries]
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


def slices(options):
    least = "0.001" if options.quick else "0.2"

    def bench(*command):
        return lambda _: google_benchmarks(run(command))

    cpp = (options.bin / "slice_bench", "--benchmark_format=json", f"--benchmark_min_time={least}")
    by_program = in_rounds(
        options.rounds,
        {"C++": bench(*cpp), "Go": bench(options.bin / "go" / "slice_bench_go.exe", least)},
    )
    found = {}  # {name: [entry of each round]}
    for rounds in by_program.values():
        for one in rounds:
            for name, entries in one.items():
                found.setdefault(name, []).extend(entries)
    for start, title in (("grow", "to nothing"), ("make", "with the capacity made before")):
        sizes = sorted({int(name.rpartition("/")[2]) for name in found})
        table(
            f"Append of 8-byte elements one by one, {title}, ns an element",
            ("elements", "Slice", "Go 1.19", "std::vector", "ours / Go", "ours / std",
             "arrays allocated: ours, Go, std", "bytes allocated"),
            [append_row(n, {who: found[f"{who}/{start}/{n}"] for who in SLICES}) for n in sizes],
        )


def append_row(n, sides):
    """One size of {implementation: [entry of each round]}."""
    if len({entry["sum"] for side in sides.values() for entry in side}) != 1:
        raise Failure(f"append of {n} elements: the implementations did different work")
    ns = {who: [1e9 / entry["items_per_second"] for entry in side] for who, side in sides.items()}
    times = (f"{statistics.median(ns[who]):.2f}" for who in SLICES)
    ratios = (ratio_of(ns["core"], ns[who]) for who in SLICES[1:])
    allocated = (
        " ".join(f"{side[0][what]:,.0f}" for side in sides.values()) for what in ("arrays", "bytes")
    )
    return (f"{n:,}", *times, *ratios, *allocated)


def shared_library(name):
    """Where the dynamic linker has it; None if it is not installed."""
    folders = os.environ.get("LD_LIBRARY_PATH", "").split(":") + ["/usr/lib/x86_64-linux-gnu"]
    paths = (pathlib.Path(folder) / name for folder in folders if folder)
    return next((path for path in paths if path.exists()), None)


def heap(options):
    heap_allocations(options)
    heap_marks(options)


def heap_rounds(options, *arguments, peers=()):
    """{implementation: [results of each round]} of core, Go and these peers of malloc."""
    what, *numbers = arguments

    def bench(*command, preload=None):
        env = {"LD_PRELOAD": str(preload)} if preload else {}
        return lambda _: results(run(command, env))

    program = options.bin / "heap_bench"
    sides = {
        "ours": bench(program, what, "core", *numbers),
        "Go 1.19": bench(options.bin / "go" / "heap_bench_go.exe", what, *numbers),
    }
    for name, library in peers:
        sides[name] = bench(program, what, "malloc", *numbers, preload=library)
    return in_rounds(options.rounds, sides)


def check_same_heap_work(case, rounds):
    if len({(r[case][0], r[case][2]) for one in rounds.values() for r in one}) != 1:
        raise Failure(f"heap, {case}: the implementations did different work")


def heap_allocations(options):
    peers = [("glibc", None)]
    for name in ("jemalloc", "mimalloc"):
        if library := shared_library(f"lib{name}.so.2"):
            peers.append((name, library))
    rounds = heap_rounds(options, "alloc", options.scale(1 << 21), peers=peers)
    others = list(rounds)[1:]

    def row(title, case):
        check_same_heap_work(case, rounds)
        ns = {name: [nanoseconds(r[case]) for r in found] for name, found in rounds.items()}
        times = [f"{statistics.median(found):.1f}" for found in ns.values()]
        return (title, *times, *(ratio_of(ns["ours"], ns[name]) for name in others))

    sizes = sorted({int(case.split("/")[2]) for case in rounds["ours"][0] if "/" in case})
    header = ("bytes", *rounds, *(f"ours / {name}" for name in others))
    for load, title in (("garbage", "none kept"), ("ring", "8 MiB live")):
        for kind, words in (("bytes", "without pointers"), ("pointers", "with pointers")):
            rows = [row(f"{size:,}", f"{load}/{kind}/{size}") for size in sizes]
            table(f"Allocation {words}, {title}, ns an object", header, rows)
    table("Allocation, mixed load, ns an object", ("", *header[1:]), [row("mixed", "mixed")])


GRAPHS = {
    "list": "list",
    "tree": "binary tree",
    "array": "array of pointers, in order",
    "shuffled": "array of pointers, shuffled",
    "map": "map of pointers",
}


def heap_marks(options):
    live = options.scale(options.live_mib << 20)
    rounds = heap_rounds(options, "mark", live, 3)
    rates, steps = [], []
    for graph, title in GRAPHS.items():
        cells = [title]
        for what, digits in (("bytes", 0), ("objects", 1)):
            case = f"{graph}/{what}"
            check_same_heap_work(case, rounds)
            found = {name: [rate(r[case]) for r in one] for name, one in rounds.items()}
            cells += [f"{statistics.median(one) / 1e6:,.{digits}f}" for one in found.values()]
        rates.append((*cells, ratio_of(found["ours"], found["Go 1.19"])))
        # What comes in between makes a time longer, and never shorter.
        least = {
            what: min(r[f"{graph}/{what}"][1] for r in rounds["ours"]) * 1e6
            for what in ("median", "longest", "begin", "end")
        }
        pause = min(r[f"{graph}/pause"][1] for r in rounds["Go 1.19"]) * 1e6
        steps.append((title, f"{least.pop('median'):.2f}",
                      *(f"{one:,.1f}" for one in least.values()), f"{pause:,.1f}"))
    table(
        f"Forced collection of {live / 2**20:,.0f} MiB live, one thread",
        ("", "ours, MB/s", "Go 1.19", "ours, million objects/s", "Go 1.19", "ours / Go"),
        rates,
    )
    table(
        f"Steps of marking {live / 2**20:,.0f} MiB, µs",
        ("", "Mark(1), median", "Mark(1), longest", "StartCycle", "FinishMarking",
         "Go 1.19: longest stop"),
        steps,
    )


LINEAR = (
    # object, keys for so many calls, wrong answers that are planted
    ("register", 1, ("right", "stale", "unknown")),
    ("map", 100, ("right", "stale", "unknown")),
    ("set", 100, ("right",)),
    ("append", 100, ("right", "unknown")),
    ("queue", 1, ("right", "unknown")),
)
from concurrent_tables import concurrent
from container_tables import containers
from misuse_tables import misuse
from pause_tables import pauses
from schedule_tables import schedules
VERDICTS = ("yes", "no", "unknown")


def linear(options):
    program = options.bin / "linear_bench"
    sizes = [options.scale(n) for n in (1000, 10000, 100000)] if not options.quick else [100]
    rows = []
    for what, keys_of, plants in LINEAR:
        for plant in plants:
            row = [f"{what}, {plant}"]
            for calls in sizes:
                keys = max(1, calls // keys_of) if keys_of > 1 else 1
                case = (what, calls, keys, plant)
                _, seconds, verdict = linear_case(options, program, "check", *case)
                cell = f"{VERDICTS[verdict]}, {seconds * 1e3:.1f}"
                if VERDICTS[verdict] == "no":
                    _, seconds, left = linear_case(options, program, "minimal", *case)
                    cell += f"; {left} call{'s' * (left != 1)}, {seconds * 1e3:.1f}"
                row.append(cell)
            rows.append(row)
    table("Histories of ten clients: verdict, ms; calls of the minimal part, ms until it is known",
          ["", *(f"{calls:,} calls" for calls in sizes)], rows)
    rows = []
    for calls in (4, 8, 16):
        command = [program, "small", calls, options.scale(1000000)]
        rates = [rate(results(run(command))["small"]) for _ in range(options.rounds)]
        rows.append((f"{calls}", f"{statistics.median(rates):,.0f}"))
    table("Short histories of three processes, one checker", ("calls", "histories/s"), rows)


def linear_case(options, program, mode, what, calls, keys, plant):
    """The median by time of the rounds: count, seconds and checksum."""
    command = [program, mode, what, calls, keys, plant]
    found = [results(run(command))[f"{what}/{plant}"] for _ in range(options.rounds)]
    return sorted(found, key=lambda one: one[1])[len(found) // 2]


TABLES = {
    "checked": checked,
    "fuzz": fuzz,
    "codec": codec,
    "length": length,
    "map": maps,
    "slice": slices,
    "heap": heap,
    "concurrent": concurrent,
    "pauses": pauses,
    "linear": linear,
    "schedules": schedules,
    "containers": containers,
    "misuse": misuse,
}


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("tables", nargs="*", help="%s; default: all" % ", ".join(TABLES))
    parser.add_argument("--bin", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--target", choices=TARGETS, action="append",
                        help="whose engines checked and fuzz measure; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="of each comparison (default: 5)")
    parser.add_argument("--seconds", type=int, default=10, help="of a fuzzing run (default: 10)")
    parser.add_argument("--live-mib", type=int, default=64,
                        help="MiB of each graph that heap marks, and of those of pauses (default: 64)")
    parser.add_argument("--quick", action="store_true", help="tiny counts: do the programs work?")
    options = parser.parse_args()
    unknown = [t for t in options.tables if t not in TABLES]
    if unknown:
        parser.error(f"unknown table {unknown[0]}; there are {', '.join(TABLES)}")
    options.target = options.target or TARGETS
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
