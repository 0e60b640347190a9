"""How many schedules our strategies need, beside the published techniques."""

import collections

from rounds import run, table

# Our columns, by the names of harness/sched/mix.cc.
STRATEGIES = ("mix", "hold-back", "reads-from", "rare-states", "surw", "pos", "pct3", "walk", "uniform")
PUBLISHED = ("RFF", "POS", "PCT3", "PERIOD", "SURW", "RW")
SMALL = {"--trials": 2, "--schedules": 200, "--seconds": 1}


def read(output):
    """{kind: {program: {column: fields}}} of the lines of schedules_bench."""
    lines = collections.defaultdict(lambda: collections.defaultdict(dict))
    for line in output.splitlines():
        kind, program, column, *fields = line.split()
        lines[kind][program][column] = fields
    return lines


def ours(fields):
    if fields is None:
        return "-"
    found, trials, mean, least, greatest, in_vain, _ = fields
    if found == "0":
        return f"0/{trials} of {int(in_vain):,}"
    share = "" if found == trials else f" {found}/{trials}"
    return f"{float(mean):,.1f} ({int(least):,}–{int(greatest):,}){share}"


def theirs(fields):
    if fields is None:
        return "-"
    found, trials, mean, _, _, in_vain = fields
    if found == "0":
        return f"0/{trials}" + (f" of {float(in_vain):,.0f}" if float(in_vain) else "")
    return f"{float(mean):,.0f}" + ("" if found == trials else f" {found}/{trials}")


def schedules(options):
    program = options.bin / "schedules" / "schedules_bench"
    numbers = SMALL if options.quick else {"--trials": 20, "--schedules": 20000, "--seconds": 2}
    output = run([program] + [str(x) for pair in numbers.items() for x in pair])
    # The one program that needs more schedules than that.
    for strategy in () if options.quick else ("mix", "rare-states"):
        output += run([program, "--program", "SafeStack", "--strategy", strategy, "--trials", 20,
                       "--schedules", 10**9, "--seconds", 10])
    lines = read(output)
    found = lines["FOUND"]
    strategies = [s for s in STRATEGIES if any(s in of for of in found.values())]
    goals = {name: next(iter(of.items())) for name, of in lines["GOAL"].items()}
    rows = []
    for name, of in found.items():
        threads, (goal, leader) = goals[name] if name in goals else ("-", ("-", "-"))
        rows.append([name, threads, goal if goal == "-" else f"{goal} {leader}"]
                    + [ours(of.get(s)) for s in strategies]
                    + [f"{float(of['mix'][6]) * 1000:,.1f}" if "mix" in of else "-"])
    table("Schedules to the first failure: mean (least–greatest)",
          ["program", "threads", "goal"] + strategies + ["mix, CPU ms a trial"], rows)
    table("The same, published",
          ["program"] + list(PUBLISHED),
          [[name] + [theirs(of.get(t)) for t in PUBLISHED]
           for name, of in lines["PUBLISHED"].items()])
    table("Schedules a second",
          ["threads x operations", "strategy", "schedules/s", "points", "decisions", "switches"],
          [[case, strategy, f"{float(fields[0]):,.0f}"] + fields[1:]
           for case, of in lines["SPEED"].items() for strategy, fields in of.items()])
