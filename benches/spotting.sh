#!/usr/bin/env bash
# How well micro-expressions are spotted, on clips with known ones made from the people of benches/spotting/split.toml.
#   benches/spotting.sh make  DIR [tune|report]      clips with truth: animated photos, and videos with events put into them
#   benches/spotting.sh score DIR [SPOTTER]...       analyses them with each spotter (auto unless told otherwise) and scores
# Needs a release build, ffmpeg, python3 and the development data in ../shared/data. Interrupted, it goes on where it was.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
onset=${ONSET:-$root/target/release/onset}
data=${DATA:-$root/../shared/data}
what=${1:?make or score}
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

make_clips() {
    local set=$1 path person kind
    # Videos: two sets of events each; and as they are.
    while IFS=$'\t' read -r path person kind; do
        for seed in 1 2; do
            synth "$work/$kind" "$data/$path" "$seed" --person "$person" --base-kind "$kind"
        done
        synth "${work}/${kind}_quiet" "$data/$path" 1 --person "$person" --base-kind "$kind" --events-per-minute 0
    done < <(bases clip "$set")
    # Photos: the same seconds of each, at three frame rates; and untouched ones with what is not an event.
    while IFS=$'\t' read -r path person kind; do
        small=(--icd-px 60 --person "$person" --distractors)
        synth "$work/still" "$data/$path" 30 --fps 30 --duration 20 "${small[@]}" noise,compression
        synth "$work/still" "$data/$path" 60 --fps 60 --duration 10 "${small[@]}" noise,compression
        synth "$work/still" "$data/$path" 120 --fps 120 --duration 6 "${small[@]}" noise,compression
        synth "$work/still_quiet" "$data/$path" 1 --fps 30 --duration 60 --events-per-minute 0 \
            "${small[@]}" noise,compression,blink,breathing,head_shift
    done < <(bases photo "$set")
}

score() {
    local spotter=$1 folder name
    for folder in "$work"/*/; do
        name=$(basename "$folder")
        [ -e "$folder/truth.csv" ] || continue
        "$onset" analyze "$folder"*.mkv --out "$work/results/$spotter/$name" --spotter "$spotter" --candidates --jobs 2 >/dev/null
        echo "== $spotter, $name"
        "$onset" evaluate spotting --truth "$folder/truth.csv" --predictions "$work/results/$spotter/$name" \
            --out "$work/results/$spotter/$name-report"
    done
}

case $what in
make) make_clips "${1:-report}" ;;
score) for spotter in "${@:-auto}"; do score "$spotter"; done ;;
*) echo "make or score, not $what" >&2; exit 2 ;;
esac
