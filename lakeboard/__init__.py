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
    from .logger.current import finish, log
    from .logger.run import Run
    from .logger.start import init
    from .query.lake import Lake
    from .query.lake import open_lake as open

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
    "finish",
    "init",
    "log",
    "open",
]

_LAZY = {
    "init": ("logger.start", "init"),
    "log": ("logger.current", "log"),
    "finish": ("logger.current", "finish"),
    "Run": ("logger.run", "Run"),
    "open": ("query.lake", "open_lake"),
    "Lake": ("query.lake", "Lake"),
}


def __getattr__(name: str) -> Any:
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


def __dir__() -> list[str]:
    return sorted(__all__)
