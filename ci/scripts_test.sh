#!/bin/bash
# The checks of ci/ over small trees: each finds the mistake that was planted, and nothing else.
set -u

scripts=$PWD/ci
failures=0

# expect NAME EXIT_CODE WORDS COMMAND...: WORDS are part of the output; none: there is no output.
expect() {
  local name=$1 expected=$2 words=$3 output code=0
  shift 3
  output=$("$@" 2>&1) || code=$?
  if (( code != expected )) || [[ $output != *"$words"* ]] || [[ -z $words && -n $output ]]; then
    printf '%s: exit code %d, not %d, or the output lacks "%s":\n%s\n' \
      "$name" "$code" "$expected" "$words" "$output"
    failures=$((failures + 1))
  fi
}

# tree: a new one, with the scripts, in which nothing is wrong.
tree() {
  cd "$(mktemp -d "$TEST_TMPDIR/tree.XXXXXX")" || exit 1
  mkdir -p ci core harness/low harness/high
  cp -L "$scripts"/* ci/
  rm ci/scripts_test.sh
  touch BUILD harness/low/BUILD harness/high/BUILD
  printf '#include <map>\n' >harness/low/low.h
  printf '#include "harness/low/low.h"\n' >harness/high/high.cc
  printf '#include "harness/high/high.h"\n' >harness/low/low_test.cc
}

tree
expect "no circle" 0 "" ci/check_rooms.py
printf '#include "harness/high/high.h"\n' >harness/low/low.cc
expect "a circle" 1 "the folders harness/high -> harness/low -> harness/high are a circle:" \
  ci/check_rooms.py
expect "an include of the circle" 1 'harness/low/low.cc includes "harness/high/high.h"' \
  ci/check_rooms.py

tree
printf '#include "harness/low/low.h"\n' >core/core.h
expect "a trespass" 1 'core/core.h: core must know nothing of harness' ci/check_rooms.py

tree
printf '//harness/low:%s\n' low.h low_test.cc >labels
expect "a lost source" 1 \
  "harness/high/high.cc: no target has it; add it to one in harness/high/BUILD" \
  ci/check_targets.py labels
printf '//harness/high:high.cc\n' >>labels
expect "no lost source" 0 "" ci/check_targets.py labels

# passed LABEL: the events of one test.
passed() {
  printf '{"id":{"testSummary":{"label":"%s"}},"testSummary":{"overallStatus":"PASSED"}}\n' "$1"
}

tree
passed //harness/high:other_test >events.json
expect "a test that never runs" 1 "harness/low/low_test.cc: no test of this name ran" \
  ci/summarize_tests.py --whole events.json 0 skipped
expect "a part of the tests" 0 "1 passed, 0 failed" ci/summarize_tests.py events.json 0 skipped
passed //harness/low:map_low_test_asan >>events.json
expect "all tests" 0 "2 passed, 0 failed" ci/summarize_tests.py --whole events.json 0 skipped

# action TARGET NAME START_S SECONDS: the two events of a process.
action() {
  printf '{"cat":"action processing","name":"%s","ts":%d,"dur":%d,"tid":1,"args":{"target":"%s"}},' \
    "$2" $(($3 * 1000000)) $((($4 + 1) * 1000000)) "$1"
  printf '{"cat":"general information","name":"subprocess.run","ts":%d,"dur":%d,"tid":1},' \
    $(($3 * 1000000 + 1)) $(($4 * 1000000))
}

# profile SECONDS: of a run in which one target takes so long, beside small ones.
profile() {
  {
    printf '{"traceEvents":['
    action //core/map:table_test "Compiling core/map/table_test.cc" 0 "$1"
    local i
    for i in {0..39}; do
      action "//mutants:m$i" "Testing //mutants:m$i" $(($1 + 10 + 30 * i)) 20
    done
    printf '{"cat":"general information","name":"Finishing","ts":0,"tid":1}]}'
  } | gzip >profile.gz
}

profile 100
expect "a table" 0 "| mutants | 40 | 0 | 0 | 800 | 0 | 89 % |" ci/where_time_goes profile.gz
expect "a target that takes too much" 0 \
  "warning: //core/map:table_test takes 100 s, 11 % of the suite" ci/where_time_goes --warn profile.gz
profile 20
expect "no target that takes too much" 0 "" ci/where_time_goes --warn profile.gz
expect "no profile" 1 "run ci/test first" ci/where_time_goes nothing.gz

exit $((failures != 0))
