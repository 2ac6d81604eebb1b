"""The command line of `python -m onset.batch`, where no cluster is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from batch_support import touch
from onset.batch.__main__ import main
from onset.batch.arguments import arguments_from

WITHOUT_RAY = """
import runpy, sys

class NoRay:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("ray", "fsspec"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NoRay())
sys.argv = ["onset.batch", *sys.argv[1:]]
runpy.run_module("onset.batch", run_name="__main__")
"""


def test_without_ray_it_says_how_to_install_it(tmp_path: Path) -> None:
    touch(tmp_path, "clip.mp4")
    words = [str(tmp_path / "clip.mp4"), "--out", str(tmp_path / "out")]
    run = subprocess.run([sys.executable, "-c", WITHOUT_RAY, *words], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == (
        "onset.batch: python -m onset.batch needs Ray: pip install onset[ray]; on one machine `onset analyze --jobs N` "
        "does the same without it\n"
    )
    assert not (tmp_path / "out").exists()


def test_defaults_are_the_programs() -> None:
    arguments = arguments_from(["clip.mp4", "--out", "out"])
    assert arguments.analysis.as_written() == {
        "fps": None,
        "landmark_hz": 15.0,
        "landmark_still_hz": 3.0,
        "faces": None,
        "spotter": "auto",
        "without_veto": [],
        "profile": None,
        "profile_anyway": False,
        "candidates": False,
        "label_evidence": False,
    }
    assert (arguments.analysis.threads, arguments.retries, arguments.cluster.memory_mb) == (1, 3, 512)
    assert arguments.cluster.address is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "out"], "INPUT"),
        (["clip.mp4"], "--out"),
        (["clip.mp4", "--out", "out", "--spotter", "x"], "invalid choice"),
        (["clip.mp4", "--out", "out", "--landmark-hz", "241"], "241 is not a rate from 0 (every frame) to 240"),
        (["clip.mp4", "--out", "out", "--landmark-hz", "nan"], "nan is not a rate"),
        (["clip.mp4", "--out", "out", "--fps", "0"], "0 is not a rate above 0"),
        (["clip.mp4", "--out", "out", "--faces", "9"], "9 is more than 8"),
        (["clip.mp4", "--out", "out", "--retries", "-1"], "not a whole number from 0 on"),
        (["clip.mp4", "--out", "out", "--num-cpus", "none"], "not a whole number from 1 on"),
    ],
)
def test_wrong_options_are_named(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--profile-anyway"], "--profile-anyway goes with --profile"),
        (["--profile", "nobody"], "--profile nobody: cannot read calibration/nobody.toml"),
        (["--threads", "3", "--num-cpus", "2"], "--threads 3 is more than --num-cpus 2"),
        (["--without-veto", "speach"], "speach is no reason that can be left out"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_made(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    monkeypatch.chdir(tmp_path)
    touch(tmp_path, "clip.mp4")
    assert main(["clip.mp4", "--out", "out", *words]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_nothing_to_analyse_is_wrong_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    monkeypatch.chdir(tmp_path)
    assert main(["gone.mp4", "--out", "out"]) == 2
    assert "gone.mp4: there is no such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_force_wants_everything_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("onset.batch.lock._SETTLE_S", 0.0)
    touch(tmp_path, "clip.mp4", "out/status/other-0.json", "out/batch.json")
    assert main(["clip.mp4", "--out", "out", "--force"]) == 2
    assert "1 recordings that are not among the inputs (the first: other-0)" in capsys.readouterr().err
    assert (tmp_path / "out/status/other-0.json").exists() and not (tmp_path / "out/batch.lock").exists()
