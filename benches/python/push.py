"""What `Analyzer.push` costs over the library's own call, at 640x480.

    cargo build --release --benches; PYTHON benches/python/push.py [--rounds 15]

with the wheel installed in PYTHON. Each round runs the Rust program and the Python one (a process each) one after the other on the
same 240 frames of the synthetic face; ratios are of one round, so that a busy machine slows both. Prints medians over the rounds.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, FPS, COUNT = 640, 480, 60, 240


def rust_program() -> Path:
    """The newest build of benches/python/push.rs."""
    found = [path for path in (ROOT / "target/release/deps").glob("push-*") if path.suffix == ""]
    if not found:
        sys.exit("push.py: there is no push-* in target/release/deps; run: cargo build --release --bench push")
    return max(found, key=lambda path: path.stat().st_mtime)


def push_all(file: str, channels: int) -> None:
    """The Python side of one round: prints seconds a call as JSON."""
    import onset

    shape = (-1, HEIGHT, WIDTH, 3) if channels == 3 else (-1, HEIGHT, WIDTH)
    frames = np.fromfile(file, np.uint8).reshape(shape)
    seconds, events = [], 0
    with onset.Analyzer() as analyzer:
        for index, frame in enumerate(frames):
            started = time.perf_counter()
            observation = analyzer.push(frame, index / FPS)
            seconds.append(time.perf_counter() - started)
            events += len(observation.events)
    print(json.dumps({"seconds": seconds, "events": events}))


def run(command: list[str]) -> list[float]:
    """Seconds of each call of one process."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds: list[float] = json.loads(done.stdout)["seconds"]
    return seconds


def main() -> None:
    """Measures both layouts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs=2)
    args = parser.parse_args()
    if args.only:
        push_all(args.only[0], int(args.only[1]))
        return
    program = str(rust_program())
    with tempfile.TemporaryDirectory() as folder:
        for name, channels in (("RGB", 3), ("gray", 1)):
            file = f"{folder}/{name}.raw"
            sizes = [str(WIDTH), str(HEIGHT), str(channels), str(FPS)]
            subprocess.run([program, "--make", file, *sizes, str(COUNT)], check=True)
            totals: list[tuple[float, float]] = []
            for round_ in range(args.rounds):
                sides = [[program, file, *sizes], [sys.executable, __file__, "--only", file, str(channels)]]
                # Whoever comes second finds the file in the cache and the processor warm: sides take turns.
                order = (0, 1) if round_ % 2 == 0 else (1, 0)
                result = {side: sum(run(sides[side])) for side in order}
                totals.append((result[0], result[1]))
            ratio = statistics.median(python / rust for rust, python in totals)
            rust_ms, python_ms = (1e3 * statistics.median(side) / COUNT for side in zip(*totals, strict=True))
            best = min(python for _, python in totals) / min(rust for rust, _ in totals)
            print(
                f"{name}: Rust {rust_ms:.3f} ms a frame, Python {python_ms:.3f} ms; ratio {ratio:.3f} (median of "
                f"{args.rounds} rounds), {best:.3f} (best against best)"
            )


main()
