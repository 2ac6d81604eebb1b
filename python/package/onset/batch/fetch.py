"""Brings a remote recording to the worker's disk."""

from __future__ import annotations

import errno
import os
import posixpath
import shutil
from pathlib import Path
from typing import Any

from .identity import printable
from .urls import filesystem
from .walk import PICTURES, TIMES, Recording, ending

_SLACK = 1.05


def fetch(recording: Recording, folder: Path) -> Path:
    """Downloads a recording into `folder`; returns the path to analyse.

    Raises:
        FileNotFoundError: It is not there any more.
        OSError: With `errno.ENOSPC`: this machine's disk has no room for it.
        Exception: Whatever the file system raises.
    """
    fs, path = filesystem(recording.location)
    # A folder of its own: the file may have any name.
    (folder / "input").mkdir()
    target = folder / "input" / _name(path)
    _require_room(folder, recording.stamp.size)
    if recording.kind == "file":
        fs.get_file(path, str(target))
        return target
    target.mkdir()
    depth = 1 if recording.kind == "pictures" else None
    for found in _files(fs, path, depth):
        inner = found.removeprefix(path.rstrip("/")).strip("/")
        if recording.kind == "pictures" and not (ending(inner) in PICTURES or inner in TIMES):
            continue
        local = target / inner
        local.parent.mkdir(parents=True, exist_ok=True)
        fs.get_file(found, str(local))
    return target


def _files(fs: Any, path: str, depth: int | None) -> list[str]:
    found: list[str] = fs.find(path, maxdepth=depth)
    if not found:
        raise FileNotFoundError(errno.ENOENT, "there is nothing any more", path)
    return found


def _name(path: str) -> str:
    """The file's own name, which tells a video's format; a query (`x.mp4?key=1`) is no part of it."""
    return posixpath.basename(path.partition("?")[0].rstrip("/")) or "recording"


def _require_room(folder: Path, size: int | None) -> None:
    free = shutil.disk_usage(folder).free
    if size is not None and size * _SLACK > free:
        why = f"a recording of {size / 1e9:.1f} GB has to be downloaded, but only {free / 1e9:.1f} GB are free"
        raise OSError(errno.ENOSPC, why, printable(str(folder)))


def name_the_original(text: str, local: Path, location: str) -> str:
    """The text with the temporary path of a download replaced by the recording's URL."""
    return text.replace(os.fspath(local), location)
