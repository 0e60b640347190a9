#!/bin/bash
# Runs each `slotproof` command of the documentation, as a reader would: in a folder that holds the
# repository's docs/. A line may end in "# exits with N"; else it must exit with 0.
#
#   commands_test.sh SLOTPROOF FILE.md...
set -u
slotproof=$PWD/$1
shift
work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/docs.XXXXXX")
mkdir -p "$work/docs" "$work/fuzz"
cp -rL docs/examples "$work/docs/"
touch "$work/WORKSPACE"
export BUILD_WORKSPACE_DIRECTORY=$work BUILD_WORKING_DIRECTORY=$work

ran=0
failed=0
while IFS= read -r line; do
  command=${line%%#*}
  expected=0
  [[ $line =~ '# exits with '([0-9]+) ]] && expected=${BASH_REMATCH[1]}
  output=$(cd "$work" && eval "\"$slotproof\" $command" 2>&1)
  code=$?
  ran=$((ran + 1))
  if ((code != expected)); then
    failed=$((failed + 1))
    printf 'exits with %d, not %d: slotproof %s\n%s\n' "$code" "$expected" "$command" "$output"
  fi
done < <(sed -nE 's/^    (\$ )?(bazel run \/\/:slotproof --|slotproof) (.*)$/\3/p' "$@" | grep -v '[A-Z]\{4\}')

echo "$ran commands ran, $failed failed"
((ran >= 5 && failed == 0))
