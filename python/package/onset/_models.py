"""The embedded networks: where they come from, and what must accompany them."""

from __future__ import annotations

import json

from onset import _onset


def models() -> list[dict[str, str]]:
    """The networks that this package carries: `name`, `what`, `limits`, `source`, `licence`, `sha256` of each."""
    cards: list[dict[str, str]] = json.loads(_onset.models_json())
    return cards


def attribution() -> str:
    """The attributions that must accompany this package wherever it is handed on, as `onset models --attribution` prints them."""
    return _onset.attribution()
