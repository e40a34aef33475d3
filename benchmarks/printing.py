"""What keeping a console costs: the `print` of a training, and the background for each line."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator

import lakeboard
from benchmarks.measure import Report, per_call
from lakeboard.logger.capture.cleaning import Cleaner
from lakeboard.logger.capture.lines import Lines

_LINE = "epoch 17: train/loss 0.5312, val/acc 0.9125 (12.3 s), lr 0.001"


@contextlib.contextmanager
def _to_nowhere() -> Iterator[None]:
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        yield


def printing(report: Report) -> None:
    """One `print` of a line to a null device, with and without a run that keeps it; then the work for each line."""
    with _to_nowhere():
        plain = per_call(lambda: print(_LINE), number=5_000)
    reference = report.add("print of a line to a null device", "us", plain)
    kept = []
    with tempfile.TemporaryDirectory() as folder, _to_nowhere():
        run = lakeboard.init(project="bench", lake=f"{folder}/lake", quiet=True, console=True)
        for _ in range(15):
            kept += per_call(lambda: print(_LINE), number=500, repeat=1)
            # As a training would, which prints now and then: the cost of the call, not of a queue that is full.
            time.sleep(0.2)
        run.finish()
    report.add("print of a line that a run keeps", "us", kept, against=reference, at_most=10)
    text = "".join(f"{_LINE} {n}\n" for n in range(2_000))

    def work() -> float:
        start = time.perf_counter()
        for _ in Cleaner().clean(Lines().feed(text, 0.0)):
            pass
        return (time.perf_counter() - start) / 2_000 * 1e6

    report.add("folding and redacting a line, in the background", "us", [work() for _ in range(7)], at_most=100)
