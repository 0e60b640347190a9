"""TARGETS: every target, and the folder that has it.

Those of TARGETS get a place in the command, a property test in //properties, a fuzzer and its tests
in //fuzz. Those of COMMAND_TARGETS, whose threads make each run another one, only the former.
"""

TARGETS = {
    "map": "//subjects/map",
    "unordered_map": "//subjects/map",
    "slice": "//subjects/slice",
    "heap": "//subjects/heap",
}

COMMAND_TARGETS = {
    "locked_map": "//subjects/shared_map",
    "unguarded_map": "//subjects/shared_map",
}

ALL_TARGETS = dict(TARGETS, **COMMAND_TARGETS)

# Of scheduled code: the same as TARGETS, without sanitizers.
SCHEDULED_TARGETS = {
    "scheduled_heap": "//subjects/scheduled_heap",
    "scheduled_locked_map": "//subjects/scheduled_map",
    "scheduled_sharded_map": "//subjects/scheduled_map",
    "scheduled_sync_map": "//subjects/scheduled_map",
}

FUZZED_TARGETS = dict(TARGETS, **SCHEDULED_TARGETS)

# Which libraries have to come first in a link with them.
SCHEDULED_CODE = [
    "//subjects/scheduled_heap:heaps",
    "//subjects/scheduled_map:maps",
]

# Of the usual number of traces, in percent, where one takes long.
SHARE_OF_RUNS = {"scheduled_heap": 10}
