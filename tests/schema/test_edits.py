"""Edits: the last one wins, whoever reads them in whatever order."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.edits import Decisions, Edit, check_edit, decide, edits_to_table, table_to_edits
from lakeboard.schema.errors import InvalidName, InvalidValue
from lakeboard.schema.parquet import decode_table, encode_table
from lakeboard.schema.run.row import RunRow
from tests.schema.strategies import edits

_MANY = st.lists(edits(), max_size=12, unique_by=lambda e: (e.hlc, e.rand, e.run_id, e.op, e.arg))


def _brute(found: list[Edit]) -> dict[str, Decisions]:
    """One edit after the other, in order."""
    state: dict[str, dict[str, object]] = {}
    for e in sorted(found, key=lambda e: (e.hlc, e.rand, e.run_id, e.op, e.arg or "")):
        run = state.setdefault(e.run_id, {"tags": {}})
        if e.op in ("delete", "restore"):
            gone = e.op == "delete"
            run |= {"deleted": gone, "deleted_at": e.at if gone else None, "deleted_by": e.editor if gone else None}
        elif e.op == "purge":
            run["purged"] = True
        elif e.op == "rename":
            run["name"] = e.arg
        elif e.op == "note":
            run["notes"] = e.arg
        else:
            run["tags"] = {**run["tags"], e.arg or "": e.op == "tag"}  # type: ignore[dict-item]
    return {run_id: Decisions(**fields) for run_id, fields in state.items()}  # type: ignore[arg-type]


@given(_MANY)
def test_decisions_are_those_of_taking_one_edit_after_the_other(found: list[Edit]) -> None:
    assert decide(found) == _brute(found)


@given(_MANY, st.randoms())
def test_order_and_repeats_do_not_matter(found: list[Edit], random: object) -> None:
    shuffled = found + found[:3]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(shuffled) == decide(found)


@given(_MANY)
def test_edits_round_trip_through_parquet(found: list[Edit]) -> None:
    assert table_to_edits(decode_table(encode_table(edits_to_table(found)), key="edits/x")) == found


def test_ops_of_a_later_version_are_passed_over() -> None:
    table = edits_to_table([Edit(1, "00000000", "r1", "star", None), Edit(2, "00000000", "r1", "note", "x")])  # type: ignore[arg-type]
    assert [e.op for e in table_to_edits(table)] == ["note"]


def test_what_people_want_is_applied_to_a_row() -> None:
    decided = decide(
        [
            Edit(1_764_000_000_000_000_005, "00000000", "r1", "rename", "best", "ann"),
            Edit(2_000_000, "00000000", "r1", "tag", "new"),
            Edit(3_000_000, "00000000", "r1", "untag", "old"),
            Edit(4_000_000, "00000000", "r1", "note", ""),
            Edit(1_764_000_000_000_000_006, "00000000", "r1", "delete", None, "bob"),
        ]
    )["r1"]
    row = decided.apply(RunRow("r1", "w001-00000000", name="x", notes="n", tags=("old", "kept")))
    assert (row.name, row.notes, row.tags) == ("best", "", ("kept", "new"))
    assert (decided.deleted, decided.deleted_at, decided.deleted_by) == (True, 1_764_000_000_000, "bob")


def test_a_purge_is_for_ever() -> None:
    assert decide([Edit(9, "0" * 8, "r", "restore"), Edit(1, "0" * 8, "r", "purge")])["r"].purged


@pytest.mark.parametrize(
    ("op", "arg", "error", "message"),
    [
        ("star", None, InvalidValue, "edit 'star' is unknown; use one of delete, restore, rename, tag, untag, note"),
        ("delete", "x", InvalidValue, "edit 'delete' takes no argument, got 'x'"),
        ("note", "x" * 1_000_001, InvalidValue, "note has 1000001 characters; at most 1000000 fit"),
        ("rename", None, InvalidName, "name None must be a string, not NoneType"),
        ("tag", "", InvalidName, "tag must not be empty; leave it out instead"),
    ],
)
def test_edits_that_are_refused(op: str, arg: str | None, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        check_edit(op, arg)


def test_edits_that_are_taken() -> None:
    assert check_edit("note", None) == ("note", "")
    assert check_edit("note", "a\ud800") == ("note", "a\\ud800")
    assert check_edit("tag", "x") == ("tag", "x")
    assert check_edit("purge", None) == ("purge", None)


def test_an_editor_whose_name_is_no_utf8_is_stored_all_the_same() -> None:
    table = edits_to_table([Edit(1, "00000000", "r1", "delete", None, "\udce9ric")])
    assert table_to_edits(table)[0].editor == "\\udce9ric"
