#!/usr/bin/env python3
"""How fast PyTorch trains the seed paper's custom CNN on the CPU: the peer of `onset train`'s throughput.

    benches/study/torch_peer.py [--threads N] [--blocks N] [--steps N]

48x48 gray, 8 classes: Conv 16, Conv 32, Conv 64 (3x3, same padding, ReLU, MaxPool 2 after each), Dense 128 ReLU, Dense 8; cross-entropy, Adam at 1e-3,
batches of 64. A step is forward, backward and update, on random pictures that are in memory before the clock starts. Prints one JSON object; needs torch.
"""

import argparse
import json
import platform
import statistics
import time

import torch
from torch import nn

BATCH, SIDE_PX, CLASSES, LEARNING_RATE = 64, 48, 8, 1e-3
WARM_UP_STEPS = 20
# Batches that are gone through in turn, as a training does: 16 x 64 x 48 x 48 floats are 9 MB, beyond most L2 caches.
BATCHES = 16


def network():
    layers, channels = [], 1
    for filters in (16, 32, 64):
        layers += [nn.Conv2d(channels, filters, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2)]
        channels = filters
    side = SIDE_PX // 8
    layers += [nn.Flatten(), nn.Linear(channels * side * side, 128), nn.ReLU(), nn.Linear(128, CLASSES)]
    return nn.Sequential(*layers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--blocks", type=int, default=7, help="timed blocks; the median counts")
    parser.add_argument("--steps", type=int, default=60, help="steps in a block")
    args = parser.parse_args()
    if min(args.threads, args.blocks, args.steps) < 1:
        parser.error("--threads, --blocks and --steps are at least 1")

    torch.set_num_threads(args.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    model, loss_of = network(), nn.CrossEntropyLoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    pictures = torch.rand(BATCHES, BATCH, 1, SIDE_PX, SIDE_PX)
    labels = torch.randint(CLASSES, (BATCHES, BATCH))

    def step(index):
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(model(pictures[index % BATCHES]), labels[index % BATCHES])
        loss.backward()
        optimiser.step()
        # What every training reads: it also ends whatever the step left to be done.
        return loss.item()

    for index in range(WARM_UP_STEPS):
        loss = step(index)
    rates = []
    for block in range(args.blocks):
        began = time.perf_counter()
        for index in range(args.steps):
            loss = step(block * args.steps + index)
        rates.append(args.steps / (time.perf_counter() - began))
    print(
        json.dumps(
            {
                "framework": f"torch {torch.__version__}",
                "python": platform.python_version(),
                "network": "custom CNN of the seed paper",
                "parameters": sum(values.numel() for values in model.parameters()),
                "input": [BATCH, 1, SIDE_PX, SIDE_PX],
                "classes": CLASSES,
                "threads": torch.get_num_threads(),
                "blocks": args.blocks,
                "steps_per_block": args.steps,
                "steps_per_s": round(statistics.median(rates), 2),
                "steps_per_s_blocks": [round(rate, 2) for rate in rates],
                "pictures_per_s": round(statistics.median(rates) * BATCH, 1),
                "last_loss": round(loss, 4),
            },
            indent=2,
        )
    )


main()
