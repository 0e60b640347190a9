#!/bin/bash
# prints_unseen.sh UNSEEN EXPECTED [ARGUMENT...]: it prints these lines, separated by commas.
set -euo pipefail

expected=${2//,/$'\n'}
printed=$("$1" "${@:3}")
[[ $printed == "$expected" ]] || {
  printf 'expected:\n%s\nprinted:\n%s\n' "$expected" "$printed"
  exit 1
}
