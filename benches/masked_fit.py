#!/usr/bin/env python3
"""Fits the weights of the masked-smile score (src/expression/masked/params.rs) to composites, and says whether the shipped ones come out.

    onset synth --chimeras --ferplus FERPLUS --part valid --out DIR --count 1500 --split
    onset evaluate masked --data DIR/chimeras.csv --out DIR/scores.csv
    benches/masked_fit.py DIR/chimeras.csv DIR/scores.csv

Everything is fitted to, and chosen on, the half `fit`; the half `report` is only measured. S is a logistic regression of "the lower
picture is happy" on two log-odds. N and the score's weights are then fitted together to "masked", S held. Both are balanced by class. How
strongly weights are held back (L2) is chosen by cross-validation in five folds that share no picture (FER+ does not say who is on a picture:
a base person is a picture, and composites that share one, over any number of steps, stay together). Numpy only; deterministic.
"""
import csv
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np

PARAMS = Path(__file__).parent.parent / "src/expression/masked/params.rs"
SMILE = ["smile_from_mouth", "smile_from_face", "smile_added"]
SCORE = ["negative_from_eyes", "negative_added", "weight_smile", "weight_negative", "weight_against"]
# `weight_against` is taken off: shown as it stands in the profile.
SIGNS = np.array([1, 1, 1, 1, 1, 1, 1, -1.0])
FOLDS = 5
SHIPPED_L2 = (2.0, 0.02)
SMILE_L2 = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
SCORE_L2 = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def logistic(x):
    return np.exp(-np.logaddexp(0, -x))


def balance(y):
    """What each row counts: 1 where y is 0, and where it is 1 so much that both classes count alike."""
    return np.where(y == 1, (y == 0).sum() / max((y == 1).sum(), 1), 1.0)


def log_loss(odds, y):
    """Mean of the two classes' mean losses, in nats."""
    each = np.logaddexp(0, odds) - y * odds
    return (each[y == 1].mean() + each[y == 0].mean()) / 2


def minimum(loss, gradient, start):
    """Damped Newton with a Hessian from differences of the exact gradient."""
    x, damping = np.array(start, float), 1e-3
    for _ in range(500):
        g = gradient(x)
        if np.abs(g).max() < 1e-9:
            break
        steps = 1e-5 * np.eye(len(x))
        hessian = np.array([(gradient(x + e) - gradient(x - e)) / 2e-5 for e in steps])
        hessian = (hessian + hessian.T) / 2
        step = np.linalg.solve(hessian + (damping - min(0.0, np.linalg.eigvalsh(hessian)[0])) * np.eye(len(x)), -g)
        if loss(x + step) <= loss(x):
            x, damping = x + step, max(damping / 10, 1e-12)
        elif damping > 1e12:
            break
        else:
            damping *= 10
    return x


def regression(features, y, l2):
    """Balanced logistic regression, L2 on the weights of standardised features: weights and what is added."""
    mean, spread = features.mean(0), features.std(0) + 1e-9
    columns = np.c_[(features - mean) / spread, np.ones(len(y))]
    held = np.array([l2] * features.shape[1] + [0.0])
    counts = balance(y)

    def loss(w):
        odds = columns @ w
        return (counts * (np.logaddexp(0, odds) - y * odds)).sum() + (held * w * w).sum() / 2

    def gradient(w):
        return columns.T @ (counts * (logistic(columns @ w) - y)) + held * w

    w = minimum(loss, gradient, np.zeros(columns.shape[1]))
    weights = w[:-1] / spread
    return np.r_[weights, w[-1] - weights @ mean]


class Set:
    """Composites with what the program says of them; pictures without a usable face are counted apart."""

    def __init__(self, rows):
        self.rows = [row for row in rows if row["score"]]
        self.faceless = [row for row in rows if not row["score"]]
        column = lambda name: np.array([float(row[name]) for row in self.rows])  # noqa: E731
        self.smile = np.c_[column("mouth_log_odds"), column("face_log_odds")]
        self.eyes, self.anger = column("eyes_log_odds"), column("anger_over_sadness")
        self.program = column("score")
        is_ = lambda name, *values: np.array([float(row[name] in values) for row in self.rows])  # noqa: E731
        self.happy_below = is_("lower", "happiness")
        self.negative_above = is_("upper", "sadness", "anger")
        self.angry = is_("label", "happy_but_angry")
        self.masked = 1 - is_("label", "none")

    def s(self, w):
        return logistic(self.smile @ w[:2] + w[2])

    def odds(self, w):
        """Log-odds of the score, for all eight weights."""
        negative = logistic(w[3] * self.eyes + w[4])
        return w[5] * self.s(w) + w[6] * negative + w[7]


def fit_smile(part, l2):
    return regression(part.smile, part.happy_below, l2)


def fit_score(part, smile, l2):
    """N and the score's weights, from where the regression of N among smiles leaves it."""
    s, y, counts = part.s(smile), part.masked, balance(part.masked)
    smiles = part.happy_below == 1
    start = np.r_[regression(part.eyes[smiles, None], part.negative_above[smiles], SHIPPED_L2[0]), 4.0, 5.0, -6.0]

    def loss(w):
        odds = part.odds(np.r_[smile, w])
        return (counts * (np.logaddexp(0, odds) - y * odds)).sum() + l2 * (w * w).sum()

    def gradient(w):
        negative = logistic(w[0] * part.eyes + w[1])
        error = counts * (logistic(w[2] * s + w[3] * negative + w[4]) - y)
        through = error * w[3] * negative * (1 - negative)
        return np.array(
            [through @ part.eyes, through.sum(), error @ s, error @ negative, error.sum()]
        ) + 2 * l2 * w

    return np.r_[smile, minimum(loss, gradient, start)]


def folds(rows):
    """A fold for each row: groups that share pictures, the largest first, each into the fold with the fewest rows."""
    parent = {}

    def root(name):
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for row in rows:
        parent[root(row["lower_source"])] = root(row["upper_source"])
    sizes = Counter(root(row["lower_source"]) for row in rows)
    fold_of, filled = {}, [0] * FOLDS
    for name, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        fold_of[name] = filled.index(min(filled))
        filled[fold_of[name]] += size
    return [fold_of[root(row["lower_source"])] for row in rows], len(sizes)


def cross_validate(rows, choices, fit, loss):
    """The choice with the smallest held-out loss, the mean over the folds; prints all."""
    of_row, groups = folds(rows)
    print(f"  {len(rows)} composites in {groups} groups that share pictures, {FOLDS} folds")
    parts = []
    for fold in range(FOLDS):
        parts.append([Set([row for row, f in zip(rows, of_row) if (f == fold) == held]) for held in (False, True)])
    losses = [np.mean([loss(held, fit(learned, l2)) for learned, held in parts]) for l2 in choices]
    best = int(np.argmin(losses))
    for l2, value in zip(choices, losses):
        print(f"  L2 {l2:<6g} held-out loss {value:.4f}{'  <- least' if l2 == choices[best] else ''}")
    return choices[best]


def auc(odds, y):
    above, below = odds[y == 1][:, None], odds[y == 0][None]
    return ((above > below) + 0.5 * (above == below)).mean()


def figures(part, w):
    """Balanced accuracy of masked against not, pictures without a face counted as not, and the area under the curve."""
    odds = np.r_[part.odds(w), np.full(len(part.faceless), -np.inf)]
    y = np.r_[part.masked, [float(row["label"] != "none") for row in part.faceless]]
    balanced = ((odds[y == 1] >= 0).mean() + (odds[y == 0] < 0).mean()) / 2
    return f"{balanced:.1%} (AUC {auc(part.odds(w), part.masked):.3f}, {len(part.faceless)} without a face)"


def shipped():
    text = PARAMS.read_text()
    found = [re.search(rf"^\s+{name}: ([0-9.]+),", text, re.M) for name in SMILE + SCORE]
    return SIGNS * [float(match[1]) for match in found]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], newline="") as file:
        known = {row["path"]: row for row in csv.DictReader(file)}
    with open(sys.argv[2], newline="") as file:
        rows = [{**known[row["path"]], **row} for row in csv.DictReader(file)]
    fit_rows, report_rows = ([row for row in rows if row["half"] == half] for half in ("fit", "report"))
    if not fit_rows or not report_rows:
        sys.exit(f"{sys.argv[1]}: no halves; make the composites with --split")
    fit, report, now = Set(fit_rows), Set(report_rows), shipped()
    seen = [row for row in fit_rows if row["score"]]
    error = max(np.abs(logistic(part.odds(now)) - part.program).max() for part in (fit, report))
    print(f"the formula here against the program's score, shipped weights: largest difference {error:.6f}")

    print("S: L2 on standardised log-odds")
    smile_l2 = cross_validate(
        seen, SMILE_L2, fit_smile, lambda held, w: log_loss(held.smile @ w[:2] + w[2], held.happy_below)
    )
    print("N and the score, S with that L2: L2 on the weights themselves")
    score_l2 = cross_validate(
        seen,
        SCORE_L2,
        lambda part, l2: fit_score(part, fit_smile(part, smile_l2), l2),
        lambda held, w: log_loss(held.odds(w), held.masked),
    )
    chosen = fit_score(fit, fit_smile(fit, smile_l2), score_l2)
    again = fit_score(fit, fit_smile(fit, SHIPPED_L2[0]), SHIPPED_L2[1])

    print(f"\n{'':20}{'shipped':>9}  L2 {SHIPPED_L2[0]:g}, {SHIPPED_L2[1]:g} (as shipped)  L2 {smile_l2:g}, {score_l2:g} (cross-validated)")
    for name, a, b, c in zip(SMILE + SCORE, *(SIGNS * w for w in (now, again, chosen))):
        print(f"{name:20}{a:9.3f}  {b:.4f} ({b - a:+.4f}){'':8}  {c:.4f}")
    print(f"largest difference from shipped, with the L2 as shipped: {np.abs(again - now).max():.4f}\n")
    print("masked against not, balanced accuracy")
    for name, w in (("shipped", now), ("L2 as shipped", again), ("cross-validated", chosen)):
        print(f"  {name:16} fit {figures(fit, w)}, report {figures(report, w)}")
    for name, part in (("fit", fit), ("report", report)):
        of_masked = part.masked == 1
        right = ((part.anger > 0) == (part.angry == 1))[of_masked]
        halves = [right[part.angry[of_masked] == value].mean() for value in (0, 1)]
        print(f"sad against angry, nothing fitted: {name} {np.mean(halves):.1%} balanced ({of_masked.sum()})")


main()
