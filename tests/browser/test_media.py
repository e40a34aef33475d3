"""Media on a run's page in a real browser: what is shown, gone through and switched off, and what can't run."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import expect

import lakeboard
from tests.browser.conftest import Visitor

HOSTILE = "<h1>Report</h1><script>parent.document.title = 'taken'</script><img src=http://phone.example/x.png>"


def log(lake: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    boxes = [{"box": [16, 12, 80, 60], "label": "cat", "score": 0.9}]
    with lakeboard.init(project="pictures", id="r-1", lake=lake, quiet=True) as run:
        for step in (0, 10, 20):
            pictures = [lakeboard.Image(noise, caption=f"{n} at {step}", boxes=boxes) for n in range(3)]
            run.log({"samples": pictures}, step=step)
        run.log({"page": lakeboard.Html(HOSTILE), "table": lakeboard.Table([[1, "a"]], columns=["n", "t"])}, step=20)
        run.log({"counts": lakeboard.Histogram([1, 2, 2, 3], bins=3)}, step=20)


def test_pictures_are_gone_through_by_step_and_seen_in_full_size(visitor: Visitor, lake: str) -> None:
    log(lake)
    visitor.open("run", project="pictures", run="r-1", tab="media")
    page = visitor.page
    expect(page.locator(".lb-m-key[aria-pressed=true]")).to_contain_text("samples")
    expect(page.locator(".lb-m-caption")).to_have_text(["0 at 20", "1 at 20", "2 at 20"])
    page.wait_for_function(
        "() => [...document.querySelectorAll('.lb-m-frame > img')].every(i => i.naturalWidth === 160)"
    )
    expect(page.locator(".lb-m-card .lb-m-names span")).to_have_text(["cat 0.90"] * 3)
    before = visitor.sent
    page.get_by_label("Step", exact=True).press("ArrowLeft")
    expect(page.locator(".lb-m-steps output")).to_have_text("Step 10")
    expect(page.locator(".lb-m-caption")).to_have_text(["0 at 10", "1 at 10", "2 at 10"])
    # A slider asks the server for pictures alone.
    assert visitor.sent == before
    page.get_by_role("button", name="boxes", exact=True).click()
    expect(page.locator(".lb-m-names")).to_have_count(0)
    page.locator(".lb-m-open").nth(1).click()
    foot = page.locator(".lb-m-foot")
    expect(foot).to_contain_text("1 at 10")
    expect(foot).to_contain_text("2 of 3 · 160")
    page.keyboard.press("ArrowRight")
    expect(foot).to_contain_text("2 at 10")
    page.keyboard.press("Escape")
    expect(page.locator(".lb-m-dialog")).to_have_count(0)


def test_a_page_of_html_runs_nothing_and_fetches_nothing(visitor: Visitor, lake: str) -> None:
    log(lake)
    visitor.open("run", project="pictures", run="r-1", tab="media", media="page")
    page = visitor.page
    expect(page.frame_locator(".lb-m-page").get_by_role("heading", name="Report")).to_be_visible()
    page.wait_for_timeout(500)
    assert page.title() != "taken"
    assert visitor.outside == []
    # Chromium says what it kept from running.
    assert all("sandbox" in fault or "Content Security Policy" in fault for fault in visitor.faults)
    visitor.faults.clear()


def test_choosing_a_key_draws_it_and_stands_in_the_address(visitor: Visitor, lake: str) -> None:
    log(lake)
    visitor.open("run", project="pictures", run="r-1", tab="media")
    page = visitor.page
    page.locator(".lb-m-key", has_text="table").click()
    expect(page.locator(".lb-m-table td")).to_have_text(["1", "a"])
    assert "media=table" in page.url
    page.locator(".lb-m-key", has_text="counts").click()
    expect(page.locator(".lb-m-plot .bars path")).to_have_count(3)
