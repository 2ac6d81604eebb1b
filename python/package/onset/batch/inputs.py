"""From the command line's inputs to recordings, each once, in a fixed order."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import BatchError, UsageError
from .identity import recording_id
from .lists import list_location, read_list
from .natural import natural_key
from .tree import local_stamp, local_tree, remote_stamp, remote_tree
from .urls import UrlFrame, absolute, filesystem, is_glob, is_url
from .walk import NotOne, Recording, recordings_in

Found = Recording | NotOne


def find_all(inputs: Iterable[str], out: str) -> list[Found]:
    """Recordings of all inputs, in the order of the inputs; what is given twice is skipped the second time.

    Args:
        inputs: Files, folders, patterns, lists, URLs, as the user wrote them.
        out: The output folder, which is not looked into.

    Raises:
        UsageError: A list cannot be used; nothing to analyse was found.
        BatchError: A URL cannot be opened by what is installed.
    """
    found: list[Found] = []
    seen: dict[str, str] = {}
    for location in _expanded(inputs):
        for item in _find(location, out):
            if isinstance(item, Recording):
                identity = recording_id(item.location)
                if seen.setdefault(identity, item.location) != item.location:
                    raise BatchError(f"{item.location} and {seen[identity]} have the same id {identity}: rename one")
            found.append(item)
    found = list(_each_once(found))
    if not any(isinstance(item, Recording) for item in found):
        why = "; ".join(f"{item.location}: {item.reason}" for item in found[:3] if isinstance(item, NotOne))
        raise UsageError(f"nothing to analyse was found{': ' + why if why else ' (the list is empty)'}")
    return found


def _expanded(inputs: Iterable[str]) -> Iterator[str]:
    for text in inputs:
        listed = list_location(text)
        if listed is None:
            yield absolute(text)
        else:
            yield from read_list(listed)


def _each_once(found: Iterable[Found]) -> Iterator[Found]:
    recordings: set[str] = set()
    others: set[NotOne] = set()
    for item in found:
        if isinstance(item, NotOne):
            if item not in others:
                others.add(item)
                yield item
        elif item.location not in recordings:
            recordings.add(item.location)
            yield item
        else:
            yield NotOne(item.location, "skipped", f"the same as {item.location}, which is given more than once")


def _find(location: str, out: str) -> Iterable[Found]:
    return _find_remote(location) if is_url(location) else _find_local(location, out)


def _find_local(location: str, out: str) -> Iterator[Found]:
    path = Path(location)
    try:
        if path.is_dir():
            leave_out = None if is_url(out) else Path(out)
            yield from _non_empty(location, recordings_in(local_tree(path, leave_out)))
        elif not path.exists() and is_glob(location):
            matches = sorted(glob.glob(location), key=natural_key)  # noqa: PTH207 (absolute patterns too)
            if not matches:
                yield NotOne(location, "failed", "no file or folder matches this pattern")
            for match in matches:
                yield from _find_local(match, out)
        else:
            yield Recording(location, "file", local_stamp(path))
    except FileNotFoundError:
        yield NotOne(location, "failed", "there is no such file or folder; check the path")
    except OSError as error:
        yield NotOne(location, "failed", f"cannot be looked at: {error.strerror or error}")


def _find_remote(url: str) -> Iterator[Found]:
    fs, path = filesystem(url)
    frame = UrlFrame.of(url, fs, path)
    try:
        matches = [path]
        if is_glob(path) and not fs.exists(path):
            matches = sorted(fs.glob(path), key=natural_key)
            if not matches:
                yield NotOne(url, "failed", "nothing matches this pattern")
        for match in matches:
            here = frame.url(match.rstrip("/"))
            if fs.isdir(match):
                yield from _non_empty(here, recordings_in(remote_tree(frame, fs, match)))
            else:
                yield Recording(here, "file", remote_stamp(fs.info(match)))
    except FileNotFoundError:
        yield NotOne(url, "failed", "there is nothing at this address; check it")
    except Exception as error:  # every protocol has exceptions of its own
        yield NotOne(url, "failed", f"cannot be looked at: {type(error).__name__}: {error}")


def _non_empty(location: str, items: Iterator[Found]) -> Iterator[Found]:
    is_empty = True
    for item in items:
        is_empty = False
        yield item
    if is_empty:
        yield NotOne(location, "failed", "the folder is empty; check the path")
