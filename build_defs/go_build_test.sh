#!/bin/bash
# go_build_test.sh GO_BUILD: without Go 1.19 a build fails at once, with one line that says so.
set -uo pipefail

build=$PWD/$1
folder=$TEST_TMPDIR/bin
mkdir -p "$folder"

fail() {
  echo "$*"
  exit 1
}

# expect_refusal VERSION: the line names this version.
expect_refusal() {
  local out
  out=$(PATH=$folder /bin/bash "$build" c-archive out.a go.mod 2>&1) &&
    fail "the build went on with the Go called '$1'"
  [[ $(wc -l <<<"$out") == 1 && $out == *"the Go here is: $1; run ci/setup"* ]] ||
    fail "not one line that names '$1':" "$out"
  echo "refused: $out"
}

# expect_acceptance VERSION: the build goes on, to fail for want of mktemp.
expect_acceptance() {
  local out
  out=$(PATH=$folder /bin/bash "$build" c-archive out.a go.mod 2>&1) &&
    fail "a build without tools cannot succeed"
  [[ $out == *mktemp* && $out != *"the Go here"* ]] || fail "'$1' was refused:" "$out"
  echo "accepted: $1"
}

pretend() {
  printf '#!/bin/bash\necho "%s"\n' "$1" >"$folder/go"
  chmod +x "$folder/go"
}

expect_refusal none
for version in 'go version go1.18.10 linux/amd64' 'go version go1.21.0 linux/amd64' \
  'go version go1.190 linux/amd64' 'gccgo 12'; do
  pretend "$version"
  expect_refusal "$version"
done
for version in 'go version go1.19 linux/amd64' 'go version go1.19.8 linux/amd64'; do
  pretend "$version"
  expect_acceptance "$version"
done
