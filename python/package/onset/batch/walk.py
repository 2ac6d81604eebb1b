"""Which recordings a folder holds: videos, folders of pictures, sessions; and what is none of these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from .natural import natural_key
from .tree import Folder, Stamp, joint_stamp, session_stamp

Kind = Literal["file", "pictures", "session"]

PICTURES = frozenset({"png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp"})
"""As the program reads them."""
TIMES = frozenset({"timestamps.txt", "timestamps.csv"})
"""When each picture of a folder was taken."""
VIDEOS = frozenset(
    """3g2 3gp asf avi divx dv f4v flv gif h264 hevc m2ts m2v m4v mjpeg mjpg mkv mov mp4 mpeg mpg mts mxf ogm ogv ts vob
    webm wmv y4m""".split()  # noqa: SIM905 (a list would be 30 lines)
)
"""Endings that are taken for videos in folders; an input that is named is tried whatever its ending."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Something to analyse, at an absolute path or URL."""

    location: str
    kind: Kind
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class NotOne:
    """Something that will not be analysed, and why: `failed` where it was asked for by name or could not be read."""

    location: str
    status: Literal["failed", "skipped"]
    reason: str


def ending(name: str) -> str:
    """Extension in lower case, without its dot."""
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def picture_files(folder: Folder) -> list[str]:
    """Names of the pictures directly in a folder and of their times."""
    pictures = [name for name in folder.files if ending(name) in PICTURES]
    return pictures + [name for name in folder.files if name in TIMES] if pictures else []


def recordings_in(folder: Folder) -> Iterator[Recording | NotOne]:
    """What is in a folder and below it: the folder itself first, then files and folders by name in natural order."""
    for name, problem in folder.problems.items():
        yield NotOne(folder.child(name) if name else folder.location, "failed", problem)
    if folder.is_session:
        yield Recording(folder.location, "session", session_stamp(folder))
        return
    own = picture_files(folder)
    if own:
        yield _picture_folder(folder, own)
    taken = set(own)
    for name in sorted({*folder.files, *folder.folders} - taken, key=natural_key):
        if name in folder.folders:
            yield from recordings_in(folder.folders[name])
        elif ending(name) in VIDEOS:
            yield Recording(folder.child(name), "file", folder.files[name])
        else:
            yield NotOne(folder.child(name), "skipped", _why_not(name))


def _picture_folder(folder: Folder, names: list[str]) -> Recording | NotOne:
    videos = any(ending(name) in VIDEOS for name in folder.files)
    if videos and not TIMES.intersection(names):
        # Posters and screenshots beside videos: no recording, and without times no frame rate would be right.
        why = f"{len(names)} pictures beside videos; put a recording's pictures into a folder of their own"
        return NotOne(folder.location, "skipped", why)
    return Recording(folder.location, "pictures", joint_stamp((name, folder.files[name]) for name in names))


def _why_not(name: str) -> str:
    if ending(name):
        return f"no video or picture by its ending (.{ending(name)}); name the file itself to have it tried"
    return "no video or picture: it has no ending; name the file itself to have it tried"
