"""A small lake for the screen: nine ended runs of three models, one failed under a hostile name, one that runs."""

from __future__ import annotations

from pathlib import Path

from lakeboard.store.base import Store
from lakeboard.store.local import LocalStore
from tests.query.lakes import T0, Point, Writer, note_lake

PROJECT = "digits"
HOSTILE = "<img src=x onerror=window.hacked=1>"
LIVE = "live"


def curve(model: int, seed: int, steps: int = 8) -> list[Point]:
    """Accuracy that rises and a loss that falls, each model at its own height."""
    accuracy = [0.5 + 0.1 * model + 0.01 * seed + 0.02 * step for step in range(steps)]
    return [
        point
        for step, value in enumerate(accuracy)
        for point in (Point("val/acc", step, value), Point("train/loss", step, 1.0 - value))
    ]


def make(root: Path) -> str:
    """Write the lake below a folder; its address."""
    fill(LocalStore(str(root)))
    return str(root)


def fill(store: Store) -> None:
    """Write the lake."""
    note_lake(store)
    for model in range(3):
        for seed in range(3):
            n = 3 * model + seed
            writer = Writer(
                store,
                PROJECT,
                f"r{n}",
                rand=f"{n:08x}",
                config={"model": "abc"[model], "lr": 10.0**-model, "seed": seed},
                fields={"name": f"{'abc'[model]}-{seed}", "user": ("ada", "ben")[n % 2], "host": "box"},
            )
            writer.start().log(curve(model, seed)).flush()
            writer.finish(created_at=T0 + n * 1000, started_at=T0 + n * 1000)
    failed = Writer(store, PROJECT, "rx", rand="000000ff", config={"model": "a"}, fields={"name": HOSTILE})
    failed.start().log([Point("val/acc", 0, 0.1)]).flush()
    failed.finish("failed", error="RuntimeError: out of memory", created_at=T0 - 1000)
    running(store).flush()


def running(store: Store) -> Writer:
    """A run that goes on."""
    writer = Writer(store, PROJECT, "rlive", rand="000000aa", config={"model": "b", "lr": 0.5}, fields={"name": LIVE})
    # Tests that share the lake may run for minutes; a writer that says nothing for long is taken for silent.
    writer.due_seconds = 3600.0
    return writer.start().log(curve(1, 5, steps=3))


def damage(root: str) -> str:
    """Cut one row of an ended run short; its key."""
    folder = Path(root) / "runs" / f"project={PROJECT}"
    path = next(each for each in sorted(folder.iterdir()) if each.name.startswith("r-r0."))
    path.write_bytes(path.read_bytes()[:-20])
    return f"runs/project={PROJECT}/{path.name}"
