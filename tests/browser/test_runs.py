"""The table of runs in a real browser: many runs at once, groups, saved views, pinned columns, curves, the keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, expect

from lakeboard.query.lake import open_lake
from lakeboard.store.local import LocalStore
from tests.browser.conftest import Visitor
from tests.browser.test_acts import query, row
from tests.dashboard import lake as lakes
from tests.query.lakes import Writer

P = lakes.PROJECT
TABLE = ".lb-table tbody tr"


def tick(visitor: Visitor, *names: str) -> None:
    """Select runs by name."""
    for name in names:
        row(visitor, name).get_by_role("checkbox").check()


def box(found: Locator) -> tuple[float, float]:
    """Left edge and width."""
    edges = found.bounding_box()
    assert edges is not None
    return edges["x"], edges["width"]


def test_many_runs_are_tagged_at_once_and_markup_in_a_tag_stays_text(visitor: Visitor, lake: str) -> None:
    visitor.open("runs", columns=["tags", "notes"])
    page, tag = visitor.page, "<img src=y onerror=window.hacked=2>"
    tick(visitor, "b-0", "b-1")
    page.get_by_text("2 runs selected").wait_for()
    page.get_by_role("button", name="Edit").click()
    field = page.get_by_role("combobox", name="Tag", exact=True)
    field.fill(tag)
    field.press("Enter")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(row(visitor, "b-0").locator(".tag")).to_have_text(tag)
    expect(row(visitor, "b-1").locator(".tag")).to_have_text(tag)
    page.get_by_role("button", name="Edit").click()
    note = page.get_by_role("textbox", name="Note")
    note.fill("<script>window.hacked=3</script>")
    page.get_by_role("button", name="Set this note on 2 runs").click()
    expect(row(visitor, "b-0").get_by_text("<script>window.hacked=3</script>")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("combobox", name="Tag to take off").click()
    page.get_by_role("option").filter(has_text="img").click()
    page.get_by_role("button", name="Take off").click()
    expect(row(visitor, "b-0").locator(".tag")).to_have_count(0)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=y]").count() == 0
    tags = dict(open_lake(lake).runs(P).select("run_id", "tags").iter_rows())
    assert tags["r3"] == tags["r4"] == []


def test_deleted_runs_come_back_with_one_click(visitor: Visitor, lake: str) -> None:
    visitor.open("runs")
    page = visitor.page
    tick(visitor, "c-0", "c-1")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete 2 runs").click()
    expect(row(visitor, "c-0")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(visitor, "c-0").get_by_role("checkbox")).to_be_checked()
    expect(row(visitor, "c-1").get_by_role("checkbox")).to_be_checked()
    assert {"r6", "r7"} <= set(open_lake(lake).runs(P)["run_id"])


def test_groups_open_on_their_runs_and_lead_to_them(visitor: Visitor) -> None:
    visitor.open("runs", sort="-val/acc")
    page = visitor.page
    page.get_by_role("button", name="Group").click()
    page.get_by_role("combobox", name="One row for all runs with the same").fill("model")
    page.get_by_role("option", name="model").click()
    page.wait_for_url("**group=**")
    page.keyboard.press("Escape")
    first = page.locator(TABLE).first
    expect(first).to_contain_text("± 0.0100")
    fold = page.get_by_role("button", name="Runs of c")
    expect(fold).to_have_attribute("aria-expanded", "false")
    fold.click()
    expect(row(visitor, "c-2")).to_have_count(1)
    expect(fold).to_have_attribute("aria-expanded", "true")
    page.get_by_role("link", name="c", exact=True).click()
    expect(page.locator(TABLE)).to_have_count(3)
    assert "group" not in query(visitor)
    page.go_back()
    expect(fold).to_have_attribute("aria-expanded", "true")


def test_a_group_of_many_runs_shows_some_and_leads_to_the_others(visitor: Visitor, lake: str) -> None:
    store = LocalStore(lake)
    for n in range(22):
        writer = Writer(store, "crowd", f"m{n:02}", rand=f"{n + 900:08x}", config={"model": "a", "seed": n})
        writer.start().finish()
    visitor.open("runs", project="crowd", group="params.model", columns=["status", "created_at", "tags", "params.seed"])
    page = visitor.page
    page.get_by_role("button", name="Runs of a").click()
    page.get_by_role("link", name="and 2 more runs").click()
    page.get_by_text("22 runs").first.wait_for()
    expect(page.locator(TABLE).filter(has=page.locator(".pick input"))).to_have_count(22)


def test_a_saved_view_opens_in_another_browser(visitor: Visitor, browser: Browser) -> None:
    visitor.open("runs", filter="model = b", columns=["val/acc", "params.lr"], sort="name")
    page, name = visitor.page, "b <b>only</b>"
    page.get_by_role("button", name="Views").click()
    page.get_by_role("textbox", name="Save this view as").fill(name)
    page.get_by_role("textbox", name="Save this view as").press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text(f"· view {name}").wait_for()
    context = browser.new_context()
    other = Visitor(context.new_page(), visitor.url).open("runs")
    other.page.get_by_role("button", name="Views").click()
    other.page.get_by_role("link", name=name, exact=True).click()
    other.page.get_by_text(f"· view {name}").wait_for()
    expect(other.page.locator(TABLE).filter(has=other.page.locator(".pick"))).to_have_count(4)
    expect(other.page.get_by_role("combobox", name="Filter runs")).to_have_value("model = b")
    other.page.get_by_role("button", name="Views").click()
    other.page.get_by_role("table", name="Saved views").get_by_role("button", name="Delete").click()
    other.page.get_by_text("Deleted the view").first.wait_for()
    context.close()


def test_a_pinned_column_stays_while_others_scroll(visitor: Visitor) -> None:
    wide = [f"{label}{tail}" for label in ("val/acc", "train/loss") for tail in ("", ".min", ".max", ".mean")]
    visitor.open("runs", columns=[*wide, "user", "host", "created_at", "run_id", "params.model"])
    page = visitor.page
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("button", name="Keep model at the left").click()
    page.wait_for_url("**pins=**")
    page.keyboard.press("Escape")
    head = page.locator('th[data-column="params.model"]')
    other = page.locator('th[data-column="val/acc"]')
    expect(head).to_have_class("k-text pinned last")
    before, moved = box(head), box(other)
    page.locator(".lb-table .frame").evaluate("each => each.scrollLeft = 260")
    assert box(head) == before
    assert box(other)[0] < moved[0] - 200
    name = box(page.locator("th.k-run"))
    assert abs(before[0] - (name[0] + name[1])) < 1.5, "side by side with the run's name"
    page.set_viewport_size({"width": 400, "height": 800})
    page.locator(".lb-table .frame").evaluate("each => each.scrollLeft = 200")
    expect(page.locator("table.pins")).to_have_count(0)


def test_columns_are_found_and_put_in_order(visitor: Visitor) -> None:
    visitor.open("runs", columns=["user", "host"])
    page = visitor.page
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("searchbox", name="Find a column").fill("val acc")
    page.get_by_role("button", name="max: val/acc").click()
    page.wait_for_function("() => new URLSearchParams(location.search).getAll('columns').length === 3")
    page.get_by_role("button", name="Move val/acc up").click()
    page.wait_for_function("() => new URLSearchParams(location.search).getAll('columns')[1] === 'val/acc.max'")
    page.get_by_role("button", name="Hide Host").click()
    page.wait_for_function("() => new URLSearchParams(location.search).getAll('columns').length === 2")
    assert query(visitor)["columns"] == ["user", "val/acc.max"]


def test_a_curve_is_drawn_in_its_row(visitor: Visitor) -> None:
    visitor.open("runs", columns=["curve:val/acc"])
    line = row(visitor, "a-0").locator("svg.spark polyline")
    expect(line).to_be_visible()
    points = str(line.get_attribute("points")).split()
    heights = [float(each.split(",")[1]) for each in points]
    assert len(points) == 8
    assert heights == sorted(heights, reverse=True), "accuracy rises"
    expect(visitor.page.get_by_text("Curves of ")).to_be_visible()


def test_rows_are_walked_and_taken_with_the_keyboard(visitor: Visitor) -> None:
    visitor.open("runs", sort="name", filter="model = c")
    page = visitor.page
    first = row(visitor, "c-0").get_by_role("checkbox")
    first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.get_by_text("2 runs selected").wait_for()
    expect(row(visitor, "c-1").get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.get_by_text("2 runs selected").wait_for()
    row(visitor, "c-2").get_by_role("checkbox").click(modifiers=["Shift"])
    page.get_by_text("3 runs selected").wait_for()
    sort = page.locator("button[data-sort='val/acc']")
    sort.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=-val*")
    visitor.settle()
    expect(sort).to_be_focused()


def test_a_head_has_a_menu_and_an_edge_to_draw_it_wider(visitor: Visitor) -> None:
    visitor.open("runs", columns=["user", "params.lr", "val/acc"])
    page = visitor.page
    page.get_by_role("button", name="Menu of the column lr").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="High to low").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem")).to_have_count(0)
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Low to high").wait_for()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Move left")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("() => new URLSearchParams(location.search).getAll('columns')[0] === 'params.lr'")
    head = page.locator('th[data-column="user"]')
    visitor.settle()
    _, width = box(head)
    edge = page.locator('th[data-column="user"] .grip').bounding_box()
    assert edge is not None
    page.mouse.move(edge["x"] + 3, edge["y"] + 8)
    page.mouse.down()
    page.mouse.move(edge["x"] + 103, edge["y"] + 8, steps=4)
    page.mouse.up()
    page.wait_for_url("**widths=**")
    wide(head, width + 100)
    visitor.settle()
    page.locator('th[data-column="user"] .grip').dblclick()
    page.wait_for_url(lambda url: "widths=" not in url)
    wide(head, width)


def wide(head: Locator, width: float) -> None:
    """Wait until a head has this width."""
    found = None
    for _ in range(100):
        # Null while it is drawn anew.
        found = head.bounding_box()
        if found is not None and abs(found["width"] - width) < 4:
            return
        head.page.wait_for_timeout(100)
    assert found is not None
    assert found["width"] == width


def test_a_cell_gives_its_value_and_narrows_the_table(visitor: Visitor) -> None:
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open("runs", columns=["val/acc", "params.model"], sort="name")
    page = visitor.page
    cells = row(visitor, "b-1").locator("td")
    cells.nth(2).click(button="right")
    page.get_by_role("menuitem", name="Copy value").click()
    # Every digit, not just those that are shown.
    page.wait_for_function("async () => (await navigator.clipboard.readText()) === '0.75'")
    cells.nth(2).click(button="right")
    page.get_by_role("menuitem", name="Copy run id").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()) === 'r4'")
    cells.nth(3).click(button="right")
    page.get_by_role("menuitem", name="Leave out runs with this value").click()
    expect(row(visitor, "b-1")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Filter runs")).to_have_value('model != "b" or model is null')
    expect(row(visitor, "a-1")).to_have_count(1)


def test_a_note_on_many_runs_is_taken_back(visitor: Visitor, lake: str) -> None:
    visitor.open("runs", columns=["notes"])
    page = visitor.page
    before = dict(open_lake(lake).runs(P).select("run_id", "notes").iter_rows())
    tick(visitor, "c-0", "c-1")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Note").fill("of both")
    page.get_by_role("button", name="Set this note on 2 runs").click()
    expect(row(visitor, "c-1").get_by_text("of both")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(row(visitor, "c-1").get_by_text("of both")).to_have_count(0)
    after = dict(open_lake(lake).runs(P).select("run_id", "notes").iter_rows())
    assert {run_id: note or None for run_id, note in after.items()} == before


def test_runs_of_the_last_days_are_one_click_away(visitor: Visitor) -> None:
    visitor.open("runs")
    page = visitor.page
    page.get_by_text("7 days", exact=True).click()
    # Those of the lake are older; other tests' may have been made a minute ago.
    page.get_by_text(re.compile(r"^\d of \d+ runs")).wait_for()
    expect(row(visitor, "a-0")).to_have_count(0)
    assert query(visitor)["where"] == ['created_at >= "7 days ago"']
    page.get_by_text("7 days", exact=True).click()
    expect(row(visitor, "a-0")).to_have_count(1)


def test_menus_show_what_counts_however_late_they_open(visitor: Visitor) -> None:
    visitor.open("runs", group="params.model")
    page = visitor.page
    # Drawn once more before the menu is there at all.
    page.get_by_text("Filters", exact=True).click()
    page.wait_for_url("**panel=0**")
    visitor.settle()
    page.get_by_role("button", name="Group").click()
    expect(page.get_by_role("dialog").or_(page.get_by_test_id("stPopoverBody")).get_by_text("model")).to_be_visible()
    page.keyboard.press("Escape")
    visitor.open("compare")
    page.get_by_text("Only differences").click()
    page.wait_for_url("**only=0**")
    visitor.settle()
    page.get_by_role("button", name="Axes").click()
    expect(page.get_by_label("Parallel axes")).to_be_checked()
    page.get_by_label("More is better").or_(page.get_by_label("Axes, from left to right")).first.click()
    page.keyboard.press("Escape")
    expect(page.locator(".overlay")).to_have_count(1)
