"""The options of an analysis: names, defaults and meaning are those of `onset analyze`."""

from __future__ import annotations

import numbers as numbers_abc
import os
from collections.abc import Callable, Iterable
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
    identity = [identity] if isinstance(identity, (str, os.PathLike)) else list(identity)
    without_veto = without_veto.split(",") if isinstance(without_veto, str) else list(without_veto)
    numbers = {"fps": fps, "landmark_hz": landmark_hz, "landmark_still_hz": landmark_still_hz}
    for option, value in numbers.items():
        if not (isinstance(value, numbers_abc.Real) or (value is None and option == "fps")):
            raise _wrong(option, "a number", value)
    for option, count in {"faces": faces, "threads": threads}.items():
        if not (isinstance(count, numbers_abc.Integral) or (count is None and option == "faces")):
            raise _wrong(option, "a whole number", count)
        if count is not None and abs(count) >= _OUT_OF_RANGE:
            raise OptionError(f"{option}: {count} is out of range")
    for option, name in [("spotter", spotter), *(("without_veto", veto) for veto in without_veto)]:
        if not isinstance(name, str):
            raise _wrong(option, "a name", name)
    for option, path in [("profile", profile), *(("identity", key) for key in identity)]:
        if not (isinstance(path, (str, os.PathLike)) or (path is None and option == "profile")):
            raise _wrong(option, "a path", path)
    return {
        "fps": fps,
        "landmark_hz": landmark_hz,
        "landmark_still_hz": landmark_still_hz,
        "faces": faces,
        "spotter": spotter,
        "without_veto": without_veto,
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


def callback(progress: Callable[[float], object] | None) -> Callable[[float], object] | None:
    """The same, told at once where it cannot be called: not once the analysis is under way."""
    if progress is not None and not callable(progress):
        raise _wrong("progress", "something to call", progress)
    return progress


def _wrong(option: str, wanted: str, value: object) -> TypeError:
    """An option of a type that cannot be."""
    return TypeError(f"{option}: {wanted} is wanted, this is {type(value).__name__}")
