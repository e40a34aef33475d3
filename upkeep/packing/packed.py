"""What run rows and edits are, seen as things to pack: which row is which, which counts, how tables join. Pure.

Packing keeps of each (run_id, writer) the row of the highest version, and every edit. Rows of purged runs go, and so
do their edits, but never the purge itself: a tombstone that was dropped would let an old copy bring the run back.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from ...schema.arrays import numbers
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.keys import EditKey, PackKey, RowKey, parse_key
from ...schema.parquet import decode_table, encode_table
from ...schema.rowtable import rows_to_table, table_to_rows
from ...schema.tables import edits_schema, rows_schema

if TYPE_CHECKING:
    import pyarrow as pa

PackArea: TypeAlias = Literal["runs", "edits"]
_IDENTITY: Final[Mapping[str, tuple[str, ...]]] = {
    "runs": ("run_id", "writer"),
    "edits": ("run_id", "hlc", "rand", "op", "arg"),
}
_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "runs": ("run_id", "writer", "version", "status"),
    "edits": ("run_id", "hlc", "rand", "op"),
}


@dataclass(frozen=True, slots=True)
class RowId:
    """One row of a pack or single: who it is. Where several share `identity`, the highest `version` counts."""

    identity: tuple[Hashable, ...]
    version: int
    run_id: str
    tombstone: bool = False
    """A purge: never dropped."""


def decode_packable(data: bytes, *, key: str) -> pa.Table:
    """The run rows or edits in an object, in the columns of this version.

    Raises:
        DamagedObject: not readable, not such rows, or not those that the name promises.
        LakeFormat: of a newer format, or with columns that this version would lose.
    """
    parsed = parse_key(key)
    if not isinstance(parsed, (RowKey, PackKey, EditKey)):
        raise DamagedObject(f"{key} is neither run rows nor edits", key=key)
    area: PackArea = "runs" if isinstance(parsed, RowKey) or getattr(parsed, "area", "") == "runs" else "edits"
    table = _normal(_valid(decode_table(data, key=key), key), area, key)
    if any(table[name].null_count for name in _REQUIRED[area]):
        raise DamagedObject(f"{key} lacks one of {', '.join(_REQUIRED[area])} in some row", key=key)
    if isinstance(parsed, RowKey):
        found = [(m.identity, m.version) for m in marks(table, area)]
        if found != [((parsed.run_id, parsed.writer), parsed.version)]:
            raise DamagedObject(f"{key} does not hold the one row that its name promises", key=key)
    if isinstance(parsed, EditKey) and any(m.identity[1:3] != (parsed.hlc, parsed.rand) for m in marks(table, area)):
        raise DamagedObject(f"{key} holds edits of another act than its name says", key=key)
    return table


def _valid(table: pa.Table, key: str) -> pa.Table:
    import pyarrow as pa

    try:
        # Else bytes that are no text would show when somebody looks at them.
        table.validate(full=True)
    except pa.ArrowException as error:
        raise DamagedObject(f"{key} holds bytes that are no text ({error})"[:300], key=key) from error
    return table


def marks(table: pa.Table, area: PackArea) -> list[RowId]:
    """Who the rows of a table are, in order."""
    columns = [table[name].to_pylist() for name in _IDENTITY[area]]
    versions = table["version"].to_pylist() if area == "runs" else [0] * len(table)
    ops = table["op"].to_pylist() if area == "edits" else [None] * len(table)
    return [
        RowId(identity, version, identity[0], op == "purge")
        for *identity_list, version, op in zip(*columns, versions, ops, strict=True)
        if (identity := tuple(identity_list))
    ]


def remember(have: dict[tuple[Hashable, ...], int], rows: Iterable[RowId]) -> None:
    """Add rows to what is held: by identity, the highest version."""
    for mark in rows:
        have[mark.identity] = max(mark.version, have.get(mark.identity, mark.version))


def is_covered(
    wanted: Iterable[RowId], have: Mapping[tuple[Hashable, ...], int], *, purged: Collection[str] = ()
) -> bool:
    """Whether `have` says all that the rows `wanted` say, or later; what a purge takes away need not be there."""
    return all(
        have.get(mark.identity, -1) >= mark.version or (mark.run_id in purged and not mark.tombstone) for mark in wanted
    )


def join(tables: Sequence[pa.Table], area: PackArea, *, purged: Collection[str] = ()) -> pa.Table:
    """One table of all rows that count, sorted by who they are.

    Args:
        tables: as `decode_packable` gives them.
        area: of what.
        purged: runs whose rows and other edits are dropped.
    """
    import pyarrow as pa

    everything = pa.concat_tables(tables)
    best: dict[tuple[Hashable, ...], tuple[int, int]] = {}
    for index, mark in enumerate(marks(everything, area)):
        if mark.run_id in purged and not mark.tombstone:
            continue
        best[mark.identity] = max(best.get(mark.identity, (mark.version, -1)), (mark.version, index))
    order = sorted((tuple(map(_sortable, identity)), index) for identity, (_, index) in best.items())
    return everything.take(numbers([index for _, index in order], pa.int64())).combine_chunks()


def _sortable(part: Hashable) -> tuple[bool, Any]:
    return (part is not None, part if part is not None else "")


@cache
def _stored_schema(area: PackArea) -> pa.Schema:
    """The schema of a table that went through Parquet."""
    import pyarrow as pa

    schema = rows_schema() if area == "runs" else edits_schema()
    # Not empty_table(), which imports pandas.
    empty = pa.Table.from_arrays([pa.nulls(0, field.type) for field in schema], schema=schema)
    return decode_table(encode_table(empty), key=area).schema.remove_metadata()


def _normal(table: pa.Table, area: PackArea, key: str) -> pa.Table:
    """The table in exactly the columns of this version: older ones filled with nulls, newer ones refused."""
    import pyarrow as pa

    schema = _stored_schema(area)
    table = table.replace_schema_metadata(None)
    if table.schema.equals(schema):
        return table
    missing = [name for name in _REQUIRED[area] if name not in table.column_names]
    if missing:
        raise DamagedObject(f"{key} holds no {area}: {', '.join(missing)} is missing", key=key)
    unknown = sorted({*_paths(table.schema)} - {*_paths(schema)})
    if unknown:
        raise LakeFormat(
            f"{key} has columns that this lakeboard does not know and would lose ({', '.join(unknown[:5])}); "
            "upgrade it (pip install -U lakeboard)"
        )
    try:
        if area == "runs":
            # Fields may be missing deep inside, where no cast fills them up.
            return decode_table(encode_table(rows_to_table(table_to_rows(table))), key=key).replace_schema_metadata(
                None
            )
        have = set(table.column_names)
        columns = [table[f.name].cast(f.type) if f.name in have else pa.nulls(len(table), f.type) for f in schema]
        return pa.Table.from_arrays(columns, schema=schema)
    except (pa.ArrowException, ValueError, TypeError, KeyError) as error:
        message = f"{key} holds {area} of other types than these have ({error})"[:300]
        raise DamagedObject(message, key=key) from error


def _paths(schema: pa.Schema) -> Iterable[str]:
    for field in schema:
        yield from _paths_of(field.name, field.type)


def _paths_of(name: str, type_: Any) -> Iterable[str]:
    import pyarrow as pa

    if pa.types.is_struct(type_):
        for field in type_:
            yield from _paths_of(f"{name}.{field.name}", field.type)
    elif pa.types.is_map(type_):
        yield from _paths_of(f"{name}.value", type_.item_type)
    elif pa.types.is_list(type_):
        yield from _paths_of(f"{name}[]", type_.value_type)
    else:
        yield name
