"""Natural order of names, as the program has it: `take2` before `take10`."""

from __future__ import annotations

import re

_RUN_OR_CHARACTER = re.compile(r"[0-9]+|[^0-9]")

Key = tuple[list[tuple[str, int, str]], str]


def natural_key(name: str) -> Key:
    """Sort key: runs of digits by value, everything else by character, letters of either case together.

    Names that differ in case or leading zeros only are ordered by their characters, so that the order is total.
    """
    parts = []
    for part in _RUN_OR_CHARACTER.findall(name):
        number = part.lstrip("0")
        parts.append(("0", len(number), number) if part[0] in "0123456789" else (part.lower(), 0, ""))
    return parts, name
