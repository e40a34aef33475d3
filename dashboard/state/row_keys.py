"""Ids of rows: a run's id, with its project where it is another than the page's. Pure."""

from __future__ import annotations

import polars as pl


def key_of(run_id: str, project: str, home: str) -> str:
    """A row's id: the run's, and for runs of other projects than the page's `id@project`; no run id has an `@`."""
    return run_id if project == home else f"{run_id}@{project}"


def keys_of(frame: pl.DataFrame, home: str) -> list[str]:
    """`key_of` each row."""
    if "project" not in frame.columns:
        return frame["run_id"].to_list()
    return [key_of(run_id, project, home) for run_id, project in frame.select("run_id", "project").iter_rows()]


def of_key(key: str, home: str) -> tuple[str, str]:
    """Project and run id of a row's id: the inverse of `key_of`."""
    run_id, at, project = key.partition("@")
    return (project, run_id) if at else (home, run_id)
