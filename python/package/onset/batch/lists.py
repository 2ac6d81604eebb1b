"""Text lists of inputs: one a line, `#` comments, blank lines; paths are relative to the list."""

from __future__ import annotations

import posixpath
from pathlib import Path

from .errors import UsageError
from .urls import absolute, filesystem, is_url

_ENDING = ".txt"


def list_location(text: str) -> str | None:
    """The path or URL of the list that an argument names (`@LIST`, `LIST.txt`); `None` where it is an input."""
    if text.startswith("@"):
        return absolute(text[1:])
    return absolute(text) if text.lower().endswith(_ENDING) and not Path(text).is_dir() else None


def read_list(location: str) -> list[str]:
    """Absolute paths and URLs of a list, in its order.

    Raises:
        UsageError: The list is not there, is no UTF-8, or names another list.
    """
    try:
        content = _content(location)
    except FileNotFoundError:
        raise UsageError(f"{location}: there is no such list; check the path") from None
    except OSError as error:
        raise UsageError(f"{location}: cannot read the list: {error}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{location}: the list is not UTF-8; save it as UTF-8, one input a line") from None
    base = posixpath.dirname(location) if is_url(location) else str(Path(location).parent)
    inputs = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            raise UsageError(f"{location}, line {number}: a list cannot name another list; give both to the command")
        inputs.append(_beside(base, line))
    return inputs


def _content(location: str) -> bytes:
    if not is_url(location):
        return Path(location).read_bytes()
    fs, path = filesystem(location)
    content: bytes = fs.cat_file(path)
    return content


def _beside(base: str, line: str) -> str:
    if is_url(line):
        return line
    if is_url(base):
        return line if line.startswith("/") else posixpath.join(base, line)
    return absolute(line, base)
