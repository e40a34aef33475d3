"""People's decisions: making them, and reading their history."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from ...schema.edits import Edit, check_edit, edits_to_table
from ...schema.errors import InvalidSetting, InvalidValue
from ...schema.ids import next_hlc
from ...schema.keys import EditKey
from ...schema.names import check_text, stored_run_id
from ...schema.parquet import encode_table

HISTORY_SCHEMA: Final = {
    "at": pl.Datetime("ms", "UTC"),
    "run_id": pl.String,
    "editor": pl.String,
    "op": pl.String,
    "arg": pl.String,
}


def make_edit(
    project: str, run_ids: Sequence[str], op: str, arg: str | None, *, editor: str | None, now_ms: int, seen_hlc: int
) -> tuple[EditKey, bytes]:
    """One act on one run or many, as one object: its key and its bytes. Pure but for 4 random bytes.

    Args:
        project: which.
        run_ids: which, as `init` was given them or as the lake has them; repeats count once.
        op: `delete`, `restore`, `rename`, `tag`, `untag`, `note` or `purge`.
        arg: the name, tag or note, for those that take one.
        editor: who, as far as is known.
        now_ms: the wall clock.
        seen_hlc: the highest clock reading among the edits that the editor could see; this one comes after it.

    Raises:
        InvalidValue: an op or argument that makes no sense, or no run at all.
        InvalidName: a name, tag or editor that can't be stored.
    """
    checked, value = check_edit(op, arg)
    if isinstance(run_ids, str):
        raise InvalidSetting(f"run_ids must be a list of run ids, got the text {run_ids!r}; write [{run_ids!r}]")
    ids = sorted({stored_run_id(run_id) for run_id in run_ids})
    if not ids:
        raise InvalidValue(f"{op} of no run at all; name at least one run id")
    who = None if editor is None else check_text(editor, what="editor")
    key = EditKey(project, next_hlc(now_ms, seen_hlc), secrets.token_hex(4))
    edits = [Edit(key.hlc, key.rand, run_id, checked, value, who) for run_id in ids]
    return key, encode_table(edits_to_table(edits))


def history_frame(edits: Iterable[Edit]) -> pl.DataFrame:
    """What people decided, oldest first: `at`, `run_id`, `editor`, `op`, `arg`."""
    ordered = sorted(set(edits))
    return pl.DataFrame(
        {
            "at": [e.at for e in ordered],
            "run_id": [e.run_id for e in ordered],
            "editor": [e.editor for e in ordered],
            "op": [e.op for e in ordered],
            "arg": [e.arg for e in ordered],
        },
        schema_overrides={"at": pl.Int64},
        strict=False,
    ).cast(HISTORY_SCHEMA)  # type: ignore[arg-type]
