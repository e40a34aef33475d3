"""Which tool a source is of: by what stands there, or by what somebody says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ..schema.errors import InvalidSetting
from .csv_file import CsvFiles
from .dvclive import DvcliveFolder, metrics_folder
from .mlflow_database import MlflowDatabase
from .mlflow_files import MlflowFiles
from .mlflow_server import MlflowServer
from .sacred import SacredFolder
from .source import KINDS, Source
from .tensorboard import TensorBoardFolder
from .trackio import TrackioDatabase
from .trainer_state import NAME as TRAINER_STATE
from .trainer_state import TrainerStates
from .wandb import WandbFolder

_WITHIN: Final = 6
"""So many folders deep is looked for what tells the tool."""


def open_source(where: str, *, kind: str | None, now_ms: Callable[[], int]) -> Source:
    """The runs of a folder, a file, or a server.

    Args:
        where: a path, `sqlite:///…`, `file:…`, or `http(s)://` of an MLflow server.
        kind: one of `KINDS`; None looks.
        now_ms: milliseconds since 1970.

    Raises:
        InvalidSetting: there is nothing, or nothing that is known; says what is.
    """
    if kind is not None and kind not in KINDS:
        raise InvalidSetting(f"kind {kind!r} is unknown; one of {', '.join(KINDS)}")
    parts = urlsplit(where)
    if parts.scheme in ("http", "https"):
        if kind not in (None, "mlflow"):
            raise InvalidSetting(f"{where} is an address; of {kind} only files can be imported")
        return MlflowServer(where)
    path = Path(parts.path[1:] if parts.scheme == "sqlite" else parts.path if parts.scheme == "file" else where)
    if not path.exists():
        raise InvalidSetting(f"{path} is not there; give the folder or file of the runs, or an MLflow server's address")
    found = kind or kind_of(path)
    if found is None:
        raise InvalidSetting(
            f"{path} holds nothing that can be imported: no mlflow.db, mlruns/, event files, .wandb files, trackio "
            "database, trainer_state.json, metrics.csv, DVCLive or Sacred folder; say what it is with --kind"
        )
    return _OPENERS[found](path, now_ms)


def kind_of(path: Path) -> str | None:
    """The tool whose files stand at a path; None where it is none's."""
    if path.is_file():
        return _of_file(path)
    if any((folder / "meta.yaml").is_file() for folder in _below(path)) or (path / "mlruns").is_dir():
        return "mlflow"
    if (path / "mlflow.db").is_file():
        return "mlflow"
    if any((folder / "run.json").is_file() for folder in [path, *_below(path)]):
        return "sacred"
    for pattern, kind in (("*.wandb", "wandb"), ("*.tfevents.*", "tensorboard"), (TRAINER_STATE, "transformers"),
                          ("metrics.csv", "csv")):  # fmt: skip
        if any(True for depth in range(_WITHIN) for _ in path.glob("*/" * depth + pattern)):
            return kind
    return "dvclive" if metrics_folder(path) is not None else None


def _of_file(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"SQLite format 3"):
        return "trackio" if _is_trackio(path) else "mlflow"
    if head.startswith(b":W&B"):
        return "wandb"
    if ".tfevents." in path.name:
        return "tensorboard"
    if path.name == TRAINER_STATE:
        return "transformers"
    return "csv" if path.suffix in (".csv", ".tsv") else None


def _is_trackio(path: Path) -> bool:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        columns = {name for _, name, *_ in database.execute("pragma table_info(metrics)")}
    return "run_name" in columns


def _below(path: Path) -> list[Path]:
    return [each for each in path.iterdir() if each.is_dir()]


def _mlflow(path: Path) -> Source:
    if path.is_file():
        return MlflowDatabase(path)
    if (path / "mlflow.db").is_file():
        return MlflowDatabase(path / "mlflow.db")
    return MlflowFiles(path / "mlruns" if (path / "mlruns").is_dir() else path)


_OPENERS: Final[Mapping[str, Callable[[Path, Callable[[], int]], Source]]] = {
    "mlflow": lambda path, now: _mlflow(path),
    "tensorboard": lambda path, now: TensorBoardFolder(path, now_ms=now),
    "wandb": lambda path, now: WandbFolder(path),
    "trackio": lambda path, now: TrackioDatabase(path),
    "transformers": lambda path, now: TrainerStates(path),
    "csv": lambda path, now: CsvFiles(path),
    "dvclive": lambda path, now: DvcliveFolder(path),
    "sacred": lambda path, now: SacredFolder(path),
}
