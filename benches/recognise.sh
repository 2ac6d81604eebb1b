#!/usr/bin/env bash
# Figures of recognisers, as Markdown.
#   benches/recognise.sh ferplus [NETWORK...]           cnn and compact unless told otherwise: learned from FER+'s part train, tested on valid
#   benches/recognise.sh loso [PEOPLE] [MAPS] [CLASSES] 68, 442 and 3: the flow network, leave one person out, on random maps; how long it takes
#   benches/recognise.sh speed [ROUNDS]                 5: steps of training a second on the custom CNN, ours and PyTorch's in turns, two threads each
# Needs a release build with the feature `train`, jq and python3; `ferplus` the development data in ../shared/data; `speed` cargo, and in PYTHON (or
# python3) torch. What was made lies in target/recognise; `ferplus` goes on there where it was interrupted.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
onset=${ONSET:-$root/target/release/onset}
data=${DATA:-$root/../shared/data}
python=${PYTHON:-python3}
work=${CARGO_TARGET_DIR:-$root/target}/recognise
usage="benches/recognise.sh ferplus [NETWORK...]           | loso [PEOPLE] [MAPS] [CLASSES] | speed [ROUNDS]"
what=${1:?$usage}
shift
mkdir -p "$work"

machine() {
    echo "machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n1), load $(cut -d' ' -f1-3 /proc/loadavg)"
}

# Accuracy and the rest on the validation part, majority vote, eight classes.
ferplus() {
    machine
    local network
    for network in "$@"; do
        "$onset" evaluate recognition --network "$network" --data "$data/ferplus" --classes eight --protocol parts --cache "$work/cache" --resume \
            --out "$work/ferplus_$network.csv" --json >"$work/ferplus_$network.json"
    done
    printf '\n| network | pictures | right %% | 95 %% interval | macro F1 | UF1 | UAR | calibration error | learned from | watched | epoch | s |\n'
    printf '|---|---|---|---|---|---|---|---|---|---|---|---|\n'
    for network in "$@"; do
        jq -r 'def per_cent: 1000 * . | round / 10; def three: 1000 * . | round / 1000; .pooled as $p | .training[0] as $t |
            [.network, $p.count, ($p.accuracy | per_cent), ($p.intervals.accuracy // [] | map(per_cent) | join(" to ")), ($p.macro_f1 | three),
             ($p.uf1 | three), ($p.uar | three), ($p.ece | three), $t.counts[0], $t.counts[1], $t.epoch,
             (if $t.was_done then "(done before)" else .seconds | round end)]
            | "| " + (map(tostring) | join(" | ")) + " |"' "$work/ferplus_$network.json"
    done
    for network in "$@"; do
        printf '\n| %s: class | pictures | precision | recall | F1 | AUC |\n|---|---|---|---|---|---|\n' "$network"
        jq -r 'def three: if . == null then "-" else 1000 * . | round / 1000 end; .pooled as $p | $p.confusion.labels[] | . as $c | $p.per_class[$c] |
            [$c, .support, (.precision | three), (.recall | three), (.f1 | three), (.auc | three)] | "| " + (map(tostring) | join(" | ")) + " |"' \
            "$work/ferplus_$network.json"
    done
}

# Random maps of flow with a table: a folder, people, maps, classes. They say how long a run takes, not how good it is.
maps() {
    python3 - "$@" <<'PY'
import pathlib, random, struct, sys, zlib
folder, people, maps, classes = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:])
if not 2 <= people <= maps or not 2 <= classes <= 3:
    sys.exit("give at least two people, at least one map each, and two or three classes")
random.seed(1)
folder.mkdir(parents=True, exist_ok=True)
SIDE = 28

def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

def png():
    rows = b"".join(b"\0" + random.randbytes(3 * SIDE) for _ in range(SIDE))
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")

# As in the composite database of MEGC 2019: 250 negative, 109 positive, 83 surprise.
weights = [250, 109, 83][:classes]
with open(folder / "flow.csv", "w") as table:
    print("subject,label,path", file=table)
    for number in range(maps):
        person = number % people
        name = f"s{person:03}_{number:05}.png"
        (folder / name).write_bytes(png())
        print(f"s{person:03},{random.choices(range(classes), weights)[0]},{name}", file=table)
PY
}

loso() {
    local people=${1:-68} count=${2:-442} classes=${3:-3}
    local folder=$work/flow_${people}_${count}_$classes
    [ -e "$folder/flow.csv" ] || maps "$folder" "$people" "$count" "$classes"
    machine
    # Without --resume: everything is trained.
    "$onset" evaluate recognition --network flow --data "$folder/flow.csv" --protocol loso --cache "$work/cache" --json >"$work/loso.json"
    printf '\n| people | maps | classes | folds trained | epochs taken, mean | minutes | UF1 (maps are random) |\n|---|---|---|---|---|---|---|\n'
    jq -r '[.pooled.subjects, .pooled.count, (.pooled.confusion.labels | length), ([.training[] | select(.why_not == null)] | length),
            (10 * ([.training[].epoch] | add / length) | round / 10), (.seconds / 6 | round / 10), (1000 * .pooled.uf1 | round / 1000)]
        | "| " + (map(tostring) | join(" | ")) + " |"' "$work/loso.json"
    # The counts of a fold add up: nobody who is tested was learned from or watched.
    jq -e --argjson all "$(($(wc -l <"$folder/flow.csv") - 1))" 'all(.training[]; .counts | add == $all)' "$work/loso.json" >/dev/null ||
        { echo "recognise: the folds do not add up, see $work/loso.json" >&2; exit 1; }
}

speed() {
    local rounds=${1:-5} round bench
    "$python" -c 'import torch' || { echo "recognise: $python has no torch; see benches/study/README.md, and set PYTHON" >&2; exit 1; }
    bench=$(cd "$root" && cargo bench --quiet --features train --bench training --no-run --message-format=json |
        jq -r 'select(.reason == "compiler-artifact" and .target.name == "training" and .executable != null) | .executable')
    machine
    : >"$work/speed.jsonl"
    for ((round = 0; round < rounds; round++)); do
        "$bench" onset | jq -c '{onset: .onset_steps_per_s}' >>"$work/speed.jsonl"
        "$python" "$root/benches/study/torch_peer.py" --threads 2 | jq -c '{torch: .steps_per_s, framework}' >>"$work/speed.jsonl"
    done
    jq -rs 'def median: sort | if length % 2 == 1 then .[length / 2 | floor] else (.[length / 2 - 1] + .[length / 2]) / 2 end;
        [.[] | .onset // empty] as $ours | [.[] | .torch // empty] as $theirs |
        "\n| custom CNN, 48 x 48, batches of 64, 2 threads | steps/s, median | all rounds |\n|---|---|---|",
        "| onset | \($ours | median) | \($ours | map(tostring) | join(", ")) |",
        "| \(map(.framework // empty)[0]) | \($theirs | median) | \($theirs | map(tostring) | join(", ")) |",
        "\nratio, onset to torch: \(100 * ($ours | median) / ($theirs | median) | round / 100) (of each round: \([$ours, $theirs] | transpose
            | map(100 * .[0] / .[1] | round / 100 | tostring) | join(", ")))"' "$work/speed.jsonl"
}

case $what in
ferplus)
    if [ $# -eq 0 ]; then set -- cnn compact; fi
    ferplus "$@"
    ;;
loso) loso "$@" ;;
speed) speed "$@" ;;
*) echo "$usage" >&2; exit 2 ;;
esac
