"""The compiled part. `Observation`, `Face`, `Motion`, `Event`, `SessionFrame` and `Lost` are public as `onset.*`; the rest is wrapped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

__version__: str

@final
class Table:
    """A table whose memory Arrow's readers share (the Arrow PyCapsule interface)."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __len__(self) -> int: ...

@final
class Collected:
    """The tables of a recording, complete."""

    @property
    def frames(self) -> Table: ...
    @property
    def events(self) -> Table: ...
    @property
    def label_evidence(self) -> Table | None: ...
    @property
    def summary_json(self) -> str: ...
    def write(self, out: str, name: str | None, formats: list[str], force: bool) -> Path: ...

def models_json() -> str: ...
def attribution() -> str: ...
def analyze(path: str, options: dict[str, Any], progress: object | None) -> Collected: ...
def analyze_to_files(
    path: str,
    out: str,
    name: str | None,
    formats: list[str],
    force: bool,
    options: dict[str, Any],
    progress: object | None,
) -> str: ...

@final
class Analyzer:
    """Turns frames into observations, one after the other."""

    def __new__(cls, options: dict[str, Any], color: str, keep_frames: bool) -> Analyzer: ...
    def push(self, frame: npt.NDArray[np.uint8], t: float) -> Observation: ...
    def lost(self, count: int, t: float, reason: str) -> None: ...
    def recalibrate(self) -> None: ...
    def finish(self) -> Collected: ...
    def close(self) -> None: ...
    @property
    def closed(self) -> bool: ...

@final
class Observation:
    """What was seen in one frame."""

    @property
    def frame(self) -> int:
        """Number of the frame, from 0, lost frames counted."""
    @property
    def t(self) -> float:
        """Its time as it was pushed, in seconds."""
    @property
    def status(self) -> Literal["ok", "no_face", "blurred", "occluded"]:
        """What could be seen."""
    @property
    def luma_mean(self) -> float:
        """Mean luma of the whole frame, 0 to 255."""
    @property
    def sharpness(self) -> float | None:
        """Sharpness of the primary face in this frame, above 0; None without a face."""
    @property
    def faces(self) -> list[Face]:
        """Every face followed, the primary one first."""
    @property
    def measured_frame(self) -> int | None:
        """Number of the frame whose landmark measurement became available with this one; None where none did."""
    @property
    def expression(self) -> dict[str, float | None] | None:
        """What the primary face shows, smoothed: label to probability; None without a face."""
    @property
    def expression_eyes(self) -> dict[str, float | None] | None:
        """The same for its eyes and brows alone."""
    @property
    def mismatch(self) -> float | None:
        """The probability that mouth and eyes disagree, 0 to 1, smoothed; None where that cannot be said."""
    @property
    def motion(self) -> dict[str, Motion]:
        """Motion of each of 22 regions of the primary face, by name; empty without one."""
    @property
    def head_speed_icd_s(self) -> float | None:
        """Speed of the head in the picture, in inner-canthal distances a second; None without a face."""
    @property
    def smallest_icd(self) -> dict[str, float]:
        """The smallest motion that would be seen, by region, in inner-canthal distances (inf: none); empty without a face."""
    @property
    def not_observable(self) -> list[str]:
        """The regions in which a micro-expression would not be seen now; all of them without a face."""
    @property
    def events(self) -> list[Event]:
        """Events that were flagged, changed, ended or withdrawn (`veto`) with this frame."""

@final
class Face:
    """A face as it stands in one frame."""

    @property
    def id(self) -> int:
        """Stays with the person for as long as the face is followed."""
    @property
    def box_px(self) -> tuple[float, float, float, float] | None:
        """Left, top, width and height of the box around the landmarks, in pixels."""
    @property
    def icd_px(self) -> float | None:
        """Inner-canthal distance: between the inner corners of the eyes, in pixels."""
    @property
    def confidence(self) -> float:
        """The network's certainty that this is a face, 0 to 1."""
    @property
    def landmarks(self) -> npt.NDArray[np.float32]:
        """478 landmarks, float32 of shape (478, 3): x right, y down in pixels, z in the scale of x, smaller is nearer."""
    @property
    def blendshapes(self) -> dict[str, float] | None:
        """52 scores by the names of MediaPipe, 0 to 1, of the newest measurement."""
    @property
    def pitch_deg(self) -> float:
        """Head rotation in degrees at the newest measurement; positive: the chin goes up."""
    @property
    def yaw_deg(self) -> float:
        """The same; positive: the head turns to the subject's left."""
    @property
    def roll_deg(self) -> float:
        """The same; positive: the head tilts to the subject's left shoulder."""

@final
class Motion:
    """Motion of one region, head motion removed, in inner-canthal distances."""

    @property
    def dx(self) -> float:
        """Displacement to the right of the upright picture, against the reference; use changes, not levels."""
    @property
    def dy(self) -> float:
        """The same downwards."""
    @property
    def amplitude(self) -> float:
        """The strongest motion within the region, 0 and up: column `m_<region>` of the frames table."""
    @property
    def velocity(self) -> float:
        """Change of the displacement over the last 100 ms, 0 and up."""
    @property
    def sigma(self) -> float:
        """Standard error of the displacement."""
    @property
    def valid(self) -> bool:
        """False where the region could not be measured in this frame: the other values are then those before."""

@final
class Event:
    """Something that was spotted. Names are those of the columns of the events table; times are as pushed, in seconds."""

    @property
    def event(self) -> int:
        """Number within the analysis, in order of flagging; the same when the event changes."""
    @property
    def kind(self) -> Literal["micro", "macro", "masked", "blink"]:
        """What sort of event."""
    @property
    def label(self) -> str:
        """The expression or mismatch that the motion resembles; empty where none is claimed."""
    @property
    def score(self) -> float:
        """Confidence, 0 to 1."""
    @property
    def onset_s(self) -> float:
        """First visible change."""
    @property
    def apex_s(self) -> float:
        """Strongest moment."""
    @property
    def offset_s(self) -> float | None:
        """Return; None while it lasts."""
    @property
    def amplitude_icd(self) -> float | None:
        """Strongest motion in inner-canthal distances; None where the event does not come from region motion."""
    @property
    def regions(self) -> list[str]:
        """The regions that moved."""
    @property
    def action_units(self) -> list[int]:
        """FACS action units that the motion matches."""
    @property
    def definition(self) -> Literal["classic", "extended"] | None:
        """For micro-expressions: `classic` when the whole event lies within 1/5 s, else `extended`."""
    @property
    def min_resolvable_ms(self) -> float:
        """The shortest event that this frame rate could resolve, in ms."""
    @property
    def flagged_at_s(self) -> float:
        """Time of the frame with which it was first flagged."""
    @property
    def confirmed_at_s(self) -> float | None:
        """The same for its confirmation; None while it is provisional."""
    @property
    def face_id(self) -> int:
        """The face that it belongs to."""
    @property
    def veto(self) -> str | None:
        """Why it is not claimed, or no longer; None for an event that is."""

@final
class Session:
    """A session that was recorded with `onset record`."""

    def __new__(cls, path: Path, identity: list[str]) -> Session: ...
    def facts_json(self) -> str: ...
    def codings_json(self) -> str: ...
    def observations(self) -> Table: ...
    def frames(self) -> SessionFrames: ...

@final
class SessionFrames(Iterator[SessionFrame | Lost]):
    """Walks through a session's frames."""

    def __iter__(self) -> SessionFrames: ...
    def __next__(self) -> SessionFrame | Lost: ...

@final
class SessionFrame:
    """One frame of a session."""

    @property
    def frame(self) -> int:
        """Number of the frame, from 0, lost frames counted."""
    @property
    def t(self) -> float:
        """When it was captured, in seconds on the session's clock."""
    @property
    def pixels(self) -> npt.NDArray[np.uint8]:
        """uint8 of shape (H, W) for gray cameras, else (H, W, 3) in the order red, green, blue; an array of its own."""

@final
class Lost:
    """Frames that were lost."""

    @property
    def frame(self) -> int:
        """Number of the first lost frame."""
    @property
    def count(self) -> int:
        """How many were lost, 1 or more."""
    @property
    def t(self) -> float:
        """When the first of them was, or should have been, captured, in seconds on the session's clock."""
    @property
    def reason(self) -> Literal["overrun", "driver", "stalled", "corrupt", "recorder"]:
        """Why."""

@final
class Report:
    """A spotting report in its three forms."""

    @property
    def json(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def page(self) -> str: ...

def evaluate_spotting(
    truth: Path,
    predictions: Path,
    clips: list[str],
    missing_as_empty: bool,
    min_score: float | None,
    bootstrap: int,
    seed: int,
) -> Report: ...
