"""What `onset.analyze` and `onset.analyze_to_files` cost against the program.

    cargo build --release; PYTHON benches/python/analyze.py CLIP [--rounds 9]

with the wheel installed in PYTHON. Rounds run the program (its whole process) and the calls (within a process that has imported the
package) one after the other; ratios are of one round. The import itself is given apart.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def seconds(run: object) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    run()  # type: ignore[operator]
    return time.perf_counter() - started


def main() -> None:
    """Measures all three."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clip")
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    imported = seconds(lambda: __import__("onset"))
    import onset

    program = str(ROOT / "target/release/onset")
    rows: list[list[float]] = []
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "analyze", args.clip, "--out", f"{folder}/program", "--force"]
        sides = [
            lambda: subprocess.run(command, check=True, capture_output=True),
            lambda: onset.analyze_to_files(args.clip, f"{folder}/python", force=True),
            lambda: onset.analyze(args.clip),
        ]
        for round_ in range(args.rounds):
            # Sides take turns at coming first.
            order = [(index + round_) % 3 for index in range(3)]
            took = {side: seconds(sides[side]) for side in order}
            rows.append([took[side] for side in range(3)])
            print(f"round {round_ + 1}: {took[0]:.2f} {took[1]:.2f} {took[2]:.2f} s", file=sys.stderr)
    medians = [statistics.median(column) for column in zip(*rows, strict=True)]
    print(f"import onset: {imported:.2f} s, once")
    for name, side in (("program", 0), ("analyze_to_files", 1), ("analyze", 2)):
        ratio = statistics.median(row[side] / row[0] for row in rows)
        best = min(row[side] for row in rows) / min(row[0] for row in rows)
        print(f"{name}: {medians[side]:.2f} s; ratio {ratio:.3f} (median), {best:.3f} (best against best)")


main()
