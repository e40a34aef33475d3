"""Charts as people use them: menus, pins, groups, what lies under the pointer, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import lakeboard
import lakeboard.dashboard
from lakeboard.dashboard.format.numbers import number
from lakeboard.dashboard.server.launch import launch
from tests.browser.chromium import SIZE
from tests.browser.conftest import Visitor
from tests.browser.test_live import chart, drag, log, wait_for_points
from tests.dashboard import lake as lakes


def query(visitor: Visitor) -> dict[str, list[str]]:
    return parse_qs(urlsplit(visitor.page.url).query)


def card(page: Page, label: str) -> Locator:
    return page.locator(f'[data-chart="{label}"]')


def menu(page: Page, label: str) -> Locator:
    card(page, label).get_by_role("button", name=f"Settings of {label}").click()
    found = card(page, label).get_by_role("dialog")
    found.wait_for()
    return found


def axis_types(page: Page, label: str) -> list[str]:
    found: list[str] = page.evaluate(
        """id => { const full = document.querySelector(`[data-chart="${id}"] .js-plotly-plot`)._fullLayout;
        return [full.xaxis.type, full.yaxis.type] }""",
        label,
    )
    return found


def wait_for_log_y(page: Page, label: str, kind: str) -> None:
    page.wait_for_function(
        """([id, kind]) =>
        document.querySelector(`[data-chart="${id}"] .js-plotly-plot`)?._fullLayout.yaxis.type === kind""",
        arg=[label, kind],
    )


def test_a_chart_has_its_own_settings_in_its_menu_until_they_are_reset(visitor: Visitor) -> None:
    visitor.open("curves", runs=["r0", "r4"])
    page = visitor.page
    found = menu(page, "val/acc")
    found.get_by_role("combobox", name="Log y").select_option("1")
    wait_for_log_y(page, "val/acc", "log")
    assert axis_types(page, "train/loss") == ["linear", "linear"]
    # The menu stays open while the page is drawn anew, so that several things can be set.
    found.get_by_role("combobox", name="Add a metric").select_option("train/loss")
    page.wait_for_function(
        """() => document.querySelector('[data-chart="val/acc"] .js-plotly-plot')._fullData.length === 4"""
    )
    visitor.settle()
    assert query(visitor)["own"] == ["val/acc;log_y=1;also=train/loss"]
    lines = page.evaluate(
        """() => document.querySelector('[data-chart="val/acc"] .js-plotly-plot')._fullData.map(t =>
        [t.line.color, t.line.dash])"""
    )
    assert len({colour for colour, _ in lines}) == 2
    assert {dash for _, dash in lines} == {"solid", "dash"}
    found.get_by_role("button", name="Reset to shared settings").click()
    wait_for_log_y(page, "val/acc", "linear")
    page.keyboard.press("Escape")
    expect(found).to_be_hidden()
    assert "own" not in query(visitor)


def test_a_pinned_chart_goes_to_the_top_and_a_section_folds(visitor: Visitor) -> None:
    visitor.open("curves", runs=["r0"])
    page = visitor.page
    card(page, "val/acc").hover()
    card(page, "val/acc").get_by_role("button", name="Pin val/acc").click()
    page.wait_for_url("**pins=**")
    visitor.settle()
    order = "() => [...document.querySelectorAll('.lb-card')].map(node => node.dataset.chart)"
    assert page.evaluate(order) == ["val/acc", "train/loss"]
    page.get_by_role("button", name="train 1").click()
    expect(card(page, "train/loss")).to_have_count(0)
    page.reload()
    visitor.settle()
    assert page.evaluate(order) == ["val/acc"]


def test_the_pointer_and_the_arrow_keys_tell_names_and_values(visitor: Visitor) -> None:
    visitor.open("curves", runs=["r0", "r4", "r8"])
    page = visitor.page
    area = card(page, "val/acc").locator(".nsewdrag")
    box = area.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 4)
    tip = card(page, "val/acc").locator(".lb-tip")
    expect(tip).to_be_visible()
    rows = tip.locator(".lb-tip-row")
    expect(rows).to_have_count(3)
    assert [each.split("\n")[0] for each in rows.all_inner_texts()] == ["c-2", "b-1", "a-0"]
    expect(tip.locator(".lb-near")).to_contain_text("c-2")
    page.mouse.move(2, 2)
    expect(tip).to_be_hidden()
    card(page, "val/acc").locator(".lb-plot").focus()
    page.keyboard.press("ArrowRight")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("step 0")
    for _ in range(12):
        page.keyboard.press("Shift+ArrowRight")
    expect(tip).to_contain_text("step 7")
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_a_group_is_a_line_with_a_band_and_its_zoom_outlives_new_points(visitor: Visitor, lake: str) -> None:
    with lakeboard.init(
        lakes.PROJECT, name="grouped", lake=lake, flush_seconds=0.3, quiet=True, config={"model": "z"}
    ) as run:
        log(run, 3)
        visitor.open("curves", runs=[run.id, "r3", "r4", "r5"], group="params.model", logy="1")
        wait_for_points(visitor, 3, name="model=z (n = 1)")
        areas = visitor.page.locator('[data-chart="val/acc"] .js-fill')
        assert areas.count() >= 1
        drag(visitor, "val/acc")
        visitor.page.wait_for_timeout(600)
        before = chart(visitor, "val/acc")
        log(run, 10)
        wait_for_points(visitor, 13, "train/loss", name="model=z (n = 1)")
        visitor.page.wait_for_timeout(400)
        after = chart(visitor, "val/acc")
        assert (after["x"], after["y"]) == (before["x"], before["y"])
        card(visitor.page, "val/acc").get_by_role("button", name="Reset zoom").click()
        visitor.page.wait_for_timeout(600)
        assert chart(visitor, "val/acc")["x"] != before["x"]


@pytest.mark.parametrize(
    "axes", [{"x": "time"}, {"x": "relative"}, {"logx": "1", "logy": "1"}], ids=["time", "relative", "logarithms"]
)
def test_zoom_keeps_its_place_on_other_axes(visitor: Visitor, axes: dict[str, str]) -> None:
    visitor.open("curves", runs=["r0", "rlive"], **axes)
    drag(visitor, "val/acc")
    visitor.page.wait_for_timeout(300)
    before = chart(visitor, "val/acc")
    visitor.page.wait_for_timeout(2_600)
    after = chart(visitor, "val/acc")
    assert (after["x"], after["y"]) == (before["x"], before["y"])
    visitor.page.locator('[data-chart="val/acc"] .nsewdrag').dblclick()
    visitor.page.wait_for_timeout(600)
    assert chart(visitor, "val/acc")["x"] != before["x"]


def test_a_part_of_x_can_be_looked_at_in_all_charts(visitor: Visitor) -> None:
    visitor.open("curves", runs=["r0", "r4"])
    page = visitor.page
    drag(visitor, "val/acc")
    ends = """() => [...document.querySelectorAll('.lb-lines.js-plotly-plot')].map(each => each._fullLayout.xaxis)
        .map(axis => [axis.autorange === true, ...axis.range])"""
    card(page, "val/acc").get_by_role("button", name="Zoom all").click()
    page.wait_for_function(f"() => ({ends})().every(([whole]) => !whole)")
    (_, *one), *rest = page.evaluate(ends)
    assert rest
    for _, *other in rest:
        assert other == pytest.approx(one)
    visitor.settle()
    card(page, "train/loss").get_by_role("button", name="Reset all").click()
    page.wait_for_function(f"() => ({ends})().every(([whole]) => whole)")
    expect(page.get_by_role("button", name="Reset zoom")).to_have_count(0)


def test_charts_and_their_data_are_files(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open("curves", runs=["r0", "r4"])
    page = visitor.page
    heads = {"png": b"\x89PNG", "svg": b"<svg"}
    found = menu(page, "val/acc")
    for kind, head in heads.items():
        with page.expect_download() as waiting:
            found.get_by_role("button", name=f"Download val/acc as {kind.upper()}").click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert path.name == f"val_acc.{kind}"
        assert path.read_bytes().startswith(head)
        assert path.stat().st_size > 5_000
    found.get_by_role("button", name="Data and code of val/acc").click()
    page.get_by_role("button", name="All charts").wait_for()
    page.get_by_role("button", name="Data", exact=True).click()
    page.get_by_text("The same in a notebook:").wait_for()
    for kind, head in {"CSV": b"run_id,metric", "Parquet": b"PAR1"}.items():
        with page.expect_download() as waiting:
            page.get_by_role("button", name=kind).click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert path.read_bytes().startswith(head)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard over a run with 80 metrics."""
    place = str(tmp_path_factory.mktemp("wide") / "lake")
    with lakeboard.init(lakes.PROJECT, name="wide", lake=place, quiet=True) as run:
        for step in range(5):
            run.log({f"part{n % 4}/m{n:02}": step * n for n in range(80)})
    with launch(place, port=8710, open_browser=False) as server:
        yield server.url


def test_charts_below_are_computed_when_they_come_into_view(browser: Browser, wide: str) -> None:
    context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
    found = Visitor(context.new_page(), wide).watch()
    found.open("curves")
    page = found.page
    drawn: Any = "() => document.querySelectorAll('.lb-plot[data-drawn]').length"
    assert page.locator(".lb-card").count() == 60
    assert 6 <= page.evaluate(drawn) < 30
    last = page.locator(".lb-card").last
    last.scroll_into_view_if_needed()
    last.locator(".js-plotly-plot").wait_for()
    found.settle()
    assert page.evaluate(drawn) < 60
    assert found.faults == []
    context.close()


def large(page: Page) -> Locator:
    return page.locator(".lb-card.lb-big")


def test_a_chart_fills_the_window_and_keys_lead_through_all_and_back(visitor: Visitor) -> None:
    visitor.open("curves", runs=["r0", "r4"])
    page = visitor.page
    before = card(page, "val/acc").locator(".lb-plot").bounding_box()
    card(page, "val/acc").get_by_role("button", name="Enlarge val/acc").click()
    expect(large(page)).to_have_attribute("data-chart", "val/acc")
    box = large(page).bounding_box()
    assert box is not None
    assert (box["width"] > 0.9 * SIZE[0], box["height"] > 0.9 * SIZE[1]) == (True, True)
    page.wait_for_function("() => document.querySelector('.lb-big .js-plotly-plot')._fullLayout.height > 600")
    page.keyboard.press("PageDown")
    expect(large(page)).to_have_attribute("data-chart", "train/loss")
    # Escape closes what is on top first.
    large(page).get_by_role("button", name="Settings of train/loss").click()
    page.keyboard.press("Escape")
    expect(large(page)).to_have_count(1)
    large(page).get_by_role("button", name="Next chart").click()
    expect(large(page)).to_have_attribute("data-chart", "val/acc")
    page.keyboard.press("Escape")
    expect(large(page)).to_have_count(0)
    assert card(page, "val/acc").locator(".lb-plot").bounding_box() == before


def test_the_run_under_the_pointer_stands_out_everywhere_and_its_values_can_be_copied(visitor: Visitor) -> None:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open("curves", runs=["r0", "r4", "r8"])
    page = visitor.page
    faint = """() => [...document.querySelectorAll('[data-chart="train/loss"] .scatterlayer > .trace')]
        .map(node => [node.classList[2], Number(getComputedStyle(node).opacity) < 0.5])"""
    box = card(page, "val/acc").locator(".nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 4)
    tip = card(page, "val/acc").locator(".lb-tip")
    expect(tip.locator(".lb-near")).to_contain_text("c-2")
    assert sorted(page.evaluate(faint)) == [["tracer0", True], ["tracer4", True], ["tracer8", False]]
    page.keyboard.press("Control+c")
    expect(tip).to_contain_text("Copied.")
    head, *rows = [line.split("\t") for line in page.evaluate("() => navigator.clipboard.readText()").splitlines()]
    assert head == ["run", "step", "val/acc"]
    assert [row[0] for row in rows] == ["c-2", "b-1", "a-0"]
    assert [float(row[2]) for row in rows] == sorted((float(row[2]) for row in rows), reverse=True)
    # The list of runs is a component of its own.
    page.mouse.move(2, 2)
    page.get_by_role("row").filter(has_text="a-0").hover()
    page.wait_for_function(f"() => ({faint})().some(([name, faint]) => name === 'tracer8' && faint)")
    assert sorted(page.evaluate(faint)) == [["tracer0", False], ["tracer4", True], ["tracer8", True]]


_SHOWN = """() => {
  const texts = [];
  const walk = (root) => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    while (nodes.nextNode()) {
      const node = nodes.currentNode;
      if (node.nodeType === Node.TEXT_NODE) texts.push(node.data);
      else {
        texts.push(node.getAttribute("title") ?? "", node.getAttribute("aria-label") ?? "");
        if (node.shadowRoot) walk(node.shadowRoot);
      }
    }
  };
  walk(document.body);
  return texts.join("\\n");
}"""


def test_what_turns_text_round_is_shown_by_its_number(visitor: Visitor, lake: str) -> None:
    with lakeboard.init(
        lakes.PROJECT, name="safe\u202etxt.exe", lake=lake, id="evil", quiet=True, config={"a\u2066b": "\u202ex"}
    ) as run:
        for step in range(3):
            run.log({"m\u200b/x\u202ey": float(step)}, step=step)
    for path, more in (("runs", {}), ("curves", {"runs": "evil"}), ("run", {"run": "evil"}), ("compare", {})):
        visitor.open(path, **more)
        expect(visitor.page.get_by_text("safe<U+202E>txt.exe").first).to_be_visible()
        shown = visitor.page.evaluate(_SHOWN)
        assert not re.search("[\u202e\u2066\u200b]", shown), path
    visitor.page.get_by_role("combobox").first.click()
    visitor.page.wait_for_timeout(300)
    assert "\u202e" not in visitor.page.evaluate(_SHOWN)


def test_scripts_write_numbers_as_python_does(visitor: Visitor) -> None:
    path = Path(lakeboard.dashboard.__file__).parent / "components/browser/shared/numbers.js"
    script = path.read_text(encoding="utf-8").replace("export ", "")
    values = [0.0, 1.0, -3.0, 0.1, 1e-4, 9.9e-5, -1e-5, 2.5e-7, 1234.5678, 12345.678, 9_999_999.0, 1e7, 1.5e300, 1 / 3]
    written = visitor.page.evaluate(f"(values) => {{ {script}; return values.map((v) => numberText(v, 5)) }}", values)
    assert written == [number(value, significant=5) for value in values]


def test_the_template_of_names_is_there_when_its_menu_opens_and_is_left_alone_while_open(visitor: Visitor) -> None:
    visitor.open("curves", runs=["r0", "r1"], legend="{name} lr={lr}")
    page = visitor.page
    # Drawn once more meanwhile: what is not on the page must be told again.
    page.get_by_label("Pause live refresh").click()
    page.get_by_text("Paused").wait_for()
    page.get_by_role("button", name="Lines").click()
    field = page.get_by_label("Names of lines", exact=True)
    expect(field).to_have_value("{name} lr={lr}")
    field.fill("{name} model={model}")
    page.get_by_label("Resume live refresh").click(force=True)
    visitor.settle()
    expect(page).to_have_url(re.compile("model"))
