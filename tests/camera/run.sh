#!/usr/bin/env bash
# The release program against real V4L2 drivers without hardware (v4l2loopback, vivid), in a machine in software
# emulation: `./check --camera`. One line a check; exits with 1 when one failed. It asserts what is right, never how fast:
# decoding is 50 times slower there.
#
# What is downloaded and built is kept in target/camera. ONSET_BINARY and FEEDER_BINARY spare the build.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
cd "$root"
# shellcheck source=scripts/system-packages.sh
. scripts/system-packages.sh

if [ "$(uname -sm)" != "Linux x86_64" ] || ! command -v apt-get >/dev/null 2>&1; then
    say "The camera checks need Debian or Ubuntu on x86_64: they boot its kernel with its camera drivers."
    exit 1
fi
prepare "$root" camera

cache=$root/target/camera
mkdir -p "$cache"
"$here/kernel.sh" "$cache"

onset=${ONSET_BINARY:-$root/target/release/onset}
feeder=${FEEDER_BINARY:-$root/target/release/examples/camera-feeder}
if [ -z "${ONSET_BINARY:-}" ] || [ -z "${FEEDER_BINARY:-}" ]; then
    cargo build --release --locked --bin onset --example camera-feeder
fi

[ "$cache/frames" -nt "$here/frames.sh" ] || "$here/frames.sh" "$onset" "$cache/frames"

log=$cache/console.log
started=$SECONDS
# A machine that does not come up, or does not end, has no last line: that is a failure below.
"$here/machine.sh" "$cache" "$onset" "$feeder" 2>&1 | tr -d '\r' | tee "$log" | grep --line-buffered -E '^(ok|not ok|#|1\.\.) ?' || true

planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log")
passed=$(grep -c '^ok ' "$log" || true)
failed=$(grep -c '^not ok ' "$log" || true)
printf '%d camera checks passed, %d failed, in %d s\n' "$passed" "$failed" $((SECONDS - started))
if [ -z "$planned" ]; then
    say "The test machine did not come to its end. Its last lines (all are in $log):"
    tail -n 20 "$log" >&2
    exit 1
fi
[ "$failed" -eq 0 ] && [ "$passed" -eq "$planned" ]
