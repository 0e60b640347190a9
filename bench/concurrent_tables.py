"""How many operations threads get done on one map."""

import statistics

from rounds import Failure, in_rounds, rate, ratio_of, results, run, table

# As concurrent_bench.cc calls them. The first is what the others are compared with.
MAPS = {
    "mutex": "HashMap, mutex",
    "sync": "SyncMap",
    "sharded": "ShardedMap",
    "tbb": "TBB",
    "go": "Go's sync.Map",
}
LOADS = {
    "read": "99 % Load, 1 % Store",
    "write": "50 % Load, 37.5 % Store, 12.5 % Delete",
    "replace": "40 % Load, 20 % Store, each 20 % Delete and Store of new keys",
}
THREADS = (1, 2, 4, 8)


def concurrent_case(options, load, threads):
    """{implementation: [operations a second of each round]}"""
    def bench(name):
        program = [options.bin / "concurrent_bench", name]
        if name == "go":
            program = [options.bin / "go" / "concurrent_bench_go.exe"]
        return lambda _: results(run(program + [load, threads, options.scale(1 << 22)]))["operations"]

    found = in_rounds(options.rounds, {name: bench(name) for name in MAPS})
    # Where threads share keys, what they see depends on which of them comes first.
    if threads == 1 or load == "replace":
        work = {(r[0], r[2]) for one in found.values() for r in one}
        if len(work) != 1:
            raise Failure(f"maps, {load}, {threads} threads: the implementations did different work: {work}")
    return {name: [rate(r) for r in one] for name, one in found.items()}


def concurrent(options):
    base, *others = MAPS
    header = ["threads", *MAPS.values(), *(f"{MAPS[name]} / mutex" for name in others)]
    for load, words in LOADS.items():
        rows = []
        for threads in THREADS if not options.quick else THREADS[::3]:
            rates = concurrent_case(options, load, threads)
            medians = [f"{statistics.median(one) / 1e6:.2f}" for one in rates.values()]
            rows.append([str(threads), *medians, *(ratio_of(rates[name], rates[base]) for name in others)])
        table(f"Maps that threads share, {words}, million operations/s", header, rows)
