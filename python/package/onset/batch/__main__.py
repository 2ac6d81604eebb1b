"""`python -m onset.batch INPUT... --out DIR`: many recordings on Ray."""

from __future__ import annotations

import sys

from .arguments import arguments_from
from .errors import BatchError
from .identity import printable
from .run import run


def main(words: list[str] | None = None) -> int:
    """Runs the command line (`None`: of this process); returns the exit code."""
    try:
        return run(arguments_from(words))
    except BatchError as error:
        print(f"onset.batch: {printable(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("onset.batch: interrupted before anything was analysed", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"onset.batch: cannot write the results: {printable(str(error))}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
