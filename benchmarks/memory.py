"""What a server takes in memory while eight viewers go over all pages, runs log, runs end and others begin."""

from __future__ import annotations

import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from unittest.mock import patch
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from benchmarks.measure import Report
from lakeboard.dashboard.server.launch import launch
from lakeboard.store.opening import open_store
from tests.query.lakes import Point, Writer, note_lake

VIEWERS = 8
BUDGET = "64MB"
"""For all caches of the server."""
_PROJECTS = ("vision", "speech", "digits", "games")
_RUNS, _STEPS = 40, 2_000
_PORT = 8840
_PAUSE_SECONDS = 2.0
"""Between two drawings of a viewer."""
_FLUSH_SECONDS = 5.0
_MINUTE = 60.0
_RSS = re.compile(r"VmRSS:\s+(\d+)")
_CACHED = re.compile(rb"([0-9.]+) MB of 64.0 MB")
"""What the page Lake says of all caches."""


def ten_minutes(report: Report) -> None:
    """Memory of a server with eight viewers on all pages for ten minutes, minute by minute."""
    _watch(report, minutes=10)


def three_minutes(report: Report) -> None:
    """The same for three minutes, for trying."""
    _watch(report, minutes=3)


def _watch(report: Report, *, minutes: int) -> None:
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, {"LAKEBOARD_MEMORY": BUDGET}):
        where = Path(folder) / "lake"
        jobs = _Jobs(where)
        stop, seen = Event(), _Seen()
        with launch(where, port=_PORT, open_browser=False) as server:
            threads = [Thread(target=jobs.run, args=(stop,))]
            threads += [
                Thread(target=_view, args=(server.url, n, stop, seen), name=f"viewer-{n}") for n in range(VIEWERS)
            ]
            for thread in threads:
                thread.start()
            samples: list[list[float]] = []
            cached: list[float] = []
            try:
                for _ in range(minutes):
                    samples += [_minute(server.pid)]
                    cached += [seen.cached]
            finally:
                stop.set()
                for thread in threads:
                    thread.join(60)
    for minute, taken in enumerate(samples, start=1):
        report.add(f"server's memory in minute {minute}", "MB", taken)
    report.add("all caches, at the end of each minute", "MB", cached, at_most=64)
    settled = [statistics.median(each) for each in samples[2:]]
    report.add(
        "most after the second minute, over it", "times", max(settled) / statistics.median(samples[1]), at_most=1.1
    )
    report.add("drawings", "drawings", float(sum(seen.drawings)))
    report.add("runs that ended meanwhile", "runs", float(jobs.ended))


def _minute(pid: int) -> list[float]:
    """Resident memory in MB, each second of a minute."""
    out = []
    end = time.monotonic() + _MINUTE
    while time.monotonic() < end:
        found = _RSS.search(Path(f"/proc/{pid}/status").read_text())
        if found is not None:
            out.append(int(found[1]) / 1000)
        time.sleep(1.0)
    return out


@dataclass
class _Seen:
    """What viewers saw."""

    drawings: list[int] = field(default_factory=lambda: [0] * VIEWERS)
    cached: float = 0.0
    """MB of all caches, as the page Lake said last."""


class _Jobs:
    """Training jobs: in each project many that ended, and two that log; each minute the older one ends."""

    def __init__(self, where: Path) -> None:
        self._store = open_store(where)
        self._chance = random.Random(0)
        self._next = 0
        self.ended = 0
        note_lake(self._store)
        for project in _PROJECTS:
            for _ in range(_RUNS):
                self._begin(project, _STEPS).finish()
        self._live = [self._begin(project, 50) for project in _PROJECTS for _ in range(2)]
        for each in self._live:
            each.flush()

    def run(self, stop: Event) -> None:
        """Log until told to stop."""
        turn = 0
        while not stop.wait(_FLUSH_SECONDS):
            for each in self._live:
                each.log(self._points(len(each.points) // 3, 20)).flush()
            turn += 1
            if turn % 3 == 0:
                done = self._live.pop(0)
                done.finish()
                self.ended += 1
                self._live.append(self._begin(done.project, 50))
                self._live[-1].flush()

    def _begin(self, project: str, steps: int) -> Writer:
        n = self._next
        self._next += 1
        config = {"lr": 10 ** self._chance.uniform(-4, -1), "model": self._chance.choice("abcd"), "seed": n % 5}
        fields = {"name": f"run-{n}", "user": f"user{n % 7}"}
        writer = Writer(self._store, project, f"r{n:05d}", rand=f"{n:08x}", config=config, fields=fields)
        return writer.start().log(self._points(0, steps))

    def _points(self, first: int, steps: int) -> list[Point]:
        return [
            Point(name, first + step, self._chance.random() / (1 + step))
            for step in range(steps)
            for name in ("val/acc", "test/acc", "train/loss")
        ]


def addresses(n: int) -> Sequence[tuple[str, dict[str, object]]]:
    """The pages that a viewer goes over, in turn: name and query."""
    project = _PROJECTS[n % len(_PROJECTS)]
    runs = [f"r{_RUNS * (n % len(_PROJECTS)) + each:05d}" for each in range(n, n + 12)]
    here: dict[str, object] = {"project": project}
    return (
        ("home", {}),
        ("leaderboard", here | {"metric": "test/acc"}),
        ("runs", here | {"filter": "lr > 0.0001", "columns": ["val/acc", "params.lr", "curve:val/acc"]}),
        ("runs", here | {"group": "config"}),
        ("curves", here | {"run": runs, "smooth": 0.1 * (n % 5)}),
        ("compare", here),
        ("run", here | {"run": runs[0]}),
        ("leaderboard", here | {"at": "2023-11-14T22:13:21"}),
        ("trash", here),
        ("lake", {}),
    )


def _view(url: str, n: int, stop: Event, seen: _Seen) -> None:
    """One viewer: a page, two drawings of it, the next page, around and around in one session."""
    stream = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    while not stop.is_set():
        try:
            with connect(stream, origin=Origin(url), subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
                for page, query in cycle(addresses(n)):
                    for _ in range(2):
                        if stop.wait(_PAUSE_SECONDS * random.random() * 2):
                            return
                        _draw(socket, page, urlencode(query, doseq=True), seen)
                        seen.drawings[n] += 1
        except (OSError, WebSocketException) as error:
            print(f"viewer {n} comes again: {error}", flush=True)
            stop.wait(1.0)


def _draw(socket: ClientConnection, page: str, query: str, seen: _Seen) -> None:
    """Ask for a page and wait until it is drawn.

    Raises:
        TimeoutError: it was not within a minute.
    """
    asked = BackMsg()
    asked.rerun_script.query_string = query
    asked.rerun_script.page_name = page
    socket.send(asked.SerializeToString())
    end = time.monotonic() + _MINUTE
    while time.monotonic() < end:
        data = socket.recv(timeout=_MINUTE, decode=False)
        if found := _CACHED.search(data):
            seen.cached = float(found[1])
        told = ForwardMsg()
        told.ParseFromString(data)
        if told.WhichOneof("type") == "script_finished":
            return
    raise TimeoutError(f"the page {page} was not drawn within a minute")
