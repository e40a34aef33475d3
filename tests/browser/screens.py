"""Pictures of every page, light and dark: `python -m tests.browser.screens --lake demo-lake --out docs/screens`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import polars as pl
from playwright.sync_api import Browser

from lakeboard.dashboard.launch import launch
from lakeboard.query.lake import Lake, open_lake

from .chromium import SIZE, chromium, settle

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file's name and the page's address."""

    name: str
    path: str


def shots_of(lake: Lake, project: str | None = None) -> list[Shot]:
    """What to take pictures of in a lake: its largest project, its best known run."""
    names = lake.projects()["project"].to_list()
    if not names:
        return [Shot("empty", "")]
    frames = {name: lake.runs(name) for name in ([project] if project else names)}
    chosen = max(frames, key=lambda name: frames[name].height)
    runs = frames[chosen].filter(pl.col("last_step").is_not_null())
    run_id = runs.sort("last_step", descending=True)["run_id"][0] if runs.height else ""
    latest = runs["run_id"].head(6).to_list()

    def at(page: str, **params: str | Sequence[str]) -> str:
        return f"{page}?{urlencode({'project': chosen, **params}, doseq=True)}"

    return [
        Shot("home", "?within=week"),
        Shot("leaderboard", at("leaderboard")),
        Shot("runs", at("runs")),
        Shot("curves", at("curves", runs=latest, smooth="0.5")),
        Shot("compare", at("compare")),
        Shot("compare-scatter", at("compare", part="scatter", x="duration")),
        Shot("compare-correlation", at("compare", part="correlation")),
        Shot("run", at("run", run=run_id)),
        Shot("run-origin", at("run", run=run_id, tab="origin")),
        Shot("lake", "lake"),
        Shot("trash", at("trash")),
    ]


def take(browser: Browser, url: str, shot: Shot, theme: str, out: Path) -> Path:
    """One picture, as PNG of the window."""
    context = browser.new_context(
        viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(f"{url}/{shot.path}")
    page.wait_for_selector("[data-testid=stMain] [data-testid=stVerticalBlock]", timeout=30_000)
    settle(page, quiet_ms=1500)
    path = out / f"{shot.name}-{theme}.png"
    page.screenshot(path=path)
    context.close()
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", required=True, help="the lake to show")
    parser.add_argument("--out", required=True, type=Path, help="the folder for the pictures")
    parser.add_argument("--project", help="the project to show; else the one with the most runs")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    shots = shots_of(open_lake(given.lake), given.project)
    with launch(given.lake, open_browser=False) as server, chromium() as browser:
        for shot in shots:
            for theme in THEMES:
                sys.stdout.write(f"{take(browser, server.url, shot, theme, given.out)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
