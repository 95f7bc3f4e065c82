#!/usr/bin/env bash
# lent.sh NAME TARGET SECONDS [options of tools.train]
#
# For a machine with a GPU that is lent for some minutes: trains NAME for at most SECONDS, going on
# from what the call before has left on that machine's disk, and hands the weights back in $OUT.
# What it reads travels in .train/NAME: data/ (the stage prepare), which only the first call needs,
# and weights/ (what an earlier machine handed back), if that machine is gone. KEEP=1: hand nothing
# back this time. README.md tells the whole way.
set -euo pipefail
name=$1 target=$2 seconds=$3
shift 3
here=${FROM:-.train}/$name
run=$HOME/train/$name
mkdir -p "$run"
[ ! -d "$here/data" ] || { rm -rf "$run/data" && cp -r "$here/data" "$run/data"; }
[ ! -d "$here/weights" ] || [ -e "$run/checkpoint.pt" ] || cp -r "$here/weights" "$run/"
out=${OUT:-$run/out}
mkdir -p "$out"
parts=(--parts "$out/$name")
[ -z "${KEEP:-}" ] || parts=()
PYTHONUNBUFFERED=1 "${PYTHON:-python3}" -m tools.train --source "${SOURCE:-en}" --target "$target" \
  --run "$run" --stages train --until-seconds "$seconds" "${parts[@]}" "$@" 2>&1 | tee "$out/$name.log"
