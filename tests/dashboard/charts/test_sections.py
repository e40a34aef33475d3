"""Which charts a page has, and in which sections."""

from __future__ import annotations

from lakeboard.dashboard.charts.sections import CHARTS, MACHINE, PINNED, Chart, Section, request, section_of, sections
from lakeboard.dashboard.state.chart_settings import Override

LABELS = ["acc", "train/acc", "train/loss", "val/acc", "val/acc [b]", "val/loss"]


def ids(found: list[Section]) -> dict[str, list[str]]:
    return {each.title: [chart.id for chart in each.charts] for each in found}


def test_charts_stand_in_sections_by_prefix() -> None:
    found = sections(request(LABELS, find="", page=1), fold=["val"])
    assert ids(found) == {
        "train": ["train/acc", "train/loss"],
        "val": ["val/acc", "val/acc [b]", "val/loss"],
        "Other": ["acc"],
    }
    assert [each.folded for each in found] == [False, True, False]
    assert section_of("a/b/c") == "a"


def test_pinned_charts_come_first_in_the_order_of_pinning_on_every_page() -> None:
    labels = [f"m/{n:03}" for n in range(CHARTS + 5)]
    asked = request(labels, find="", page=2)
    found = sections(asked, pins=["m/003", "gone", "m/001"])
    assert found[0].id == PINNED
    assert ids(found) == {"Pinned": ["m/003", "m/001"], "m": labels[CHARTS:]}
    assert all(chart.pinned for chart in found[0].charts)


def test_a_search_takes_all_words_and_a_choice_only_those() -> None:
    assert request(LABELS, find="ACC val", page=1).labels == ("val/acc", "val/acc [b]")
    assert request(LABELS, find="", chosen=["val/loss"], page=7) == request(LABELS, find="val loss", page=1)


def test_metrics_that_differ_in_their_prefix_share_a_chart() -> None:
    found = sections(request(LABELS, find="", page=1), pair=True)
    charts = {chart.id: chart for each in found for chart in each.charts}
    assert charts["loss"] == Chart("loss", ("train/loss", "val/loss"), "train + val")
    assert charts["acc"].labels == ("acc", "train/acc", "val/acc")
    assert charts["val/acc [b]"].labels == ("val/acc [b]",)


def test_a_chart_may_have_further_metrics_of_its_own() -> None:
    own = {"train/loss": Override("train/loss", also=("val/loss", "gone", "train/loss"))}
    found = sections(request(LABELS, find="loss", page=1), own=own)
    assert [chart.labels for chart in found[0].charts] == [("train/loss", "val/loss")]


def test_the_machine_has_a_section_of_its_own_at_the_end_that_is_closed_at_first() -> None:
    asked = request(["system/cpu", "system/gpu/0/util", "val/acc", "alone"], find="", page=1)
    found = sections(asked)
    assert [(part.title, part.folded, len(part.charts)) for part in found] == [
        ("val", False, 1),
        ("Other", False, 1),
        ("system", True, 2),
    ]
    # As with any other section, a click puts its id into the address or takes it out.
    assert [part.folded for part in sections(asked, fold=[MACHINE, "val"])] == [True, False, False]
