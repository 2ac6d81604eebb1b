"""docs/python.md is true: its Python runs from top to bottom, and it names everything that is public."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onset
import pytest
from conftest import Pictures

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"


class VideoCapture:
    """In place of a camera: hands out pictures in OpenCV's order, then no more."""

    pictures: Pictures

    def __init__(self, index: int) -> None:
        self.at = index

    def read(self) -> tuple[bool, npt.NDArray[np.uint8] | None]:
        """As `cv2.VideoCapture.read`."""
        if self.at >= 90:
            return False, None
        self.at += 1
        return True, self.pictures.rgb[self.at - 1, :, :, ::-1]


def test_examples_run(
    clip: Path, truth: Path, session_folder: Path, pictures: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clip.mp4").symlink_to(clip)
    rows = [line.replace("portrait_11,", "clip,", 1) for line in truth.read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if not row.startswith("grace_hopper")]
    (tmp_path / "truth.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "P07").symlink_to(session_folder)
    VideoCapture.pictures = pictures
    cv2 = types.ModuleType("cv2")
    monkeypatch.setattr(cv2, "VideoCapture", VideoCapture, raising=False)
    monkeypatch.setitem(sys.modules, "cv2", cv2)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 8
    names: dict[str, object] = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"docs/python.md, example {number + 1}", "exec"), names)
    assert (tmp_path / "tables" / "clip" / "frames.parquet").is_file()
    assert (tmp_path / "more" / "clip" / "summary.json").is_file()
    assert (tmp_path / "report" / "spotting.html").is_file()


def test_everything_public_is_named() -> None:
    text = PAGE.read_text(encoding="utf-8")
    helpers = {"__version__", "OnsetError", "Face", "Motion", "Event", "SessionFrame", "SpottingReport", "Session"}
    missing = [name for name in onset.__all__ if name not in helpers and name not in text]
    assert missing == []
    for owner in (onset.Observation, onset.Face, onset.Motion):
        missing = [name for name in vars(owner) if not name.startswith("_") and f"`{name}`" not in text]
        assert missing == [], owner
