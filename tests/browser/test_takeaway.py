"""Files to take away are there at any moment, though the page refreshes itself meanwhile."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.browser.conftest import Visitor


def test_files_of_a_live_page_hold_what_is_shown(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open("runs", filter="model = b")
    page = visitor.page
    page.get_by_role("button", name="Export").click()
    page.get_by_text("The same in a notebook:").wait_for()
    for moment in range(4):
        # A refresh comes every two seconds while a run is live.
        page.wait_for_timeout(700 * moment)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Parquet").click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert set(pl.read_parquet(path)["params.model"]) == {"b"}
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    waiting.value.save_as(tmp_path / "runs.csv")
    assert pl.read_csv(tmp_path / "runs.csv").height == pl.read_parquet(path).height
