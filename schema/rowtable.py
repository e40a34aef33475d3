"""Run rows as an Arrow table of `rows_schema()` and back. Pure; pyarrow is imported at the first call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from .arrays import lists, numbers, structs, texts
from .run.fields import typed
from .run.lineage import Lineage, lineage_from_plain
from .run.row import RunRow, SealedFile
from .run.summary import Summary
from .tables import rows_schema
from .values import Param, storable

if TYPE_CHECKING:
    import pyarrow as pa

_TIMES = typed("time")


def rows_to_table(rows: Iterable[RunRow]) -> pa.Table:
    """One table row per `RunRow`, in order. Built from buffers: see `lakeboard.schema.arrays`."""
    import pyarrow as pa

    known = list(rows)
    made = {
        "tags": lambda f: lists(
            [len(r.tags) for r in known], texts([storable(t) for r in known for t in r.tags]), f.type
        ),
        "params": lambda f: _map([r.params for r in known], f.type, _records),
        "results": lambda f: _map([r.results for r in known], f.type, _records),
        "summary": lambda f: _map([r.summary for r in known], f.type, _records),
        "env": lambda f: _map([r.env for r in known], f.type, _texts),
        "tag_values": lambda f: _map([r.tag_values for r in known], f.type, _texts),
        "files": lambda f: _files([r.files for r in known], f.type),
        "media_files": lambda f: _files([r.media_files for r in known], f.type),
        "inputs": lambda f: _lineage([r.inputs for r in known], f.type),
        "outputs": lambda f: _lineage([r.outputs for r in known], f.type),
    }
    arrays = [
        made[f.name](f) if f.name in made else _column([getattr(r, f.name) for r in known], f.type)
        for f in rows_schema()
    ]
    return pa.Table.from_arrays(arrays, schema=rows_schema())


def _column(values: Sequence[Any], type_: Any) -> Any:
    import pyarrow as pa

    # Messages of exceptions may quote file names that are no UTF-8; one of them must not lose the run's row.
    return (
        texts([None if v is None else storable(v) for v in values])
        if pa.types.is_string(type_)
        else numbers(values, type_)
    )


def _files(rows: Sequence[Sequence[SealedFile]], type_: Any) -> Any:
    import pyarrow as pa

    every = [file for files in rows for file in files]
    named = [texts([file.name for file in every]), numbers([file.bytes for file in every], pa.int64())]
    return lists([len(files) for files in rows], structs(named, type_.value_type), type_)


def _lineage(rows: Sequence[Sequence[Lineage]], type_: Any) -> Any:
    every = [version for versions in rows for version in versions]
    return lists([len(versions) for versions in rows], _records(every, type_.value_type), type_)


def _map(rows: Sequence[Mapping[str, Any]], type_: Any, items: Callable[[list[Any], Any], Any]) -> Any:
    import pyarrow as pa

    keys = texts([storable(k) for row in rows for k in row])
    entries = structs(
        [keys, items([v for row in rows for v in row.values()], type_.item_type)],
        pa.struct([pa.field("key", pa.string(), nullable=False), pa.field("value", type_.item_type)]),
    )
    return lists([len(row) for row in rows], entries, type_)


def _texts(values: Sequence[str], _: Any) -> Any:
    return texts([storable(v) for v in values])


def _records(values: Sequence[Param | Summary | SealedFile | Lineage], type_: Any) -> Any:
    return structs([_column([getattr(v, f.name) for v in values], f.type) for f in type_], type_)


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


def _from_plain(plain: dict[str, Any]) -> RunRow:
    params, results = (
        {k: Param(p["kind"], p["num"], p["text"]) for k, p in plain[name] or ()} for name in ("params", "results")
    )
    summary = {k: _summary(k, s) for k, s in plain["summary"] or ()}
    files, media = (
        tuple(SealedFile(f["name"], f["bytes"]) for f in plain[name] or ()) for name in ("files", "media_files")
    )
    return RunRow(
        **cast(
            "dict[str, Any]",
            {
                **plain,
                "tags": tuple(plain["tags"] or ()),
                "params": params,
                "results": results,
                "summary": summary,
                "env": dict(plain["env"] or ()),
                "files": files,
                "media_files": media,
                "inputs": lineage_from_plain(plain["inputs"]),
                "outputs": lineage_from_plain(plain["outputs"]),
                "tag_values": dict(plain["tag_values"] or ()),
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
