"""The options of an analysis: names, defaults and meaning are those of `onset analyze`."""

from __future__ import annotations

import numbers as numbers_abc
import os
from collections.abc import Iterable
from typing import Any, TypeAlias

from onset._errors import OptionError

#: A path as the standard library takes it.
StrPath: TypeAlias = str | os.PathLike[str]

_OUT_OF_RANGE = 1 << 31


def pack(
    *,
    fps: float | None = None,
    landmark_hz: float,
    landmark_still_hz: float,
    faces: int | None,
    spotter: str,
    without_veto: Iterable[str],
    profile: StrPath | None,
    profile_anyway: bool,
    identity: StrPath | Iterable[StrPath] = (),
    candidates: bool,
    label_evidence: bool,
    threads: int,
) -> dict[str, Any]:
    """Brings the keywords of a public function into the form that the compiled part takes."""
    if isinstance(identity, (str, os.PathLike)):
        identity = (identity,)
    if isinstance(without_veto, str):
        without_veto = without_veto.split(",")
    numbers = {"fps": fps, "landmark_hz": landmark_hz, "landmark_still_hz": landmark_still_hz}
    for option, value in numbers.items():
        if not (isinstance(value, numbers_abc.Real) or (value is None and option == "fps")):
            raise _wrong(option, "a number", value)
    for option, count in {"faces": faces, "threads": threads}.items():
        if not (isinstance(count, numbers_abc.Integral) or (count is None and option == "faces")):
            raise _wrong(option, "a whole number", count)
        if count is not None and abs(count) >= _OUT_OF_RANGE:
            raise OptionError(f"{option}: {count} is out of range")
    if not isinstance(spotter, str):
        raise _wrong("spotter", "a name", spotter)
    return {
        "fps": fps,
        "landmark_hz": landmark_hz,
        "landmark_still_hz": landmark_still_hz,
        "faces": faces,
        "spotter": spotter,
        "without_veto": list(without_veto),
        "profile": None if profile is None else os.fspath(profile),
        "profile_anyway": bool(profile_anyway),
        "identity": [os.fspath(path) for path in identity],
        "candidates": bool(candidates),
        "label_evidence": bool(label_evidence),
        "threads": threads,
    }


def format_names(formats: str | Iterable[str]) -> list[str]:
    """`"csv"`, `"csv,parquet"` or a list of names as a list of names."""
    return formats.split(",") if isinstance(formats, str) else list(formats)


def _wrong(option: str, wanted: str, value: object) -> TypeError:
    """An option of a type that cannot be."""
    return TypeError(f"{option}: {wanted} is wanted, this is {type(value).__name__}")
