"""What a training loop notices of a store that is away, and what hours of that take in memory and spool."""

from __future__ import annotations

import os
import resource
import tempfile
import threading
import time
from pathlib import Path
from unittest import mock

import lakeboard
from benchmarks.measure import Report
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.store.local import LocalStore
from tests.s3server import ACCESS_KEY, BUCKET, SECRET_KEY, StoppableS3

_METRICS = {f"metric/{i}": i / 7 for i in range(10)}
_QUIET_SECONDS = 20.0
_AWAY_SECONDS = 60.0


def outage(report: Report) -> None:
    """`log()` of 10 metrics every millisecond on a real S3 server: all well, then the server killed for a minute."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = StoppableS3(Path(folder) / "s3")
        server.start()
        environment = {
            "AWS_ENDPOINT_URL": server.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
            "LAKEBOARD_SPOOL": f"{folder}/spool",
        }
        try:
            with mock.patch.dict(os.environ, environment):
                lake = f"s3://{BUCKET}/outage"
                run = lakeboard.init(project="bench", lake=lake, quiet=True, flush_seconds=2.0, finish_seconds=60)
                quiet = _spans(run, _QUIET_SECONDS)
                server.stop()
                away = _spans(run, _AWAY_SECONDS)
                starter = threading.Thread(target=server.start)
                starter.start()
                back = _spans(run, _QUIET_SECONDS)
                starter.join()
                run.finish()
        finally:
            server.stop()
    reference = report.add("log() of 10, p99, all well", "us", _at(quiet, 0.99))
    target, limit = "2 x the quiet run's", 2 * reference.median
    report.add(
        "the same, the store away for a minute",
        "us",
        _at(away, 0.99),
        against=reference,
        target=target,
        at_most=limit,
    )
    report.add(
        "the same, while it catches up",
        "us",
        _at(back, 0.99),
        against=reference,
        target=target,
        at_most=limit,
    )
    longest = report.add("longest log(), all well", "ms", max(quiet) / 1e6)
    report.add("the same, the store away for a minute", "ms", max(away) / 1e6, against=longest)


def hours(report: Report) -> None:
    """50 million points, as 10 metrics log at 100 steps a second in 14 hours, to a store that never answers."""

    def away(*_: object, **__: object) -> None:
        raise StoreUnreachable("away")

    with tempfile.TemporaryDirectory() as folder, mock.patch.object(LocalStore, "put", away):
        environment = {"LAKEBOARD_SPOOL": f"{folder}/spool"}
        with mock.patch.dict(os.environ, environment):
            run = lakeboard.init(
                project="bench", lake=f"{folder}/lake", quiet=True, finish_seconds=0, spool_cap_bytes=4_000_000_000
            )
            before = _resident_mb()
            peak = before
            for n in range(5_000_000):
                run.log(_METRICS)
                if n % 20_000 == 0:
                    peak = max(peak, _resident_mb())
                    time.sleep(0.02)
            spool = sum(f.stat().st_size for f in (Path(folder) / "spool").rglob("*.spool")) / 1e6
            report.add("memory grown by 50 million points unsent", "MB", peak - before, at_most=300)
            report.add("spool of 50 million points", "MB", spool)
            report.add("points refused", "points", run._buffer.dropped, at_most=0)  # noqa: SLF001
            run.finish()


def _spans(run: lakeboard.Run, seconds: float) -> list[int]:
    clock, spans = time.perf_counter_ns, []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = clock()
        run.log(_METRICS)
        spans.append(clock() - began)
        time.sleep(0.001)
    return spans


def _at(spans: list[int], share: float) -> float:
    return sorted(spans)[int(share * len(spans))] / 1e3


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
