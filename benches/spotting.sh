#!/usr/bin/env bash
# How well micro-expressions are spotted, on clips with known ones made from the people of benches/spotting/split.toml.
#   benches/spotting.sh make  DIR [tune|report]      clips with truth: animated photos, and videos with events put into them
#   benches/spotting.sh conditions DIR                the embedded portrait and a photo, the same events under each condition
#   benches/spotting.sh score DIR [SPOTTER]...       analyses them with each spotter (auto unless told otherwise) and scores
# Needs a release build, ffmpeg, python3 and the development data in ../shared/data. Interrupted, it goes on where it was.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
onset=${ONSET:-$root/target/release/onset}
data=${DATA:-$root/../shared/data}
what=${1:?make, conditions or score}
work=${2:?a folder for clips and results}
shift 2

# Path, person and kind of each base of a set, tab-separated.
bases() {
    python3 - "$root/benches/spotting/split.toml" "$1" "$2" <<'PY'
import sys, tomllib
split, table, chosen = sys.argv[1:]
for base in tomllib.load(open(split, "rb"))[table]:
    if base["set"] == chosen:
        print(base["path"], base["person"], base.get("kind", "still"), sep="\t")
PY
}

# One clip, unless it is there already: folder, base, then options.
synth() {
    local folder=$1 base=$2 seed=$3 stem
    shift 3
    stem=$(basename "${base%.*}")
    [ -e "$folder/${stem}_$seed.mkv" ] && return
    # A base without a usable face is said and left out.
    "$onset" synth "$base" --out "$folder" --seed "$seed" --no-strips "$@" || echo "left out: $base" >&2
}

# A recording as it is: a link, and a row of truth which says that nothing is known to be in it.
untouched() {
    local folder=$1 base=$2 person=$3 kind=$4 rate stem
    stem=$(basename "${base%.*}")
    mkdir -p "$folder"
    [ -e "$folder/truth.csv" ] || echo "clip,fps,kind,onset_s,apex_s,offset_s,aus,emotion,amplitude_icd,base_kind,person" >"$folder/truth.csv"
    [ -e "$folder/$(basename "$base")" ] && return
    ln -s "$(realpath "$base")" "$folder/"
    rate=$(ffprobe -v error -select_streams v:0 -show_entries stream=avg_frame_rate -of csv=p=0 "$base" | head -n1)
    echo "$stem,$(python3 -c "a, b = '$rate'.strip(',').split('/'); print(round(int(a) / int(b), 3))"),none,,,,,,,$kind,$person" >>"$folder/truth.csv"
}

make_clips() {
    local set=$1 path person kind small
    # Videos: two sets of events each; and as they are.
    while IFS=$'\t' read -r path person kind; do
        synth "$work/$kind" "$data/$path" 1 --clips 2 --person "$person" --base-kind "$kind"
        untouched "$work/${kind}_quiet" "$data/$path" "$person" "$kind"
    done < <(bases clip "$set")
    # Photos: the same seconds of each, at three frame rates; and untouched ones with what is not an event.
    while IFS=$'\t' read -r path person kind; do
        small=(--icd-px 60 --size 640x480 --person "$person" --distractors)
        synth "$work/still" "$data/$path" 30 --fps 30 --duration 20 --events-per-minute 20 "${small[@]}" noise
        synth "$work/still" "$data/$path" 60 --fps 60 --duration 10 --events-per-minute 20 "${small[@]}" noise
        synth "$work/still" "$data/$path" 120 --fps 120 --duration 6 --events-per-minute 20 "${small[@]}" noise
        synth "$work/still_quiet" "$data/$path" 1 --fps 30 --duration 60 --events-per-minute 0 \
            "${small[@]}" noise,blink,breathing,head_shift
    done < <(bases photo "$set")
}

# The same 40 s under each condition, a folder each.
make_conditions() {
    condition() {
        local name=$1
        shift
        local photo
        synth "$work/$name" portrait 1 --duration 40 --events-per-minute 20 "$@"
        while IFS=$'\t' read -r photo _; do
            synth "$work/$name" "$data/$photo" 1 --size 640x480 --duration 40 --events-per-minute 20 "$@"
        done < <(bases photo report | sed -n 2p)
    }
    condition plain --icd-px 60 --distractors noise
    condition fps_60 --fps 60 --icd-px 60 --distractors noise
    condition dropped --icd-px 60 --distractors noise,dropped=0.1
    condition variable_rate --icd-px 60 --distractors noise,variable_rate
    condition flicker --icd-px 60 --distractors noise,flicker
    condition low_light --icd-px 60 --distractors low_light
    condition luminance --icd-px 60 --distractors noise,luminance
    condition icd_25 --icd-px 25 --distractors noise
    condition crf_18 --icd-px 60 --distractors noise,compression=18
    condition crf_23 --icd-px 60 --distractors noise,compression=23
    condition crf_28 --icd-px 60 --distractors noise,compression=28
    condition head --icd-px 60 --distractors noise,head_turn,head_shift
    condition blink --icd-px 60 --distractors noise,blink
    condition speech --icd-px 60 --distractors noise,speech
    condition occlusion --icd-px 60 --distractors noise,occlusion
    condition macro --icd-px 60 --distractors noise,macro
}

score() {
    local spotter=$1 folder name
    for folder in "$work"/*/; do
        name=$(basename "$folder")
        [ -e "$folder/truth.csv" ] || continue
        # shellcheck disable=SC2046 # one word a file: none has a blank
        "$onset" analyze $(find "$folder" -maxdepth 1 ! -name '*.csv' \( -type f -o -type l \) | sort) --out "$work/results/$spotter/$name" --spotter "$spotter" --candidates --jobs 2 >/dev/null
        echo "== $spotter, $name"
        "$onset" evaluate spotting --truth "$folder/truth.csv" --predictions "$work/results/$spotter/$name" \
            --out "$work/results/$spotter/$name-report"
    done
}

case $what in
make) make_clips "${1:-report}" ;;
conditions) make_conditions ;;
score) for spotter in "${@:-auto}"; do score "$spotter"; done ;;
*) echo "make, conditions or score, not $what" >&2; exit 2 ;;
esac
