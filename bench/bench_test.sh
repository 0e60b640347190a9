#!/bin/bash
# Every benchmark program runs and every table is printed, with tiny counts.
set -euo pipefail

corpus=$TEST_TMPDIR/corpus
for target in map slice heap; do
  mkdir -p "$corpus/$target"
  printf 'forty bytes are ten operations, or so...' >"$corpus/$target/seed"
done
bin=$TEST_TMPDIR/bin
mkdir "$bin"
ln -s "$PWD"/bench/* "$PWD"/bench/quick/* "$bin"
bench/measure.py --quick --bin "$bin" --corpus "$corpus" >"$TEST_TMPDIR/tables"
cat "$TEST_TMPDIR/tables"
# Titles of the tables, and one cell of each that a program must have filled. What Go allocates is
# not exact: its runtime may allocate, too.
for expected in '^### Property engine .* map' '^### Property engine .* slice' \
  '^### Property engine .* heap' '^### Fuzz target .* heap' \
  '^| ours, all operations, uint64 | [0-9.]' '^### Fuzz target .* slice' \
  '^| -O2, seeded | [0-9.]' '^| ASan+UBSan, empty | [0-9.]' '^| 4,096 | [0-9]' \
  '^| 1,000 | [0-9]' '^### Maps, string keys, 419 entries' '^| delete_insert | [0-9]' \
  '^| 1,000,000 | [0-9.]* | .* | 38 [0-9]* 21 | ' \
  '^### Allocation with pointers, 8 MiB live' '^| 32,768 | [0-9.]' '^| mixed | [0-9.]' \
  '^| binary tree | [0-9]' '^### Steps of marking' \
  '^### Maps that threads share, 99' '^| 8 | [0-9.]' '^| ours, 2 mutators | [0-9.]' \
  '^| map, stale | no, ' \
  '^### Short histories' '^| CS/account | 4 | 1 RFF | [0-9]' '^| 2x25 | mix | [0-9]' \
  '^| delete, find its key | 2 | `d1` | `f1` | 8 | 2 |' '^| first insertions | [0-9]' \
  '^### ThreadSanitizer, real' \
  '^| boost.lockfree | RingOfTwo | [0-9]'; do
  grep -q -- "$expected" "$TEST_TMPDIR/tables" || { echo "no line matches: $expected"; exit 1; }
done
