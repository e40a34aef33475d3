"""Pictures of every page, light and dark, of a copy of the demo's lake in which people work meanwhile.

`python -m tests.browser.screens --lake ~/demo/lake --at ~/team/lake --out docs/screens`
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import polars as pl
from playwright.sync_api import Browser

from lakeboard.dashboard.adapters.page_parts import STACK, part
from lakeboard.dashboard.server.launch import launch
from lakeboard.query.lake import Lake, open_lake
from tests.browser import life
from tests.browser.chromium import MAIN, SIZE, chromium, settle

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its file's name and the page's address."""

    name: str
    path: str


def shots_of(lake: Lake, project: str | None = None) -> list[Shot]:
    """What to take pictures of in a lake: its largest project, its best known run, its first board."""
    names = lake.projects()["project"].to_list()
    if not names:
        return [Shot("empty", "")]
    frames = {name: lake.runs(name) for name in ([project] if project else names)}
    chosen = max(frames, key=lambda name: frames[name].height)
    known = frames[chosen].filter(pl.col("last_step").is_not_null())
    ended = known.filter(pl.col("status") == "finished")
    longest = (ended if ended.height else known).sort("last_step", descending=True)["run_id"].to_list()
    run_id = next(iter(longest), "")
    latest = known["run_id"].head(6).to_list()
    pictured = lake.media(chosen)["run_id"].head(1).to_list()

    def at(page: str, **params: str | Sequence[str]) -> str:
        return f"{page}?{urlencode({'project': chosen, **params}, doseq=True)}"

    shots = [
        Shot("home", "?within=week"),
        Shot("leaderboard", at("leaderboard", board=".")),
        Shot("runs", at("runs")),
        Shot("curves", at("curves", runs=latest, smooth="0.5")),
        Shot("compare", at("compare")),
        Shot("compare-scatter", at("compare", part="scatter", x="duration")),
        Shot("compare-correlation", at("compare", part="correlation")),
        Shot("run", at("run", run=run_id)),
        Shot("run-media", at("run", run=next(iter(pictured), run_id), tab="media")),
        Shot("run-console", at("run", run=run_id, tab="console")),
        Shot("run-system", at("run", run=run_id, tab="system")),
        Shot("run-origin", at("run", run=run_id, tab="origin")),
        *_artifact_shots(lake, chosen, at),
        Shot("lake", "lake"),
        Shot("trash", at("trash")),
    ]
    boards = lake.boards(chosen)
    if boards:
        slug, times = boards[0].slug, known["ended_at"].drop_nulls().sort()
        then = times[times.len() * 2 // 3].strftime("%Y-%m-%dT%H:%M:%S") if times.len() else ""
        shots += [
            Shot("board", at("leaderboard", board=slug)),
            Shot("board-edit", at("leaderboard", board=slug, tool="edit")),
            Shot("board-history", at("leaderboard", board=slug, tool="history")),
            Shot("board-as-of", at("leaderboard", board=slug, at=then)),
        ]
    return shots


def _artifact_shots(lake: Lake, project: str, at: Callable[..., str]) -> list[Shot]:
    """The list of artifacts, the one with the most files, and the run that made it."""
    found = lake.artifacts(project).sort("files", "number", descending=True)
    if not found.height:
        return []
    name, run_id = found["artifact"][0], found["run_id"][0]
    shots = [Shot("artifacts", at("artifacts")), Shot("artifact", at("artifacts", artifact=name))]
    return shots + ([Shot("run-artifacts", at("run", run=run_id, tab="artifacts"))] if run_id else [])


def take(browser: Browser, url: str, shot: Shot, theme: str, out: Path, *, size: tuple[int, int] = SIZE) -> Path:
    """One picture, as PNG of the window."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(f"{url}/{shot.path}")
    page.wait_for_selector(f"{MAIN} {part(STACK)}", timeout=30_000)
    settle(page, quiet_ms=1500)
    path = out / f"{shot.name}-{theme}.png"
    page.screenshot(path=path)
    context.close()
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", required=True, help="the lake to begin from; it stays as it is")
    parser.add_argument("--at", type=Path, help="the folder to show, which is made and removed; else a temporary one")
    parser.add_argument("--still", action="store_true", help="show the lake itself, without anybody at work")
    parser.add_argument("--out", required=True, type=Path, help="the folder for the pictures")
    parser.add_argument("--project", help="the project to show; else the one with the most runs")
    parser.add_argument("--only", help="names of pictures, with commas")
    parser.add_argument("--size", default=f"{SIZE[0]}x{SIZE[1]}", help="of the window")
    parser.add_argument("--port", type=int, default=8501, help="the first one to try")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    width, height = map(int, given.size.split("x"))
    with ExitStack() as stack:
        lake = given.lake if given.still else stack.enter_context(_lively(given.lake, given.at))
        shots = shots_of(open_lake(lake), given.project)
        if given.only:
            shots = [shot for shot in shots if shot.name in given.only.split(",")]
        server = stack.enter_context(launch(lake, port=given.port, open_browser=False))
        browser = stack.enter_context(chromium())
        for shot in shots:
            for theme in THEMES:
                path = take(browser, server.url, shot, theme, given.out, size=(width, height))
                sys.stdout.write(f"{path}\n")
    return 0


@contextmanager
def _lively(source: str, place: Path | None) -> Iterator[str]:
    """A copy in which people are at work; gone in the end."""
    with TemporaryDirectory(prefix="lakeboard-") as temporary:
        chosen = (place or Path(temporary) / "lake").expanduser().absolute()
        lake = life.copy(source, chosen)
        try:
            with life.lively(lake):
                yield lake
        finally:
            shutil.rmtree(chosen)


if __name__ == "__main__":
    sys.exit(main())
