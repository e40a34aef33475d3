"""lakeboard: experiment tracking without a server. A folder or a bucket is the tracker.

>>> import lakeboard
>>> run = lakeboard.init(project="digits", config={"lr": 1e-3})     # doctest: +SKIP
>>> run.log({"train/loss": 0.1, "val/acc": 0.9})                    # doctest: +SKIP
>>> run.finish()                                                    # doctest: +SKIP

`import lakeboard` needs only the standard library; pyarrow and fsspec come with the first `init`, Polars with the
first `open`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .schema.errors import (
    AccessDenied,
    DamagedObject,
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
    UnknownBoard,
    UnknownProject,
    UnknownRun,
)

if TYPE_CHECKING:
    from .logger.config import Config as _Config
    from .logger.config import SummaryView as _SummaryView
    from .logger.current import define_metric, finish, log
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
    "DamagedObject",
    "FilterError",
    "InvalidName",
    "InvalidSetting",
    "InvalidValue",
    "Lake",
    "LakeFormat",
    "LakeboardError",
    "MissingObject",
    "Run",
    "RunFinished",
    "StoreError",
    "StoreFull",
    "StoreUnreachable",
    "UnknownBoard",
    "UnknownProject",
    "UnknownRun",
    "__version__",
    "config",
    "define_metric",
    "finish",
    "init",
    "log",
    "open",
    "run",
    "summary",
]

_LAZY = {
    "init": ("logger.start", "init"),
    "log": ("logger.current", "log"),
    "finish": ("logger.current", "finish"),
    "define_metric": ("logger.current", "define_metric"),
    "Run": ("logger.run", "Run"),
    "open": ("query.lake", "open_lake"),
    "Lake": ("query.lake", "Lake"),
}

_CURRENT = {"run": "current_run", "config": "current_config", "summary": "current_summary"}
"""Of the current run of whoever asks, so never kept."""


def __getattr__(name: str) -> Any:
    if name in _CURRENT:
        return _of_current_run(name)
    if name not in _LAZY:
        raise AttributeError(f"module 'lakeboard' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _LAZY[name]
    try:
        value = getattr(import_module(f"lakeboard.{module}"), attribute)
    except ModuleNotFoundError as error:
        if error.name in ("polars", "numpy", "tsdownsample"):
            raise ModuleNotFoundError(
                f'lakeboard.{name} needs {error.name}: pip install "lakeboard[query]"', name=error.name
            ) from error
        raise
    globals()[name] = value
    return value


def _of_current_run(name: str) -> Any:
    import sys
    from importlib import import_module

    if name == "run" and "lakeboard.logger.process" not in sys.modules:
        # Nobody has begun one.
        return None
    return getattr(import_module("lakeboard.logger.current"), _CURRENT[name])()


def __dir__() -> list[str]:
    return sorted(__all__)
