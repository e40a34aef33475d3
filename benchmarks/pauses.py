"""What a training loop notices: the worst gaps of a 1 ms loop, and calls with scalars of other libraries."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import lakeboard
from benchmarks.measure import Report
from lakeboard.store.local import LocalStore

_SECONDS = 4.0
_ROUNDS = 3
_REPETITIONS = 50
_CALLS = 100_000


def pauses(report: Report) -> None:
    """Worst gap of a loop that sleeps 1 ms a step, without and with 100 metrics a step; flushed every half second."""
    metrics = {f"metric/{i}": random.random() for i in range(100)}
    bare: list[float] = []
    quick: list[float] = []
    slow: list[float] = []
    heavy: list[float] = []
    # Alternating, since the machine's own noise comes and goes.
    for _ in range(_ROUNDS):
        bare += [_worst_gap(lambda: None)]
        quick += [_logging(metrics, times=1)]
        with _slow_puts(1.0):
            slow += [_logging(metrics, times=1)]
        heavy += [_logging(metrics, times=10)]
    reference = report.add("worst gap of a 1 ms loop", "ms", bare)
    target, limit = "5 ms over the bare loop's", reference.median + 5
    report.add("the same, 100 metrics a step", "ms", quick, against=reference, target=target, at_most=limit)
    report.add("the same, every PUT takes a second", "ms", slow, against=reference, target=target, at_most=limit)
    report.add("the same, 1,000,000 points a second", "ms", heavy, against=reference)


def flat_out(report: Report) -> None:
    """Worst call of 100,000 that log 10 metrics as fast as they can, 50 times, each beside a loop that logs nothing."""
    metrics = {f"metric/{i}": random.random() for i in range(10)}
    bare: list[float] = []
    logged: list[float] = []
    for _ in range(_REPETITIONS):
        bare.append(_worst_call(lambda: sum(range(200))))
        with tempfile.TemporaryDirectory() as folder:
            run = lakeboard.init(project="bench", lake=f"{folder}/lake", quiet=True, finish_seconds=60)
            logged.append(_worst_call(lambda run=run: run.log(metrics)))  # type: ignore[misc]
            run.finish()
    reference = report.add("worst of 100,000 turns of a bare loop", "ms", bare)
    report.add(
        "worst of 100,000 calls of log()",
        "ms",
        logged,
        against=reference,
        target="at most 25 ms or 3 bare loops' worst, all",
        met=max(logged) <= max(25.0, 3 * max(bare)),
    )


def scalars(report: Report) -> None:
    """One `log()` of 10 metrics by the kind of their values."""
    kinds: dict[str, Callable[[float], Any]] = {"float": float, "int": int, "bool": bool, "tensor-like": _Tensor}
    try:
        import numpy as np
    except ModuleNotFoundError:
        pass
    else:
        kinds |= {"numpy.float32": np.float32, "numpy.float64": np.float64}
    reference = None
    for name, kind in kinds.items():
        metrics = {f"metric/{i}": kind(i) for i in range(10)}
        with tempfile.TemporaryDirectory() as folder:
            run = lakeboard.init(project="bench", lake=f"{folder}/lake", quiet=True)
            clock = time.perf_counter_ns
            spans = []
            for _ in range(50_000):
                start = clock()
                run.log(metrics)
                spans.append(clock() - start)
            run.finish()
        spans.sort()
        figure = report.add(f"log() of 10 x {name}, p50", "us", spans[len(spans) // 2] / 1e3, against=reference)
        reference = reference or figure
        report.add(f"log() of 10 x {name}, p99", "us", spans[int(0.99 * len(spans))] / 1e3, at_most=30)


class _Tensor:
    """A scalar as another library would have it: a number only through `__float__`."""

    def __init__(self, value: float) -> None:
        self._value = value

    def __float__(self) -> float:
        return float(self._value)


def _logging(metrics: dict[str, float], *, times: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        run = lakeboard.init(project="bench", lake=f"{folder}/lake", quiet=True, flush_seconds=0.5, finish_seconds=60)

        def step() -> None:
            for _ in range(times):
                run.log(metrics)

        worst = _worst_gap(step)
        run.finish()
    return worst


def _worst_gap(step: Callable[[], None]) -> float:
    worst, last = 0.0, time.perf_counter()
    end = last + _SECONDS
    while last < end:
        step()
        time.sleep(0.001)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
    return worst * 1000


def _worst_call(act: Callable[[], object]) -> float:
    clock = time.perf_counter
    worst, last = 0.0, clock()
    for _ in range(_CALLS):
        act()
        now = clock()
        worst, last = max(worst, now - last), now
    return worst * 1000


@contextmanager
def _slow_puts(seconds: float) -> Iterator[None]:
    put = LocalStore.put

    def slow(self: LocalStore, key: str, data: bytes, *, durable: bool = False) -> None:
        time.sleep(seconds)
        put(self, key, data, durable=durable)

    LocalStore.put = slow  # type: ignore[method-assign]
    try:
        yield
    finally:
        LocalStore.put = put  # type: ignore[method-assign]
