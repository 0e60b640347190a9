#!/bin/bash
# two_bugs_test.sh FUZZER SLOTPROOF: two planted bugs of the map that break one law at one operation.
# Fuzzing must report both: for each a trace that breaks the law on it and not on the other one.
set -u

fuzzer=$PWD/$1
slotproof=$PWD/$2
bugs=(empty_rest_before_a_used_slot empty_rest_before_a_used_bucket)
law=mismatch/delete.presence
out=$TEST_TMPDIR/out

SLOTPROOF_MUTANT=${bugs[0]},${bugs[1]} "$slotproof" fuzz map --plain-binary "$fuzzer" --out "$out" \
  --jobs 1 --runs 4000 --seed 2 >"$TEST_TMPDIR/log" 2>&1
code=$?
if (( code != 1 )); then
  cat "$TEST_TMPDIR/log"
  echo "fuzzing ended with $code, not 1"
  exit 1
fi

# breaks BUG TRACE: whether the trace breaks the law on a map that has only this bug.
breaks() {
  SLOTPROOF_MUTANT=$1 "$slotproof" replay "$2" | grep -q "signature  $law"
}

found=0
for own in 0 1; do
  for trace in "$out"/findings/map-mismatch-delete.presence-*.trace; do
    if breaks "${bugs[own]}" "$trace" && ! breaks "${bugs[1 - own]}" "$trace"; then
      echo "${bugs[own]} alone: ${trace##*/}"
      found=$((found + 1))
      break
    fi
  done
done
(( found == ${#bugs[@]} )) && exit 0
cat "$TEST_TMPDIR/log"
echo "of ${#bugs[@]} bugs that break $law, $found have a trace"
exit 1
