"""Paths and URLs: which is which, and what fsspec makes of the latter."""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .errors import BatchError

_PROTOCOL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)")
"""At least two letters: `C:\\` is a drive."""
_LOCAL = ("file://",)


def is_url(text: str) -> bool:
    """Whether fsspec has to open it: `s3://bucket/x`, `zip://x.mp4::s3://bucket/y.zip`; `file://` is a local path."""
    return _PROTOCOL.match(text) is not None and ("::" in text or not text.startswith(_LOCAL))


def local_path(text: str) -> str:
    """The path of a `file://` URL; a path stays as it is."""
    return unquote(urlsplit(text).path) if text.startswith(_LOCAL) else text


def absolute(text: str, base: str | None = None) -> str:
    """The absolute path, `..` resolved but links left alone, below `base` or the working folder; URLs as they are."""
    if is_url(text):
        return text
    inner = Path(local_path(text))
    path = Path(base or Path.cwd(), inner.expanduser() if text.startswith("~/") else inner)
    # `resolve` would follow links: the same file would change its id with its disk.
    return os.path.abspath(path)  # noqa: PTH100


def filesystem(url: str) -> tuple[Any, str]:
    """fsspec's file system for a URL, and the path in it.

    Raises:
        BatchError: fsspec, or the package that it needs for this protocol, is not installed; the URL is none.
    """
    try:
        core = importlib.import_module("fsspec.core")
    except ImportError:
        raise BatchError(f"{url}: URLs need fsspec: pip install onset[ray]") from None
    try:
        fs, path = core.url_to_fs(url)
    except ImportError as error:
        raise BatchError(f"{url}: {error} (here and on every node)") from None
    except ValueError as error:
        raise BatchError(f"{url}: fsspec cannot open this: {error}; check the protocol") from None
    return fs, path


@dataclass(frozen=True, slots=True)
class UrlFrame:
    """What stands before and after a path of a file system in its URL; fsspec itself forgets hosts and chains."""

    before: str
    after: str = ""

    @classmethod
    def of(cls, url: str, fs: Any, path: str) -> UrlFrame:
        """The frame of a URL that fsspec resolved to `path`."""
        first, separator, rest = url.partition("::")
        # `zip://x.mp4::s3://b/all.zip` has its path in front; `simplecache::s3://b/x.mp4` at the end.
        head, tail = (first, separator + rest) if "://" in first else (url, "")
        path = path.rstrip("/")
        if not path:
            return cls(head, tail)
        if head.rstrip("/").endswith(path):
            return cls(head.rstrip("/")[: -len(path)], tail)
        return cls(fs.unstrip_protocol(path).removesuffix(path), tail)

    def url(self, path: str) -> str:
        """The URL of another path of the same file system."""
        return f"{self.before}{path}{self.after}"


def is_glob(text: str) -> bool:
    """Whether it may be a pattern."""
    return any(character in text for character in "*?[")
