"""What the tests share: the program itself, two small clips whose truth is known, their pictures, and a recorded session."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onset
import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
CLIPS = EXAMPLES / "clips"

#: Runs the `onset` program with these arguments and gives what it printed; fails where the program does.
RunProgram = Callable[..., str]

#: Pictures of the first clip that are pushed or written: 5.5 s at 60 frames a second, with a blink and a micro-expression.
PICTURES = 330
#: A protocol that is over after seven seconds.
SHORT_PROTOCOL = """
name = "short"
stimulus = "questionnaire"
calibration_s = 5
order = "as_written"

[[block]]
target = "happiness"

[[block.step]]
kind = "question"
text = "What is the best surprise that somebody ever made for you?"
duration_s = 2
"""


@dataclass(frozen=True)
class Pictures:
    """A folder of pictures, and the same pictures as arrays."""

    folder: Path
    rgb: npt.NDArray[np.uint8]
    """Shape (N, H, W, 3)."""
    times: list[float]
    """Seconds, one a picture."""


@pytest.fixture(scope="session")
def binary() -> Path:
    """The `onset` program that the package must agree with."""
    named = os.environ.get("ONSET_BINARY")
    if not named:
        pytest.skip("compares with the program: set ONSET_BINARY to it (target/release/onset after a release build)")
    path = Path(named).resolve()
    assert path.is_file(), f"ONSET_BINARY: there is no file {path}"
    return path


@pytest.fixture(scope="session")
def program(binary: Path) -> RunProgram:
    """Runs the program."""

    def run(*arguments: object, cwd: Path | None = None) -> str:
        command = [str(binary), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False)
        assert done.returncode == 0, f"{command} failed: {done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def clip() -> Path:
    """18 s of a calm face: blinks, micro-expressions, one longer expression."""
    return CLIPS / "portrait_11.mkv"


@pytest.fixture(scope="session")
def restless_clip() -> Path:
    """18 s of a face that talks and is covered for a while."""
    return CLIPS / "grace_hopper_14.mkv"


@pytest.fixture(scope="session")
def truth() -> Path:
    """What is in both clips."""
    return CLIPS / "truth.csv"


@pytest.fixture(scope="session")
def analysis(clip: Path) -> onset.Analysis:
    """The calm clip with the options that are the default."""
    return onset.analyze(clip)


@pytest.fixture(scope="session")
def restless_analysis(restless_clip: Path) -> onset.Analysis:
    """The other clip."""
    return onset.analyze(restless_clip)


@pytest.fixture(scope="session")
def binary_tables(program: RunProgram, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the program writes of the calm clip: the folder with its tables in all formats."""
    out = tmp_path_factory.mktemp("binary")
    program("analyze", clip, "--out", out, "--format", "csv,parquet,jsonl")
    return out / clip.stem


@pytest.fixture(scope="session")
def profile(program: RunProgram, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A calibration profile of the calm clip's camera and face, by the name `calm`."""
    folder = tmp_path_factory.mktemp("profile")
    program("calibrate", "--name", "calm", "--input", clip, cwd=folder)
    return folder / "calibration" / "calm.toml"


def decoded(source: list[str], width: int, height: int) -> npt.NDArray[np.uint8]:
    """Pictures that ffmpeg decodes, as (N, H, W, 3) in the order red, green, blue."""
    command = ["ffmpeg", "-v", "error", *source, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


@pytest.fixture(scope="session")
def pictures(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """The beginning of the calm clip as PNG pictures with their times, and as arrays."""
    folder = tmp_path_factory.mktemp("pictures")
    count = ["-frames:v", str(PICTURES)]
    command = ["ffmpeg", "-v", "error", "-i", str(clip), *count, "-pix_fmt", "rgb24", str(folder / "%05d.png")]
    subprocess.run(command, check=True)
    names = sorted(path.name for path in folder.glob("*.png"))
    # Uneven on purpose: times are the caller's, not multiples of a period.
    times = [round(index / 60 + 0.002 * (index % 3), 6) for index in range(len(names))]
    rows = [f"{name},{time:.6f}" for name, time in zip(names, times, strict=True)]
    (folder / "timestamps.csv").write_text("\n".join(["file,seconds", *rows]) + "\n", encoding="utf-8")
    rgb = decoded(["-framerate", "60", "-start_number", "1", "-i", str(folder / "%05d.png")], 640, 480)
    assert len(rgb) == PICTURES
    return Pictures(folder, rgb, times)


@pytest.fixture(scope="session")
def session_folder(program: RunProgram, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session of seven seconds that the program recorded of its synthetic face."""
    base = tmp_path_factory.mktemp("session")
    (base / "short.toml").write_text(SHORT_PROTOCOL, encoding="utf-8")
    options = ["--headless", "--accept-consent", "--fast", "--seed", 3, "--width", 320, "--height", 240]
    about = ["--participant", "P07", "--purpose", "research", "--age-group", "30-39", "--field", "site=lab"]
    program(
        "record", "--protocol", base / "short.toml", *about, "--out", base / "P07", "--input", "synthetic", *options
    )
    return base / "P07"
