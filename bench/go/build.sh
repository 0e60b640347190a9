#!/bin/bash
# build.sh OUT SOURCE...: compiles the Go program, with no cache and no network.
set -euo pipefail

out=$PWD/$1
shift
version=$(command -v go >/dev/null && go version || echo none)
if [[ $version != "go version go1.19"* ]]; then
  echo "bench/go: Go 1.19 is what the map is compared with, but here is: $version;" \
    "run ci/setup, or: apt-get install golang-go (of Debian 12)" >&2
  exit 1
fi
scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
cp -L "$@" "$scratch"
cd "$scratch"
env -i PATH="$PATH" HOME="$scratch" GOCACHE="$scratch/cache" GOFLAGS=-mod=mod GOPROXY=off \
  CGO_ENABLED=0 go build -trimpath -o "$out" .
