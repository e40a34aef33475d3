"""`lakeboard tail` and `lakeboard wait`: a run as it goes on, for people and programs without a screen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from .commands import find_run, open_for_reading
from .printing import say
from .schema.values import json_safe

if TYPE_CHECKING:
    from .query.lake import Lake

REACHED, NOT_REACHED, SILENT, OUT_OF_TIME = 0, 2, 3, 4
"""Exit codes of `wait`."""
_GOOD: Final = ("finished", "ended")


def wait(
    lake: str | None,
    run: str,
    *,
    project: str | None,
    until: str | None,
    timeout: float | None,
    every: float,
    as_json: bool,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Wait until a run has ended, or a filter holds for it; says how it stands then.

    Each look costs what a refresh of its project does. A run that ends without what was waited for is not waited for
    any longer.

    Args:
        lake: where.
        run: id or name.
        project: look there only.
        until: a filter.
        timeout: seconds; None for ever.
        every: seconds between two looks.
        as_json: one JSON object instead of a sentence.
        now: seconds of a clock that goes on.
        sleep: waits so many seconds.

    Raises:
        UnknownRun: there is none such, or several.
        FilterError: `until` is none.
    """
    opened = open_for_reading(lake)
    where, run_id = find_run(opened, run, project)
    end = None if timeout is None else now() + timeout
    while True:
        row = _row(opened, where, run_id)
        code = _verdict(opened, where, row, until)
        if code is None and end is not None and now() >= end:
            code = OUT_OF_TIME
        if code is not None:
            _tell(row, where, code, until, as_json=as_json)
            return code
        sleep(every if end is None else max(0.0, min(every, end - now())))


def _row(opened: Lake, project: str, run_id: str) -> dict[str, Any]:
    frame = opened.runs(project, deleted=True)
    return frame.filter(frame["run_id"] == run_id).row(0, named=True)


def _verdict(opened: Lake, project: str, row: dict[str, Any], until: str | None) -> int | None:
    status = row["status"]
    if until is not None and row["run_id"] in opened.runs(project, where=until, deleted=True)["run_id"]:
        return REACHED
    if status == "running":
        return SILENT if row["silent"] else None
    return REACHED if until is None and status in _GOOD else NOT_REACHED


def _tell(row: dict[str, Any], project: str, code: int, until: str | None, *, as_json: bool) -> None:
    if as_json:
        words = {REACHED: "reached", NOT_REACHED: "not reached", SILENT: "no heartbeat", OUT_OF_TIME: "out of time"}
        told = {"project": project, **{name: row[name] for name in ("run_id", "name", "status", "last_step")}}
        say(json.dumps(json_safe({**told, "outcome": words[code]})))
        return
    name = row["name"] or row["run_id"]
    status = "without a heartbeat" if code == SILENT else row["status"]
    what = "" if until is None else f", {until}" if code == REACHED else f", and not {until}"
    at = "" if row["last_step"] is None else f" at step {row['last_step']:,}"
    say(f"{name} is {status}{at}{what}{' when the time was over' if code == OUT_OF_TIME else ''}")


def tail(
    lake: str | None,
    run: str,
    *,
    project: str | None,
    metrics: Sequence[str] | None,
    lines: int,
    follow: bool,
    every: float,
    as_json: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Print the last steps of a run, a line each; with `follow` those that come, until it has ended.

    A look after the first costs a refresh of its project, and reads new points alone.

    Raises:
        UnknownRun: there is none such, or several.
    """
    opened = open_for_reading(lake)
    where, run_id = find_run(opened, run, project)
    since: dict[tuple[str, str], int] = {}
    first = True
    while True:
        row = _row(opened, where, run_id)
        steps = _new_steps(opened, where, row, metrics, since)
        for step, values in steps[-lines:] if first and lines else [] if first else steps:
            _print_step(step, values, as_json=as_json)
        if not follow or row["status"] != "running":
            return 0
        first = False
        sleep(every)


def _new_steps(
    opened: Lake, project: str, row: dict[str, Any], metrics: Sequence[str] | None, since: dict[tuple[str, str], int]
) -> list[tuple[int, dict[str, float]]]:
    """Points that came since, by step in order; `since` is moved on."""
    run_id = row["run_id"]
    frame = opened.metrics(project, metrics=metrics, runs=[run_id], since=since or None).collect()
    steps: dict[int, dict[str, float]] = {}
    columns = ("step", "metric", "dataset", "value", "writer", "seq")
    for step, metric, dataset, value, writer, seq in frame.sort("step", "seq").select(columns).iter_rows():
        steps.setdefault(step, {})[metric if dataset in (None, row["dataset"]) else f"{metric} [{dataset}]"] = value
        key = (run_id, writer)
        since[key] = max(since.get(key, 0), seq + 1)
    return sorted(steps.items())


def _print_step(step: int, values: dict[str, float], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(json_safe({"step": step, **values})))
    else:
        say(f"{step:>8}  " + "  ".join(f"{name} {value:.6g}" for name, value in sorted(values.items())))
