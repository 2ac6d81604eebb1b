#!/usr/bin/env python3
"""Events of kind `masked` against what is known of clips that `benches/masked.sh make` made.

    benches/masked_score.py TRUTH.csv=ANALYSED... [--quiet ANALYSED...]

TRUTH.csv is what `onset synth` wrote, ANALYSED the folder of `onset analyze --out` for its clips. A claimed event finds a true one where
they overlap by an IoU of 0.3 or more; each true one is found once, by the best. ANALYSED after --quiet: recordings as they are, in which
every claim counts as a false flag. Standard library only.
"""
import csv
import statistics
import sys
from collections import Counter
from pathlib import Path

IOU = 0.3
BURST_S = 0.55


def claims(folder):
    """(label, onset, offset, flagged, form) of each claimed masked event, and the seconds analysed."""
    with open(folder / "frames.csv", newline="") as file:
        times = [float(row["timestamp_s"]) for row in csv.DictReader(file) if row["timestamp_s"]]
    end = times[-1] if times else 0.0
    with open(folder / "events.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "masked" and not row["veto"]]
    found = [
        (row["label"], float(row["onset_s"]), float(row["offset_s"] or end), float(row["flagged_at_s"]), row["form"])
        for row in rows
    ]
    return found, end - (times[0] if times else 0.0)


def iou(a, b):
    inter = min(a[1], b[1]) - max(a[0], b[0])
    return max(0.0, inter) / (max(a[1], b[1]) - min(a[0], b[0]))


def both_on(row, rows):
    """When both parts of a masked smile have half of their size: the later of the two."""
    onset, apex = float(row["onset_s"]), float(row["apex_s"])
    smile = min((r for r in rows if r["kind"] == "smile"), key=lambda r: abs(float(r["onset_s"]) - onset), default=row)
    half = (float(smile["onset_s"]) + float(smile["apex_s"])) / 2
    return max(half, (onset + apex) / 2)


def score(pairs):
    true, found, right, false, delays, seconds, clips, people = Counter(), Counter(), Counter(), Counter(), [], 0.0, 0, set()
    for table, analysed in pairs:
        by_clip = {}
        with open(table, newline="") as file:
            for row in csv.DictReader(file):
                by_clip.setdefault(row["clip"], []).append(row)
        for clip, rows in sorted(by_clip.items()):
            claimed, length = claims(analysed / clip)
            seconds, clips = seconds + length, clips + 1
            people.add(rows[0]["person"])
            free = list(claimed)
            for row in (r for r in rows if r["kind"] == "masked"):
                span = float(row["onset_s"]), float(row["offset_s"])
                keys = ["all", row["emotion"], "burst" if span[1] - span[0] < BURST_S else "hold"]
                true.update(keys)
                best = max(free, key=lambda c: iou(span, c[1:3]), default=None)
                if best and iou(span, best[1:3]) >= IOU:
                    free.remove(best)
                    found.update(keys)
                    delays.append(best[3] - both_on(row, rows))
                    if best[0] == row["emotion"]:
                        right.update(keys)
            for claim in free:
                meant = {r["kind"] + (" 6+12" if r["kind"] == "smile" and r["aus"] == "6+12" else "") for r in rows
                         if r["kind"] not in ("blink", "none") and float(r["onset_s"]) < claim[2] and float(r["offset_s"]) > claim[1]}
                false["+".join(sorted(meant)) or "nothing"] += 1
    all_false = sum(false.values())
    precision, recall = found["all"] / max(1, found["all"] + all_false), found["all"] / max(1, true["all"])
    print(f"{clips} clips of {len(people)} people, {seconds / 60:.1f} min, {true['all']} masked smiles")
    print(f"precision {precision:.2f}, recall {recall:.2f}, F1 {2 * precision * recall / max(1e-9, precision + recall):.2f}; "
          f"{all_false} false flags ({60 * all_false / max(1e-9, seconds / 60):.0f} an hour)")
    for key in ("happy_but_sad", "happy_but_angry", "hold", "burst"):
        print(f"  {key}: found {found[key]} of {true[key]}, label right in {right[key]} of these")
    print(f"  false flags during: {dict(false) or 'none'}")
    if delays:
        within = sum(delay <= 0.3 for delay in delays)
        print(f"  flagged after both parts had half of their size: median {1e3 * statistics.median(delays):.0f} ms, "
              f"{within} of {len(delays)} within 300 ms")


def quiet(folders):
    seconds, flags = 0.0, []
    for folder in folders:
        for clip in sorted(path.parent for path in folder.glob("*/events.csv")):
            claimed, length = claims(clip)
            seconds += length
            flags += [(clip.name, *claim) for claim in claimed]
    print(f"as they are: {len(flags)} flags in {seconds / 60:.1f} min ({60 * len(flags) / max(1e-9, seconds / 60):.0f} an hour)")
    for name, label, onset, offset, _, form in flags:
        print(f"  {name} {onset:.2f}-{offset:.2f} s {label} {form}")


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--quiet") if "--quiet" in arguments else len(arguments)
    pairs = [tuple(map(Path, argument.split("=", 1))) for argument in arguments[:split]]
    if not pairs and split == len(arguments) or any(len(pair) != 2 for pair in pairs):
        sys.exit(__doc__)
    if pairs:
        score(pairs)
    if arguments[split + 1:]:
        quiet([Path(argument) for argument in arguments[split + 1:]])


main()
