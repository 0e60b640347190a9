#!/bin/bash
# A fuzzer with one seed does the same in each run, wherever the system loads it: what it covers and
# what it keeps is the same.
#   same_run_test.sh FUZZER RUNS
set -euo pipefail

run() {
  "$1" -seed=1 -runs="$2" -max_len=2048 >"$TEST_TMPDIR/log" 2>&1 || { cat "$TEST_TMPDIR/log"; exit 1; }
  sed -n 's/\(DONE .*\) exec.*/\1/p' "$TEST_TMPDIR/log"
}

first=$(run "$@")
[[ $first == *DONE*cov:*ft:*corp:* ]] || { cat "$TEST_TMPDIR/log"; exit 1; }
for _ in 1 2 3 4; do
  again=$(run "$@")
  [[ $again == "$first" ]] || { printf 'first: %s\nagain: %s\n' "$first" "$again"; exit 1; }
done
