"""The package itself: version, names, stubs, docstrings, types, pickling, and what importing it costs."""

from __future__ import annotations

import ast
import inspect
import json
import pickle
import subprocess
import sys
from pathlib import Path

import onset
import pytest
from conftest import RunProgram

PACKAGE = Path(onset.__file__).parent
#: Classes of the compiled part that users meet.
COMPILED = ["Event", "Face", "Lost", "Motion", "Observation", "SessionFrame"]
EXCEPTIONS: dict[str, list[type[Exception]]] = {
    "AnalysisError": [onset.OnsetError],
    "ClosedError": [onset.OnsetError],
    "EvaluationError": [onset.OnsetError],
    "FrameError": [onset.OnsetError, ValueError],
    "MissingProgramError": [onset.OnsetError],
    "MissingSourceError": [onset.SourceError, FileNotFoundError],
    "OptionError": [onset.OnsetError, ValueError],
    "OutputError": [onset.OnsetError, OSError],
    "SessionError": [onset.OnsetError],
    "SourceError": [onset.OnsetError, OSError],
}

USER_PROGRAM = """
from pathlib import Path

import numpy as np
import onset
import pyarrow as pa


def watch(path: Path) -> list[str]:
    analysis: onset.Analysis = onset.analyze(path, spotter="auto", faces=1, progress=print)
    frames: pa.Table = analysis.frames
    rows: int = analysis.summary["frames"]["rows"]
    folder: Path = analysis.write("out", formats=("csv", "parquet"))
    labels: list[str] = []
    with onset.Analyzer(color="bgr", keep_frames=True) as analyzer:
        picture = np.zeros((48, 64, 3), np.uint8)
        seen: onset.Observation = analyzer.push(picture, 0.0)
        event: onset.Event
        for event in seen.events:
            end: float | None = event.offset_s
            if end is not None:
                labels.append(event.label)
        motion: dict[str, onset.Motion] = seen.motion
        for face in seen.faces:
            blink: float = (face.blendshapes or {}).get("eyeBlinkLeft", 0.0)
            landmarks = face.landmarks.astype(np.float64)
    session: onset.Session = onset.read_session("P07", identity=["key.txt"])
    for frame in session.frames():
        if isinstance(frame, onset.Lost):
            count: int = frame.count
        else:
            pixels = frame.pixels.mean()
    try:
        report = onset.evaluate_spotting("truth.csv", {"clip": analysis})
    except onset.EvaluationError as error:
        labels.append(str(error))
    else:
        labels.append(report.text)
    return labels
"""
#: Each line is an error that the types must find.
WRONG_PROGRAM = """
import numpy as np
import onset

onset.analyze(3)
onset.analyze("clip.mp4", spoter="auto")
onset.Analyzer(color="rgba")
analyzer = onset.Analyzer()
analyzer.push([[0]], 0.0)
analyzer.push(np.zeros((48, 64, 3), np.uint8), "now")
analyzer.push(np.zeros((48, 64, 3), np.uint8), 0.0).face
"""


def stub_classes() -> dict[str, set[str]]:
    """Public names that the stubs of the compiled part declare, by class; module-level functions under an empty name."""
    tree = ast.parse((PACKAGE / "_onset.pyi").read_text(encoding="utf-8"))
    classes: dict[str, set[str]] = {"": set()}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names = {one.name for one in node.body if isinstance(one, ast.FunctionDef)}
            names |= {
                one.target.id
                for one in node.body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            }
            classes[node.name] = {name for name in names if not name.startswith("_")}
        elif isinstance(node, ast.FunctionDef):
            classes[""].add(node.name)
    return classes


def public(owner: object) -> set[str]:
    """Names without an underscore."""
    return {name for name in vars(owner) if not name.startswith("_")}


def mypy(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Checks a program against the installed package."""
    path = folder / "program.py"
    path.write_text(program, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", "--no-incremental", str(path)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


def test_version_is_the_programs(program: RunProgram) -> None:
    assert program("--version").split() == ["onset", onset.__version__]


def test_public_names() -> None:
    assert sorted(onset.__all__) == list(onset.__all__)
    missing = [name for name in onset.__all__ if not hasattr(onset, name)]
    assert missing == []
    modules = {name for name in public(onset) if inspect.ismodule(getattr(onset, name))}
    assert public(onset) - modules <= set(onset.__all__)


def test_everything_public_has_a_docstring() -> None:
    without = []
    for name in onset.__all__:
        if name == "__version__":
            continue
        owner = getattr(onset, name)
        if not inspect.getdoc(owner):
            without.append(name)
        if inspect.isclass(owner) and not issubclass(owner, Exception):
            members = [member for member in public(owner) if not inspect.getdoc(inspect.getattr_static(owner, member))]
            without += [f"{name}.{member}" for member in members]
    assert without == []


def test_stubs_declare_what_is_there() -> None:
    declared = stub_classes()
    for name in COMPILED:
        assert declared[name] == public(getattr(onset, name)), name
    compiled = {name for name, one in vars(onset._onset).items() if inspect.isclass(one) and not name.startswith("_")}
    assert set(declared) - {""} == compiled


def test_types_are_shipped() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert (PACKAGE / "_onset.pyi").is_file()


def test_types_of_a_users_program(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    done = mypy(USER_PROGRAM, tmp_path)
    # pyarrow has no types of its own: that is said of the user's import, not of this package.
    errors = [line for line in done.stdout.splitlines() if ": error:" in line and "pyarrow" not in line]
    assert errors == [], done.stdout


def test_types_find_mistakes(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    done = mypy(WRONG_PROGRAM, tmp_path)
    lines = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert lines == {5, 6, 7, 9, 10, 11}, done.stdout


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_exceptions(name: str) -> None:
    kind = getattr(onset, name)
    for base in EXCEPTIONS[name]:
        assert issubclass(kind, base)
    with pytest.raises(onset.OnsetError, match="what happened; what to do"):
        raise kind("what happened; what to do")


def test_no_exception_is_left_out() -> None:
    kinds = {name for name in onset.__all__ if inspect.isclass(getattr(onset, name)) and name.endswith("Error")}
    assert kinds == set(EXCEPTIONS) | {"OnsetError"}


def test_exceptions_can_be_pickled(tmp_path: Path) -> None:
    """As multiprocessing and Ray do with what a task raises."""
    with pytest.raises(onset.MissingSourceError) as caught:
        onset.analyze(tmp_path / "nothing.mp4")
    for error in (caught.value, onset.FrameError("a"), onset.OutputError("b"), onset.SessionError("c")):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == str(error)


def test_tables_can_be_pickled(analysis: onset.Analysis) -> None:
    """What goes to other processes: the tables and the summary."""
    frames, events, summary = pickle.loads(pickle.dumps((analysis.frames, analysis.events, analysis.summary)))
    assert frames.equals(analysis.frames, check_metadata=True)
    assert events.equals(analysis.events, check_metadata=True)
    assert summary == analysis.summary


def test_import_brings_nothing_else() -> None:
    """Neither Ray nor pandas, nor a connection, on `import onset`."""
    code = "import json, sys, onset; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(json.loads(done.stdout))
    assert not modules & {"ray", "fsspec", "matplotlib", "polars", "requests", "urllib3", "cv2"}
    assert done.stderr == ""


def test_compiled_classes_are_not_for_making() -> None:
    for name in COMPILED:
        with pytest.raises(TypeError):
            getattr(onset, name)()


def test_models_are_those_of_the_program(program: RunProgram, analysis: onset.Analysis) -> None:
    assert {card["name"]: card["sha256"] for card in onset.models()} == {
        model["name"]: model["sha256"] for model in analysis.summary["models"]
    }
    assert onset.attribution().strip() == program("models", "--attribution").strip()
