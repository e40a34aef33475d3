"""Which runs of a project made and used which versions of artifacts, as their rows say."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import polars as pl

from ..snapshots.snapshot import Snapshot

Role: TypeAlias = Literal["made", "used"]
USES_SCHEMA: Final = pl.Schema(
    {
        "run_id": pl.String(),
        "role": pl.String(),
        "project": pl.String(),
        "artifact": pl.String(),
        "version": pl.String(),
        "at": pl.Datetime("ms", "UTC"),
    }
)
"""Columns of `uses_frame`: `project` is whose the artifact is, `at` by the clock of the run's machine."""
_ROLES: Final[dict[str, Role]] = {"outputs": "made", "inputs": "used"}


def uses_frame(snapshot: Snapshot) -> pl.DataFrame:
    """One row for each version that a run made or used (`USES_SCHEMA`), oldest first; purged runs left out. No request.

    A version that was made again with the same files is made by all runs that logged it.
    """
    rows = snapshot.rows
    known = pl.Series("run_id", sorted(snapshot.known_runs()), pl.String)
    parts = [
        rows.select("run_id", each=pl.col(column))
        .explode("each")
        .drop_nulls("each")
        .select(
            "run_id",
            pl.lit(role).alias("role"),
            *(pl.col("each").struct.field(name) for name in ("project", "artifact", "version", "at")),
        )
        for column, role in _ROLES.items()
        if column in rows.columns
    ]
    if not parts:
        return pl.DataFrame(schema=USES_SCHEMA)
    return (
        pl.concat(parts)
        .cast(dict(USES_SCHEMA))  # type: ignore[arg-type]
        .filter(pl.col("run_id").is_in(known.implode()))
        .sort("at", "run_id", "role", nulls_last=True)
        .unique(["run_id", "role", "project", "artifact", "version"], keep="first", maintain_order=True)
    )
