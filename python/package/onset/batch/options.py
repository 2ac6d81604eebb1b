"""Options of the analysis: what the tables depend on."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError

BUILT_IN_PROFILE = "default"
PROFILE_FOLDER = "profile"
"""Where a worker keeps the profile, below its temporary folder."""


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """A calibration profile that travels to the workers with its name and content."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AnalysisOptions:
    """Options of `onset.analyze_to_files` by the same names, with the command line's defaults.

    `identity` holds paths of key files, which must lie at the same path on every node: keys are not sent anywhere. It
    opens recordings and changes no table; neither do `threads`.
    """

    fps: float | None = None
    landmark_hz: float = 15.0
    landmark_still_hz: float = 3.0
    faces: int | None = None
    spotter: str = "auto"
    without_veto: tuple[str, ...] = ()
    profile: ProfileFile | None = None
    profile_anyway: bool = False
    candidates: bool = False
    label_evidence: bool = False
    identity: tuple[str, ...] = ()
    threads: int = 1

    def as_written(self) -> dict[str, Any]:
        """What the tables depend on, for `batch.json`: two runs with equal ones write the same bytes."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        for name in ("identity", "threads"):
            del values[name]
        values["spotter"] = self.spotter.replace("-", "_")
        values["without_veto"] = sorted(set(self.without_veto))
        if self.profile is not None:
            values["profile"] = {
                "name": self.profile.name,
                "sha256": hashlib.sha256(self.profile.content).hexdigest(),
            }
        return values

    def arguments(self, folder: Path) -> dict[str, Any]:
        """Keyword arguments of `onset.analyze_to_files`; the profile is written into `folder`.

        Raises:
            OSError: The profile cannot be written.
        """
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        if self.profile is not None:
            path = folder / PROFILE_FOLDER / self.profile.name
            path.parent.mkdir()
            path.write_bytes(self.profile.content)
            values["profile"] = str(path)
        return values


def profile_from_argument(wanted: str | None) -> ProfileFile | None:
    """Reads what `--profile` names: a file, or the name of one in `./calibration`; `None` for the built-in one.

    Raises:
        UsageError: It is not there or cannot be read.
    """
    if wanted is None or wanted == BUILT_IN_PROFILE:
        return None
    looks_like_path = wanted.endswith(".toml") or "/" in wanted or "\\" in wanted
    path = Path(wanted) if looks_like_path else Path("calibration") / f"{wanted}.toml"
    try:
        return ProfileFile(path.name, path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"--profile {wanted}: cannot read {path}: {error.strerror or error}; make one with `onset calibrate "
            "--name NAME`"
        ) from None


def differences(before: dict[str, Any], now: dict[str, Any]) -> str:
    """What differs between two `as_written`: `landmark_hz 15.0, now 0.0; ...`; empty where nothing does."""
    return "; ".join(
        f"{key} {before.get(key)}, now {now.get(key)}"
        for key in sorted({*before, *now})
        if before.get(key) != now.get(key)
    )
