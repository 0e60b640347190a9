"""How long threads stand still while the heap that they share is collected."""

from rounds import Failure, in_rounds, rate, results, run, spread, table

MUTATORS = (1, 2)
CYCLES = 3


def check_trees(mutators, rounds):
    """The same trees in both, whole at the end, and memory for all that was allocated."""
    nodes = {(r[name][0], r[name][2]) for one in rounds.values() for r in one for name in ("nodes", "kept")}
    if len(nodes) != 1:
        raise Failure(f"pauses, {mutators} mutators: nodes were lost: {nodes}")
    if any(r["refused"][0] for one in rounds.values() for r in one):
        raise Failure(f"pauses, {mutators} mutators: an allocation was refused")


def pauses(options):
    live = options.scale(options.live_mib << 20)
    programs = {
        "ours": options.bin / "pauses_bench",
        "Go 1.19": options.bin / "go" / "pauses_bench_go.exe",
    }
    quiet_ms = 10 if options.quick else 1000
    rows, quiet = [], []
    for mutators in MUTATORS:
        def bench(program):
            return lambda _: results(run([program, live, mutators, CYCLES, quiet_ms]))

        rounds = in_rounds(options.rounds, {name: bench(program) for name, program in programs.items()})
        check_trees(mutators, rounds)
        for name, found in rounds.items():
            title = f"{name}, {mutators} mutator{'s' * (mutators != 1)}"

            def seconds(what):
                return [r[what][1] for r in found]

            def cell(what, scale, digits):
                return spread([one * scale for one in seconds(what)], digits)

            rows.append((
                title,
                spread([r["stop_median"][0] / CYCLES for r in found], 1),
                cell("stop_median", 1e6, 0),
                cell("stop_longest", 1e6, 0),
                cell("operation_rare", 1e3, 2),
                cell("operation_longest", 1e3, 1),
                cell("cycles", 1e3 / CYCLES, 0),
            ))
            rates = [[rate(r[phase + "operations"]) / 1e6 for r in found] for phase in ("", "quiet_")]
            quiet.append((
                title,
                *(spread(one, 2) for one in rates),
                cell("quiet_operation_rare", 1e3, 2),
                cell("quiet_operation_longest", 1e3, 1),
            ))
    table(
        f"Collection of {live / 2**20:,.0f} MiB live beside mutators",
        ("", "stops a cycle", "stop, median, µs", "stop, longest, µs", "1 operation of 10,000, ms",
         "operation, longest, ms", "cycle, ms"),
        rows,
    )
    table(
        f"The same mutators without a collection, {live / 2**20:,.0f} MiB",
        ("", "million operations/s beside cycles", "without", "1 operation of 10,000, ms",
         "operation, longest, ms"),
        quiet,
    )
