#!/usr/bin/env python3
"""Fits the weights of micro-expressions' labels (src/spot/joint.rs) to injected events, and says whether the shipped ones come out.

    onset synth BASE... --out fit --seed 7 --duration 30 --fps 30 --events-per-minute 24 --icd-px 60 --size 640x480 --distractors noise=2
    onset analyze fit/*.mkv --out an_fit --label-evidence                       # and the same with `report`
    benches/label_fit.py --fit fit/truth.csv=an_fit --report report/truth.csv=an_report

Conditional logit over the seven emotions: motion's fit, and how the face's and the eyes' networks rose. Fitted to, and chosen on, the events of
`--fit` alone; those of `--report` are only measured. How strongly the networks' weights are held back (L2) is chosen by cross-validation
that leaves out one base person at a time. Numpy only; deterministic.
"""
import argparse
import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np

PARAMS = Path(__file__).parent.parent / "src/spot/joint.rs"
EMOTIONS = "happiness surprise sadness anger disgust fear contempt".split()
WEIGHTS = ["motion", "face", "eyes"]
FAMILIES = ["fit", "face_rise", "eyes_rise"]
SHIPPED_L2 = 0.1
L2 = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
NEAR_S = 0.1


class Event:
    """A claimed event that an injected micro-expression explains."""

    def __init__(self, row, evidence, truth):
        self.person, self.truth, self.said = truth["person"], EMOTIONS.index(truth["emotion"]), row["label"]
        # Networks that did not measure say nothing.
        self.parts = np.array([[float(evidence[f"{family}_{e}"] or 0) for e in EMOTIONS] for family in FAMILIES])


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def events(pairs):
    """Every confirmed event whose apex lies in a true micro-expression or within 0.1 s of it, with that one's emotion."""
    found = []
    for pair in pairs:
        truth_path, _, analysed = pair.partition("=")
        truths = defaultdict(list)
        for row in read(truth_path):
            if row["kind"] == "micro":
                truths[row["clip"]].append(row)
        for clip in sorted(truths):
            evidence = {row["event"]: row for row in read(Path(analysed, clip, "label_evidence.csv"))}
            for row in read(Path(analysed, clip, "events.csv")):
                if row["event"] not in evidence or row["veto"] or not row["confirmed_at_s"]:
                    continue
                apex = float(row["apex_s"])
                near = lambda t: float(t["onset_s"]) - NEAR_S <= apex <= float(t["offset_s"]) + NEAR_S  # noqa: E731
                truth = next(filter(near, truths[clip]), None)
                if truth:
                    found.append(Event(row, evidence[row["event"]], truth))
    return found


def probabilities(weights, parts):
    odds = np.einsum("w,nwe->ne", weights, parts)
    powers = np.exp(odds - odds.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def arrays(sample):
    return np.array([e.parts for e in sample]), np.array([e.truth for e in sample])


def log_loss(weights, sample):
    parts, truth = arrays(sample)
    return -np.log(probabilities(weights, parts)[np.arange(len(truth)), truth]).sum()


def fit(sample, l2, used=(True, True, True)):
    """Newton's method; the loss is convex. L2 holds back the networks' weights, not motion's."""
    parts, truth = arrays(sample)
    used = np.flatnonzero(used)
    parts = parts[:, used]
    held = np.array([0.0, l2, l2])[used]
    w = np.zeros(len(used))
    for _ in range(100):
        p = probabilities(w, parts)
        mean = np.einsum("ne,nwe->nw", p, parts)
        gradient = (mean - parts[np.arange(len(truth)), :, truth]).sum(0) + held * w
        hessian = np.einsum("ne,nve,nwe->vw", p, parts, parts) - mean.T @ mean + np.diag(held)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-12:
            break
    whole = np.zeros(3)
    whole[used] = w
    return whole


def cross_validate(sample):
    """The L2 with the smallest loss over events of people who were left out; prints all."""
    people = sorted({e.person for e in sample})
    losses = []
    for l2 in L2:
        total = 0.0
        for person in people:
            weights = fit([e for e in sample if e.person != person], l2)
            total += log_loss(weights, [e for e in sample if e.person == person])
        losses.append(total / len(sample))
    best = int(np.argmin(losses))
    print(f"{len(sample)} events of {len(people)} people, each left out once")
    for l2, value in zip(L2, losses):
        print(f"  L2 {l2:<5g} held-out loss {value:.4f}{'  <- least' if l2 == L2[best] else ''}")
    return L2[best]


def named(weights, least, sample):
    """What the rule says: an emotion, or -1 for `other`."""
    parts, _ = arrays(sample)
    p = probabilities(weights, parts)
    best = p.argmax(1)
    rows = np.arange(len(best))
    return np.where((parts[rows, 0, best] > 0) & (p[rows, best] >= least), best, -1)


def figures(weights, least, sample):
    said, (parts, truth) = named(weights, least, sample), arrays(sample)
    right, other = (said == truth).sum(), (said < 0).sum()
    always = (probabilities(weights, parts).argmax(1) == truth).mean()
    loss = log_loss(weights, sample) / len(sample)
    return (
        f"{right} right ({right / len(sample):.1%}), {len(sample) - right - other} wrong, {other} other of {len(sample)}; "
        f"most probable always named: {always:.1%}; loss {loss:.3f}"
    )


def shipped():
    line = re.search(r"Self \{ (motion: [^}]*) \}", PARAMS.read_text())[1]
    values = dict(part.split(": ") for part in line.split(", "))
    return np.array([float(values[name]) for name in WEIGHTS]), float(values["least_probability"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for which in ("--fit", "--report"):
        parser.add_argument(which, nargs="+", required=True, metavar="TRUTH.csv=ANALYSED")
    args = parser.parse_args()
    learned, report = events(args.fit), events(args.report)
    shared = {e.person for e in learned} & {e.person for e in report}
    if shared:
        parser.error(f"in both halves: {', '.join(sorted(shared))}")
    now, least = shipped()
    said = [e.said for e in learned + report]
    here = [EMOTIONS[i] if i >= 0 else "other" for i in named(now, least, learned + report)]
    print(f"the rule here against the program's labels, shipped weights: {sum(a != b for a, b in zip(said, here))} of {len(said)} differ")

    l2 = cross_validate(learned)
    again, chosen = fit(learned, SHIPPED_L2), fit(learned, l2)
    print(f"\n{'':8}shipped  L2 {SHIPPED_L2:g} (as shipped)  L2 {l2:g} (cross-validated)")
    for name, a, b, c in zip(WEIGHTS, now, again, chosen):
        print(f"{name:8}{a:7.1f}  {b:.3f} ({b - a:+.3f}){'':6}  {c:.3f}")
    print()
    motion = fit(learned, SHIPPED_L2, (True, False, False))
    networks = fit(learned, SHIPPED_L2, (False, True, True))
    for name, w in (("shipped", now), ("L2 as shipped", again), ("cross-validated", chosen), ("motion alone", motion), ("networks alone", networks)):
        for half, sample in (("fit", learned), ("report", report)):
            print(f"{name:16}{half:7} {figures(w, least, sample)}")


main()
