"""What a training job pays: per call, per import, per run, end to end."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lakeboard
from benchmarks.lakes import rows, series
from benchmarks.measure import Report, interpreter, per_call
from lakeboard.logger.buffer import Buffer
from lakeboard.schema.batch import Group, encode_groups
from lakeboard.schema.parquet import encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.store.local import LocalStore


def log_call(report: Report) -> None:
    """One `log()` of 10 metrics and of 1, against appending a dict to a list; then with the writer thread running."""
    metrics = {f"metric/{i}": random.random() for i in range(10)}
    one = {"loss": 0.5}
    kept: list[dict[str, float]] = []

    def append() -> None:
        kept.append(dict(metrics))

    reference = report.add("append a dict of 10 to a list", "us", per_call(append, number=20_000))
    kept.clear()
    buffer = Buffer(complain=print, hurry=lambda: None)

    def drained(values: dict[str, float]) -> list[float]:
        out = []
        for _ in range(15):
            out += per_call(lambda: buffer.append(values, None, None), number=10_000, repeat=1)
            buffer.take()
        return out

    report.add(
        "log() of 10 metrics, mean",
        "us",
        drained(metrics),
        against=reference,
        target="at most 10 appends",
        at_most=10 * reference.median,
    )
    report.add("log() of 1 metric, mean", "us", drained(one), against=reference, at_most=1.5)
    with tempfile.TemporaryDirectory() as folder:
        run = lakeboard.init(project="bench", lake=f"{folder}/lake", quiet=True)
        clock = time.perf_counter_ns
        spans: list[int] = []
        cpu = time.process_time()
        calls = 200_000
        for _ in range(calls):
            start = clock()
            run.log(metrics)
            spans.append(clock() - start)
        spans.sort()
        busy = (time.process_time() - cpu) / calls * 1e6
        run.finish()
    report.add("log() of 10, writer running, p50", "us", spans[calls // 2] / 1e3, against=reference, at_most=3)
    report.add("log() of 10, writer running, p99", "us", spans[int(calls * 0.99)] / 1e3, at_most=30)
    report.add("CPU per call, threads included", "us", busy, at_most=8)


def imports(report: Report) -> None:
    """`import lakeboard` over a bare interpreter."""
    bare = report.add("a bare interpreter, CPU", "ms", interpreter("pass"))
    figure = report.add("import lakeboard, CPU", "ms", interpreter("import lakeboard"), against=bare)
    # The minimum is what the imports take; the rest is the machine.
    report.add("import lakeboard, over the bare one", "ms", min(figure.values) - min(bare.values), at_most=25)


def end_to_end(report: Report) -> None:
    """A million points through `init`, `log`, `finish` into a local lake, against one `pq.write_table` of them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    calls, width = 100_000, 10
    names = [f"metric/{i}" for i in range(width)]
    rng = random.Random(0)
    level = [rng.random() for _ in names]
    logged = []
    for step in range(calls):
        level = [0.999 * v + 0.001 * rng.random() + 0.1 / (step + 1) for v in level]
        # Of 32 bits, as values are that come from a network.
        logged.append(dict(zip(names, array("f", level), strict=True)))
    rates, sizes = [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            run = lakeboard.init(project="bench", lake=f"{folder}/lake", quiet=True)
            for row in logged:
                run.log(row)
            run.finish()
            rates.append(calls * width / (time.perf_counter() - start))
            sizes.append(sum(p.stat().st_size for p in Path(folder).rglob("*.parquet")) / (calls * width))
    group = Group(tuple(names))
    for step, row in enumerate(logged):
        group.values.extend(row.values())
        group.starts.append(step * width)
        group.times.append(1.7e9 + step / 100)
        group.steps.append(step)
    table = pq.read_table(pa.BufferReader(encode_groups([group], writer="w001-00000000", attempt=1)))
    plain = []
    for _ in range(3):
        start = time.perf_counter()
        pq.write_table(table, pa.BufferOutputStream(), compression="zstd")
        plain.append(calls * width / (time.perf_counter() - start))
    reference = report.add("pq.write_table of a million points", "points/s", plain)
    report.add("init, log, finish of a million", "points/s", rates, against=reference, at_least=1e6)
    report.add("bytes a point, all objects", "bytes", sizes, at_most=4)
    grown = [_peak(300_000, 10) for _ in range(3)]
    report.add("peak memory over the interpreter with pyarrow", "MB", grown, at_most=150)
    report.add("the same, 10 million points", "MB", _peak(1_000_000, 10), at_most=150)
    report.add("the same, 10 million points of 100 metrics", "MB", _peak(100_000, 100), at_most=150)


def _peak(calls: int, width: int) -> float:
    """MB that a process takes, over one with pyarrow, that logs as fast as it can."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _PEAK, f"{folder}/lake", str(calls), str(width)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603


_PEAK = """
import random, re, sys
import pyarrow.compute, pyarrow.parquet, lakeboard
def peak():
    # Not getrusage's, which begins with the peak of the process that this one was forked from.
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1000
before = peak()
run = lakeboard.init(project="bench", lake=sys.argv[1], quiet=True)
calls, width = map(int, sys.argv[2:])
values = [random.random() for _ in range(4096)]
names = [f"metric/{i}" for i in range(width)]
for step in range(calls):
    run.log(dict(zip(names, values[step % 3000:])))
run.finish()
print(peak() - before)
"""


def short_runs(report: Report) -> None:
    """Runs of 20 params and 100 points in one process, one after the other."""
    count, rates, busy, writes, plain = 300, [], [], [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            plain.append(count / _plain_writes(Path(folder), count))
            with _counted_puts() as puts:
                start, cpu = time.perf_counter(), time.process_time()
                for number in range(count):
                    config = {f"p{i}": number * i for i in range(20)}
                    run = lakeboard.init(project="bench", lake=f"{folder}/lake", config=config, quiet=True)
                    for step in range(20):
                        run.log({f"m{i}": step for i in range(5)})
                    run.finish()
                rates.append(count / (time.perf_counter() - start))
                busy.append((time.process_time() - cpu) / count * 1e3)
                writes.append(puts[0] / count)
    reference = report.add("three files written, two of them synced", "times/s", plain)
    report.add("runs of 20 params and 100 points", "runs/s", rates, against=reference, at_least=150)
    total = report.add("CPU of such a run", "ms", busy)
    report.add("of it, to encode its three Parquet files", "ms", _encoding(), against=total)
    report.add("objects written for it", "objects", writes, at_most=4.05)


def _encoding() -> list[float]:
    """Milliseconds for the start, the points and the row of such a run as Parquet."""
    row, group = next(rows(1, metrics=5)), series(20, 5)

    def encode() -> None:
        encode_groups((), writer=row.writer, attempt=1, run=row.to_json())
        encode_groups([group], writer=row.writer, attempt=1)
        encode_table(rows_to_table([row]))

    return [each / 1000 for each in per_call(encode, number=50, repeat=5)]


def _plain_writes(folder: Path, count: int) -> float:
    """What the disk takes for as many bytes as a run leaves, as safely: the best that any run could do."""
    data = bytes(6_000)
    start = time.perf_counter()
    for number in range(count):
        for kind in ("start", "points", "row"):
            path = folder / f"{kind}-{number}"
            with path.with_suffix(".tmp").open("wb") as file:
                file.write(data)
                if kind != "start":
                    file.flush()
                    os.fsync(file.fileno())
            path.with_suffix(".tmp").rename(path)
            if kind != "start":
                handle = os.open(folder, os.O_RDONLY)
                os.fsync(handle)
                os.close(handle)
    return time.perf_counter() - start


@contextmanager
def _counted_puts() -> Iterator[list[int]]:
    put, count = LocalStore.put, [0]

    def counted(self: LocalStore, key: str, data: bytes, *, durable: bool = False) -> None:
        count[0] += 1
        put(self, key, data, durable=durable)

    LocalStore.put = counted  # type: ignore[method-assign]
    try:
        yield count
    finally:
        LocalStore.put = put  # type: ignore[method-assign]
