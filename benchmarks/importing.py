"""Runs of other trackers: reading and importing them, beside the tools' own readers where these are installed."""

from __future__ import annotations

import secrets
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from benchmarks.measure import Figure, Report
from lakeboard.importers.everything import import_all
from lakeboard.importers.mlflow_database import MlflowDatabase
from lakeboard.importers.source import Source
from lakeboard.importers.tensorboard import TensorBoardFolder
from lakeboard.importers.write import Imported
from lakeboard.store.local import LocalStore
from tests.importers.making import Mlflow, event, event_file, scalar

_STEPS = 40_000
_METRICS = 5


def importing(report: Report) -> None:
    """200,000 points of each kind: read by us, read by the tool itself, imported whole. CPU seconds of one thread."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _events(report, root)
        _mlflow(report, root)


def _events(report: Report, root: Path) -> None:
    written = [event(n, scalar(f"loss/{m}", n / (m + 1))) for n in range(_STEPS) for m in range(_METRICS)]
    path = event_file(root / "tb", *written)
    theirs = None
    if find_spec("tensorboard") is not None:
        from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-not-found, unused-ignore]
            EventAccumulator,
        )

        def read() -> int:
            found = EventAccumulator(str(path), size_guidance={"scalars": 0}).Reload()
            return sum(len(found.Scalars(tag)) for tag in found.Tags()["scalars"])

        theirs = report.add("event files: TensorBoard's own reader", "points/s", _rate(read))
    source = TensorBoardFolder(root / "tb", now_ms=_now_ms)
    _ours(report, "event files", source, root / "lake", theirs)


def _mlflow(report: Report, root: Path) -> None:
    if find_spec("mlflow") is not None:
        theirs, path = _by_mlflow(report, root / "mlflow.db")
    else:
        made = Mlflow(root / "mlflow.db")
        made.add("a1")
        for m in range(_METRICS):
            made.log("a1", f"loss/{m}", [(n, float(n), False) for n in range(_STEPS)])
        theirs, path = None, made.path
    _ours(report, "MLflow's database", MlflowDatabase(path), root / "lake", theirs)


def _by_mlflow(report: Report, path: Path) -> tuple[Figure, Path]:
    from mlflow.tracking import MlflowClient  # type: ignore[import-not-found, unused-ignore]

    client = MlflowClient(f"sqlite:///{path}")
    run = client.create_run(client.create_experiment("digits")).info.run_id
    names = [f"loss/{m}" for m in range(_METRICS)]
    for name in names:
        client.log_metric(run, name, 0.0, step=0)
    rows = [(name, float(n), n, run, n, False) for name in names for n in range(1, _STEPS)]
    with closing(sqlite3.connect(path)) as database, database:
        insert = "insert into metrics (key, value, timestamp, run_uuid, step, is_nan) values (?,?,?,?,?,?)"
        database.executemany(insert, rows)

    def read() -> int:
        return sum(len(client.get_metric_history(run, name)) for name in names)

    return report.add("MLflow's database: MLflow's own reader", "points/s", _rate(read)), path


def _ours(report: Report, what: str, source: Source, lake: Path, theirs: Figure | None) -> None:
    def read() -> int:
        return sum(len(series) for run in source.runs() for series in run.read())

    def whole() -> int:
        found = import_all(
            LocalStore(lake / secrets.token_hex(4)), source, now_ms=_now_ms, new_rand=lambda: secrets.token_hex(4)
        )
        return sum(result.new for _, result in found if isinstance(result, Imported))

    for name, work, times in (("read", read, 5), ("imported", whole, 3)):
        target = f"at least {times} times the tool's own reader"
        figure = report.add(f"{what}: {name}", "points/s", _rate(work), against=theirs)
        if theirs is not None and figure.ratio is not None:
            report.add(f"{what}: {name}, met", "x", figure.ratio, target=target, at_least=times)


def _rate(work: Callable[[], int]) -> list[float]:
    out = []
    for _ in range(3):
        begun = time.process_time()
        count = work()
        out.append(count / (time.process_time() - begun))
    return out


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
