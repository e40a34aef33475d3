"""lakeboard: experiment tracking without a server. A folder or a bucket is the tracker.

>>> import lakeboard
>>> run = lakeboard.init(project="digits", config={"lr": 1e-3})     # doctest: +SKIP
>>> run.log({"train/loss": 0.1, "val/acc": 0.9})                    # doctest: +SKIP
>>> run.finish()                                                    # doctest: +SKIP

`import lakeboard` needs only the standard library; pyarrow and fsspec come with the first `init`, Polars with the
first `open`, Streamlit with the first `launch`. More public names stand in `lakeboard.query` (frames, boards, curves,
filters) and `lakeboard.upkeep` (recovery, tidying, checking).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .lazy import lazy_names
from .schema.errors import (
    AccessDenied,
    DamagedObject,
    FileChanged,
    FilterError,
    InvalidName,
    InvalidSetting,
    InvalidValue,
    LakeboardError,
    LakeFormat,
    MissingObject,
    RunFinished,
    StoreError,
    StoreFull,
    StoreUnreachable,
    UnknownArtifact,
    UnknownBoard,
    UnknownProject,
    UnknownRun,
)

if TYPE_CHECKING:
    from .dashboard.server.launch import launch
    from .logger.artifacts.artifact import Artifact
    from .logger.artifacts.handle import ArtifactHandle
    from .logger.current import define_metric, finish, log, log_artifact, use_artifact
    from .logger.inputs.config import Config as _Config
    from .logger.inputs.config import SummaryView as _SummaryView
    from .logger.media.charts import confusion_matrix, pr_curve, roc_curve
    from .logger.media.figure import Figure, Plotly
    from .logger.media.histogram import Histogram
    from .logger.media.image import Image
    from .logger.media.sound import Audio, Video
    from .logger.media.table import Table
    from .logger.media.text import Html, Json, Text
    from .logger.ref import RunRef
    from .logger.run import Run
    from .logger.start import init
    from .query.lake import Lake
    from .query.lake import open_lake as open

    run: Run | None
    config: _Config
    summary: _SummaryView

__version__ = "0.1.0"

__all__ = [
    "AccessDenied",
    "Artifact",
    "ArtifactHandle",
    "Audio",
    "DamagedObject",
    "Figure",
    "FileChanged",
    "FilterError",
    "Histogram",
    "Html",
    "Image",
    "InvalidName",
    "InvalidSetting",
    "InvalidValue",
    "Json",
    "Lake",
    "LakeFormat",
    "LakeboardError",
    "MissingObject",
    "Plotly",
    "Run",
    "RunFinished",
    "RunRef",
    "StoreError",
    "StoreFull",
    "StoreUnreachable",
    "Table",
    "Text",
    "UnknownArtifact",
    "UnknownBoard",
    "UnknownProject",
    "UnknownRun",
    "Video",
    "__version__",
    "config",
    "confusion_matrix",
    "define_metric",
    "finish",
    "init",
    "launch",
    "log",
    "log_artifact",
    "open",
    "pr_curve",
    "roc_curve",
    "run",
    "summary",
    "use_artifact",
]

_WHERE: Final = {
    "init": "logger.start",
    "log": "logger.current",
    "log_artifact": "logger.current",
    "use_artifact": "logger.current",
    "finish": "logger.current",
    "define_metric": "logger.current",
    "Artifact": "logger.artifacts.artifact",
    "ArtifactHandle": "logger.artifacts.handle",
    "Run": "logger.run",
    "RunRef": "logger.ref",
    "open": "query.lake:open_lake",
    "Lake": "query.lake",
    "launch": "dashboard.server.launch",
    "Image": "logger.media.image",
    "Figure": "logger.media.figure",
    "Plotly": "logger.media.figure",
    "Table": "logger.media.table",
    "Histogram": "logger.media.histogram",
    "Audio": "logger.media.sound",
    "Video": "logger.media.sound",
    "Html": "logger.media.text",
    "Text": "logger.media.text",
    "Json": "logger.media.text",
    "confusion_matrix": "logger.media.charts",
    "pr_curve": "logger.media.charts",
    "roc_curve": "logger.media.charts",
}

_CURRENT: Final = {"run": "current_run", "config": "current_config", "summary": "current_summary"}
"""Of the current run of whoever asks, so never kept."""

_lazy: Final = lazy_names(__name__, _WHERE, globals())


def __getattr__(name: str) -> Any:
    return _of_current_run(name) if name in _CURRENT else _lazy(name)


def _of_current_run(name: str) -> Any:
    import sys
    from importlib import import_module

    if name == "run" and "lakeboard.logger.process" not in sys.modules:
        # Nobody has begun one.
        return None
    return getattr(import_module("lakeboard.logger.current"), _CURRENT[name])()


def __dir__() -> list[str]:
    return sorted(__all__)
