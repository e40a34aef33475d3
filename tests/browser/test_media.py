"""Media on a run's page in a real browser: what is shown, gone through and switched off, and what can't run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
from playwright.sync_api import expect

import lakeboard
from tests.browser.conftest import Visitor

HOSTILE = (
    "<link rel=stylesheet href={0}/style.css><link rel=preload as=image href={0}/early.png>"
    "<h1 style='background: url({0}/back.png)'>Report</h1><script>parent.document.title = 'taken'</script>"
    "<img src={0}/picture.png><iframe src={0}/frame.html></iframe><script src={0}/code.js></script>"
    "<meta http-equiv=refresh content='0; url={0}/next.html'>"
)


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """A site that somebody else has: its address, and what it was asked for."""
    asked: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name it has there
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def log(lake: str, *, site: str = "http://phone.example") -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    boxes = [{"box": [16, 12, 80, 60], "label": "cat", "score": 0.9}]
    with lakeboard.init(project="pictures", id="r-1", lake=lake, quiet=True) as run:
        for step in (0, 10, 20):
            pictures = [lakeboard.Image(noise, caption=f"{n} at {step}", boxes=boxes) for n in range(3)]
            run.log({"samples": pictures}, step=step)
        run.log(
            {"page": lakeboard.Html(HOSTILE.format(site)), "table": lakeboard.Table([[1, "a"]], columns=["n", "t"])},
            step=20,
        )
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
    with listener() as (site, asked):
        log(lake, site=site)
        # It would be asked, if anything let it be.
        visitor.page.set_content(HOSTILE.format(site))
        visitor.page.wait_for_timeout(500)
        assert "/picture.png" in asked
        visitor.open("run", project="pictures", run="r-1", tab="media", media="page")
        page = visitor.page
        frame = page.frame_locator(".lb-w-page")
        expect(frame.get_by_role("heading", name="Report")).to_be_visible()
        asked.clear()
        visitor.outside.clear()
        address = page.locator(".lb-w-page").get_attribute("src")
        assert address is not None
        # Opened by itself it can do no more.
        page.reload()
        page.wait_for_timeout(700)
        page.goto(address)
        page.wait_for_timeout(700)
        assert page.locator("h1").inner_text() == "Report"
        assert page.title() != "taken"
        assert asked == []
    # Chromium says what it kept from running.
    assert all("sandbox" in fault or "Content Security Policy" in fault for fault in visitor.faults)
    visitor.faults.clear()


def test_choosing_a_key_draws_it_and_stands_in_the_address(visitor: Visitor, lake: str) -> None:
    log(lake)
    visitor.open("run", project="pictures", run="r-1", tab="media")
    page = visitor.page
    page.locator(".lb-m-key", has_text="table").click()
    expect(page.locator(".lb-w-table td")).to_have_text(["1", "a"])
    assert "media=table" in page.url
    page.locator(".lb-m-key", has_text="counts").click()
    expect(page.locator(".lb-m-plot .bars path")).to_have_count(3)


def test_the_pointer_over_a_curve_moves_the_slider(visitor: Visitor, lake: str) -> None:
    with lakeboard.init(project="hovered", id="r-2", lake=lake, quiet=True) as run:
        for step in range(21):
            run.log({"loss": 1 / (1 + step)}, step=step)
            if step % 10 == 0:
                run.log({"note": lakeboard.Text(f"at {step}")}, step=step)
    visitor.open("run", project="hovered", run="r-2", beside="1")
    page = visitor.page
    said = page.locator(".lb-m-steps output")
    expect(said).to_have_text("Step 20")
    plot = page.locator(".lb-plot .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.62, box["y"] + box["height"] / 2)
    expect(said).to_contain_text("Step 10, nearest before 1")
    expect(page.locator(".lb-w-text")).to_have_text("at 10")
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] / 2)
    expect(page.locator(".lb-w-text")).to_have_text("at 0")
