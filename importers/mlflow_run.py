"""What MLflow's tags, params and statuses mean, wherever they were read. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from ..schema.errors import InvalidName
from ..schema.names import check_run_id
from ..schema.run.row import Status
from .source import Series, SourceRun
from .texts import id_of, sensible, typed

_STATUSES: Final[Mapping[str, Status]] = {
    "FINISHED": "finished", "FAILED": "failed", "KILLED": "killed", "RUNNING": "running", "SCHEDULED": "running",
}  # fmt: skip
_NUMBERED: Final = ("", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
"""Old files say the status as a number."""
_LARGEST: Final = 1.7976931348623157e308
"""What databases hold for an infinity."""
_NAME, _USER, _NOTE, _PARENT = "mlflow.runName", "mlflow.user", "mlflow.note.content", "mlflow.parentRunId"
_ENV: Final = {"mlflow.source.name": "command", "mlflow.source.git.commit": "git_commit"}


def run_id_of(run_uuid: str) -> str:
    """The id in the lake: the same from files, a database and a server."""
    wanted = f"mlflow-{run_uuid}"
    try:
        return check_run_id(wanted)
    except InvalidName:
        # No uuid: whoever filled the source wrote something else there.
        return id_of("mlflow", run_uuid)


def mlflow_run(
    *,
    run_uuid: str,
    experiment: str,
    experiment_id: str,
    status: str | int | None,
    name: str | None,
    user: str | None,
    started: float | None,
    ended: float | None,
    deleted: bool,
    params: Mapping[str, str],
    tags: Mapping[str, str],
    read: Callable[[], Iterable[Series]],
    files: tuple[tuple[str, Path], ...],
) -> SourceRun:
    """A run of MLflow as ours. Times are milliseconds since 1970.

    Params become typed where writing the value gives the same text, so that `001` stays text.
    """
    word = _NUMBERED[status] if isinstance(status, int) and 0 < status < len(_NUMBERED) else str(status or "").upper()
    env = {_ENV.get(key, key): value for key, value in tags.items() if key.startswith("mlflow.") and key not in _TOLD}
    env["mlflow_status"] = word
    parent = tags.get(_PARENT)
    return SourceRun(
        run_id=run_id_of(run_uuid),
        tool="mlflow",
        source_id=run_uuid,
        project=experiment or f"experiment {experiment_id}",
        status=_STATUSES.get(word, "running"),
        error="MLflow says FAILED" if word == "FAILED" else None,
        read=read,
        name=tags.get(_NAME) or name,
        user=tags.get(_USER) or user,
        notes=tags.get(_NOTE),
        parent_run_id=run_id_of(parent) if parent else None,
        tag_values={key: value for key, value in tags.items() if not key.startswith("mlflow.")},
        params={key: typed(value) for key, value in params.items()},
        env=env,
        started_at=sensible(started),
        ended_at=sensible(ended),
        deleted=deleted,
        files=files,
    )


_TOLD: Final = frozenset({_NAME, _USER, _NOTE, _PARENT, "mlflow.log-model.history"})


def number(value: float, *, is_nan: bool = False) -> float:
    """A value as MLflow's database holds it."""
    if is_nan:
        return math.nan
    return math.copysign(math.inf, value) if abs(value) >= _LARGEST else value


def series(metric: str, points: Iterable[tuple[float, float, int]]) -> Series:
    """A metric of (milliseconds, value, step)."""
    out = Series(metric)
    rows = list(points)
    out.times = array("d", [ms / 1000 for ms, _, _ in rows])
    out.values = array("d", [value for _, value, _ in rows])
    out.steps = array("q", [step for _, _, step in rows])
    return out
