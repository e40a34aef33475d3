"""`lakeboard demo` and `lakeboard ui`: the dashboard in a process of its own, and real training beside it."""

from __future__ import annotations

import os
import secrets
import sys
import time
import webbrowser
from contextlib import ExitStack

from .ending import signals_end
from .schema.errors import AccessDenied, StoreError
from .store.opening import open_store


def ui(lake: str | None, *, host: str, port: int, open_browser: bool) -> int:
    """Serve the dashboard until Ctrl-C, SIGTERM or SIGHUP."""
    from .dashboard.server.launch import launch

    url = _resolved(lake)
    with signals_end(), launch(url, host=host, port=port, open_browser=open_browser) as board:
        print(f"lakeboard shows {url} at {board.url}  (Ctrl-C ends it)")
        board.wait()
    return 0


def demo(lake: str | None, *, ui: bool, seeds: int, processes: int, port: int, open_browser: bool) -> int:
    """Train the sweep of `examples/sweep.py` into the lake, with the dashboard open meanwhile and afterwards.

    Args:
        lake: folder or URL; None as the environment says.
        ui: serve the dashboard.
        seeds: how many of each config.
        processes: how many trainings at once.
        port: first port to try.
        open_browser: open the dashboard in the person's browser.
    """
    from tqdm import tqdm

    from .examples.sweep import DATASETS, GRID, PROJECT, sweep

    url = _resolved(lake)
    _check_writable(url)
    total = len(GRID) * len(DATASETS) * seeds
    with ExitStack() as stack:
        stack.enter_context(signals_end())
        if ui:
            from .dashboard.server.launch import launch

            board = stack.enter_context(launch(url, port=port, open_browser=False))
            print(f"dashboard: {board.url}  (watch the runs arrive)")
            if open_browser and sys.stdout.isatty():
                webbrowser.open(board.url)
        print(f"training {total} models of scikit-learn on {', '.join(DATASETS)} into {url}")
        start = time.monotonic()
        with tqdm(total=total, unit="run", file=sys.stdout, dynamic_ncols=True) as bar:
            sweep(url, seeds=seeds, processes=processes, progress=lambda done, _: bar.update(done - bar.n))
        print(f"{total} runs of project {PROJECT} in {url}, {time.monotonic() - start:.0f} s")
        if ui:
            print(f"the dashboard stays at {board.url} until Ctrl-C")
            board.wait()
        else:
            print(f"look at them:  lakeboard ui --lake {url}")
    return 0


def _resolved(lake: str | None) -> str:
    """The lake's full address, so that every process started from here means the same one."""
    return open_store(lake or os.environ.get("LAKEBOARD_LAKE") or "./lake").url


def _check_writable(url: str) -> None:
    """Say at once, and once, what 72 trainings would say one by one."""
    from .store.format import ensure_lake
    from .upkeep.clock import store_now

    store = open_store(url)
    try:
        ensure_lake(store)
        # A lake that is there already may be one that we can only read.
        store_now(store, rand=secrets.token_hex(8))
    except AccessDenied:
        raise
    except StoreError as error:
        raise StoreError(f"the demo needs a lake that answers: {error}") from error
