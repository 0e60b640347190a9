#!/bin/bash
# replay --every-fuse finds a bug in what runs when something throws, in a trace that passes when
# replayed alone, and the trace that it saves fails by itself.
set -euo pipefail

slotproof=$PWD/$1
cd "$TEST_TMPDIR"

fail() {
  echo "$1"
  exit 1
}

cat >plain.txt <<'END'
slotproof-trace 1
target slice
header elem=throwing_zero slices=2
append s0 s0 3
append s0 s0 1
END

"$slotproof" replay --every-fuse plain.txt >sound.out || fail "slices without a bug fail"
grep -q "fuse_alloc 2, fuse_copy 9$" sound.out || fail "not every copy was made to throw: $(cat sound.out)"

export SLOTPROOF_MUTANT=slice_unfinished_does_not_see_the_tail
"$slotproof" replay plain.txt || fail "the trace fails without a fuse"
if "$slotproof" replay --every-fuse plain.txt >found.out; then fail "the bug was not found"; fi
cat found.out
grep -q "signature  invariant/objects.leaked" found.out || fail "another bug was found"
if "$slotproof" replay plain.fuse.trace; then fail "the saved trace passes"; fi
"$slotproof" shrink plain.fuse.trace -o small.txt
grep -q fuse_copy small.txt || fail "the shrunk trace has lost its fuse"
