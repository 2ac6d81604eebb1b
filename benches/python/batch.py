"""A batch on a local Ray cluster with two workers: equality with the program, recovery, and what an hour of video costs.

    cargo build --release; PYTHON benches/python/batch.py CLIP... [--copies N] [--kill]

with the wheel (and its extra `ray`) installed in PYTHON. Analyses the clips once without disturbance and compares every table with the
program's, byte for byte; with `--kill` again, with a worker killed (`kill -9`) in mid-run, and once more with the driver killed and
started again. Prints what was found, and the cost an hour of video from the manifest.
"""

import argparse
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = str(ROOT / "target/release/onset")
TABLES = ("frames", "events")


def batch(inputs: Path, out: Path) -> list[str]:
    """The command."""
    return [sys.executable, "-m", "onset.batch", str(inputs), "--out", str(out), "--num-cpus", "2", "--json"]


def manifest(out: Path) -> list[dict[str, str]]:
    """Its rows."""
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def done_count(out: Path) -> int:
    """How many recordings have their mark."""
    return sum(1 for _ in (out / "status").glob("*.json")) if (out / "status").is_dir() else 0


def compare(out: Path, expected: Path) -> str:
    """Every table against the program's; also that nothing else lies there."""
    rows = [row for row in manifest(out) if row["status"] == "done"]
    equal = 0
    for row in rows:
        name = Path(row["input"]).stem
        for table in TABLES:
            ours = out / table / f"recording={row['recording']}" / f"{table}.parquet"
            if ours.read_bytes() == (expected / name / f"{table}.parquet").read_bytes():
                equal += 1
    files = sum(1 for table in TABLES for _ in (out / table).rglob("*.parquet"))
    attempts = sum(int(row["attempts"]) for row in rows)
    return f"{len(rows)} done, {equal} of {2 * len(rows)} tables equal, {files} files, {attempts} attempts"


def workers() -> list[int]:
    """Process ids of Ray's workers that have an analysis in hand."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                title = (entry / "cmdline").read_bytes().replace(b"\0", b" ").strip()
            except OSError:
                continue
            if title.startswith(b"ray::analyse"):
                found.append(int(entry.name))
    return sorted(found)


def wait_until(is_true: object, what: str, seconds: float = 600) -> None:
    """Waits; gives up with a message."""
    end = time.monotonic() + seconds
    while not is_true():  # type: ignore[operator]
        if time.monotonic() > end:
            sys.exit(f"batch.py: waited {seconds:.0f} s for {what}")
        time.sleep(0.05)


def with_worker_killed(inputs: Path, out: Path, count: int) -> str:
    """A run in which a worker is killed once a quarter is done."""
    process = subprocess.Popen(batch(inputs, out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_until(lambda: done_count(out) >= count // 4 and workers(), "a quarter of the recordings")
    victim = workers()[0]
    os.kill(victim, signal.SIGKILL)
    code = process.wait()
    return f"worker {victim} killed, exit code {code}"


def with_driver_killed(inputs: Path, out: Path, count: int) -> str:
    """A run whose driver is killed once a half is done; then a second one."""
    process = subprocess.Popen(batch(inputs, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: done_count(out) >= count // 2, "half of the recordings")
    process.kill()
    process.wait()
    wait_until(lambda: not workers(), "the workers to end with their driver")
    before = {path.name: path.stat().st_mtime_ns for path in (out / "status").glob("*.json")}
    code = subprocess.run(batch(inputs, out), capture_output=True, check=False).returncode
    same = sum((out / "status" / name).stat().st_mtime_ns == at for name, at in before.items())
    return f"driver killed with {len(before)} done, second run's exit code {code}, {same} of these {len(before)} not touched"


def cost(out: Path, wall_s: float) -> str:
    """What an hour of video costs, from the manifest."""
    rows = [row for row in manifest(out) if row["status"] == "done"]
    hours, cpu_h, gigabytes, taken_h = (
        sum(float(row[column]) for row in rows) / unit
        for column, unit in (("duration_s", 3600), ("cpu_s", 3600), ("output_bytes", 1e9), ("wall_s", 3600))
    )
    frames = sum(int(row["frames"]) for row in rows)
    peak = max(float(row["peak_rss_mb"]) for row in rows)
    return (
        f"{hours * 60:.1f} min of video, {frames} frames in {wall_s:.0f} s with 2 workers ({hours * 3600 / wall_s:.1f} x real time); "
        f"an hour of video: {cpu_h / hours:.3f} core-hours of processor time, {taken_h / hours:.3f} task-hours, "
        f"{gigabytes / hours:.3f} GB; a frame: {3.6e6 * cpu_h / frames:.2f} ms, {1e9 * gigabytes / frames:.0f} bytes; "
        f"memory of a task at its peak: {peak:.0f} MB"
    )


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--copies", type=int, default=1, help="each clip so many times, under names of their own")
    parser.add_argument("--kill", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        inputs, expected = folder / "clips", folder / "expected"
        inputs.mkdir()
        for clip in map(Path, args.clips):
            for copy in range(args.copies):
                name = clip.stem if copy == 0 else f"{clip.stem}-{copy}"
                shutil.copy(clip, inputs / f"{name}{clip.suffix}")
        files = sorted(map(str, inputs.iterdir()))
        command = [PROGRAM, "analyze", *files, "--out", str(expected), "--format", "parquet", "--jobs", "2"]
        subprocess.run(command, check=True, capture_output=True)
        print(f"{len(files)} recordings")

        started = time.monotonic()
        done = subprocess.run(batch(inputs, folder / "plain"), capture_output=True, text=True, check=False)
        wall_s = time.monotonic() - started
        print(f"undisturbed: exit code {done.returncode}; {compare(folder / 'plain', expected)}")
        print(cost(folder / "plain", wall_s))
        print(json.dumps(json.loads(done.stdout)))
        if args.kill:
            for name, disturbed in (("worker", with_worker_killed), ("driver", with_driver_killed)):
                out = folder / name
                print(f"{disturbed(inputs, out, len(files))}; {compare(out, expected)}")


main()
