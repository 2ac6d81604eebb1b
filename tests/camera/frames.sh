#!/usr/bin/env bash
# frames.sh ONSET FOLDER: pictures of the demo face as a camera would send them, one file a frame, a folder a layout.
set -euo pipefail
onset=$1
out=$2
rm -rf "$out"
mkdir -p "$out"

"$onset" synth --out "$out/clip" --duration 1 --fps 30 --size 320x240 --events-per-minute 0 --no-strips >&2
clip=$out/clip/portrait_0.mkv

# raw FOLDER PIXELS SIZE BYTES: raw frames of BYTES bytes each.
raw() {
    mkdir -p "$out/$1"
    ffmpeg -v error -i "$clip" -vf "scale=$3" -pix_fmt "$2" -f rawvideo - | split -b "$4" -a 3 -d - "$out/$1/f"
}
raw yuyv yuyv422 320x240 $((320 * 240 * 2))
raw nv12 nv12 320x240 $((320 * 240 * 3 / 2))
raw gray gray 320x240 $((320 * 240))
# Sizes that are no multiple of anything.
raw odd gray 333x251 $((333 * 251))

mkdir -p "$out/mjpg" "$out/broken"
ffmpeg -v error -i "$clip" -c:v mjpeg -q:v 4 "$out/mjpg/f%03d.jpg"
cp "$out"/mjpg/* "$out/broken"
# Four of ten are broken: two hold no JPEG at all, two end after their headers.
for tens in 00 01 02; do
    for ones in 2 6; do
        head -c 3000 /dev/zero | tr '\0' '\125' >"$out/broken/f$tens$ones.jpg"
    done
    for ones in 4 8; do
        head -c 300 "$out/mjpg/f$tens$ones.jpg" >"$out/broken/f$tens$ones.jpg"
    done
done
rm -r "$out/clip"
