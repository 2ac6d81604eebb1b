"""What stops a whole batch, as opposed to one recording that fails alone."""

from __future__ import annotations


class BatchError(Exception):
    """The batch cannot go on; the message names the file or flag and the next step. Exit code 1."""

    exit_code = 1


class UsageError(BatchError):
    """The command line asks for something that cannot be. Exit code 2."""

    exit_code = 2


class Interrupted(BatchError):
    """Somebody asked the batch to stop."""

    def __init__(self, signal_number: int) -> None:
        """Keeps what asked: SIGINT (exit code 130) or SIGTERM (143)."""
        super().__init__("interrupted")
        self.exit_code = 128 + signal_number
