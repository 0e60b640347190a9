#!/bin/bash
# ci/fuzz and ci/test in folders, users and environments that a build cannot do with: each works, or
# ends before anything is built with one line that says what to do. Bazel and what it builds are
# small scripts here, which write down how they were called.
set -u

scripts=$PWD/ci
failures=0

# expect NAME EXIT_CODE WORDS COMMAND...: WORDS are a part of the output.
expect() {
  local name=$1 expected=$2 words=$3 output code=0
  shift 3
  output=$("$@" 2>&1) || code=$?
  if ((code != expected)) || [[ $output != *"$words"* ]]; then
    printf '%s: exit code %d, not %d, or the output lacks "%s":\n%s\n' \
      "$name" "$code" "$expected" "$words" "$output"
    failures=$((failures + 1))
  fi
}

# nothing_was_built NAME: since the last tree.
nothing_was_built() {
  if [[ -e $calls ]]; then
    printf '%s: built something: %s\n' "$1" "$(cat "$calls")"
    failures=$((failures + 1))
  fi
}

# was_called NAME WORDS: a program was called so.
was_called() {
  if ! grep -Fq -- "$2" "$calls"; then
    printf '%s: no call has "%s":\n%s\n' "$1" "$2" "$(cat "$calls")"
    failures=$((failures + 1))
  fi
}

# was_not_called NAME WORDS: no program was called so.
was_not_called() {
  if grep -F -- "$2" "$calls"; then
    printf '%s: the call above has "%s"\n' "$1" "$2"
    failures=$((failures + 1))
  fi
}

# tree FOLDER: a checkout with three targets there, one of which has no sanitized fuzzer.
tree() {
  local folder=$TEST_TMPDIR/$1 program
  chmod -R u+w -- "$folder" 2>/dev/null
  rm -rf -- "$folder" "$bin"
  mkdir -p -- "$folder"/{ci,fuzz/corpus/map} "$bin/fuzz" && cd -- "$folder" || exit 1
  cp -L "$scripts"/{environment,fuzz,test,summarize_tests.py} ci/
  printf '#!/bin/bash\n' >ci/setup
  chmod +x ci/setup
  touch fuzz/{map,slice,threads}.dict
  for program in slotproof{,_asan} fuzz/{map,slice,threads}_fuzz{,_plain}; do
    # shellcheck disable=SC2016
    printf '#!/bin/bash\nprintf "%%s\\n" "slotproof $*" >>"$calls"\n' >"$bin/$program"
    chmod +x "$bin/$program"
  done
  # Of code that no sanitizer watches.
  ln -sf threads_fuzz_plain "$bin/fuzz/threads_fuzz"
  rm -f "$calls"
}

export calls=$TEST_TMPDIR/calls bin=$TEST_TMPDIR/bin
export SLOTPROOF_BAZEL=$TEST_TMPDIR/bazel
cat >"$SLOTPROOF_BAZEL" <<'BAZEL'
#!/bin/bash
if [[ $1 == info ]]; then
  echo "$bin"
  exit
fi
printf '%s\n' "bazel home=$HOME user=$USER $*" >>"$calls"
echo "[12 / 3,456] Compiling x.cc; 2s linux-sandbox"
echo "x.cc:1: error: a planted one"
exit "${bazel_code-0}"
BAZEL
chmod +x "$SLOTPROOF_BAZEL"
export HOME=$TEST_TMPDIR/home USER=me TMPDIR=$TEST_TMPDIR
mkdir -p "$HOME"

tree plain
expect "all targets" 0 "built 12 of 3,456: Compiling x.cc; 2s" ci/fuzz
was_called "all targets" "-- //fuzz:map_fuzz //fuzz:slice_fuzz //fuzz:threads_fuzz //fuzz:map_fuzz_plain"
was_called "all targets" "slotproof fuzz map slice --out $PWD/.slotproof/fuzz --asan-binary $bin/fuzz/{}_fuzz --asan-slotproof $bin/slotproof_asan --plain-binary $bin/fuzz/{}_fuzz_plain"
was_called "all targets" "--seeds fuzz/corpus/{} --dict fuzz/{}.dict --minutes 2"
rm "$calls"
expect "one target" 0 "" ci/fuzz --target slice --hours 8
was_called "one target" "slotproof fuzz slice --out $PWD/.slotproof/fuzz/slice --asan-binary $bin/fuzz/slice_fuzz "
was_called "one target" "--dict fuzz/slice.dict --hours 8"
rm "$calls"
expect "a target without sanitizers" 0 "" ci/fuzz --target threads
was_called "a target without sanitizers" "slotproof fuzz threads --out $PWD/.slotproof/fuzz/threads --plain-binary $bin/fuzz/threads_fuzz_plain --dict"
was_not_called "a target without sanitizers" "slotproof_asan"
expect "an unknown target" 2 "known: map slice threads" ci/fuzz --target slcie
bazel_code=1 expect "a build that fails" 3 "x.cc:1: error: a planted one" ci/fuzz

for name in "it's \"so\"" "\$HOME \`id\`" $'a\nb' -dash '*;&|<>#~'; do
  name=${name// /}
  tree "$name"
  expect "a checkout in '$name'" 0 "" "$PWD/ci/fuzz"
  cd .. || exit 1
  expect "a checkout in '$name', by a relative path" 0 "" "./$name/ci/fuzz" --out "$name/my runs"
  was_called "a relative path" "--out $PWD/$name/my runs"
done

tree "my checkout"
expect "a space" 3 "move the checkout to a path of ASCII without spaces" ci/fuzz
expect "a space" 1 "0 passed, 1 failed" ci/test
nothing_was_built "a space"
tree $'\xc3\xbc'
expect "a letter beyond ASCII" 3 "move the checkout" ci/fuzz
nothing_was_built "a letter beyond ASCII"

tree plain
expect "no TMPDIR" 3 "TMPDIR='/nowhere/tmp' is no folder that can be written" \
  env TMPDIR=/nowhere/tmp ci/fuzz
expect "no TMPDIR" 1 "is no folder that can be written" env TMPDIR=/nowhere/tmp ci/test
# What a full disk does: nothing larger than this can be written.
expect "a full TMPDIR" 3 "is full: make room in it" bash -c 'trap "" XFSZ; ulimit -f 8; exec ci/fuzz'
nothing_was_built "TMPDIR"

expect "no HOME" 0 "" env -u HOME -u USER ci/fuzz
was_called "no HOME" "bazel home=/"
rm "$calls"
instead=/var/tmp/slotproof-home-$(id -u)
had_instead=0
[[ ! -e $instead ]] || had_instead=1
expect "a HOME that is no path" 0 "" env HOME=nowhere ci/fuzz
was_called "a HOME that is no path" "bazel home=$TMPDIR/slotproof-home-$(id -u) user=me"
if [[ ! -w / ]]; then
  rm "$calls"
  expect "a HOME that cannot be written" 0 "" env HOME=/nonexistent ci/fuzz
  was_called "a HOME that cannot be written" "bazel home=$TMPDIR/slotproof-home-"
fi

expect "a folder for the run that cannot be written" 3 \
  "/proc/nowhere cannot be written: name a folder that can be with --out" \
  ci/fuzz --out /proc/nowhere
expect "a value that is missing" 2 "--out needs a value" ci/fuzz --out

exit $((failures != 0))
