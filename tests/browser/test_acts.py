"""What people do on the screen, in a real browser."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Locator, expect

from lakeboard.query.lake import open_lake
from tests.browser.conftest import Visitor
from tests.dashboard import lake as lakes


def query(visitor: Visitor) -> dict[str, list[str]]:
    return parse_qs(urlsplit(visitor.page.url).query)


def row(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator("tr", has=visitor.page.get_by_role("link", name=name, exact=True))


def test_runs_are_deleted_and_restored_from_the_screen(visitor: Visitor, lake: str) -> None:
    visitor.open("runs")
    page = visitor.page
    for name in ("a-1", "a-2"):
        row(visitor, name).get_by_role("checkbox").check()
    page.get_by_text("2 runs selected").wait_for()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete 2 runs").click()
    expect(row(visitor, "a-1")).to_have_count(0)
    assert not {"r1", "r2"} & set(open_lake(lake).runs(lakes.PROJECT)["run_id"])
    page.get_by_role("link", name="Trash").click()
    page.get_by_text("2 runs in the trash").wait_for()
    page.get_by_role("checkbox", name="Select all runs on this page").check()
    page.get_by_role("button", name="Restore").click()
    page.get_by_text("The trash is empty.").wait_for()
    assert {"r1", "r2"} <= set(open_lake(lake).runs(lakes.PROJECT)["run_id"])


def test_markup_in_a_name_stays_text(visitor: Visitor) -> None:
    visitor.open("runs")
    for page in ("runs", "curves", "run"):
        visitor.open(page, runs="rx", run="rx")
        expect(visitor.page.get_by_text(lakes.HOSTILE).first).to_be_visible()
        assert visitor.page.evaluate("window.hacked") is None
        assert visitor.page.locator("img[src=x]").count() == 0
    visitor.open("curves", runs=["rx", "r0"])
    visitor.page.locator('[data-chart="val/acc"] .nsewdrag').hover(position={"x": 3, "y": 60})
    visitor.page.wait_for_timeout(500)
    assert visitor.page.evaluate("window.hacked") is None


def test_a_selection_outlives_filter_and_sort(visitor: Visitor) -> None:
    visitor.open("runs")
    page = visitor.page
    row(visitor, "b-0").get_by_role("checkbox").check()
    box = page.get_by_role("combobox", name="Filter runs")
    box.fill("model = b")
    box.press("Escape")
    box.press("Enter")
    expect(row(visitor, "a-0")).to_have_count(0)
    expect(row(visitor, "b-0").get_by_role("checkbox")).to_be_checked()
    page.get_by_role("button", name="val/acc", exact=True).click()
    visitor.page.wait_for_url("**sort=**")
    expect(row(visitor, "b-0").get_by_role("checkbox")).to_be_checked()
    expect(row(visitor, "b-1").get_by_role("checkbox")).not_to_be_checked()


def test_the_box_completes_and_points_at_what_is_wrong(visitor: Visitor) -> None:
    visitor.open("runs")
    page = visitor.page
    box = page.get_by_role("combobox", name="Filter runs")
    box.press_sequentially("mod", delay=30)
    page.get_by_role("option", name="model").wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("model ")
    box.press_sequentially("= c and bogus > 1", delay=10)
    box.press("Escape")
    box.press("Enter")
    alert = page.get_by_role("alert").filter(has_text="bogus")
    alert.wait_for()
    measured = page.evaluate(
        """() => {
        const host = [...document.querySelectorAll('*')].find(each => each.shadowRoot?.querySelector('.lb-box'));
        const root = host.shadowRoot;
        const [input, caret] = [root.querySelector('input'), root.querySelector('.caret')];
        const canvas = document.createElement('canvas').getContext('2d');
        canvas.font = getComputedStyle(input).font;
        const start = input.getBoundingClientRect().left + parseFloat(getComputedStyle(input).paddingLeft)
          + canvas.measureText('model = c and ').width;
        return [start, caret.getBoundingClientRect().left] }"""
    )
    assert abs(measured[0] - measured[1]) < 3
    box.press_sequentially(" ", delay=10)
    expect(alert).to_have_count(0)


def test_a_view_is_a_link_and_going_back_goes_back(visitor: Visitor, browser: Browser) -> None:
    visitor.open("runs")
    page = visitor.page
    box = page.get_by_role("combobox", name="Filter runs")
    box.fill("model = c")
    box.press("Escape")
    box.press("Enter")
    page.get_by_text("3 of ").wait_for()
    assert query(visitor)["filter"] == ["model = c"]
    context = browser.new_context()
    other = Visitor(context.new_page(), visitor.url)
    other.page.goto(page.url)
    other.page.get_by_text("3 of ").wait_for(timeout=30_000)
    expect(other.page.get_by_role("combobox", name="Filter runs")).to_have_value("model = c")
    context.close()
    page.get_by_role("link", name="c-0", exact=True).click()
    page.wait_for_url("**/run?**")
    page.get_by_role("heading", name="c-0").wait_for()
    page.go_back()
    page.get_by_text("3 of ").wait_for()
    expect(page.get_by_role("combobox", name="Filter runs")).to_have_value("model = c")
    page.go_back()
    expect(row(visitor, "a-0")).to_have_count(1)
    page.go_forward()
    expect(row(visitor, "a-0")).to_have_count(0)


def test_the_next_run_is_in_the_address_and_going_back_leads_back(visitor: Visitor) -> None:
    visitor.open("run", run="r1")
    page = visitor.page
    first = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(first)
    page.wait_for_url(lambda url: "run=r1" not in url)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(first)
    assert query(visitor)["run"] == ["r1"]


def test_the_board_leads_to_curves_of_an_entry(visitor: Visitor) -> None:
    visitor.open("leaderboard", by="user")
    visitor.page.get_by_role("link", name="ada", exact=True).click()
    visitor.page.wait_for_url("**/curves?**")
    assert len(query(visitor)["runs"]) == 5
    visitor.settle()
    assert visitor.page.locator(".js-plotly-plot").count() == 2


def test_ticking_a_run_off_leaves_it_in_its_place(visitor: Visitor) -> None:
    visitor.open("curves", runs=["r3", "r4", "r5"])
    listed = visitor.page.locator("td.k-run a.name")
    before = listed.all_inner_texts()[:3]
    row(visitor, "b-1").get_by_role("checkbox").uncheck()
    visitor.page.wait_for_function("() => new URLSearchParams(location.search).getAll('runs').length === 2")
    visitor.settle()
    assert listed.all_inner_texts()[:3] == before
    assert sorted(query(visitor)["runs"]) == ["r3", "r5"]
    visitor.page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot')._fullData.map(trace => trace.name).sort().join() === 'b-0,b-2'"
    )


def test_charts_follow_the_theme_and_never_offer_to_upload(visitor: Visitor) -> None:
    visitor.open("curves", runs=["r0"])
    colour = "() => document.querySelector('.js-plotly-plot')._fullData[0].line.color"
    light = visitor.page.evaluate(colour)
    assert visitor.page.locator('[data-title*="cloud" i], [data-title*="share" i]').count() == 0
    visitor.page.emulate_media(color_scheme="dark")
    visitor.page.reload()
    visitor.settle()
    assert visitor.page.evaluate(colour) != light
