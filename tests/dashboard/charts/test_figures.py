"""Charts: what is to be seen becomes Plotly's form, value by value."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lakeboard.dashboard.charts.figures import Holder, RecordInfo, curves_figure, record_figure
from lakeboard.dashboard.charts.model import BASELINE, CurvesInfo, Line, cut, escaped, without_columns, without_middle
from lakeboard.dashboard.components.values import Figure
from lakeboard.dashboard.format.packed import packed, unpacked
from lakeboard.dashboard.format.palette import INK, Mark

LINE = Line("r1", "one", Mark(2, "dash"), (0.0, 1.0, 2.0), (0.5, 0.6, 0.7))


def test_a_curve_becomes_a_line_in_its_runs_colour_and_dash() -> None:
    figure = curves_figure(CurvesInfo("val/acc", (LINE,)))
    assert figure["traces"] == [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "one",
            "uid": "r1",
            "legendgroup": "r1",
            "x": packed((0.0, 1.0, 2.0)),
            "y": packed((0.5, 0.6, 0.7)),
            "line": {"slot": 2, "dash": "dash", "width": 1.7},
            "marker": {"slot": 2, "size": 5},
            "hover": {"label": "one", "role": "run", "run": "r1"},
        }
    ]
    assert (figure["hover"], figure["id"], figure["alt"]) == ("names", "val/acc", "val/acc by step, 1 run")


def test_what_was_smoothed_stays_faintly_visible_behind_and_silent() -> None:
    smoothed = Line("r1", "one", Mark(2), (0.0, 1.0, 2.0), (0.5, 0.55, 0.6), (0.0, 1.0, 2.0), (0.5, 0.6, 0.7))
    raw, line = curves_figure(CurvesInfo("loss", (smoothed,)))["traces"]
    assert raw["y"] == packed((0.5, 0.6, 0.7))
    assert (raw["opacity"], raw["hoverinfo"], raw["line"]["width"]) == (0.22, "skip", 1.0)
    assert line["y"] == packed((0.5, 0.55, 0.6))
    assert raw["uid"] != line["uid"]


def test_two_points_get_dots_on_their_line() -> None:
    short = Line("r1", "one", Mark(0), (3.0, 4.0), (1.0, 2.0))
    assert curves_figure(CurvesInfo("loss", (short,)))["traces"][0]["mode"] == "lines+markers"


def test_single_values_stand_between_names_and_numbers_best_on_top() -> None:
    long = "a name that is longer than its place"
    runs = (
        Line("r1", long, Mark(2), (79.0,), (0.9,)),
        Line("r2", "<two>", Mark(5), (29.0,), (0.8,)),
        Line("r3", f"old{BASELINE}", Mark(INK), (29.0,), (math.nan,), role="base"),
    )
    figure = curves_figure(CurvesInfo("test/acc", runs, missing=1))
    (trace,) = figure["traces"]
    np.testing.assert_array_equal(unpacked(trace["x"]), [0.9, 0.8, math.nan])
    assert (list(unpacked(trace["y"])), trace["marker"]["slots"]) == ([2.0, 1.0, 0.0], [2, 5, INK])
    assert trace["text"] == [f"{long}: 0.9", "&lt;two&gt;: 0.8", "old (baseline): NaN"]
    assert figure["y"]["ticktext"] == ["a name th…ts place", "&lt;two&gt;", "old"]
    assert [(each["y"], each["text"]) for each in figure["annotations"]] == [(2, "0.9000"), (1, "0.8000"), (0, "NaN")]
    assert figure["note"] == "1 run without it"
    less = curves_figure(CurvesInfo("test/loss", runs[:2], less_is_better=True))
    assert list(unpacked(less["traces"][0]["x"])) == [0.8, 0.9]


def test_of_many_single_values_every_so_many_th_is_named() -> None:
    runs = tuple(Line(f"r{n}", f"n{n}", Mark(0), (1.0,), (float(n),)) for n in range(30))
    figure = curves_figure(CurvesInfo("test/acc", runs))
    assert figure["y"]["ticktext"] == [f"n{n}" for n in range(29, -1, -3)]
    assert len(unpacked(figure["traces"][0]["x"])) == 30


def test_groups_of_single_values_show_their_bands() -> None:
    groups = tuple(
        Line(
            f"model={name} · lr=0.1", "", Mark(slot), (3.0,), (value,), role="group", low=(low,), high=(value,), n=(2,)
        )
        for slot, name, value, low in ((0, "a", 0.5, 0.4), (1, "b", 0.7, math.nan))
    )
    base = Line("r9", f"old{BASELINE}", Mark(INK), (3.0,), (0.1,), role="base")
    figure = curves_figure(CurvesInfo("test/acc", (*groups, base), y_range=(0.0, 1.0)))
    band, dots = figure["traces"]
    assert (list(unpacked(band["x"])), list(unpacked(band["y"])), band["line"]["slot"]) == ([0.4, 0.5], [1, 1], 0)
    assert list(unpacked(dots["x"])) == [0.7, 0.5, 0.1]
    assert dots["marker"]["symbol"] == ["circle", "circle", "diamond"]
    assert figure["y"]["ticktext"] == ["b · 0.1", "a · 0.1", "old"]
    assert figure["x"]["range"] == [0.0, 1.0]


def test_names_of_groups_lose_their_columns_only_where_all_have_the_same() -> None:
    assert without_columns(["a=1 · b=x", "a=2 · b=y"]) == ["1 · x", "2 · y"]
    assert without_columns(["a=1", "b=2"]) == ["a=1", "b=2"]
    assert without_columns(["all"]) == ["all"]
    assert (without_middle("abcdef", 6), without_middle("abcdef", 5)) == ("abcdef", "ab…ef")
    assert (cut("abcdef", 6), cut("abcdef", 5), cut("abc ef", 5)) == ("abcdef", "abcd…", "abc…")


def test_axes_and_notes() -> None:
    dropped = Line("r1", "one", Mark(0), (1.0, 2.0), (1.0, 2.0), n_dropped=3)
    figure = curves_figure(CurvesInfo("loss", (dropped,), x_title="", x_kind="date", log_y=True, missing=2))
    assert figure["x"] == {"type": "date", "title": ""}
    assert figure["y"]["type"] == "log"
    assert figure["note"] == "2 runs without it, 3 points at x \N{LESS-THAN OR EQUAL TO} 0 left out"


def test_what_has_no_place_on_the_x_axis_is_told_and_long_titles_are_cut() -> None:
    placeless = Line("r1", "one", Mark(0), (), (), n_dropped=3)
    info = CurvesInfo("loss", (placeless,), x_title=f"<b>{'x' * 300}", dropped="without tokens")
    figure = curves_figure(info)
    assert figure["note"] == "3 points without tokens left out"
    assert figure["x"]["title"] == f"&lt;b&gt;{'x' * 36}…"
    single = Line("r2", "two", Mark(0), (1.0,), (1.0,))
    assert curves_figure(replace(info, lines=(placeless, single)))["note"] == "3 points without tokens left out"


def test_zoom_is_forgotten_only_with_the_settings() -> None:
    one, two = (CurvesInfo("loss", (LINE,) * n, settings="step") for n in (1, 2))
    assert curves_figure(one)["revision"] == curves_figure(two)["revision"]
    assert curves_figure(one)["revision"] != curves_figure(CurvesInfo("loss", (LINE,), settings="time"))["revision"]


def test_names_are_text() -> None:
    hostile = Line("r1", "<img src=x onerror=alert(1)> & <b>", Mark(0), (0.0, 1.0, 2.0), (1.0, 1.0, 1.0))
    (trace,) = curves_figure(CurvesInfo("loss", (hostile,)))["traces"]
    assert trace["name"] == "&lt;img src=x onerror=alert(1)&gt; &amp; &lt;b&gt;"
    # What hovering shows is set as text, so it is what it was.
    assert trace["hover"]["label"] == hostile.name
    assert escaped("a<b") == "a&lt;b"


def test_a_group_is_a_mean_before_its_band() -> None:
    group = Line(
        "lr=1", "lr=1 (n = 2)", Mark(3), (0.0, 1.0, 2.0, 3.0), (1.0, 2.0, 3.0, 4.0), role="group",
        low=(0.5, math.nan, 2.5, 3.5), high=(1.5, math.nan, 3.5, 4.5), n=(2.0, 1.0, 2.0, 2.0),
    )  # fmt: skip
    member = Line("r1", "one", Mark(3), (0.0, 1.0, 2.0), (0.5, 0.6, 0.7), role="member")
    figure = curves_figure(CurvesInfo("loss", (member, group)))
    band, faint, mean = figure["traces"]
    # A polygon for each stretch where both edges are known, there and back.
    np.testing.assert_array_equal(unpacked(band["x"]), [0, 0, math.nan, 2, 3, 3, 2, math.nan])
    np.testing.assert_array_equal(unpacked(band["y"]), [1.5, 0.5, math.nan, 3.5, 4.5, 3.5, 2.5, math.nan])
    assert (band["fill"], band["area"], band["line"]["width"]) == ("toself", 3, 0)
    assert (faint["opacity"] < 0.4, faint["hoverinfo"], "hover" in faint) == (True, "skip", False)
    assert mean["hover"] == {
        "label": "lr=1 (n = 2)", "role": "group", "run": mean["uid"], "low": packed(group.low),
        "high": packed(group.high), "n": packed(group.n),
    }  # fmt: skip
    assert figure["alt"] == "loss by step, 1 group"


def test_the_baseline_is_last_dashed_and_named_at_its_end() -> None:
    base = Line("r9", "old <b>", Mark(INK, "dash"), (0.0, 1.0, 2.0), (0.5, 0.6, math.nan), role="base")
    figure = curves_figure(CurvesInfo("loss", (base, LINE)))
    assert [trace["name"] for trace in figure["traces"]] == ["one", "old &lt;b&gt;"]
    assert figure["traces"][-1]["line"] == {"slot": INK, "dash": "dash", "width": 2.3}
    assert figure["tags"] == [{"x": 1.0, "y": 0.6, "text": "old &lt;b&gt;", "xanchor": "right"}]


def test_a_long_name_of_a_baseline_stays_on_the_side_that_has_room() -> None:
    name = "a name that is far longer than any chart" + BASELINE
    early = Line("r9", name, Mark(INK, "dash"), (0.0, 1.0, 2.0), (0.5, 0.6, 0.7), role="base")
    other = Line("r1", "one", Mark(0), (0.0, 50.0, 100.0), (1.0, 1.0, 1.0))
    (tag,) = curves_figure(CurvesInfo("loss", (early, other)))["tags"]
    assert (tag["xanchor"], tag["text"]) == ("left", "a name that is far lo…")
    # On a logarithmic axis two is not near zero but in the middle.
    logs = tuple(replace(each, x=(1.0, 2.0, end)) for each, end in ((early, 20.0), (other, 100.0)))
    (tag,) = curves_figure(CurvesInfo("loss", logs, x_kind="log"))["tags"]
    assert tag["xanchor"] == "right"


def test_many_lines_are_thinner_and_have_no_legend_beside_them() -> None:
    few, many = (
        curves_figure(
            CurvesInfo("loss", tuple(Line(f"r{i}", "n", Mark(0), (0.0, 1, 2), (1.0, 2, 3)) for i in range(n)))
        )
        for n in (3, 40)
    )
    assert few["traces"][0]["line"]["width"] > many["traces"][0]["line"]["width"]
    assert (few["keyed"], many["keyed"]) == (True, False)


def test_y_axes_end_where_they_are_told_to() -> None:
    def ends(low: float | None, high: float | None, *, log_y: bool) -> object:
        return curves_figure(CurvesInfo("loss", (LINE,), y_range=(low, high), log_y=log_y))["y"].get("range")

    assert ends(None, None, log_y=False) is None
    assert ends(0.0, None, log_y=False) == [0.0, None]
    assert ends(0.01, 100.0, log_y=True) == [-2.0, 2.0]
    assert ends(-1.0, 10.0, log_y=True) == [None, 1.0]


def test_the_record_line_steps_from_holder_to_holder_until_now() -> None:
    holders = (Holder("r1", "one", "ada", 1000, 0.8, 1), Holder("r2", "two", "ben", 3000, 0.9, 4))
    tries = (("r1", "one", 1000, 0.8), ("r3", "three", 2000, 0.2), ("r2", "two", 3000, 0.9))
    figure = record_figure(RecordInfo("val/acc", less_is_better=False, holders=holders, tries=tries, until=5000))
    every, line, dots = figure["traces"]
    assert unpacked(every["x"]) == [1000.0, 2000.0, 3000.0]
    assert (unpacked(line["x"]), unpacked(line["y"])) == ([1000.0, 3000.0, 5000.0], [0.8, 0.9, 0.9])
    assert line["line"]["shape"] == "hv"
    assert dots["marker"]["slots"] == [1, 4]
    assert dots["customdata"] == ["r1", "r2"]
    assert figure["note"] == "2 records, better is up"
    low, high = figure["y"]["range"]
    assert 0.7 < low < 0.8 < 0.9 < high < 1.0


def test_no_record_is_no_line() -> None:
    figure = record_figure(RecordInfo("loss", less_is_better=True, holders=()))
    assert [unpacked(trace["x"]) for trace in figure["traces"]] == [[], [], []]
    assert figure["note"] == "no record yet"


def test_values_between_gaps_get_dots_or_nothing_would_be_seen_of_them() -> None:
    y = (math.nan, 1.0, math.inf, 2.0, 3.0)
    trace = curves_figure(CurvesInfo("mix", (Line("r1", "one", Mark(2), (0.0, 1.0, 2.0, 3.0, 4.0), y),)))["traces"][0]
    assert (trace["mode"], trace["marker"]["size"]) == ("lines+markers", [0, 5, 0, 0, 0])
    assert curves_figure(CurvesInfo("val/acc", (LINE,)))["traces"][0]["mode"] == "lines"


def test_a_chart_of_nothing_finite_says_so() -> None:
    nothing = Line("r1", "one", Mark(2), (0.0, 1.0, 2.0), (math.nan, math.inf, -math.inf))
    assert curves_figure(CurvesInfo("loss", (nothing,)))["note"] == "no finite value"
    assert curves_figure(CurvesInfo("loss", (nothing, LINE)))["note"] == ""


def test_a_chart_of_nothing_has_no_ticks_unless_somebody_set_its_ends() -> None:
    def ticks(figure: Figure) -> tuple[bool, bool]:
        x, y = (figure[way].get("showticklabels", True) for way in "xy")
        return x, y

    nothing = Line("r1", "one", Mark(2), (0.0, 1.0, 2.0), (math.nan, math.inf, -math.inf))
    assert ticks(curves_figure(CurvesInfo("loss", (nothing,)))) == (False, False)
    assert ticks(curves_figure(CurvesInfo("loss", ()))) == (False, False)
    assert ticks(curves_figure(CurvesInfo("loss", (nothing, LINE)))) == (True, True)
    assert ticks(curves_figure(CurvesInfo("loss", (nothing,), y_range=(0.0, 1.0)))) == (False, True)
    assert ticks(curves_figure(CurvesInfo("loss", (nothing,), y_range=(0.0, None)))) == (False, False)
    one = Line("r1", "one", Mark(2), (0.0,), (math.nan,))
    assert ticks(curves_figure(CurvesInfo("loss", (one,)))) == (False, True)
    assert ticks(record_figure(RecordInfo("loss", less_is_better=True, holders=()))) == (False, False)
    holder = Holder("r1", "one", "ada", 1_000, 0.5, 2)
    assert ticks(record_figure(RecordInfo("loss", less_is_better=True, holders=(holder,), until=2_000))) == (True, True)
