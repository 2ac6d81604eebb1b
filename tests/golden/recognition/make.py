#!/usr/bin/env python3
"""Figures of 1,000 random label sets as scikit-learn gives them, for src/eval/recognition/tests/golden.rs.

    pip install numpy scikit-learn statsmodels && python3 make.py > sklearn.json

The label sets are not in the file: both sides draw them from the same generator (splitmix64), so that it stays small.
Numbers of label sets have 11 significant digits; the test asks for 1e-9.
"""

import json
import math
import sys
import warnings

import numpy as np
import sklearn
import statsmodels
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar

SETS = 1000
BINS = 15
MASK = (1 << 64) - 1


class SplitMix:
    """splitmix64 (Steele, Lea, Flood 2014)."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() % n


def label_set(number):
    """Classes, truths and probabilities: some classes may be absent; whole weights make ties and zeros likely."""
    rng = SplitMix(number)
    # The smaller of two, so that sets of many classes are rarer and the file smaller.
    classes = 2 + min(rng.below(7), rng.below(7))
    samples = 1 + rng.below(60)
    occurring = 1 + rng.below(classes)
    truths, shares = [], []
    for _ in range(samples):
        truth = rng.below(occurring)
        weights = [rng.below(16) for _ in range(classes)]
        if rng.below(2) == 0:
            weights[truth] += 12
        if sum(weights) == 0:
            weights[truth] = 1
        total = float(sum(weights))
        truths.append(truth)
        shares.append([weight / total for weight in weights])
    return classes, np.array(truths), np.array(shares)


def short(value):
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    value = float(f"{float(value):.11g}")
    return int(value) if value == int(value) else value


def figures(number):
    classes, truth, shares = label_set(number)
    labels = list(range(classes))
    said = shares.argmax(axis=1)
    how = dict(labels=labels, zero_division=0)

    def prf(average):
        return metrics.precision_recall_fscore_support(truth, said, average=average, **how)[:3]

    aucs, specificity = [], []
    for label in labels:
        is_so = truth == label
        one = is_so.any() and not is_so.all()
        aucs.append(metrics.roc_auc_score(is_so, shares[:, label]) if one else None)
        specificity.append(metrics.recall_score(is_so, said == label, pos_label=False, zero_division=0))
    known = [auc for auc in aucs if auc is not None]
    macro_auc = float(np.mean(known)) if known else None
    if len(known) == classes and classes > 2:
        theirs = metrics.roc_auc_score(truth, shares, multi_class="ovr", average="macro", labels=labels)
        assert abs(theirs - macro_auc) < 1e-12
    hot = np.eye(classes)[truth]
    confidence = shares.max(axis=1)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    ece = sum(abs(confidence[bins == b].sum() - (said == truth)[bins == b].sum()) for b in range(BINS)) / len(truth)
    log_loss = metrics.log_loss(truth, shares, labels=labels)
    confusion = metrics.confusion_matrix(truth, said, labels=labels)
    overall = [
        metrics.accuracy_score(truth, said),
        metrics.balanced_accuracy_score(truth, said),
        # Over the classes that occur in either, which is the default.
        metrics.f1_score(truth, said, average="macro", zero_division=0),
        *prf("macro"),
        *prf("weighted")[::2],
        metrics.cohen_kappa_score(truth, said),
        macro_auc,
        ece,
        ((shares - hot) ** 2).sum(axis=1).mean(),
        log_loss,
    ]
    precision, recall, f1 = prf(None)
    each = [precision, recall, f1, specificity, aucs]
    # The confusion as one number, so that the drawn sets are known to be the same: rows weighed by place.
    weights = np.arange(1, classes * classes + 1).reshape(classes, classes)
    return [len(truth), int((confusion * weights).sum()), [short(v) for v in overall], [[short(v) for v in one] for one in each]]


def pair(b, c):
    exact = b + c < 25
    result = mcnemar([[7, b], [c, 3]], exact=exact, correction=True)
    return [b, c, float(result.pvalue), float(result.statistic)]


def main():
    warnings.simplefilter("ignore")
    pairs = [(b, c) for b in range(0, 60, 3) for c in (0, 1, 2, 5, 9, 13, 14, 24, 25, 40, 150)]
    golden = {
        "made_by": f"make.py, scikit-learn {sklearn.__version__}, numpy {np.__version__}, statsmodels {statsmodels.__version__}",
        "overall": "accuracy balanced_accuracy uf1 macro_precision macro_recall macro_f1 weighted_precision weighted_f1 "
        "kappa macro_auc ece brier log_loss",
        "each": "precision recall f1 specificity auc",
        "sets": [figures(number) for number in range(SETS)],
        "mcnemar": [pair(b, c) for b, c in pairs],
    }
    text = json.dumps(golden, separators=(",", ":")).replace('],[', '],\n[')
    sys.stdout.write(text + "\n")


main()
