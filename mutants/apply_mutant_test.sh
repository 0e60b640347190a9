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
case_of missing 1 "$once 0 times" in.h out.h "int d" "int e"
case_of twice 1 "$once 2 times" in.h out.h "= 2" "= 3"
case_of overlapping 1 "$once 2 times" in.h out.h "---" "+"
case_of empty 1 "$once 0 times" in.h out.h "" "int e"
case_of equal 1 "differ from its replacement" in.h out.h "int a" "int a"
case_of no_file 3 "nothing.h: cannot be read" nothing.h out.h "int a" "int e"
case_of folder 3 "cannot be read" . out.h "int a" "int e"
case_of usage 2 "usage: apply_mutant" in.h out.h "int a"
case_of unwritable 3 "no/out.h: cannot be written" in.h no/out.h "int a" "int e"
case_of good 0 "" in.h out.h "a = 1" "a = 7"

printf '#define SLOTPROOF_MUTANT_APPLIED 1\n#line 1 "in.h"\nint a = 7;\nint b = 2;\nint c = 2;\n// ----\n' \
  >expected.h
if ! diff expected.h out.h; then
  echo "good: the copy differs from what is expected"
  failures=$((failures + 1))
fi
exit $((failures != 0))
