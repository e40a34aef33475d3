"""Runs coloured by what they are."""

from __future__ import annotations

from lakeboard.dashboard.charts.colouring import Key, by_column, by_group, by_run
from lakeboard.dashboard.format.palette import LIGHT, NONE, Mark
from tests.query.runframes import runs_frame


def test_each_run_has_its_own_colour_unless_asked_otherwise() -> None:
    assert by_run(["r0", "r1"], {"r0": 3, "r1": 3}).marks == {"r0": Mark(3), "r1": Mark(3, "dash")}
    assert by_run(["r0"], {}).keys == ()


def test_categories_get_colours_in_order_of_their_names() -> None:
    found = by_column(runs_frame([{".model": model} for model in ("vit", "mlp", None, "vit")]), "params.model")
    assert found.marks == {"r0": Mark(1), "r1": Mark(0), "r2": Mark(NONE), "r3": Mark(1)}
    assert (found.title, found.keys) == ("model", (Key("mlp", Mark(0)), Key("vit", Mark(1)), Key("none", Mark(NONE))))


def test_beyond_as_many_categories_as_colours_the_rare_ones_are_grey() -> None:
    rows = [{".model": f"m{n:02}"} for n in range(len(LIGHT) + 2) for _ in range(2 if n != 4 else 1)]
    found = by_column(runs_frame(rows), "params.model")
    assert [key.text for key in found.keys] == [*(f"m{n:02}" for n in range(len(LIGHT) + 1) if n != 4), "2 other"]
    assert found.marks["r8"] == Mark(NONE)


def test_numbers_lie_on_a_scale_logarithmic_where_they_span_decades() -> None:
    even = by_column(runs_frame([{".depth": depth} for depth in (2, 4, 6, None)]), "params.depth")
    assert [even.marks[f"r{n}"].shade for n in range(4)] == [0.0, 0.5, 1.0, None]
    assert (even.scale, [key.text for key in even.keys]) == (True, ["2", "3", "4", "5", "6", "none"])
    decades = by_column(runs_frame([{".lr": lr} for lr in (1e-4, 1e-2, 1.0)]), "params.lr")
    assert [round(decades.marks[f"r{n}"].shade or 0, 6) for n in range(3)] == [0.0, 0.5, 1.0]
    same = by_column(runs_frame([{".lr": 0.1}, {".lr": 0.1}]), "params.lr")
    assert {mark.shade for mark in same.marks.values()} == {0.5}
    assert by_column(runs_frame([{".lr": float("nan")}]), "params.lr").marks == {"r0": Mark(NONE)}


def test_groups_say_how_many_runs_they_have() -> None:
    found = by_group({"r1": "lr=1", "r0": "lr=2", "r2": "lr=1"}, "lr")
    assert found.marks == {"r1": Mark(0), "r0": Mark(1), "r2": Mark(0)}
    assert [key.text for key in found.keys] == ["1 (n = 2)", "2 (n = 1)"]
    config = by_group({"r1": "lr=1 · depth=2", "r0": "lr=2 · depth=2"}, "config without seed")
    assert [key.text for key in config.keys] == ["lr=1 · depth=2 (n = 1)", "lr=2 · depth=2 (n = 1)"]
    many = by_group({f"r{n}": f"g{n}" for n in range(len(LIGHT) + 1)}, "g")
    assert many.marks[f"r{len(LIGHT)}"] == Mark(0, "dash")
