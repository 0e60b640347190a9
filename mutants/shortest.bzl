"""The shortest counterexample known of each mutant, in single operations (harness/shrink/measure.h).

Each mutant's test by the property engine fails when its counterexample is longer than this by more
than half. `mutants/shortest --write` enters what the tests have found, where it is shorter.
"""

SHORTEST = {
}

# What these do ends the process, in which no property test of a mutant shrinks: they have no
# counterexample to measure.
ENDS_THE_PROCESS = [
]
