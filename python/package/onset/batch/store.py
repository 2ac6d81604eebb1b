"""Where results go: a folder, or anything that fsspec can write. No file is ever seen half-written."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from .errors import BatchError
from .remote_store import RemoteStore
from .urls import is_url, local_path

WORK = ".work"
"""Folder of what is being written, below a local output folder."""


class Store(Protocol):
    """Files by their name below one place; names use `/`."""

    location: str
    """The absolute path or URL."""

    def read(self, name: str) -> bytes | None:
        """The content; `None` where there is no such file."""

    def write(self, name: str, content: bytes) -> None:
        """Makes or replaces a file as a whole."""

    def put_file(self, source: Path, name: str) -> int:
        """Makes or replaces a file by a finished one, which may be moved away; returns its size in bytes."""

    def append(self, name: str, content: bytes) -> None:
        """Adds whole lines at the end of a file; a torn last line of it is closed first."""

    def remove(self, name: str) -> None:
        """Removes a file; that it is not there is no mistake."""

    def names(self, folder: str) -> list[str]:
        """Names of what is directly in a folder, sorted; none where there is no such folder."""


def open_store(location: str) -> Store:
    """The store at a path or URL. Touches nothing.

    Raises:
        BatchError: The URL's protocol needs a package that is not installed.
    """
    return RemoteStore(location) if is_url(location) else LocalStore(location)


class LocalStore:
    """A folder on this machine, or one that all machines share."""

    def __init__(self, location: str) -> None:
        """At an absolute path, or one below the working folder."""
        self.root = Path(location).absolute()
        self.location = str(self.root)

    def read(self, name: str) -> bytes | None:
        """See `Store`."""
        try:
            return (self.root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """See `Store`."""
        # Beside the results and not in the system's temporary folder: a rename is atomic on one file system only.
        temporary = self.root / WORK / f"{uuid.uuid4().hex}.tmp"
        temporary.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(content)
            self.put_file(temporary, name)
        finally:
            temporary.unlink(missing_ok=True)

    def put_file(self, source: Path, name: str) -> int:
        """See `Store`."""
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        size = source.stat().st_size
        _sync(source)
        source.replace(target)
        _sync(target.parent)
        return size

    def append(self, name: str, content: bytes) -> None:
        """See `Store`."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            if file.seek(0, os.SEEK_END) > 0:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    content = b"\n" + content
            file.write(content)

    def remove(self, name: str) -> None:
        """See `Store`."""
        path = self.root / name
        path.unlink(missing_ok=True)
        if path.parent.name.startswith("recording="):
            # An empty partition would look like a recording without tables.
            with suppress(OSError):
                path.parent.rmdir()

    def names(self, folder: str) -> list[str]:
        """See `Store`."""
        try:
            with os.scandir(self.root / folder) as entries:
                return sorted(entry.name for entry in entries if not entry.name.startswith("."))
        except FileNotFoundError:
            return []

    def clean(self) -> None:
        """Removes what runs that ended left half-written; only the run that holds the lock may."""
        shutil.rmtree(self.root / WORK, ignore_errors=True)


def check_place(location: str) -> str:
    """The absolute path or canonical URL of `--out`.

    Raises:
        BatchError: The place cannot be an output folder.
    """
    if is_url(location):
        return location.rstrip("/")
    path = Path(local_path(location)).absolute()
    if path.exists() and not path.is_dir():
        raise BatchError(f"{path} is a file, not a folder: choose another --out")
    return str(path)


def _sync(path: Path) -> None:
    """Brings a file or folder to the disk, so that a power cut does not undo what the status says is done."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        # Windows opens no folders.
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
