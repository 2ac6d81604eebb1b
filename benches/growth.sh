#!/usr/bin/env bash
# How latency and cost grow with frame size, frame rate and number of faces, and how fast files are analysed: a Markdown table of each.
#   benches/growth.sh [SECONDS] | tee tables.md     10 s each unless told otherwise; about six minutes. Needs a release build, ffmpeg and python3.
#   benches/growth_plot.py plot.svg < tables.md
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
onset=${ONSET:-$root/target/release/onset}
seconds=${1:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One live session; prints a row. Name, then options of `onset bench`.
row() {
    local name=$1
    shift
    "$onset" bench --no-networks --seconds "$seconds" --json "$work/report.json" "$@" >/dev/null 2>&1
    python3 - "$work/report.json" "$name" <<'PY'
import json, sys
report, name = json.load(open(sys.argv[1])), sys.argv[2]
stage = {f["name"]: f for f in report["stages"] + report["end_to_end"]}
p = lambda key, q="p50_ms": f"{stage[key][q]:.2f}" if key in stage else "-"
print(f"| {name} | {report['frames']} | {report['lost']} | {report['cpu_ms_per_frame']:.1f} | {report['cpu_cores']:.2f} | {p('decode')} | {p('landmarks')} | "
      f"{p('motion')} | {p('spot')} | {p('draw')} | {p('arrival to result')} | {p('arrival to result', 'p95_ms')} | "
      f"{report['peak_memory_mb'] - report['input']['held_mb']:.0f} |")
PY
}
header() {
    printf '\n| %s | frames | lost | CPU ms a frame | cores | decode | landmarks | motion | spot | draw | to result p50 | p95 | MB |\n' "$1"
    printf '|---|---|---|---|---|---|---|---|---|---|---|---|---|\n'
}

echo "machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n1), load $(cut -d' ' -f1-3 /proc/loadavg); ms unless it says so; medians"
header "frame size, at 30 fps"
for size in 320x240 640x480 1280x720 1920x1080 3840x2160; do row "$size" --size "$size"; done
header "frame rate, 640x480"
for fps in 15 30 60 120 240; do row "$fps" --fps "$fps"; done
header "faces, 1280x720 at 30 fps"
for people in 1 2 3 4; do row "$people" --size 1280x720 --people "$people" --faces "$people"; done

printf '\nHighest rate with at most 1 %% lost, 640x480: '
"$onset" bench --no-networks --seconds 2 --sustain --json "$work/report.json" >/dev/null 2>&1
python3 -c "
import json, sys
s = json.load(open(sys.argv[1]))['sustainable']
print(f\"{s['fps']:.0f} fps (tried: \" + ', '.join(f\"{a['fps']:.0f}: {100 * a['lost_share']:.1f} %\" for a in s['attempts']) + ')')" "$work/report.json"

# Two files, so that two jobs have something to do.
"$onset" synth --out "$work/synth" --clips 2 --duration 30 --fps 30 --size 640x480 --no-strips >/dev/null
for clip in "$work"/synth/*.mkv; do
    ffmpeg -y -loglevel error -i "$clip" -c:v libx264 -preset veryfast -crf 20 "${clip%.mkv}.mp4"
done
printf '\n| onset analyze, two files of 30 s, 640x480 at 30 fps, H.264 | wall s | times real time |\n|---|---|---|\n'
for jobs in 1 2; do
    began=$(date +%s.%N)
    "$onset" analyze "$work"/synth/*.mp4 --out "$work/out$jobs" --jobs "$jobs" >/dev/null 2>&1
    python3 -c "import sys; wall = float(sys.argv[2]) - float(sys.argv[1]); print(f'| --jobs {sys.argv[3]} | {wall:.1f} | {60 / wall:.1f} |')" \
        "$began" "$(date +%s.%N)" "$jobs"
done
