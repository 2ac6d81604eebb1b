"""What lies in a folder, on a disk or behind fsspec, with what tells a changed file from the same one."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .natural import natural_key
from .urls import UrlFrame

SESSION_RECORD = "session.toml"
_SESSION_MEDIA = ("session.mcap", "session.mcap.age")
_TAGS = ("ETag", "etag", "md5Hash", "content_md5", "checksum")
_TIMES = ("mtime", "LastModified", "last_modified", "updated")


@dataclass(frozen=True, slots=True)
class Stamp:
    """Size in bytes and a text that changes with the content; `None` and empty where the place does not say."""

    size: int | None
    version: str


@dataclass(slots=True)
class Folder:
    """A folder with all that is in it, hidden files left out.

    `inner` is its absolute path, or its path in the file system of `frame`. `problems` says of what is in it why it
    could not be looked at.
    """

    inner: str
    frame: UrlFrame | None = None
    files: dict[str, Stamp] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def location(self) -> str:
        """Its absolute path or URL."""
        return self.inner if self.frame is None else self.frame.url(self.inner)

    @property
    def is_session(self) -> bool:
        """Whether `onset record` made it."""
        return SESSION_RECORD in self.files

    def child(self, name: str) -> str:
        """Absolute path or URL of what is directly in it."""
        if self.frame is None:
            return str(Path(self.inner, name))
        return self.frame.url(posixpath.join(self.inner, name))


def local_stamp(path: Path) -> Stamp:
    """Stamp of a file on a disk.

    Raises:
        OSError: It is not there, or must not be looked at.
    """
    status = path.stat()
    return Stamp(status.st_size, f"mtime {status.st_mtime_ns}")


def remote_stamp(info: dict[str, Any]) -> Stamp:
    """Stamp of what fsspec says of a file: its tag, else its time of change."""
    size = info.get("size")
    for key in (*_TAGS, *_TIMES):
        if info.get(key):
            name = "etag" if key in _TAGS else "mtime"
            return Stamp(size, f"{name} {str(info[key]).strip(chr(34))}")
    return Stamp(size, "")


def joint_stamp(files: Iterable[tuple[str, Stamp]]) -> Stamp:
    """One stamp for all files of a recording."""
    digest = hashlib.sha256()
    size = 0
    for name, stamp in sorted(files):
        digest.update(repr((os.fsencode(name), stamp.size, stamp.version)).encode("ascii"))
        size += stamp.size or 0
    return Stamp(size, f"files {digest.hexdigest()[:16]}")


def session_stamp(folder: Folder) -> Stamp:
    """Stamp of a session: of its media, as codings and other metadata may come later and change no table."""
    media = [(name, folder.files[name]) for name in _SESSION_MEDIA if name in folder.files]
    return joint_stamp(media or folder.files.items())


def local_tree(path: Path, leave_out: Path | None = None) -> Folder:
    """All below a folder on a disk. Links are followed, but not in circles; `leave_out` is not entered.

    What cannot be looked at is in `problems` of its folder.
    """
    return _local_tree(path, leave_out, ())


def _local_tree(path: Path, leave_out: Path | None, above: tuple[tuple[int, int], ...]) -> Folder:
    folder = Folder(str(path))
    try:
        own = path.stat()
        identity = (own.st_dev, own.st_ino)
        if identity in above:
            return folder
        with os.scandir(path) as entries:
            visible = sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: natural_key(e.name))
    except OSError as error:
        folder.problems[""] = f"cannot be looked into: {error.strerror or error}"
        return folder
    is_session = any(entry.name == SESSION_RECORD for entry in visible)
    for entry in visible:
        inner = Path(entry.path)
        try:
            if not entry.is_dir():
                folder.files[entry.name] = local_stamp(inner)
            elif not is_session and inner != leave_out:
                folder.folders[entry.name] = _local_tree(inner, leave_out, (*above, identity))
        except OSError as error:
            # A link to nowhere, or a file that went away meanwhile.
            folder.problems[entry.name] = f"cannot be looked at: {error.strerror or error}"
    return folder


def remote_tree(frame: UrlFrame, fs: Any, path: str) -> Folder:
    """All below a folder behind fsspec, by one listing.

    Raises:
        Exception: Whatever the file system raises where it cannot be listed.
    """
    base = path.rstrip("/")
    root = Folder(base, frame)
    for found, info in sorted(fs.find(path, detail=True).items(), key=lambda item: natural_key(item[0])):
        parts = found.removeprefix(base).strip("/").split("/")
        if any(part.startswith(".") for part in parts) or not parts[-1]:
            continue
        folder = root
        for name in parts[:-1]:
            folder = folder.folders.setdefault(name, Folder(posixpath.join(folder.inner, name), frame))
        folder.files[parts[-1]] = remote_stamp(info)
    return root
