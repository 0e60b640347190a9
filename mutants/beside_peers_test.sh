#!/bin/bash
# What mutants/beside_peers makes of programs that find a mutant, find none in time, or are missing.
# The programs are scripts here.

set -u
bin=$TEST_TMPDIR/bin
mkdir -p "$bin/mutants" "$bin/bench/peers"
fail() {
  echo "beside_peers_test: $1" >&2
  exit 1
}
# program PATH LINE...: a script of these lines.
program() {
  { echo '#!/bin/bash' && printf '%s\n' "${@:2}"; } >"$bin/$1"
  chmod +x "$bin/$1"
}

mutants/beside_peers --targets --every 40 >"$TEST_TMPDIR/targets"
mapfile -t found < <(sed -n 's|^//mutants:\(.*\)_property$|\1|p' "$TEST_TMPDIR/targets")
(( ${#found[@]} == 3 )) || fail "three mutants expected: ${found[*]}"
for mutant in "${found[@]}"; do
  program "mutants/${mutant}_property.program" 'echo "Falsified: x"' \
    'echo "op 1: invariant/lost: x"' \
    'echo "killed after 3 traces, 5 checked operations, 0.010 s"' 'exit 1'
  program "mutants/${mutant}_fuzz_kill.program" 'echo "slotproof: heap: op 1: invariant/lost: x"' \
    'echo "stat::number_of_executed_units: 7"' 'exit 77'
done
# One peer finds the first mutant alone, the other one nothing.
program bench/peers/heap_peer_property "[[ \$SLOTPROOF_MUTANT == ${found[0]} ]] && exit 1" 'exec sleep 100'
program bench/peers/heap_peer_fuzz 'exec sleep 100'

measure() { mutants/beside_peers --every 40 --seeds 1 --seconds 1 --bin "$bin"; }
measure >"$TEST_TMPDIR/table" 2>"$TEST_TMPDIR/progress" || fail "$(cat "$TEST_TMPDIR"/{table,progress})"
for row in '^| property engine | 3 of 3 | 10 (10) | 1 of 1 | 10 (10) |$' \
  '^| rc::state | 1 of 3 | [0-9,]* ([0-9,]*) | 1 of 1 | ' \
  '^| fuzzer | 3 of 3 | [0-9,]* ([0-9,]*) | 0 of 0 | - |$' \
  '^| byte-op target | 0 of 3 | - | 0 of 0 | - |$'; do
  grep -q -- "$row" "$TEST_TMPDIR/table" || fail "no row $row in:"$'\n'"$(cat "$TEST_TMPDIR"/{table,progress})"
done

# refused WHAT MESSAGE: the table is refused, for this reason.
refused() {
  local said
  said=$(measure 2>&1) && fail "$1 is accepted"
  grep -q -- "$2" <<<"$said" || fail "$1: instead of \"$2\" it says: $said"
}
program bench/peers/heap_peer_fuzz 'exit 0'
refused "a peer that ends and has found nothing" "ended without a failure of ${found[0]}"
rm "$bin/mutants/${found[0]}_property.program"
refused "a program that is missing" "is missing; build it"
