"""Folding only what is new gives what folding everything gives."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.lake import Lake
from lakeboard.query.snapshots import edit_fold
from lakeboard.query.snapshots.edit_fold import FoldedEdits, fold_edits
from lakeboard.schema.edits import Decisions, Edit, decide
from lakeboard.store.testing import CountingStore
from tests.query.lakes import T0, Writer, put_edit

EDITS = st.builds(
    Edit,
    hlc=st.integers(1, 4),
    rand=st.sampled_from(["a", "b"]),
    run_id=st.sampled_from(["r0", "r1", "r2"]),
    op=st.sampled_from(["delete", "restore", "purge"]),
) | st.builds(
    Edit,
    hlc=st.integers(1, 4),
    rand=st.sampled_from(["a", "b"]),
    run_id=st.sampled_from(["r0", "r1", "r2"]),
    op=st.sampled_from(["rename", "tag", "untag", "note"]),
    arg=st.sampled_from(["x", "y"]),
)
OBJECTS = st.dictionaries(st.sampled_from("abcdefgh"), st.lists(EDITS, max_size=5).map(tuple), max_size=8)
STEPS = st.lists(st.tuples(st.sampled_from(["add", "add", "add", "drop"]), st.integers(0, 7)), max_size=16)


def everything(objects: dict[str, tuple[Edit, ...]]) -> tuple[tuple[Edit, ...], dict[str, Decisions]]:
    edits = tuple(sorted({edit for part in objects.values() for edit in part}))
    return edits, decide(edits)


@given(OBJECTS, STEPS)
def test_objects_in_any_order_of_arrival_come_to_the_same(objects: dict[str, tuple[Edit, ...]], steps: list) -> None:  # type: ignore[type-arg]
    names, there = sorted(objects), dict[str, tuple[Edit, ...]]()
    folded = FoldedEdits()
    # However few edits there are, new ones are put among the others.
    with patch.object(edit_fold, "_FEW", 100.0):
        for act, at in steps:
            if names and act == "add":
                there[names[at % len(names)]] = objects[names[at % len(names)]]
            elif names:
                there.pop(names[at % len(names)], None)
            before, folded = folded, fold_edits(dict(there), folded)
            assert (folded.edits, dict(folded.decisions)) == everything(there)
            assert fold_edits(dict(there), folded) is folded
            if before.edits == folded.edits and before.objects <= folded.objects:
                assert folded.decisions is before.decisions, "what frames were made of stays"
    assert fold_edits(there, FoldedEdits()).decisions == folded.decisions


def test_edits_that_differ_in_what_they_lack_have_an_order_too() -> None:
    strange = (
        Edit(1, "a", "r0", "note", None),
        Edit(1, "a", "r0", "note", "x"),
        Edit(1, "a", "r0", "note", "x", "ada"),
    )
    for parts in ({"a": strange}, {"a": strange[:1], "b": strange[1:]}, {"b": strange[::-1]}):
        folded = fold_edits(parts, FoldedEdits())
        assert folded.edits == strange
        assert folded.decisions["r0"].notes == "x"


def test_a_look_at_edits_that_did_not_change_folds_nothing(store: CountingStore) -> None:
    for n in range(3):
        Writer(store, run_id=f"r{n}", rand=f"{n:08x}").start().finish()
    put_edit(store, ["r0", "r1"], "tag", "good", hlc=T0 * 1_000_000)
    lake = Lake(store)
    first = lake.snapshot("digits")
    second = lake.snapshot("digits")
    assert second.decisions is first.decisions
    assert second.edits is first.edits
    assert second.runs is first.runs
    assert second.cache.frames is first.cache.frames
    put_edit(store, ["r2"], "tag", "bad", hlc=T0 * 1_000_000 + 1, rand="0000000b")
    third = lake.snapshot("digits")
    assert {run_id: dict(each.tags) for run_id, each in third.decisions.items()} == {
        "r0": {"good": True}, "r1": {"good": True}, "r2": {"bad": True},
    }  # fmt: skip
    assert third.cache.frames is first.cache.frames, "and rows are left alone"


def test_a_look_at_ended_runs_that_did_not_change_parses_no_name(store: CountingStore) -> None:
    for n in range(20):
        Writer(store, run_id=f"r{n}", rand=f"{n:08x}").start().finish()
    lake = Lake(store)
    lake.snapshot("digits")
    with patch("lakeboard.query.snapshots.snapshot.parse_key", side_effect=AssertionError("a name was parsed")):
        again = lake.snapshot("digits")
    assert again.requests == 3
    assert len(again.known_runs()) == 20
