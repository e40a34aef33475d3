"""Artifacts in a real browser: a file found in the tree, looked into, fetched whole, and nothing of it that runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from playwright.sync_api import expect

import lakeboard
from tests.browser.conftest import Visitor

HOSTILE = "<h1>Report</h1><script>parent.document.title = 'taken'</script>"
DATA = bytes(range(256)) * 20_000


def log(lake: str, folder: Path) -> None:
    for name, data in {
        "sub/deep/page.html": HOSTILE.encode(),
        "rows.csv": b"n,word\n1,one\n2,<b>two</b>\n",
        "data.bin": DATA,
        "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='parent.document.title=1'/>",
        "odd name?#%2F.json": b'{"a": [1, 2]}',
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    with lakeboard.init(project="files", id="maker", name="maker", lake=lake, quiet=True) as run:
        made = lakeboard.Artifact("things", "dataset")
        made.add_dir(folder)
        run.log_artifact(made, wait=True)


def test_files_are_looked_into_and_fetched(visitor: Visitor, lake: str, tmp_path: Path) -> None:
    log(lake, tmp_path)
    visitor.open("artifacts", project="files")
    page = visitor.page
    page.get_by_role("link", name="things", exact=True).click()
    expect(page.locator("h1")).to_have_text("things")
    page.get_by_role("button", name="rows.csv").click()
    expect(page.locator(".lb-w-table td")).to_have_text(["1", "one", "2", "<b>two</b>"])
    page.wait_for_url("**file=rows.csv**")
    page.get_by_role("button", name="odd name?#%2F.json").click()
    expect(page.locator(".lb-w-text")).to_have_text('{\n  "a": [\n    1,\n    2\n  ]\n}')
    page.get_by_role("button", name="data.bin").click()
    expect(page.locator(".pane")).to_contain_text("no look into files of this kind")
    with page.expect_download() as found:
        page.get_by_role("link", name="Download").click()
    assert found.value.suggested_filename == "data.bin"
    assert hashlib.sha256(found.value.path().read_bytes()).digest() == hashlib.sha256(DATA).digest()
    page.get_by_role("button", name="drawing.svg").click()
    page.wait_for_url("**file=drawing.svg**")
    page.go_back()
    expect(page.locator(".pane .head b")).to_have_text("data.bin")
    page.get_by_role("button", name="page.html").click()
    expect(page.frame_locator(".lb-w-page").get_by_role("heading", name="Report")).to_be_visible()
    assert page.title() != "taken"
    assert all("sandbox" in fault or "Content Security Policy" in fault for fault in visitor.faults)
    visitor.faults.clear()
