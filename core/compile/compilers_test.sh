#!/bin/bash
# Both compilers take the headers of core, in either order, and all that a program may do with them;
# and both complain of what they must complain of.
set -euo pipefail

readonly here=core/compile
readonly flags=(-std=c++20 -fsyntax-only -I. -Wall -Wextra -Wconversion -Wshadow -x c++)

fail() {
  printf 'compilers_test: %s\n' "$@" >&2
  exit 1
}

# Standard input is the source.
compiles() {
  "$1" "${flags[@]}" -Werror - 2>"$TEST_TMPDIR/$1" || {
    cat "$TEST_TMPDIR/$1" >&2
    fail "$1 refuses $2"
  }
}

# Those lines of the source that say "// error" are complained of with this text, and no others.
complains() {
  local compiler=$1 source=$2 text=$3
  local expected actual
  "$compiler" "${flags[@]}" -ftemplate-backtrace-limit=0 "$source" 2>"$TEST_TMPDIR/$compiler" || true
  expected=$(grep -n '// error' "$source" | cut -d: -f1)
  actual=$(grep -E "^$source:[0-9]+:.*($text)" "$TEST_TMPDIR/$compiler" | cut -d: -f2 | sort -nu)
  [[ $actual == "$expected" ]] || {
    cat "$TEST_TMPDIR/$compiler" >&2
    fail "$compiler should complain of these lines of $source:" "$expected" "but does of:" "$actual"
  }
}

check() {
  local compiler=$1
  command -v "$compiler" >/dev/null || fail "there is no $compiler: run ci/setup"
  printf '#include "%s"\n' "${headers[@]}" | compiles "$compiler" "the headers"
  printf '#include "%s"\n' "${headers[@]}" | tac | compiles "$compiler" "the headers in reverse order"
  compiles "$compiler" "$here/every_member.cc" <"$here/every_member.cc"
  compiles "$compiler" "$here/every_member.cc with NDEBUG" < <(
    echo '#define NDEBUG'
    cat "$here/every_member.cc"
  )
  complains "$compiler" "$here/discarded_results.cc" 'unused-result'
  complains "$compiler" "$here/unhashed_keys.cc" 'requested here|required from here'
}

mapfile -t headers < <(find -L core -name '*.h' | sort)
(( ${#headers[@]} > 30 )) || fail "only ${#headers[@]} headers are here"

check clang++-19 &
first=$!
check g++ &
second=$!
wait "$first" && wait "$second"
