"""People's decisions about runs: delete, restore, rename, tag, untag, note, purge. The last one wins.

Order is by hybrid logical clock, then by the random part of the object's name, so every reader agrees whatever
the editors' clocks said. Nothing is forgotten: the history is the list of edits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast, get_args

from .errors import InvalidValue
from .names import check_text
from .run.row import RunRow
from .tables import edits_schema
from .values import storable

if TYPE_CHECKING:
    import pyarrow as pa

Op: TypeAlias = Literal["delete", "restore", "rename", "tag", "untag", "note", "purge"]
OPS: Final[tuple[Op, ...]] = get_args(Op)
MAX_NOTE_CHARS: Final = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """One decision about one run. Sorts in the order in which edits count."""

    hlc: int
    """Hybrid logical clock: milliseconds since 1970 x 1,000,000 plus a counter."""
    rand: str
    """8 hex digits; settles ties."""
    run_id: str
    op: Op
    arg: str | None = None
    """The new name, the tag or the note; null for the others."""
    editor: str | None = None
    """Who did it, as far as is known."""

    @property
    def at(self) -> int:
        """When, in milliseconds since 1970, UTC, by the editor's clock (never before what they had seen)."""
        return self.hlc // 1_000_000

    @property
    def field(self) -> str:
        """What the edit decides; of the edits of one field the last wins."""
        if self.op in ("delete", "restore"):
            return "deleted"
        return f"tag:{self.arg}" if self.op in ("tag", "untag") else self.op


def check_edit(op: str, arg: str | None) -> tuple[Op, str | None]:
    """Return a valid (op, arg).

    Raises:
        InvalidValue: unknown op, or an argument that the op does not take.
        InvalidName: a name or tag that can't be stored.
    """
    if op not in OPS:
        raise InvalidValue(f"edit {op!r} is unknown; use one of {', '.join(OPS)}")
    if op in ("rename", "tag", "untag"):
        return op, check_text(arg, what="name" if op == "rename" else "tag")
    if op == "note":
        if arg is not None and len(arg) > MAX_NOTE_CHARS:
            raise InvalidValue(f"note has {len(arg)} characters; at most {MAX_NOTE_CHARS} fit")
        return op, storable(arg or "")
    if arg is not None:
        raise InvalidValue(f"edit {op!r} takes no argument, got {arg!r}")
    return cast("Op", op), None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What all edits of one run come to."""

    deleted: bool = False
    deleted_at: int | None = None
    deleted_by: str | None = None
    purged: bool = False
    name: str | None = None
    notes: str | None = None
    tags: Mapping[str, bool] = field(default_factory=dict)
    """Tag to true (added) or false (taken off)."""

    def apply(self, row: RunRow) -> RunRow:
        """The row with name, notes and tags as people want them."""
        tags = [t for t in row.tags if self.tags.get(t, True)]
        tags += [t for t, on in sorted(self.tags.items()) if on and t not in tags]
        return replace(
            row,
            name=self.name if self.name is not None else row.name,
            notes=self.notes if self.notes is not None else row.notes,
            tags=tuple(tags),
        )


def decide(edits: Iterable[Edit]) -> dict[str, Decisions]:
    """What the edits of many runs come to, by run id. Order and repeats do not matter; a purge is for ever."""
    last: dict[tuple[str, str], Edit] = {}
    for edit in edits:
        key = (edit.run_id, edit.field)
        if key not in last or edit > last[key]:
            last[key] = edit
    out: dict[str, Decisions] = {}
    for (run_id, name), edit in sorted(last.items()):
        known = out.get(run_id, Decisions())
        if name == "deleted":
            gone = edit.op == "delete"
            known = replace(
                known,
                deleted=gone,
                deleted_at=edit.at if gone else None,
                deleted_by=edit.editor if gone else None,
            )
        elif edit.op == "purge":
            known = replace(known, purged=True)
        elif edit.op == "rename":
            known = replace(known, name=edit.arg)
        elif edit.op == "note":
            known = replace(known, notes=edit.arg)
        else:
            known = replace(known, tags={**known.tags, edit.arg or "": edit.op == "tag"})
        out[run_id] = known
    return out


def edits_to_table(edits: Iterable[Edit]) -> pa.Table:
    """One table row per edit, in order."""
    import pyarrow as pa

    names = edits_schema().names
    plain = [{**{n: getattr(e, n) for n in names}, "editor": storable(e.editor) if e.editor else None} for e in edits]
    return pa.Table.from_pylist(plain, schema=edits_schema())


def table_to_edits(table: pa.Table) -> list[Edit]:
    """The inverse of `edits_to_table`; rows with an op that this version does not know are passed over."""
    names = edits_schema().names
    plain = [{n: row.get(n) for n in names} for row in table.to_pylist()]
    return [Edit(**row) for row in plain if row["op"] in OPS]
