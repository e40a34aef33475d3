"""Lakes of any size to read from, made from the schema alone: what 100,000 runs leave behind, in a few seconds."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from dataclasses import replace

from lakeboard.schema.batch import Group, encode_groups
from lakeboard.schema.keys import PackKey, PointsKey, TailKey
from lakeboard.schema.parquet import encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import OWNER, RunRow, SealedFile, final_version
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.values import encode_param
from lakeboard.store.base import Store
from lakeboard.store.format import ensure_lake

PROJECT = "bench"
PACK_ROWS = 25_000
PACKAGES = tuple(f"package{i}" for i in range(25))
_START_MS = 1_760_000_000_000


def rows(count: int, *, params: int = 20, of: int = 200, metrics: int = 10, seed: int = 0) -> Iterator[RunRow]:
    """Ended runs, each with `params` of `of` distinct params and `metrics` metrics."""
    chance = random.Random(seed)
    names = [f"param{i:03d}" for i in range(of)]
    for n in range(count):
        chosen = {"lr": encode_param(10 ** chance.uniform(-5, -1)), "model": encode_param(chance.choice("abcd"))}
        chosen |= {names[i]: encode_param(_value(i, n, chance)) for i in chance.sample(range(of), params - 2)}
        at = _START_MS + n * 60_000
        summary = {}
        for m in range(metrics):
            value = chance.random()
            name = "val/acc" if m == 0 else f"metric/{m}"
            summary[name] = Summary(name, None, None, value, value, 99, at, value / 2, 3, value, 9, value, 100, 0)
        yield RunRow(
            f"r{n:08d}",
            "w001-00000000",
            version=final_version(100 * metrics, OWNER),
            status="finished",
            name=f"run-{n}",
            user=f"user{n % 20}",
            host="node",
            created_at=at,
            started_at=at,
            ended_at=at + 50_000,
            updated_at=at + 50_000,
            params=chosen,
            summary=summary,
            env={
                "python": "3.11",
                "command": f"train.py --seed {n}",
                "git.commit": f"{n // 50:040x}",
                **{f"package.{name}": "1.2.3" for name in PACKAGES},
            },
            rows=100 * metrics,
            files=(SealedFile("w001-00000000.000000001000-000000001000.parquet", 5_000),),
        )


def _value(param: int, run: int, chance: random.Random) -> float | int | str | bool:
    """Of each 8 params: 3 floats, 2 ints, 1 text, 1 flag, 1 that holds all of these."""
    kind = param % 8 if param % 8 < 7 else run % 7
    if kind < 3:
        return 10 ** chance.uniform(-5, 1)
    if kind < 5:
        return chance.randrange(1, 512)
    return chance.choice(("relu", "gelu", "silu", "tanh")) if kind == 5 else chance.random() < 0.5


def many_runs(store: Store, count: int, *, live: int = 10) -> None:
    """`count` ended runs in packs of 25,000, and `live` running ones."""
    ensure_lake(store)
    # What they hold repeats from pack to pack, since making it up takes longer than all else.
    made = list(rows(min(count, PACK_ROWS)))
    for generation, first in enumerate(range(0, count, PACK_ROWS), start=1):
        batch = [
            replace(row, run_id=f"r{first + n:08d}", created_at=_START_MS + (first + n) * 60_000)
            for n, row in enumerate(made[: count - first])
        ]
        key = PackKey("runs", PROJECT, generation, f"{generation:08x}")
        store.put(key.path, encode_table(rows_to_table(batch)))
    for n in range(live):
        flush(store, n, 0)
        flush(store, n, 1)


def flush(store: Store, n: int, k: int) -> None:
    """The `k`-th tail of live run `n`."""
    first = RunRow(f"live{n}", "w001-00000000", name=f"live-{n}", created_at=_START_MS, started_at=_START_MS)
    told = first.to_json() if k == 0 else {"due_seconds": 60.0, "sealed": 0, "updated_at": _START_MS + k}
    groups = [series(10 * k, 4)] if k else []
    key = TailKey(PROJECT, first.run_id, first.writer, k, 40 * k, 40 * k)
    store.put(key.path, encode_groups(groups, writer=first.writer, attempt=1, run=told))


def series(calls: int, width: int = 1, *, seed: int = 0) -> Group:
    """`width` noisy curves of `calls` points each."""
    chance = random.Random(seed)
    group = Group(tuple(f"metric/{i}" for i in range(width)))
    group.steps = array("q", range(calls))
    group.starts = array("q", range(0, calls * width, width))
    group.times = array("d", (_START_MS / 1000 + i / 10 for i in range(calls)))
    group.values = array("d", (chance.gauss(1 / (1 + i / 1000), 0.05) for i in range(calls) for _ in range(width)))
    return group


def long_curves(store: Store, runs: int, points: int) -> None:
    """`runs` ended runs of one metric with `points` points each (`metric/0`)."""
    ensure_lake(store)
    ended = []
    data = [encode_groups([series(points, seed=s)], writer="w001-00000000", attempt=1) for s in range(min(runs, 10))]
    for n in range(runs):
        key = PointsKey(PROJECT, f"r{n:08d}", "w001-00000000", points, points)
        blob = data[n % len(data)]
        store.put(key.path, blob)
        ended.append(
            RunRow(
                key.run_id,
                key.writer,
                version=final_version(points, OWNER),
                status="finished",
                name=f"run-{n}",
                created_at=_START_MS,
                started_at=_START_MS,
                ended_at=_START_MS + 1000,
                updated_at=_START_MS + 1000,
                summary={"metric/0": Summary("metric/0", None, None, 0.1, 0.1, points - 1, 0, 0, 0, 1, 0, 0.5, points)},
                rows=points,
                files=(SealedFile(key.name, len(blob)),),
            )
        )
    store.put(PackKey("runs", PROJECT, 1, "00000001").path, encode_table(rows_to_table(ended)))
