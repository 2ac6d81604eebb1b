#!/usr/bin/env python3
"""How often a face at rest is read as sad or angry, with and without what `onset calibrate` knows of it: from frames.csv tables.

    onset analyze CLIP... --landmark-still-hz 15 --out out     # an even cadence: shares of measurements are shares of time
    benches/rest.py out/CLIP/frames.csv ...                    # learns from the first 40 % of a clip, measures on the rest
    benches/rest.py out/A/frames.csv:out/B/frames.csv,out/C/frames.csv ...   # learns from clip A, measures on B and C
    benches/rest.py out/A/frames.csv@2-3 ...                   # learns from seconds 2 to 3 of a clip, measures on all others
    benches/rest.py --form two,geometric ...                   # other forms than that of src/expression/rest.rs, to compare

The person's rest is the geometric mean of the raw columns (`onset calibrate` leaves blinks out too), a typical neutral face that of
models/expression*.toml. Correction and smoothing are recomputed as src/expression/rest.rs and smooth.rs do it. Python 3.11, standard
library only.
"""

import argparse
import math
import pathlib
import sys
import tomllib

from steadiness import CLASSIFIERS, LABELS, Track, read

# src/expression/rest.rs and ExpressionParams.
LEAST, LIMIT_NATS = 1e-6, 2.5
MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"
RECORDS = {"face": "expression.toml", "eyes": "expression_eyes.toml"}
# Geometric means over the neutral pictures of FER+ valid, for --form geometric.
GEOMETRIC = {
    "face": [0.944634, 0.001245, 0.000808, 0.047167, 0.002559, 0.000468, 0.000192, 0.002927],
    "eyes": [0.879388, 0.014616, 0.009158, 0.078866, 0.007107, 0.001703, 0.001055, 0.008108],
}


def typical(classifier, form):
    if "geometric" in form:
        return dict(zip(LABELS, GEOMETRIC[classifier]))
    with open(MODELS / RECORDS[classifier], "rb") as file:
        return dict(zip(LABELS, tomllib.load(file)["typical_neutral"]))


def geometric_mean(track):
    all_of = [p for run in track.runs for _, p in run]
    means = {k: math.exp(sum(math.log(max(p[k], LEAST)) for p in all_of) / len(all_of)) for k in LABELS}
    return {k: value / sum(means.values()) for k, value in means.items()}


def excess(rest, usual, form, limit):
    odds = lambda p, k: math.log(max(p[k], LEAST)) - math.log(max(p["neutral"], LEAST))
    least = -limit if "two" in form else 0.0
    return {k: min(max(odds(rest, k) - odds(usual, k), least), limit) for k in LABELS}


def corrected(track, excess_of):
    out = Track()
    for run in track.runs:
        weighted = [(at, {k: p[k] * math.exp(-excess_of[k]) for k in LABELS}) for at, p in run]
        out.runs.append([(at, {k: v / sum(p.values()) for k, v in p.items()}) for at, p in weighted])
    return out


def part(track, start_s, end_s):
    out = Track()
    out.runs = [run for run in ([(t, p) for t, p in run if start_s <= t < end_s] for run in track.runs) if run]
    return out


def outside(track, start_s, end_s):
    """What comes before and after, each as runs of its own."""
    out = part(track, -math.inf, start_s)
    out.runs += part(track, end_s, math.inf).runs
    return out


def shares(track):
    """Of measurements whose top label is neutral, sadness or anger, another."""
    tops = [max(p, key=p.get) for run in track.runs for _, p in run]
    count = max(1, len(tops))
    neutral, negative = tops.count("neutral") / count, (tops.count("sadness") + tops.count("anger")) / count
    return neutral, negative, max(0.0, 1.0 - neutral - negative)


def person(argument, share):
    """Name, what is learned from, what is measured on: each by classifier."""
    first, _, others = argument.partition(":")
    first, _, span = first.partition("@")
    first = pathlib.Path(first)
    whole = read(first)
    if span:
        start, end = (float(second) for second in span.split("-"))
        learned = {name: part(track, start, end) for name, track in whole.items()}
        tested = {name: outside(track, start, end) for name, track in whole.items()}
        return first.parent.name, learned, tested
    if others:
        tables = [read(path) for path in others.split(",")]
        tested = {}
        for classifier, _ in CLASSIFIERS:
            tested[classifier] = Track()
            tested[classifier].runs = [run for table in tables for run in table[classifier].runs]
        return first.parent.name, whole, tested
    times = [at for run in whole["face"].runs for at, _ in run]
    if len(times) < 2:
        sys.exit(f"{first}: no face was measured twice; leave it out")
    middle = times[0] + share * (times[-1] - times[0])
    learned = {name: part(track, 0.0, middle) for name, track in whole.items()}
    return first.parent.name, learned, {name: part(track, middle, math.inf) for name, track in whole.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("people", nargs="+", metavar="CLIP/frames.csv[@S-S][:CLIP/frames.csv[,...]]")
    parser.add_argument("--share", type=float, default=0.4, help="part of a clip that is learned from [0.4]")
    parser.add_argument("--form", default="", help="two: raises labels too; geometric: q is a geometric mean")
    parser.add_argument("--limit", type=float, default=LIMIT_NATS, help="nats [2.5]")
    args = parser.parse_args()
    found = [person(argument, args.share) for argument in args.people]
    percent = lambda three: " / ".join(f"{100.0 * value:.0f}" for value in three)
    for classifier, _ in CLASSIFIERS:
        usual = typical(classifier, args.form)
        print(f"\n{classifier}: % of time neutral / sad or angry / another\n")
        print("| clip | learned, s | tested, s | rest | raw | smoothed | raw, corrected | smoothed, corrected |")
        print("|---|---|---|---|---|---|---|---|")
        sums, total = [[0.0] * 3 for _ in range(4)], 0.0
        for name, learned, tested in found:
            learned, tested = learned[classifier], tested[classifier]
            rest = geometric_mean(learned)
            top = sorted(rest, key=rest.get, reverse=True)[:2]
            without = corrected(tested, excess(rest, usual, args.form, args.limit))
            columns = [shares(t) for t in (tested, tested.smoothed(), without, without.smoothed())]
            weight = tested.seconds()
            total += weight
            for into, column in zip(sums, columns):
                into[:] = [a + weight * b for a, b in zip(into, column)]
            seconds = f"{learned.seconds():.1f} | {tested.seconds():.1f}"
            described = ", ".join(f"{k} {rest[k]:.2f}" for k in top)
            print(f"| {name} | {seconds} | {described} | " + " | ".join(percent(c) for c in columns) + " |")
        means = [[value / total for value in column] for column in sums]
        print(f"| all, by time | | {total:.0f} | | " + " | ".join(percent(c) for c in means) + " |")


if __name__ == "__main__":
    main()
