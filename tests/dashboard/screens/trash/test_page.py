"""The trash: who put what there and when, back again, and for ever with a typed name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.dashboard.screens.trash import page as page_trash
from lakeboard.query.edits.trash import trash_frame
from lakeboard.query.lake import Lake, open_lake
from lakeboard.schema.errors import AccessDenied
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe

TABLE = "trash.table"


@pytest.fixture
def gone(lake: str) -> str:
    """Three deleted runs, by two people."""
    opened = open_lake(lake)
    opened.delete(lakes.PROJECT, ["r0", "rx"], editor="ada")
    opened.delete(lakes.PROJECT, ["r1"], editor="ben")
    return lake


def bytes_of(lake: str, run_id: str) -> int:
    return sum(
        path.stat().st_size
        for path in Path(lake).rglob("*.parquet")
        if f"run_id={run_id}/" in str(path) or path.name.startswith((f"r-{run_id}.", f"{run_id}."))
    )


def purge(screen: Screen, typed: str, *, now: bool = True) -> Screen:
    screen.at.text_input(key="trash.typed").set_value(typed)
    if not now:
        screen.at.checkbox(key="trash.now").uncheck()
    next(each for each in screen.at.button if each.label.startswith("Purge ")).click()
    return screen.run()


def test_who_deleted_what_and_when(gone: str) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    assert screen.names(TABLE) == ["a-1", "a-0", lakes.HOSTILE]
    assert [screen.cell(TABLE, run_id, "deleted_by") for run_id in ("r1", "r0", "rx")] == ["ben", "ada", "ada"]
    kinds = {each["id"]: each["kind"] for each in screen.data(TABLE)["columns"]}
    assert kinds["deleted_at"] == "time"
    assert screen.cell(TABLE, "r0", "deleted_at") <= screen.cell(TABLE, "r1", "deleted_at")
    assert screen.cell(TABLE, "r0", "bytes").endswith("kB")


def test_many_are_restored_at_once(gone: str) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    screen.state(TABLE, selected=["r0", "r1"])
    screen.at.button(key="trash.restore").click()
    screen.run()
    assert screen.names(TABLE) == [lakes.HOSTILE]
    assert {"r0", "r1"} <= set(open_lake(gone).runs(lakes.PROJECT)["run_id"])


def test_nothing_can_be_purged_before_it_is_chosen(gone: str) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    # Where nothing tells who looks, the page asks for a name besides.
    assert {each.key for each in screen.at.text_input} <= {"trash.name"}
    assert not [each for each in screen.at.button if each.label.startswith("Purge ")]


def test_one_run_is_purged_once_its_name_was_typed(gone: str) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    screen.state(TABLE, selected=["r1"])
    for wrong in ("", "a-0", "1", lakes.PROJECT):
        purge(screen, wrong)
        assert "nothing was done" in screen.at.error[0].value.replace("\\", "")
        assert bytes_of(gone, "r1") > 0
    size = bytes_of(gone, "r1")
    purge(screen, " a-1 ")
    toast = screen.at.toast[0].value.replace("\\", "")
    assert toast == f"Purged a-1: 2 objects, {size / 1000:.1f} kB freed"
    assert bytes_of(gone, "r1") == 0
    assert screen.names(TABLE) == ["a-0", lakes.HOSTILE]
    assert open_lake(gone).history(lakes.PROJECT, "r1")["op"].to_list() == ["delete", "purge"]
    assert bytes_of(gone, "r0") > 0


def test_a_hostile_name_is_typed_as_it_is(gone: str) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    screen.state(TABLE, selected=["rx"])
    purge(screen, lakes.HOSTILE)
    assert bytes_of(gone, "rx") == 0


@pytest.mark.parametrize("typed", ["2", lakes.PROJECT])
def test_many_are_purged_once_their_number_or_project_was_typed(gone: str, typed: str) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    screen.state(TABLE, selected=["r0", "r1"])
    purge(screen, "3")
    assert "nothing was done" in screen.at.error[0].value.replace("\\", "")
    purge(screen, typed)
    assert "Purged 2 runs: 4 objects" in screen.at.toast[0].value.replace("\\", "")
    assert bytes_of(gone, "r0") == bytes_of(gone, "r1") == 0
    assert screen.names(TABLE) == [lakes.HOSTILE]


def test_bytes_may_wait_for_the_next_tidying(gone: str) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    screen.state(TABLE, selected=["r1"])
    purge(screen, "a-1", now=False)
    assert "first tidying after 10 minutes" in screen.at.toast[0].value.replace("\\", "")
    assert bytes_of(gone, "r1") > 0
    assert "r1" not in set(open_lake(gone).runs(lakes.PROJECT, deleted=True)["run_id"])


def test_without_permission_nothing_is_purged_and_the_buttons_go_off(
    gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    screen.state(TABLE, selected=["r1"])

    def refuse(lake: Lake, *arguments: object, **others: object) -> None:
        raise AccessDenied(f"can't write to {lake.url}: read only")

    monkeypatch.setattr(Lake, "edit", refuse)
    purge(screen, "a-1")
    assert "Nothing was changed" in screen.at.toast[0].value
    assert screen.at.button(key="trash.restore").disabled
    assert not [each for each in screen.at.button if each.label.startswith("Purge ")]
    assert bytes_of(gone, "r1") > 0


def test_the_trash_can_be_taken_away(gone: str) -> None:
    screen = Screen().open("trash", project=lakes.PROJECT)
    code = page_trash.code_of(gone, lakes.PROJECT)
    assert code in [each.value + "\n" if not each.value.endswith("\n") else each.value for each in screen.at.code]
    expected = trash_frame(open_lake(gone).snapshot(lakes.PROJECT))
    assert run_recipe(code).equals(expected)
    assert screen.names(TABLE) == [name or run_id for name, run_id in expected.select("name", "run_id").rows()]
