#!/bin/bash
# What the driver must refuse: a replay that replays nothing must not pass.
set -u
driver=$PWD/$1
cd "$TEST_TMPDIR" || exit 1
failures=0

# expect CODE TEXT ARGS...: the exit code, and a text that the output must have.
expect() {
  local code=$1 text=$2 output actual
  shift 2
  output=$("$driver" "$@" 2>&1)
  actual=$?
  if (( actual != code )) || [[ $output != *"$text"* ]]; then
    printf 'driver %s: exit code %d, expected %d with "%s"; output:\n%s\n' \
      "$*" "$actual" "$code" "$text" "$output"
    (( ++failures ))
  fi
}

mkdir -p empty full/sub
echo 1 >full/b
echo 2 >full/sub/a
: >full/empty_input
mkfifo full/ignored_fifo
ln -s nowhere dangling

expect 2 'usage:'
expect 2 'empty: nothing to replay: this folder has no file' empty
expect 2 'absent: cannot open this file: No such file or directory' absent
expect 2 'dangling: cannot open this file: No such file or directory' dangling
expect 2 'this folder has no file' full empty
expect 0 '3 inputs, no failure' full
expect 0 'full/b: 2 bytes
full/empty_input: 0 bytes
full/sub/a: 2 bytes' full
expect 0 '4 inputs, no failure' full full/b
if (( EUID != 0 )); then
  echo 3 >locked
  chmod 000 locked
  expect 2 'locked: cannot open this file: Permission denied' locked
fi
# Opens like a file, but reading it fails, for root too.
expect 2 '/proc/self/mem: cannot read this file: Input/output error' /proc/self/mem

exit $(( failures > 0 ))
