#!/bin/bash
# apply_mutant plants a text that is there exactly once, and refuses everything else.
set -u

apply=$PWD/$1
cd "$TEST_TMPDIR" || exit 1
printf 'int a = 1;\nint b = 2;\nint c = 2;\n// ----\n' >in.h
failures=0

# case_of NAME EXIT_CODE MESSAGE ARGUMENTS...: MESSAGE is part of what it writes to standard error.
case_of() {
  local name=$1 expected=$2 message=$3 code=0
  shift 3
  rm -f out.h
  "$apply" "$@" 2>err || code=$?
  if (( code != expected )); then
    echo "$name: exit code $code, expected $expected"
    failures=$((failures + 1))
  fi
  if [[ $(<err) != *"$message"* ]]; then
    echo "$name: standard error lacks '$message':"
    cat err
    failures=$((failures + 1))
  fi
  if (( expected != 0 )) && [[ -e out.h ]]; then
    echo "$name: wrote a file"
    failures=$((failures + 1))
  fi
}

once="in.h: the text to replace is there"
case_of missing 1 "$once 0 times" alone in.h out.h m "int d" "int e"
case_of twice 1 "$once 2 times" alone in.h out.h m "= 2" "= 3"
case_of overlapping 1 "$once 2 times" alone in.h out.h m "---" "+"
case_of empty 1 "$once 0 times" alone in.h out.h m "" "int e"
case_of equal 1 "differ from its replacement" alone in.h out.h m "int a" "int a"
case_of unchoosable 1 "in.h:1: m cannot be chosen at run time" together in.h out.h m "= 1" "= 7"
case_of no_file 3 "nothing.h: cannot be read" alone nothing.h out.h m "int a" "int e"
case_of folder 3 "cannot be read" alone . out.h m "int a" "int e"
case_of usage 2 "usage: apply_mutant" alone in.h out.h m "int a"
case_of two_alone 2 "usage: apply_mutant" alone in.h out.h m "int a" "int e" n "int b" "int f"
case_of unwritable 3 "no/out.h: cannot be written" alone in.h no/out.h m "int a" "int e"
case_of good 0 "" alone in.h out.h m "a = 1" "a = 7"

printf '#define SLOTPROOF_MUTANT_APPLIED 1\n#line 1 "in.h"\nint a = 7;\nint b = 2;\nint c = 2;\n// ----\n' \
  >expected.h
if ! diff expected.h out.h; then
  echo "good: the copy differs from what is expected"
  failures=$((failures + 1))
fi
exit $((failures != 0))
