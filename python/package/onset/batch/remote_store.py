"""Results at a URL: the store on anything that fsspec can write."""

from __future__ import annotations

import errno
import posixpath
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .urls import filesystem

_PAUSES_S = (1.0, 5.0)
"""Between the tries of a call."""


class RemoteStore:
    """Anything that fsspec can write. On object stores a put is atomic; elsewhere it is as fsspec makes it.

    Networks fail for moments: each call is tried a few times before its error counts, as an `OSError`.
    """

    def __init__(self, location: str) -> None:
        """At a URL; `BatchError` where what it needs is not installed."""
        self.location = location.rstrip("/")
        self._fs: Any
        self._fs, root = filesystem(self.location)
        self._root = root.rstrip("/")

    def _path(self, name: str) -> str:
        return posixpath.join(self._root, name)

    def read(self, name: str) -> bytes | None:
        """See `Store`."""
        try:
            content: bytes = self._tried("read", name, self._fs.cat_file)
        except FileNotFoundError:
            return None
        return content

    def write(self, name: str, content: bytes) -> None:
        """See `Store`."""
        self._make_parent(name)
        self._tried("write", name, lambda path: self._fs.pipe_file(path, content))

    def put_file(self, source: Path, name: str) -> int:
        """See `Store`."""
        self._make_parent(name)
        self._tried("write", name, lambda path: self._fs.put_file(str(source), path))
        return source.stat().st_size

    def append(self, name: str, content: bytes) -> None:
        """See `Store`."""
        # Objects cannot be added to: the whole is written again, at the manifest's pace.
        old = self.read(name) or b""
        self.write(name, (old if old.endswith(b"\n") or not old else old + b"\n") + content)

    def remove(self, name: str) -> None:
        """See `Store`."""
        with suppress(FileNotFoundError):
            self._tried("remove", name, self._fs.rm_file)

    def names(self, folder: str) -> list[str]:
        """See `Store`."""
        self._fs.invalidate_cache()
        try:
            paths = self._tried("list", folder, lambda path: self._fs.ls(path, detail=False))
        except FileNotFoundError:
            return []
        names = (posixpath.basename(path.rstrip("/")) for path in paths)
        return sorted(name for name in names if not name.startswith("."))

    def _make_parent(self, name: str) -> None:
        # Nothing on object stores; folders elsewhere.
        self._tried("make", posixpath.dirname(name), lambda path: self._fs.makedirs(path, exist_ok=True))

    def _tried(self, doing: str, name: str, action: Callable[[str], Any]) -> Any:
        for pause_s in _PAUSES_S:
            with suppress(_Passing):
                return self._once(doing, name, action)
            time.sleep(pause_s)
        return self._once(doing, name, action)

    def _once(self, doing: str, name: str, action: Callable[[str], Any]) -> Any:
        try:
            return action(self._path(name))
        except (FileNotFoundError, PermissionError):
            raise
        except Exception as error:  # every protocol has exceptions of its own
            why = f"cannot {doing} {self.location}/{name}: {type(error).__name__}: {error}"
            raise _Passing(getattr(error, "errno", None) or errno.EIO, why) from error


class _Passing(OSError):
    """May be gone at the next try."""
