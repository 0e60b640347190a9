"""How fast programs of public containers are run in schedules, and what is found in them."""

from rounds import run, table


def found(fields):
    after, ending, switches = fields
    if ending == "-":
        return "nothing"
    # Each yield of a livelock is a switch.
    size = "" if ending == "livelock" else f", {switches} switches" if switches != "1" else ", 1 switch"
    return f"{ending.replace('_', ' ')} after {int(after):,}{size}"


def containers(options):
    program = options.bin / "containers" / "containers_bench"
    schedules = 20 if options.quick else 10000
    rows = []
    for line in run([program, str(schedules)]).splitlines():
        _, container, name, points, rate, *endings = line.split()
        rows.append([container, name, points, f"{int(rate):,}", found(endings[:3]), found(endings[3:])])
    table(f"Public containers, {schedules:,} schedules of mix",
          ["container", "program", "points", "schedules/s", "found", "with older values"], rows)
