"""What can go wrong. Each message is the one that the `onset` program prints: what happened, and the next step."""


class OnsetError(Exception):
    """Anything that this package refuses or fails at."""


class OptionError(OnsetError, ValueError):
    """An option that cannot be: an unknown spotter, a profile that is not there or does not hold for the recording."""


class SourceError(OnsetError, OSError):
    """A recording that cannot be read, or holds no picture."""


class MissingSourceError(SourceError, FileNotFoundError):
    """Nothing is at the path."""


class MissingProgramError(OnsetError):
    """The `ffmpeg` program, which video files need, does not run. It concerns the machine, not the recording."""


class FrameError(OnsetError, ValueError):
    """A frame that cannot be pushed: not uint8, of another shape or size, or with a time that goes back."""


class ClosedError(OnsetError):
    """The analyzer was closed or finished."""


class OutputError(OnsetError, OSError):
    """Tables that cannot be written: there is something already, the disk is full, permission is missing."""


class SessionError(OnsetError):
    """A recorded session that cannot be used."""


class EvaluationError(OnsetError):
    """Truth or predictions that cannot be used."""


class AnalysisError(OnsetError):
    """The analysis itself failed: a network, the system, or a bug."""
