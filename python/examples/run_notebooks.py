"""Runs the notebooks of this folder from top to bottom, each from its own folder, and fails where a cell fails.

`python run_notebooks.py` runs all of them, `python run_notebooks.py NAME.ipynb` these. The notebooks themselves are not
changed: they are kept without outputs. `--save DIR` writes executed copies.

Needs `pip install onset[examples]`.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

HERE = Path(__file__).resolve().parent


def executed(path: Path, timeout_s: int) -> nbformat.NotebookNode:
    """The notebook with the outputs of a fresh run in this interpreter's environment.

    Raises what `nbclient` raises: `CellExecutionError` with the cell and its traceback, `CellTimeoutError` where a cell
    takes longer than `timeout_s` seconds, `DeadKernelError` where the process ended.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook, timeout=timeout_s, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    return client.execute()


def stale_outputs(path: Path) -> bool:
    """Whether the notebook was saved with outputs, which change with every run."""
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return any(
        cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells if cell.cell_type == "code"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line names; returns 0, 1 where a notebook failed, 2 where one is not there."""
    parser = argparse.ArgumentParser(description="Run the example notebooks from top to bottom.")
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="these; else all of this folder")
    parser.add_argument("--save", type=Path, metavar="DIR", help="write executed copies into this folder")
    parser.add_argument("--timeout", type=int, default=600, metavar="S", help="seconds for a cell (default: 600)")
    options = parser.parse_args(arguments)

    paths = [path.resolve() for path in options.notebooks] or sorted(HERE.glob("*.ipynb"))
    for path in paths:
        if not path.is_file():
            print(f"{path}: there is no such notebook; the folder {HERE} has them", file=sys.stderr)
            return 2

    failed = 0
    for path in paths:
        if stale_outputs(path):
            print(f"{path.name}: was saved with outputs; clear them before it is committed", file=sys.stderr)
            failed += 1
        start = time.monotonic()
        try:
            notebook = executed(path, options.timeout)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            failed += 1
            continue
        print(f"{path.name}: ran in {time.monotonic() - start:.0f} s")
        if options.save is not None:
            options.save.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, options.save / path.name)  # type: ignore[no-untyped-call]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
