"""Whatever people call their runs, metrics, params, tags and groups is drawn, sorted, picked and told as all else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

import lakeboard
from lakeboard.dashboard.server.launch import launch
from tests.browser.conftest import Visitor

NAMES = ("constructor", "toString", "__proto__", "valueOf", "hasOwnProperty")
"""What every object of JavaScript has from the beginning."""
_BREAK = """
let kept;
Object.defineProperty(window, "Plotly", {
  get: () => kept,
  set(found) {
    const { react } = found;
    found.react = (plot, ...given) => {
      if (plot.closest("[data-chart='toString']")) throw new TypeError("broken on purpose");
      return react(plot, ...given);
    };
    kept = found;
  },
});"""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a dashboard over a lake of such names."""
    lake = str(tmp_path_factory.mktemp("names") / "lake")
    for n, name in enumerate(NAMES):
        config = {"kind": name, **{each: float(n + i) for i, each in enumerate(NAMES)}}
        with lakeboard.init(
            "names", lake=lake, id=name.strip("_"), name=name, tags=[name], group=name, config=config, quiet=True
        ) as run:
            for step in range(10):
                run.log({each: float(n * step + i) for i, each in enumerate(NAMES)}, step=step)
    return lake


@pytest.fixture
def reader(browser: Browser, named: str) -> Iterator[Visitor]:
    """A window on it; in the end nothing may have gone wrong in it."""
    context = browser.new_context(viewport={"width": 1440, "height": 1800})
    with launch(named, port=8760, open_browser=False) as server:
        found = Visitor(context.new_page(), server.url).watch()
        yield found
        context.close()
    assert found.faults == []
    assert found.outside == []


def test_curves_are_drawn_named_and_zoomed(reader: Visitor) -> None:
    page = reader.open("curves", project="names", runs=[name.strip("_") for name in NAMES]).page
    for name in NAMES:
        chart = page.locator(f'[data-chart="{name}"]')
        expect(chart.locator(".lb-plot")).to_have_attribute("data-drawn", "1")
        expect(chart.locator(".scatterlayer .trace")).to_have_count(len(NAMES))
    chart = page.locator('[data-chart="__proto__"]')
    chart.locator(".nsewdrag").first.hover()
    expect(chart.locator(".lb-tip-row")).to_have_count(len(NAMES))
    assert sorted(chart.locator(".lb-tip-row span").all_inner_texts()) == sorted(NAMES)
    box = chart.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 40, steps=5)
    page.mouse.up()
    expect(chart.get_by_role("button", name="Reset zoom")).to_be_visible()
    chart.get_by_role("button", name="Zoom all").click()
    expect(page.get_by_role("button", name="Reset zoom")).to_have_count(len(NAMES))
    chart.get_by_label("Enlarge __proto__").click()
    expect(chart.locator(".legend .traces")).to_have_count(len(NAMES))


def test_runs_are_sorted_and_selected(reader: Visitor) -> None:
    page = reader.open("runs", project="names", columns=["params.kind", *NAMES]).page
    rows = page.locator(".lb-table tbody tr")
    expect(rows).to_have_count(len(NAMES))
    page.locator('th[data-column="__proto__"] .sort').click()
    expect(page.locator('th[data-column="__proto__"]')).not_to_have_attribute("aria-sort", "none")
    page.get_by_label("Select __proto__", exact=True).check()
    expect(page.locator("tr.on")).to_have_count(1)


def test_names_are_places_on_an_axis(reader: Visitor) -> None:
    page = reader.open("compare", project="names", part="scatter", x="params.kind", y="toString").page
    page.locator(".js-plotly-plot").scroll_into_view_if_needed()
    expect(page.locator(".scatterlayer .trace").first.locator(".point").first).to_be_visible()
    dots = page.evaluate(
        "() => document.querySelector('.js-plotly-plot').querySelectorAll('.scatterlayer .points path.point').length"
    )
    assert dots >= len(NAMES)
    marks = page.locator(".xtick text").all_text_contents()
    assert sorted(mark.removesuffix("\u200d") for mark in marks) == sorted(NAMES)


def test_a_chart_that_fails_says_so_and_leaves_its_neighbours_alone(reader: Visitor) -> None:
    reader.page.add_init_script(_BREAK)
    reader.page.goto(f"{reader.url}/curves?project=names&runs=constructor&runs=valueOf")
    failed = reader.page.get_by_role("alert").filter(has_text="could not be drawn")
    expect(failed).to_have_text("This chart could not be drawn. TypeError: broken on purpose")
    assert failed.evaluate("each => each.closest('[data-chart]').dataset.chart") == "toString"
    expect(reader.page.locator(".lb-plot[data-drawn]")).to_have_count(len(NAMES) - 1)
    assert [fault.splitlines()[0] for fault in reader.faults] == ["TypeError: broken on purpose"]
    reader.faults.clear()
