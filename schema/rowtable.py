"""Run rows as an Arrow table of `rows_schema()` and back. Pure; pyarrow is imported at the first call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from .rows import RunRow, SealedFile
from .summary import Summary
from .tables import rows_schema
from .values import Param, storable

if TYPE_CHECKING:
    import pyarrow as pa

_TIMES = ("created_at", "started_at", "ended_at", "updated_at")


def rows_to_table(rows: Iterable[RunRow]) -> pa.Table:
    """One table row per `RunRow`, in order."""
    import pyarrow as pa

    return pa.Table.from_pylist([_to_plain(row) for row in rows], schema=rows_schema())


def table_to_rows(table: pa.Table) -> list[RunRow]:
    """The inverse of `rows_to_table`. Columns this version does not know are passed over, missing ones are null."""
    schema = rows_schema()
    columns = []
    import pyarrow as pa

    for field in schema:
        column = table.column(field.name) if field.name in table.column_names else pa.nulls(len(table), field.type)
        if field.name in _TIMES:
            column = column.cast(pa.timestamp("ms", tz="UTC")).cast(pa.int64())
        columns.append(column.to_pylist())
    return [_from_plain(dict(zip(schema.names, values, strict=True))) for values in zip(*columns, strict=True)]


def _to_plain(row: RunRow) -> dict[str, Any]:
    plain = {name: _told(getattr(row, name)) for name in rows_schema().names}
    plain["tags"] = [storable(tag) for tag in row.tags]
    plain["params"] = [(k, {"kind": p.kind, "num": p.num, "text": p.text}) for k, p in row.params.items()]
    plain["summary"] = [(k, _summary_plain(s)) for k, s in row.summary.items()]
    plain["env"] = [(storable(k), storable(v)) for k, v in row.env.items()]
    plain["files"] = [{"name": f.name, "bytes": f.bytes} for f in row.files]
    return plain


def _told(value: object) -> object:
    # Messages of exceptions may quote file names that are no UTF-8; one of them must not lose the run's row.
    return storable(value) if isinstance(value, str) else value


def _summary_plain(summary: Summary) -> dict[str, Any]:
    return {name: getattr(summary, name) for name in Summary.__dataclass_fields__}


def _from_plain(plain: dict[str, Any]) -> RunRow:
    params = {k: Param(p["kind"], p["num"], p["text"]) for k, p in plain["params"] or ()}
    summary = {k: _summary(k, s) for k, s in plain["summary"] or ()}
    files = tuple(SealedFile(f["name"], f["bytes"]) for f in plain["files"] or ())
    return RunRow(
        **cast(
            "dict[str, Any]",
            {
                **plain,
                "tags": tuple(plain["tags"] or ()),
                "params": params,
                "summary": summary,
                "env": dict(plain["env"] or ()),
                "files": files,
            },
        )
    )


def _summary(label: str, fields: dict[str, Any]) -> Summary:
    known = {k: v for k, v in fields.items() if k in Summary.__dataclass_fields__}
    at = known.get("last_at")
    if at is not None and not isinstance(at, int):
        # Timestamps inside a map can't be cast to int64 beforehand.
        known["last_at"] = round(at.timestamp() * 1000)
    known["metric"] = known.get("metric") or label
    return Summary(**{k: v for k, v in known.items() if v is not None or k not in ("n", "n_nan")})
