"""Runs programs round after round, reads what they measured, and prints it as a table."""

import os
import statistics
import subprocess
import sys


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


def spread(values, digits):
    """Median, least and greatest, as text."""
    middle, low, high = statistics.median(values), min(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


def ratio_of(ours, theirs):
    """The spread of the rounds' ratios."""
    ratios = [a / b for a, b in zip(ours, theirs)]
    return spread(ratios, 1 if statistics.median(ratios) >= 10 else 2)


def million(rates):
    return f"{statistics.median(rates) / 1e6:.2f}"


def table(title, header, rows):
    print(f"\n### {title}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + "|".join("---" if i == 0 else "---:" for i in range(len(header))) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()
