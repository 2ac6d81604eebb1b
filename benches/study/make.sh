#!/usr/bin/env bash
# A dataset as a lab would make it, from synthetic participants: two sessions each, by questions and by images, through `onset synth`,
# `onset record`, `onset session import` and `onset dataset build`.
#
#   benches/study/make.sh DIR [PARTICIPANTS]     default: 20 of the 24 in participants.csv; even numbers keep women and men level
#
# Writes DIR/sessions/PNN-STIMULUS, DIR/truth/PNN-STIMULUS (protocol and truth of its clips) and DIR/dataset. Needs a release build, ffmpeg,
# python3 and the development data in ../shared/data. Interrupted, or with more participants than before, it goes on where it was.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
onset=${ONSET:-$root/target/release/onset}
data=${DATA:-$root/../shared/data}
work=${1:?benches/study/make.sh DIR [PARTICIPANTS]}
count=${2:-20}
mkdir -p "$work/bases" "$work/sessions" "$work/truth"

# The picture that is animated: the file itself, or the frame of a video at a time.
base() {
    local participant=$1 path=$2 at_s=$3 picture=$work/bases/$1.png
    # ffmpeg gives the first frame at or after the time, which was written down in two decimals.
    [ -e "$picture" ] || ffmpeg -v error -nostdin ${at_s:+-ss "$(python3 -c "print(max(0.0, $at_s - 0.005))")"} -i "$data/$path" -frames:v 1 "$picture"
    echo "$picture"
}

# One session: clips in the order of its protocol, joined to what a camera would have seen, recorded, and the truth as codings.
session() {
    local participant=$1 gender=$2 picture=$3 stimulus=$4 name=$1-$4
    local session=$work/sessions/$name truth=$work/truth/$name
    [ -e "$session/codings/synth.csv" ] && return
    # What was broken off is made anew.
    rm -rf "$session" "$truth"
    mkdir -p "$truth"
    python3 "$here/session.py" plan "$participant" "$stimulus" "$truth"
    local seed seconds options clip
    : >"$truth/join.txt"
    while IFS=$'\t' read -r seed seconds options; do
        clip=$truth/${participant}_$seed.mkv
        # shellcheck disable=SC2086 # options are words
        [ -e "$clip" ] || "$onset" synth "$picture" --out "$truth" --person "$participant" --seed "$seed" --duration "$seconds" --fps 25 \
            --icd-px 64 --size 320x320 --no-strips $options </dev/null >/dev/null
        echo "file '$(realpath "$clip")'" >>"$truth/join.txt"
    done <"$truth/clips.tsv"
    # Lossless but for what the room adds: a light of its own for each session, and a sensor's noise.
    ffmpeg -v error -nostdin -f concat -safe 0 -i "$truth/join.txt" -vf "setpts=N/(25*TB),$(<"$truth/room.txt")" -fps_mode passthrough \
        -c:v libx264 -qp 0 -preset ultrafast -f matroska "$truth/camera.mkv"
    python3 "$here/session.py" check "$truth" "$(ffprobe -v error -count_packets -select_streams v -show_entries stream=nb_read_packets -of csv=p=0 "$truth/camera.mkv")"
    "$onset" record --protocol "$truth/protocol.toml" --participant "$participant" --gender "$gender" --field made_by=onset-synth --seed 1 \
        --out "$session" --input "$truth/camera.mkv" --fast --headless --accept-consent --purpose research </dev/null
    "$onset" session export "$session" --to csv --out "$truth/session.csv" --force
    python3 "$here/session.py" codings "$participant" "$truth"
    "$onset" session import "$session" "$truth/codings.csv" --coder synth >/dev/null
    rm "$truth"/*.mkv
}

number=0
while IFS=, read -r participant gender path at_s; do
    [ "$participant" = participant ] && continue
    ((number++ < count)) || break
    picture=$(base "$participant" "$path" "$at_s")
    for stimulus in questionnaire image; do
        session "$participant" "$gender" "$picture" "$stimulus"
    done
done <"$here/participants.csv"

# With --add sessions that are in it already are passed over.
"$onset" dataset build "$work"/sessions/* --out "$work/dataset" --every 0.5 --add </dev/null
"$onset" dataset stats "$work/dataset"
