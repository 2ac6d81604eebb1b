"""Names of recordings: the same for the same path or URL, whatever else is in the batch."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from pathlib import PurePosixPath

_HASH_DIGITS = 12
"""48 bits: two of 200,000 recordings of one stem share an id once in 14,000 batches, and then the batch says so."""
_MAX_STEM = 48


def recording_id(location: str) -> str:
    """Id of the recording at an absolute path or URL: `interview_3-9f86d081884c`.

    Holds ASCII letters, digits, `_` and `-` only, so it is a file name everywhere and Hive partitions need no escapes.
    """
    digest = hashlib.sha256(os.fsencode(location)).hexdigest()
    return f"{_slug(location)}-{digest[:_HASH_DIGITS]}"


def _slug(location: str) -> str:
    name = location.partition("::")[0].replace("\\", "/").rstrip("/")
    stem = PurePosixPath(name).stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    slug = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")[:_MAX_STEM].rstrip("_")
    return slug or "recording"


def printable(text: str) -> str:
    """The text with what is no valid Unicode (file names may be any bytes) written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
