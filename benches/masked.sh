#!/usr/bin/env bash
# Clips with masked smiles and with what must not be taken for one, from the people of benches/masked/split.toml.
#   benches/masked.sh make DIR fit|report     clips with truth, in DIR/smiles, DIR/negatives and DIR/videos
# Needs a release build, ffmpeg, python3 and the development data in ../shared/data. Interrupted, it goes on where it was.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
onset=${ONSET:-$root/target/release/onset}
data=${DATA:-$root/../shared/data}
usage="benches/masked.sh make DIR fit|report"
what=${1:?$usage}
work=${2:?$usage}
set=${3:?$usage}
[[ $what == make && $set =~ ^(fit|report)$ ]] || { echo "$usage" >&2; exit 2; }

# Path, person, kind, seconds (or -) and smiles of each base of the set, tab-separated.
bases() {
    python3 - "$root/benches/masked/split.toml" "$1" "$set" <<'PY'
import sys, tomllib
split, table, chosen = sys.argv[1:]
for base in tomllib.load(open(split, "rb"))[table]:
    if base["set"] == chosen:
        smiles = base.get("smiles", "masked_sad,masked_angry,honest,polite")
        print(base["path"], base["person"], base.get("kind", "still"), base.get("at_s", "-"), smiles, sep="\t")
PY
}

# The picture that is animated: the file itself, or the frame of a video at a time.
picture() {
    local path=$1 person=$2 at_s=$3
    case $path in
    portrait) echo portrait ;;
    *)
        if [ "$at_s" = - ]; then
            echo "$data/$path"
        else
            mkdir -p "$work/bases"
            # ffmpeg gives the first frame at or after the time, which was written down in two decimals.
            [ -e "$work/bases/$person.png" ] ||
                ffmpeg -v error -nostdin -ss "$(python3 -c "print(max(0.0, $at_s - 0.005))")" -i "$data/$path" -frames:v 1 "$work/bases/$person.png"
            echo "$work/bases/$person.png"
        fi
        ;;
    esac
}

still=(--fps 30 --icd-px 60 --size 640x480)

# One clip, unless it is there already: folder, base, seed, then options.
synth() {
    local folder=$1 base=$2 seed=$3 stem
    shift 3
    stem=$(basename "${base%.*}")
    [ -e "$folder/${stem}_$seed.mkv" ] && return
    # A base without a usable face is said and left out.
    "$onset" synth "$base" --out "$folder" --seed "$seed" --events-per-minute 0 "$@" </dev/null || echo "left out: $base" >&2
}

# The smiles of all bases first: they are what everything else is compared with.
number=0
while IFS=$'\t' read -r path person _ at_s smiles; do
    # Compressed as a good webcam does; without loss a clip with noise would have 80 MB. Every second base breathes: it costs most of the time.
    distractors=blink,noise=2,compression=18
    if ((number++ % 2 == 0)); then distractors+=,breathing=0.01; fi
    synth "$work/smiles" "$(picture "$path" "$person" "$at_s")" 1 --duration 24 "${still[@]}" --person "$person" \
        --smiles-per-minute 9 --smiles "$smiles" --distractors "$distractors"
done < <(bases still)
while IFS=$'\t' read -r path person kind _ smiles; do
    synth "$work/videos" "$data/$path" 1 --person "$person" --base-kind "$kind" --smiles-per-minute 9 --smiles "$smiles" \
        --distractors compression=18
done < <(bases clip)
# What must not be taken for a mask: brows without a smile and smiles with a moving jaw; speech while the head turns.
while IFS=$'\t' read -r path person _ at_s _; do
    base=$(picture "$path" "$person" "$at_s")
    synth "$work/negatives" "$base" 2 --duration 20 "${still[@]}" --person "$person" \
        --distractors frown=8,laughter=6,blink,noise=2,compression=18
    synth "$work/negatives" "$base" 3 --duration 8 "${still[@]}" --person "$person" \
        --distractors speech=0.5,head_turn=10,blink,noise=2,compression=18
done < <(bases still)
