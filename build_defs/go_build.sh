#!/bin/bash
# go_build.sh exe|c-archive OUT SOURCE...: compiles a Go program, with no cache and no network. The
# sources are copied into one folder; they can use the standard library only.
set -euo pipefail

mode=$1
out=$PWD/$2
shift 2
version=$(command -v go >/dev/null && go version || echo none)
if [[ ! $version =~ ^go\ version\ go1\.19(\.|\ ) ]]; then
  echo "slotproof compares itself with Go 1.19, but the Go here is: $version;" \
    "run ci/setup, or: apt-get install golang-go (of Debian 12)" >&2
  exit 1
fi
# A program needs no C; an archive for C programs needs cgo.
cgo=0
[[ $mode == c-archive ]] && cgo=1
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
cp -L "$@" "$scratch"
cd "$scratch"
env -i PATH="$PATH" HOME="$scratch" GOCACHE="$scratch/cache" GOFLAGS=-mod=mod GOPROXY=off \
  CGO_ENABLED=$cgo CC=clang-19 go build -buildmode="$mode" -trimpath -o "$out" .
