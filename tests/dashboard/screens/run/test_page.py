"""The page of one run, beyond what every run has: a busy one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.dashboard.screens.run import details as run_details
from lakeboard.query.lake import open_lake
from lakeboard.query.run.tables import run_env, run_metrics, run_params, run_results, run_writers
from lakeboard.schema.values import encode_param
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe
from tests.query.lakes import Point, Writer, note_lake, put_edit

NOTE = "# Plan\n<script>window.hacked=1</script> [x](javascript:alert(1)) ![p](https://example.org/p.png)"
ENV = {
    "command": "python train.py --lr 0.1", "git.commit": "abc", "git.dirty": "true", "git.changed": "train.py",
    "package.numpy": "2.4", "lakeboard.behind": "120 points",
}  # fmt: skip


@pytest.fixture
def busy(lake: str) -> str:
    """A run with 500 params and metrics, notes, a parent, a child, a resume."""
    store = LocalStore(lake)
    note_lake(store)
    config = {"lr": 0.1, **{f"g{i}": {"a": i, "b": str(i)} for i in range(250)}}
    points = [Point(f"m{i:03d}/loss", step, 1.0 / (step + 1)) for i in range(500) for step in range(3)]
    fields = {"name": "busy", "notes": NOTE, "tags": ("a*b",), "group": "g", "parent_run_id": "up", "env": ENV}
    said = {"results": {"verdict": encode_param("good"), "ok": encode_param(True), "matrix": encode_param([[1, 2]])}}
    late = said | {"tag_values": {"stage": "a*b"}}
    Writer(store, "big", "r1", config=config, fields=fields, late=late).start().log(points).finish()
    Writer(store, "big", "r1", attempt=2, rand="00000002", fields={"resume_step": 2}).start().flush()
    for run_id, more in {"up": {}, "kid": {"parent_run_id": "r1"}, "peer": {"group": "g"}}.items():
        Writer(store, "big", run_id, config={"lr": 0.2}, fields=more).start().finish()
    put_edit(store, ["r1"], "tag", "good", hlc=10**18, project="big", editor="ben")
    return lake


def test_the_tabs_hold_all_of_it(screen: Screen, busy: str) -> None:
    screen.open("run", project="big", run="r1")
    assert len(screen.data("run.metrics")["rows"]) == 500
    assert sum(1 for row in screen.data("run.params")["rows"] if not row["field"].get("group")) == 501
    assert screen.data("run.params")["find"] == "Find among 501 params"
    assert [(row["id"], row["cells"][1]) for row in screen.data("run.family")["rows"]] == [
        ("up", "parent"), ("kid", "child"), ("peer", "group"),
    ]  # fmt: skip
    assert ":gray-badge[a\\*b]" in screen.text()
    assert ":gray-badge[stage\\: a\\*b]" in screen.text()
    assert [(row["label"], *row["cells"]) for row in screen.data("run.results")["rows"]] == [
        ("matrix", {"text": "[[1, 2]]"}, "json"),
        ("ok", {"text": "true"}, "bool"),
        ("verdict", {"text": "good"}, "str"),
    ]  # fmt: skip
    screen.at.segmented_control(key="run.tab").set_value("origin")
    screen.run()
    assert screen.params["tab"] == "origin"
    assert any("python train.py" in each.value for each in screen.at.code)
    assert "What differed in them was not recorded" in screen.text()
    assert ["lakeboard.behind", "120 points"] in [row["cells"] for row in screen.data("run.env")["rows"]]
    screen.at.segmented_control(key="run.tab").set_value("writers")
    screen.run()
    assert len(screen.data("run.writers")["rows"]) == 2
    assert "objects" in screen.text()
    assert "a month" in screen.text()
    screen.at.segmented_control(key="run.tab").set_value("history")
    screen.run()
    assert [row["cells"][1:] for row in screen.data("run.history")["rows"]] == [["ben", "added the tag good"]]


def test_a_recorded_diff_is_shown(screen: Screen, lake: str) -> None:
    diff = "--- a/train.py\n+++ b/train.py\n-lr = 1\n+lr = 2"
    writer = Writer(LocalStore(lake), "git", "r1", fields={"env": {**ENV, "git.diff": diff}}).start()
    writer.finish()
    screen.open("run", project="git", run="r1", tab="origin")
    shown = next(each for each in screen.at.code if each.value == diff)
    assert shown.language == "diff"
    assert screen.data("run.git")["rows"][0]["cells"] == ["commit", "abc"]
    assert all(row["id"] != "git.diff" for row in screen.data("run.git")["rows"])


def test_a_search_narrows_metrics_and_charts(screen: Screen, busy: str) -> None:
    screen.open("run", project="big", run="r1", find="m007")
    assert [row["id"] for row in screen.data("run.metrics")["rows"]] == ["m007/loss"]
    assert [chart["id"] for chart in screen.data("run.grid.r1")["charts"]] == ["m007/loss"]


def test_notes_are_plain_values(screen: Screen, busy: str) -> None:
    screen.open("run", project="big", run="r1")
    heading, text = screen.data("run.notes")["blocks"]
    assert heading == {"k": "h", "n": 1, "c": [["text", "Plan"]]}
    assert [node[:2] for node in text["c"]] == [
        ["text", "<script>window.hacked=1</script> [x](javascript:alert(1)) "],
        ["image", "https://example.org/p.png"],
    ]


def test_next_and_previous_go_by_the_order_of_the_runs_page(screen: Screen) -> None:
    screen.open("runs", project="digits", filter="model = a", sort="val/acc")
    screen.open("run", project="digits", run="r1")
    assert "3 of 4" in screen.text()
    assert not screen.at.button(key="run.previous").disabled
    screen.at.button(key="run.next").click().run()
    assert screen.checked().params["run"] == "r2"
    for _ in range(2):
        screen.at.button(key="run.previous").click().run()
    assert screen.params["run"] == "r0"
    screen.at.button(key="run.previous").click().run()
    assert [screen.at.button(key=f"run.{each}").disabled for each in ("previous", "next")] == [True, False]
    fresh = Screen().open("run", project="digits", run="rlive")
    assert fresh.at.button(key="run.previous").label == "Previous"


def test_what_is_taken_away_is_what_is_shown(busy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_details, "feed", lambda: type("F", (), {"lake": type("L", (), {"url": busy})}))
    view = open_lake(busy).run("big", "r1")
    state = type("ProjectState", (), {"project": "big"})
    for make in (run_metrics, run_params, run_results, run_env, run_writers):
        code = run_details.code(state, view, make.__name__)  # type: ignore[arg-type]
        assert run_recipe(code).equals(make(view))


def test_points_that_can_not_be_read_are_told_on_the_run_and_in_its_charts(screen: Screen, lake: str) -> None:
    (points,) = Path(lake).glob(f"metrics/project={lakes.PROJECT}/run_id=r4/*.parquet")
    points.chmod(0o644)
    points.write_bytes(bytes(each ^ 255 for each in points.read_bytes()))
    for page, key, wanted in (("run", "run.grid.r4", {"run": "r4"}), ("curves", "curves.grid", {"runs": "r4"})):
        screen.open(page, project=lakes.PROJECT, **wanted)
        notes = {each["note"] for each in screen.data(key)["charts"]}
        assert notes == {"points of 1 run could not be read"}
        assert [each.label for each in screen.at.expander] == ["1 object could not be read; the rest is shown"]
    screen.open("run", project=lakes.PROJECT, run="r3")
    assert not screen.at.expander
