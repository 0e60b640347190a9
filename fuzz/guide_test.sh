#!/bin/bash
# What guides a fuzzer is its target's core, and not what looks at it: the fuzzer says how many edges
# it has. Too many, or next to none, mean that a name in build_defs/*.list is out of date.
#   guide_test.sh FUZZER LEAST MOST
set -euo pipefail

"$1" -runs=0 >"$TEST_TMPDIR/log" 2>&1 || { cat "$TEST_TMPDIR/log"; exit 1; }
edges=$(sed -n 's/.*Loaded 1 PC tables (\([0-9]*\) PCs).*/\1/p' "$TEST_TMPDIR/log")
echo "$1 has ${edges:=0} edges"
(($2 <= edges && edges <= $3)) || { echo "there should be $2 to $3"; exit 1; }
