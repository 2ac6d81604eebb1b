#!/usr/bin/env bash
# What a recording says and leaves when its disk, folder or clock fails: a tmpfs of 40 MB, one of 3 MB, a read-only one, a folder that is
# removed, a system clock that jumps (libfaketime, Debian's package faketime; skipped without). Linux, as root (it mounts).
#
#   benches/record_faults.sh
#
# For each: the exit code, what was said, and what `onset session check` finds.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
onset=${ONSET:-$root/target/release/onset}
work=$(mktemp -d "${TMPDIR:-/tmp}/onset-faults.XXXXXX")
disk=$work/disk
mkdir "$disk"
cleanup() {
    umount "$disk" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

session=("$onset" record --protocol interview --participant P00 --input synthetic --headless --accept-consent --purpose self --out)

# tell NAME CODE DIR: the outcome of the session in DIR.
tell() {
    printf '\n== %s: exit code %s\n' "$1" "$2"
    sed 's/^/  said: /' "$work/said"
    [ ! -e "$3/session.toml" ] || "$onset" session check --no-repair "$3" | sed -n '1,6p'
}

# on_disk NAME OPTIONS: a session on a tmpfs.
on_disk() {
    local code=0
    mount -t tmpfs -o "$2" tmpfs "$disk"
    "${session[@]}" "$disk/s" >/dev/null 2>"$work/said" || code=$?
    tell "$1" "$code" "$disk/s"
    umount "$disk"
}

on_disk "a disk of 40 MB" size=40m
on_disk "a disk of 3 MB" size=3m
on_disk "a read-only disk" size=3m,ro

code=0
"${session[@]}" "$work/gone" >/dev/null 2>"$work/said" &
pid=$!
sleep 5
rm -rf "$work/gone"
wait "$pid" || code=$?
tell "a folder that vanishes" "$code" "$work/gone-rescued"

library=$(find /usr/lib -name libfaketime.so.1 2>/dev/null | head -n 1)
if [ -z "$library" ]; then
    printf '\n== a clock that jumps: SKIPPED, libfaketime is missing (apt install faketime)\n'
    exit 0
fi
echo "+0" >"$work/clock"
code=0
FAKETIME_TIMESTAMP_FILE=$work/clock FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1 FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD=$library \
    timeout -s INT 12 "${session[@]}" "$work/clocks" >/dev/null 2>"$work/said" &
pid=$!
sleep 5
echo "+3600s" >"$work/clock"
sleep 3
echo "-7200s" >"$work/clock"
wait "$pid" || code=$?
tell "a clock that jumps" "$code" "$work/clocks"
grep '"clock"' "$work/clocks/log.jsonl"
