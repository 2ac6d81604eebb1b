"""The command line of `python -m onset.batch`."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

from .cluster import ClusterOptions
from .errors import UsageError
from .options import AnalysisOptions, profile_from_argument
from .urls import absolute

SPOTTERS = ("auto", "state-machine", "matched", "network")
_MAX_FPS = 1000.0
_MAX_HZ = 240.0


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the user asked for."""

    inputs: list[str]
    out: str
    cluster: ClusterOptions
    analysis: AnalysisOptions
    retries: int
    retry_failed: bool
    force: bool
    break_lock: bool
    json: bool


def arguments_from(words: list[str] | None) -> Arguments:
    """Reads the command line (`None`: of this process).

    Raises:
        UsageError: A profile cannot be read; options contradict each other.
        SystemExit: 2 where it is wrong otherwise, 0 after `--help`.
    """
    values = _parser().parse_args(words)
    if values.profile_anyway and values.profile is None:
        raise UsageError("--profile-anyway goes with --profile")
    if values.num_cpus is not None and values.threads > values.num_cpus:
        raise UsageError(f"--threads {values.threads} is more than --num-cpus {values.num_cpus}")
    analysis = AnalysisOptions(
        fps=values.fps,
        landmark_hz=values.landmark_hz,
        landmark_still_hz=values.landmark_still_hz,
        faces=values.faces,
        spotter=values.spotter,
        without_veto=values.without_veto,
        profile=profile_from_argument(values.profile),
        profile_anyway=values.profile_anyway,
        candidates=values.candidates,
        label_evidence=values.label_evidence,
        identity=tuple(absolute(path) for path in values.identity),
        threads=values.threads,
    )
    cluster = ClusterOptions(values.address, values.num_cpus, values.threads, values.memory_per_task)
    return Arguments(
        values.inputs,
        values.out,
        cluster,
        analysis,
        values.retries,
        values.retry_failed,
        values.force,
        values.break_lock,
        values.json,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m onset.batch",
        description="Analyse many recordings on Ray: Parquet tables by recording, a manifest, and a second run that "
        "goes on where the first stopped.",
        epilog="Exit codes: 0 all done or skipped, 1 some failed or the batch had to stop, 2 wrong usage, 130 "
        "interrupted.",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="videos, image folders, sessions, folders of these, patterns, lists (LIST.txt or @LIST: one input a "
        "line), or URLs that fsspec opens (s3://bucket/folder)",
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="output folder, shared by all nodes, or a URL")
    _add_cluster(parser.add_argument_group("where it runs"))
    _add_batch(parser.add_argument_group("what is done again"))
    _add_analysis(parser.add_argument_group("analysis (as `onset analyze`)"))
    parser.add_argument("--json", action="store_true", help="print the totals as JSON at the end")
    return parser


def _add_cluster(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--address",
        metavar="ADDRESS",
        help="join a running Ray cluster: `auto` on one of its nodes, or HOST:PORT; without it one is started on this "
        "machine and stopped again",
    )
    group.add_argument(
        "--num-cpus",
        type=_count,
        metavar="N",
        help="CPUs used at once [default: all of the machine or cluster]",
    )
    group.add_argument(
        "--threads",
        type=_count,
        default=1,
        metavar="N",
        help="threads (and CPUs reserved) a recording: 1 gives the most for each core, 2 finishes each one sooner; "
        "same results [default: 1]",
    )
    group.add_argument(
        "--memory-per-task",
        type=_count,
        default=512,
        metavar="MB",
        help="memory reserved for a recording; analysis streams, so long ones need no more than short ones [default: "
        "512]",
    )


def _add_batch(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--retries",
        type=_count_or_none,
        default=3,
        metavar="N",
        help="further attempts where a worker or node died or the network failed [default: 3]",
    )
    group.add_argument("--retry-failed", action="store_true", help="try again what failed in earlier runs")
    group.add_argument(
        "--force", action="store_true", help="redo everything in DIR, with these options and this version of onset"
    )
    group.add_argument("--break-lock", action="store_true", help="take over DIR from a batch that no longer runs")


def _add_analysis(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--fps", type=_fps, metavar="N", help="frame rate of image folders, in frames a second")
    group.add_argument(
        "--landmark-hz", type=_landmark_hz, default=15.0, metavar="N", help="0 for every frame [default: 15]"
    )
    group.add_argument("--landmark-still-hz", type=_landmark_hz, default=3.0, metavar="N", help="[default: 3]")
    group.add_argument(
        "--faces", type=_faces, metavar="N", help="faces followed at most, 1 to 8 [default: 2, or the profile's]"
    )
    group.add_argument("--spotter", choices=SPOTTERS, default="auto", help="[default: auto]")
    group.add_argument(
        "--without-veto",
        type=_names,
        default=(),
        metavar="LIST",
        help="reasons left out, comma-separated: speech,blink",
    )
    group.add_argument("--profile", metavar="FILE|NAME", help="calibration profile; it is sent to the nodes")
    group.add_argument("--profile-anyway", action="store_true", help="use it with another camera too")
    group.add_argument(
        "--identity",
        action="append",
        default=[],
        metavar="FILE",
        help="key file for encrypted sessions, at the same path on every node; may be given several times",
    )
    group.add_argument("--candidates", action="store_true", help="rows for movements that were not claimed too")
    group.add_argument("--label-evidence", action="store_true", help="the table label_evidence too")


def _count(text: str) -> int:
    return _whole(text, 1)


def _count_or_none(text: str) -> int:
    return _whole(text, 0)


def _faces(text: str) -> int:
    value = _whole(text, 1)
    if value > 8:
        raise argparse.ArgumentTypeError(f"{text} is more than 8")
    return value


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from {least} on")
    return value


def _fps(text: str) -> float:
    value = _number(text)
    if not 0.0 < value <= _MAX_FPS:
        raise argparse.ArgumentTypeError(f"{text} is not a rate above 0 and up to {_MAX_FPS:.0f}")
    return value


def _landmark_hz(text: str) -> float:
    value = _number(text)
    if not 0.0 <= value <= _MAX_HZ:
        raise argparse.ArgumentTypeError(f"{text} is not a rate from 0 (every frame) to {_MAX_HZ:.0f}")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
