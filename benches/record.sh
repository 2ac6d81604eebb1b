#!/usr/bin/env bash
# How a recording holds up: `onset record` from the synthetic camera, analysis running, sampled once a second.
#
#   benches/record.sh [SECONDS] [FPS] [FORMAT] [DIR]     default: 600 60 yuyv and a folder of its own, removed at the end
#
# Prints as Markdown: frames, frames lost, bytes a minute, the recorder thread's share of a core, memory at the start and the end and
# its slope (least squares over the samples after the first 30 s).
set -euo pipefail
seconds=${1:-600} fps=${2:-60} format=${3:-yuyv} dir=${4:-}
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
onset=${ONSET:-$root/target/release/onset}
work=$(mktemp -d "${dir:-${TMPDIR:-/tmp}}/onset-record.XXXXXX")
trap 'rm -rf "$work"' EXIT

cat >"$work/protocol.toml" <<TOML
name = "bench"
title = "Bench"
stimulus = "interview"
calibration_s = 10
order = "as_written"
[[block]]
target = "none"
[[block.step]]
kind = "interview"
text = "Talk."
duration_s = $((seconds - 10))
TOML

"$onset" record --protocol "$work/protocol.toml" --participant P00 --out "$work/session" --input synthetic --fps "$fps" \
    --pixel-format "$format" --headless --accept-consent --purpose research --json >"$work/outcome.json" &
pid=$!
: >"$work/memory"
while kill -0 "$pid" 2>/dev/null; do
    awk -v t="$SECONDS" '/^VmRSS/ { print t, $2 }' "/proc/$pid/status" >>"$work/memory" 2>/dev/null || true
    sleep 1
done
wait "$pid"
python3 - "$work" "$fps" "$format" <<'PY'
import json, pathlib, sys
work, fps, format = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
outcome = json.loads((work / "outcome.json").read_text())
ended, totals = outcome["ended"], outcome["ended"]["totals"]
samples = [tuple(map(float, line.split())) for line in (work / "memory").read_text().splitlines() if len(line.split()) == 2]
late = [s for s in samples if s[0] >= 30] or samples
mean_t = sum(t for t, _ in late) / len(late)
mean_m = sum(m for _, m in late) / len(late)
var = sum((t - mean_t) ** 2 for t, _ in late) or 1
slope = sum((t - mean_t) * (m - mean_m) for t, m in late) / var * 60
print("| 640x480, fps | format | s | frames | lost | not analysed live | MB a minute | recorder, % of a core | slowest write, ms | MB at 30 s, at the end | KB a minute |")
print("|---|---|---|---|---|---|---|---|---|---|---|")
minutes = ended["duration_s"] / 60
print(f"| {fps} | {format} | {ended['duration_s']:.0f} | {totals['frames']} | {totals['frames_lost']} | {totals['frames_not_analysed']} "
      f"| {totals['bytes'] / minutes / 1e6:.0f} | {outcome['recorder_cpu'] * 100:.1f} | {outcome['slowest_sync_ms']:.0f} "
      f"| {late[0][1] / 1024:.0f}, {late[-1][1] / 1024:.0f} | {slope:+.0f} |")
PY
