"""Comparing runs in a real browser: brushing, scatter and frontier, differences."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visitor
from tests.browser.test_acts import query
from tests.dashboard import lake as lakes


def drag(visitor: Visitor, axis: str, start: float, end: float) -> None:
    """Draw a brush along an axis, from and to pixels below the top of where it can be grabbed."""
    box = visitor.page.locator(f'[data-grab="{axis}"]').bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    mouse = visitor.page.mouse
    mouse.move(x, box["y"] + start)
    mouse.down()
    for i in range(1, 6):
        mouse.move(x, box["y"] + start + (end - start) * i / 5)
    mouse.up()


def test_a_brush_selects_runs_and_the_link_keeps_it(visitor: Visitor, browser: Browser) -> None:
    visitor.open("compare")
    page = visitor.page
    page.get_by_text("Drag along an axis").wait_for()
    drag(visitor, "params.seed", 2, 40)
    page.get_by_text("3 of 11 selected").wait_for()
    visitor.settle()
    assert query(visitor)["brush"] == ["seed >= 2 and seed <= 2"]
    assert page.locator("rect.brush").count() == 1
    heads = page.locator("thead th a.name")
    assert heads.all_inner_texts() == ["c-2", "b-2", "a-2"]
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    other = Visitor(context.new_page(), visitor.url)
    other.page.goto(page.url)
    other.page.get_by_text("3 of 11 selected").wait_for(timeout=30_000)
    expect(other.page.locator("rect.brush")).to_have_count(1)
    context.close()
    # A second axis narrows further, and a click on the first takes its own brush away.
    drag(visitor, "params.model", 2, 30)
    page.get_by_text("1 of 11 selected").wait_for()
    assert query(visitor)["brush"] == ['seed >= 2 and seed <= 2 and model in ("a")']
    drag(visitor, "params.seed", 120, 120)
    page.get_by_text("4 of 11 selected").wait_for()
    page.get_by_role("link", name="Curves").last.click()
    page.wait_for_url("**/curves?**")
    assert sorted(query(visitor)["runs"]) == ["r0", "r1", "r2", "rx"]


def test_a_line_under_the_pointer_names_its_run_and_leads_there(visitor: Visitor) -> None:
    visitor.open("compare", brush="run_id = r8")
    page = visitor.page
    box = page.locator(".overlay").bounding_box()
    marks = page.evaluate(
        """() => {
        const host = [...document.querySelectorAll('*')].find(each => each.shadowRoot?.querySelector('.lb-parallel'));
        return [...host.shadowRoot.querySelectorAll('[data-axis]')].map(axis => {
          const [x, low, high] = ['x1', 'y1', 'y2'].map(name => Number(axis.querySelector('.rule').getAttribute(name)));
          return [axis.dataset.axis, x, low, high] }) }"""
    )
    assert box is not None
    # c-2 has the largest seed, at the top of its axis, and the best accuracy, at the top of the last one.
    seed, last = marks[-2], marks[-1]
    assert (seed[0], last[0]) == ("params.seed", "val/acc.max")
    page.mouse.move(box["x"] + (seed[1] + last[1]) / 2, box["y"] + seed[2])
    expect(page.locator(".tip .who")).to_have_text("c-2")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**/run?**")
    assert query(visitor)["run"] == ["r8"]


def test_the_frontier_is_marked_and_a_dot_leads_to_its_run(visitor: Visitor) -> None:
    visitor.open("compare", part="scatter", x="params.lr", xgoal="maximize")
    page = visitor.page
    page.locator(".js-plotly-plot").scroll_into_view_if_needed()
    visitor.settle()
    names = page.evaluate(
        "() => document.querySelector('.js-plotly-plot')._fullData.map(trace => [trace.name, trace.x.length])"
    )
    assert names == [["runs", 10], ["frontier", 4]]
    listed = page.get_by_role("region", name="Runs on the frontier").locator("a.name")
    assert listed.all_inner_texts() == ["c-2", "b-2", "live", "a-2"]
    dots = page.locator(".js-plotly-plot .scatterlayer .trace").first.locator(".points path")
    dots.nth(9).hover(force=True)
    dots.nth(9).click(force=True)
    page.wait_for_url("**/run?**")
    assert query(visitor)["run"] == ["r0"]


def test_only_differences_and_the_baseline_are_chosen_on_the_screen(visitor: Visitor) -> None:
    visitor.open("compare", runs=["r0", "r1"])
    page = visitor.page
    seed = page.get_by_role("rowheader", name="seed", exact=True)
    model = page.get_by_role("rowheader", name="model", exact=True)
    expect(seed).to_be_visible()
    expect(model).to_have_count(0)
    page.get_by_text("Only differences").click()
    expect(model).to_be_visible()
    page.wait_for_url("**only=0**")
    page.get_by_role("button", name="Params").click()
    expect(model).to_be_hidden()
    page.get_by_role("button", name="Params").click()
    page.get_by_role("button", name="Set as baseline: a-0").click()
    page.wait_for_url("**base=r0**")
    expect(page.locator("thead th a.name").first).to_have_text("a-0")
    expect(page.get_by_role("button", name="Baseline: a-0", exact=True)).to_be_visible()


def test_runs_lead_to_their_comparison(visitor: Visitor) -> None:
    visitor.open("runs", filter="model = c")
    page = visitor.page
    page.get_by_role("link", name="Compare").last.click()
    page.wait_for_url("**/compare?**")
    page.get_by_text(re.compile(r"^3 of \d+ runs side by side")).wait_for()
    assert query(visitor)["filter"] == ["model = c"]
    assert query(visitor)["project"] == [lakes.PROJECT]
