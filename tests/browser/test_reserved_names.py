"""Names that every JavaScript object has from the beginning are names like all others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

import lakeboard
from lakeboard.dashboard.server.launch import launch
from tests.browser.chromium import SIZE
from tests.browser.conftest import Visitor
from tests.dashboard import lake as lakes

NAMES = ("constructor", "toString", "__proto__", "hasOwnProperty", "valueOf")


@pytest.fixture(scope="module")
def reserved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard over runs whose metrics, params, tags and groups are called so."""
    path = tmp_path_factory.mktemp("reserved") / "lake"
    for n, group in enumerate(NAMES):
        with lakeboard.init(
            project=lakes.PROJECT,
            lake=str(path),
            id=f"r{n}",
            name=group,
            group=group,
            tags=[group],
            config={name: f"{name} {n}" for name in NAMES} | {"lr": n / 10},
            quiet=True,
        ) as run:
            for step in range(5):
                run.log({name: float(step * (n + 1)) for name in (*NAMES, "loss")}, step=step)
    with launch(str(path), port=8790, open_browser=False) as server:
        yield server.url


@pytest.fixture
def reader(browser: Browser, reserved: str) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": SIZE[0], "height": 2400})
    found = Visitor(context.new_page(), reserved).watch()
    yield found
    context.close()
    assert found.faults == []
    assert found.outside == []


def test_their_charts_are_drawn_with_every_run(reader: Visitor) -> None:
    reader.open("curves")
    page = reader.page
    expect(page.locator(".lb-card")).to_have_count(len(NAMES) + 1)
    for name in (*NAMES, "loss"):
        plot = page.locator(f'[data-chart="{name}"] .lb-plot[data-drawn]')
        expect(plot.locator(".scatterlayer .trace")).to_have_count(len(NAMES))


def test_their_charts_are_drawn_by_group(reader: Visitor) -> None:
    reader.open("curves", group=["group"])
    for name in (*NAMES, "loss"):
        plot = reader.page.locator(f'[data-chart="{name}"] .lb-plot[data-drawn]')
        expect(plot.locator(".scatterlayer .trace").first).to_be_visible()
    for name in NAMES:
        expect(reader.page.locator(".lb-legend")).to_contain_text(name)


def test_the_table_of_runs_shows_their_values(reader: Visitor) -> None:
    reader.open("runs", columns=["group", "tags", *(f"params.{name}" for name in NAMES)])
    table = reader.page.locator(".lb-table").first
    for n, name in enumerate(NAMES):
        row = table.get_by_role("row").filter(has_text=f"constructor {n}")
        for other in NAMES:
            expect(row).to_contain_text(f"{other} {n}")
        expect(row.get_by_text(name, exact=True).first).to_be_visible()


def test_they_group_and_filter_runs(reader: Visitor) -> None:
    reader.open("runs", group=["group"])
    for name in NAMES:
        expect(reader.page.locator(".lb-table").first).to_contain_text(name)
    reader.open("runs", filter='params.constructor = "constructor 2"')
    expect(reader.page.locator(".lb-table").first.locator("tbody tr")).to_have_count(1)


def test_they_are_compared_side_by_side(reader: Visitor) -> None:
    reader.open("compare")
    page = reader.page
    for n, name in enumerate(NAMES):
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True)).first
        for run in range(len(NAMES)):
            expect(row).to_contain_text(f"{name} {run}")
        expect(page.get_by_role("link", name=NAMES[n]).first).to_be_visible()


def test_a_run_of_that_name_shows_its_params_and_charts(reader: Visitor) -> None:
    reader.open("run", run="r2")
    page = reader.page
    expect(page.locator("h1").first).to_contain_text("__proto__")
    for name in NAMES:
        expect(page.locator(".lb-table").filter(has_text=f"{name} 2").first).to_be_visible()
