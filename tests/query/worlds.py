"""A lake of three projects with live, silent, finished and failed runs, and a clock that moves when told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from lakeboard.query.lake import Lake
from lakeboard.store.testing import CountingStore, MemoryStore
from tests.query.lakes import T0, Point, Writer, ended_run, note_lake, put_edit, put_pack

BEGIN = datetime.fromtimestamp(T0 / 1000, UTC)
HOUR = timedelta(hours=1)


@dataclass
class Clock:
    """Both the store's and the machine's."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """A lake whose requests are counted."""

    clock: Clock = field(default_factory=Clock)
    store: MemoryStore = field(init=False)
    counting: CountingStore = field(init=False)
    lake: Lake = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(clock=self.clock)
        self.counting = CountingStore(self.store, keep_log=True)
        self.lake = Lake(self.counting, wall=self.clock, sleep=lambda seconds: None)


def at(hours: float) -> int:
    """Milliseconds since 1970, so many hours after the beginning."""
    return T0 + round(hours * 3_600_000)


def curve(*values: float, metric: str = "val/acc", first: int = 0) -> list[Point]:
    return [Point(metric, first + i, value) for i, value in enumerate(values)]


def team() -> World:
    """Three days in: `vision` (five runs), `speech` (three) and `quiet` (one, five weeks ago)."""
    world = World()
    store, clock = world.store, world.clock
    note_lake(store)
    old = at(-35 * 24)
    put_pack(
        store,
        [ended_run("q1", {}, {"loss": [1.0]}, name="old", user="cho", created_at=old, ended_at=old, updated_at=old)],
        project="quiet",
    )
    put_pack(
        store,
        [
            ended_run(
                f"v{n}",
                {"epochs": 3, "lr": 0.1 * n},
                {"val/acc": [0.1, best - 0.01, best]},
                name=f"vis-{n}",
                user=user,
                status=status,
                error=error,
                created_at=at(hours),
                started_at=at(hours),
                ended_at=at(hours + 1),
                updated_at=at(hours + 1),
            )
            for n, best, user, hours, status, error in (
                (1, 0.5, "ada", 0, "finished", None),
                (2, 0.7, "ben", 20, "finished", None),
                (3, 0.6, "ada", 60, "failed", "Traceback\nRuntimeError: out of memory"),
            )
        ],
        project="vision",
    )
    clock.now = BEGIN + 71 * HOUR
    silent = Writer(
        store, "speech", "s1", rand="00000051", config={"max_steps": 10}, fields={"name": "asr", "user": "ben"}
    )
    silent.start().log(curve(0.9, 0.8, metric="val/wer")).flush()
    clock.now = BEGIN + 72 * HOUR - timedelta(seconds=10)
    live = Writer(
        store,
        "vision",
        "v4",
        rand="00000004",
        config={"epochs": 8},
        fields={"name": "vis-4", "user": "ada", "host": "gpu7"},
    )
    live.start().log(curve(0.2, 0.3)).flush()
    other = Writer(store, "speech", "s2", rand="00000052", config={"max_steps": 10}, fields={"user": "ada"})
    other.start().log(curve(0.9, 0.7, 0.75, metric="val/wer")).flush()
    gone = Writer(store, "vision", "v5", rand="00000005", fields={"name": "mistake"}).start()
    gone.flush()
    put_edit(store, ["v5"], "delete", hlc=5, project="vision", editor="ada")
    clock.now = BEGIN + 72 * HOUR
    return world
