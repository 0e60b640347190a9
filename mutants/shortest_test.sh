#!/bin/bash
# The list of the shortest counterexamples is as it should be, and mutants/shortest notices when it is
# not; entries that are written are new or smaller.

set -u
cd mutants || exit 1
./shortest --check || exit 1

tree=$TEST_TMPDIR/mutants
cp -rL . "$tree" && chmod -R u+w "$tree" || exit 1
cd "$tree" || exit 1
list=$(<shortest.bzl)
fail() {
  echo "shortest_test: $1" >&2
  exit 1
}

# refused WHAT SED_SCRIPT MESSAGE: --check says so of a list that was changed.
refused() {
  sed "$2" <<<"$list" >shortest.bzl
  local said
  said=$(./shortest --check 2>&1) && fail "$1 is accepted"
  grep -q -- "$3" <<<"$said" || fail "$1: instead of \"$3\" it says: $said"
}
name=$(sed -n 's/^    "\([a-z0-9_]*\)": .*/\1/p' <<<"$list" | head -n 1)
refused "a mutant that is missing" "/^    \"$name\":/d" "$name should be in one of the lists"
refused "a mutant in both lists" "s/^ENDS_THE_PROCESS = \[/&\"$name\",/" "$name should be in one"
refused "a name of nothing" "s/^SHORTEST = {/&\"no_mutant\": 1,/" "no_mutant is in"
refused "a median above 10" 's/": [0-9]*,$/": 11,/' "more than 11 single operations"

# written WHAT SED_SCRIPT LOG_LINE ENTRY: what --write makes of a list that was changed, and a log.
written() {
  sed "$2" <<<"$list" >shortest.bzl
  mkdir -p "logs/mutants/${name}_property/test.outputs"
  echo "$3" >"logs/mutants/${name}_property/test.outputs/log"
  ./shortest --write --testlogs logs >said 2>&1
  grep -q "^    \"$name\": $4,$" shortest.bzl ||
    fail "$1: $(grep "\"$name\"" shortest.bzl) $(<said)"
  [[ $(grep -v "\"$name\"" shortest.bzl) == "$(grep -v "\"$name\"" <<<"$list")" ]] ||
    fail "$1: writing changed another entry"
}
seven="s/^    \"$name\": .*/    \"$name\": 7,/"
written "a shorter one" "$seven" "counterexample: 5 single operations" 5
written "a longer one" "$seven" "counterexample: 9 single operations" 7
written "one longer by more than half" "$seven" "counterexample: 20 single operations" 20
written "a test that says nothing" "$seven" "a log" 7
written "a new one" "/^    \"$name\":/d" "counterexample: 9 single operations" 9
