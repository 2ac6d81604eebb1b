#!/usr/bin/env python3
"""How steady expression probabilities are: from frames.csv tables of `onset analyze`.

    onset analyze CLIP... --landmark-still-hz 15 --out new     # an even cadence: sums over measurements are sums over time
    benches/steadiness.py new/*/frames.csv
    benches/steadiness.py --against old new/*/frames.csv       # old/CLIP/frames.csv: tables of another version
    benches/steadiness.py --group 'still=still_*' --group 'talking=LipNet*' new/*/frames.csv

For each classifier (p_*: whole face, eye_p_*: eyes), each group of clips, raw and smoothed: the standard deviation of each
probability within a clip (mean over the clips, weighted by their length) and how often the top label changes, a minute.

Smoothing is recomputed from the raw columns as src/expression/smooth.rs does it: a first-order low-pass over media time (0.4 s), anew
after 2 s without a measurement, for another face, and where a frame has no face. Only Python's standard library is needed.
"""

import argparse
import csv
import fnmatch
import math
import pathlib
import sys

LABELS = "neutral happiness surprise sadness anger disgust fear contempt".split()
CLASSIFIERS = (("face", "p_"), ("eyes", "eye_p_"))
# src/expression/smooth.rs, ExpressionParams.
SMOOTH_S, FORGET_S = 0.4, 2.0


class Track:
    """One classifier's measurements in one clip: [time, {label: probability}] in runs that are not interrupted."""

    def __init__(self):
        self.runs = []

    def smoothed(self):
        out = Track()
        for run in self.runs:
            made, last = [], None
            for at, raw in run:
                value = dict(raw)
                if last is not None:
                    share = 1.0 - math.exp(-(at - last[0]) / SMOOTH_S) if SMOOTH_S > 0.0 else 1.0
                    for label, new in raw.items():
                        if label in last[1]:
                            value[label] = last[1][label] + share * (new - last[1][label])
                last = (at, value)
                made.append(last)
            out.runs.append(made)
        return out

    def count(self):
        return sum(len(run) for run in self.runs)

    def seconds(self):
        return sum(run[-1][0] - run[0][0] for run in self.runs)

    def deviation(self, label):
        values = [p[label] for run in self.runs for _, p in run if label in p]
        if len(values) < 2:
            return None
        mean = sum(values) / len(values)
        return math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))

    def changes(self):
        tops = [[max(p, key=p.get) for _, p in run] for run in self.runs]
        return sum(a != b for run in tops for a, b in zip(run, run[1:]))


def read(path):
    """The tracks of a table, by classifier."""
    tracks = {name: Track() for name, _ in CLASSIFIERS}
    last = {name: None for name, _ in CLASSIFIERS}
    try:
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["status"] == "no_face":
                    last = {name: None for name in last}
                    continue
                at = row["timestamp_s"]
                for name, prefix in CLASSIFIERS:
                    known = {label: float(row[prefix + label]) for label in LABELS if row.get(prefix + label)}
                    if not known or not at:
                        continue
                    is_new = last[name] is None or last[name][0] != row["face_id"]
                    if is_new or float(at) - last[name][1] > FORGET_S:
                        tracks[name].runs.append([])
                    tracks[name].runs[-1].append((float(at), known))
                    last[name] = (row["face_id"], float(at))
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"{path} is no frames.csv of `onset analyze`: {error!r}; give the tables that it wrote")
    return tracks


def figures(tracks):
    """Of several clips: standard deviations by label, changes a minute; None without a measurement."""
    tracks = [track for track in tracks if track.count() > 1]
    seconds = sum(track.seconds() for track in tracks)
    if seconds <= 0.0:
        return None
    deviations = {}
    for label in LABELS:
        known = [(track.deviation(label), track.seconds()) for track in tracks]
        known = [(value, weight) for value, weight in known if value is not None]
        weights = sum(weight for _, weight in known)
        deviations[label] = sum(v * w for v, w in known) / weights if weights > 0.0 else None
    return deviations, 60.0 * sum(track.changes() for track in tracks) / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+", type=pathlib.Path, metavar="CLIP/frames.csv")
    parser.add_argument("--against", type=pathlib.Path, metavar="DIR", help="tables of the same clips by another version")
    parser.add_argument("--group", action="append", default=[], metavar="NAME=PATTERN[,PATTERN]",
                        help="clips whose folder's name fits a pattern, as a group of their own; without any, all are one")
    args = parser.parse_args()
    groups = [tuple(group.split("=", 1)) for group in args.group] or [("all", "*")]
    if any(len(group) != 2 for group in groups):
        parser.error("--group: give NAME=PATTERN")
    versions = [("", {path.parent.name: read(path) for path in args.tables})]
    if args.against:
        others = {name: args.against / name / "frames.csv" for name in versions[0][1]}
        versions = [("new", versions[0][1]), ("old", {name: read(path) for name, path in others.items()})]

    header = ["clips", "classifier", "", "clips", "s"] + LABELS + ["changes/min"]
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for group, patterns in groups:
        chosen = [name for name in versions[0][1]
                  if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split(","))]
        if not chosen:
            sys.exit(f"--group {group}: no clip's folder fits {patterns}; there are {', '.join(versions[0][1])}")
        for classifier, _ in CLASSIFIERS:
            for kind in ("raw", "smoothed"):
                for version, clips in versions:
                    tracks = [clips[name][classifier] for name in chosen]
                    seconds = sum(track.seconds() for track in tracks)
                    if kind == "smoothed":
                        tracks = [track.smoothed() for track in tracks]
                    found = figures(tracks)
                    if found is None:
                        continue
                    deviations = ["-" if found[0][label] is None else f"{found[0][label]:.3f}" for label in LABELS]
                    cells = [group, classifier, f"{kind} {version}".strip(), str(len(chosen)), f"{seconds:.0f}"]
                    print("| " + " | ".join(cells + deviations + [f"{found[1]:.1f}"]) + " |")


if __name__ == "__main__":
    main()
