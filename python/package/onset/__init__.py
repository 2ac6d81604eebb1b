"""Notices facial micro-expressions and masked smiles in recorded video, and frame by frame.

```python
import onset
analysis = onset.analyze("clip.mp4")
print(analysis.summary["events"])
```

`analyze` and `analyze_to_files` take whole recordings, `Analyzer` frames of one's own, `read_session` what `onset record`
recorded, `evaluate_spotting` compares events with known truth. `python -m onset.batch` runs many recordings on Ray.

Lengths are in pixels (`_px`) or inner-canthal distances (`_icd`), times in seconds (`_s`) or milliseconds (`_ms`). Left and right
are the subject's own. Labels name what a movement resembles; nothing here says what somebody feels or thinks.
"""

from onset._analysis import Analysis, analyze, analyze_to_files
from onset._analyzer import Analyzer
from onset._errors import (
    AnalysisError,
    ClosedError,
    EvaluationError,
    FrameError,
    MissingProgramError,
    MissingSourceError,
    OnsetError,
    OptionError,
    OutputError,
    SessionError,
    SourceError,
)
from onset._models import attribution, models
from onset._onset import Event, Face, Lost, Motion, Observation, SessionFrame, __version__
from onset._session import Session, read_session
from onset._spotting import SpottingReport, evaluate_spotting

__all__ = [
    "Analysis",
    "AnalysisError",
    "Analyzer",
    "ClosedError",
    "EvaluationError",
    "Event",
    "Face",
    "FrameError",
    "Lost",
    "MissingProgramError",
    "MissingSourceError",
    "Motion",
    "Observation",
    "OnsetError",
    "OptionError",
    "OutputError",
    "Session",
    "SessionError",
    "SessionFrame",
    "SourceError",
    "SpottingReport",
    "__version__",
    "analyze",
    "analyze_to_files",
    "attribution",
    "evaluate_spotting",
    "models",
    "read_session",
]

# Errors and help say `onset.FrameError`, not where the class happens to be written.
for _name in __all__:
    if getattr(globals()[_name], "__module__", "").startswith("onset._"):
        globals()[_name].__module__ = "onset"
