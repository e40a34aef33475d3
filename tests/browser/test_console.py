"""A console in a real browser: its end first, older lines, a search, and text that can do no harm."""

from __future__ import annotations

from playwright.sync_api import expect

from lakeboard.schema.logs.keys import LogKey
from lakeboard.store.local import LocalStore
from tests.browser.conftest import Visitor
from tests.query.lakes import Writer, loss

HOSTILE = "<img src=x onerror=window.hacked=1><script>window.hacked=2</script> \x1b]0;title\x07"


def test_a_person_reads_it_from_its_end_upwards(visitor: Visitor, lake: str) -> None:
    store = LocalStore(lake)
    Writer(store, "logs", "r1").start().log(loss(3)).finish()
    text = "".join(f"line {n} {HOSTILE if n == 4990 else ''}\n" for n in range(12_000))
    data = text.encode()
    store.put(LogKey("logs", "r1", "w001-00000001", len(data), len(data)).path, data)
    visitor.open("run", project="logs", run="r1", tab="console")
    page = visitor.page
    box = page.locator(".lb-console .lines")
    # The end is in view without a scroll.
    expect(box.locator(".line").last).to_be_in_viewport()
    expect(box.locator(".line").last).to_have_text("line 11999 ")
    assert box.evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight") < 2
    shown = box.locator(".line").count()
    assert 4_000 < shown < 6_000
    # Looking for what is here.
    field = page.get_by_role("searchbox", name="Find in the console")
    field.fill("LINE 1199")
    expect(page.locator(".lb-console .told")).to_contain_text("10 found here; Enter looks through all")
    expect(box.locator("mark.here")).to_have_text("line 1199")
    # And through all of it.
    field.fill("line 499")
    field.press("Enter")
    expect(page.get_by_text("11 lines of all that it printed hold it")).to_be_visible()
    expect(box.locator(".line .n").first).to_have_text("500")
    assert "<script>window.hacked=2</script>" in box.inner_text()
    page.get_by_role("button", name="Back to the end").click()
    expect(box.locator(".line").last).to_have_text("line 11999 ")
    # Older lines come above, and what was in view stays there.
    box.evaluate("box => { box.scrollTop = 0 }")
    first = box.locator(".line").first.inner_text()
    page.get_by_role("button", name="Show older lines").click()
    expect(box.locator(".line")).not_to_have_count(shown)
    expect(box.get_by_text(first, exact=True)).to_be_in_viewport()
    page.get_by_role("button", name="To the end").click()
    expect(box.locator(".line").last).to_be_in_viewport()
    wrap = page.get_by_role("button", name="Wrap")
    wrap.click()
    assert wrap.get_attribute("aria-pressed") == "false"
    assert page.evaluate("window.hacked") is None
