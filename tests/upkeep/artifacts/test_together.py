"""Writers, people who purge, and collectors at once, one request at a time in orders that a seed decides."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from lakeboard.schema.artifacts.keys import IntentKey, ManifestKey
from lakeboard.schema.artifacts.manifest import Manifest, decode_manifest
from lakeboard.schema.errors import StoreError
from lakeboard.store.base import Store
from lakeboard.store.testing import Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.artifacts.acts import put_act
from lakeboard.upkeep.artifacts.collect import ABANDONED, collect
from lakeboard.upkeep.artifacts.commit import commit
from lakeboard.upkeep.artifacts.versions import look
from tests.effort import EXHAUSTIVE
from tests.upkeep.artifacts.shelves import NOW_MS, draft, files, living, named
from tests.upkeep.turns import Turns
from tests.upkeep.worlds import HOUR, T0, P, memory

NAMES = ("digits", "letters")


class World:
    """One lake, and who works on it."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.store, self.clock = memory()
        self._rands = count(seed * 1000)
        self.committed: list[str] = []

    def rand(self) -> str:
        return f"{next(self._rands):08x}"

    def writer(self, name: str) -> Callable[[Store], None]:
        """Makes versions of a few files out of few contents, so that many are shared."""
        chance = random.Random(self.chance.random())

        def act(store: Store) -> None:
            for n in range(2):
                contents = {f"f{i}": bytes([chance.randint(65, 67)]) * 4 for i in range(chance.randint(1, 3))}
                made = draft(self.folder / name / str(n), contents, chance.choice(NAMES))
                try:
                    done = commit(store, P, made, now_ms=NOW_MS, new_rand=self.rand)
                except StoreError:
                    continue
                self.committed.append(str(done.manifest.head.version))

        return act

    def purger(self) -> Callable[[Store], None]:
        """Purges versions that live, and, wrongly, some that are being made."""
        chance = random.Random(self.chance.random())

        def act(store: Store) -> None:
            for _ in range(3):
                shelf = look(store, P)
                found: list[ManifestKey | IntentKey] = [key for key, _ in shelf.listing.manifests]
                found += [key for key, _ in shelf.listing.intents]
                if found:
                    key = chance.choice(found)
                    put_act(
                        store, P, "purge", key.artifact, key.version,
                        now_ms=NOW_MS, seen=shelf.acts.newest, rand=self.rand(),
                    )  # fmt: skip

        return act

    def collector(self) -> Callable[[Store], None]:
        def act(store: Store) -> None:
            for _ in range(3):
                self.gather(store, HOUR)

        return act

    def gather(self, store: Store, after: timedelta) -> None:
        collect(store, P, now=T0 + after, now_ms=NOW_MS, rand=self.rand(), grace=timedelta(0))

    def check(self) -> None:
        objects = self.store.objects
        assert named(objects) <= objects.keys(), "a living version lacks a file"


def together(seed: int, folder: Path, *, deaths: int, late: bool = False) -> World:
    world = World(seed, folder)
    outer: Store = world.store
    faulty = FaultyStore(world.store, lambda verb, key, n: None)
    if late:
        unclear = random.Random(seed)
        faulty.plan = lambda verb, key, n: (
            Fault(unclear.choice(["after", "later"]))
            if verb in ("put", "put_file") and "/e-" not in key and unclear.random() < 0.1
            else None
        )
        outer = faulty
    turns = Turns(outer, world.chance, deaths=deaths)
    writers = {f"writer {n}": world.writer(f"w{n}") for n in range(3)}
    others = {"purger": world.purger(), "collector 1": world.collector(), "collector 2": world.collector()}

    def between() -> None:
        if faulty.pending and world.chance.random() < 0.2:
            faulty.land(world.chance.randrange(faulty.pending))
        world.check()

    turns.run({**writers, **others}, mortal=[*writers, "collector 1", "collector 2"], between=between)
    faulty.land()
    world.check()
    # Those who died never come back: a janitor gives their versions up, and nothing of them stays.
    for _ in range(3):
        world.gather(world.store, ABANDONED + HOUR)
    objects = world.store.objects
    world.check()
    assert files(objects) == named(objects), "a file that nobody names was left"
    assert not [key for key in objects if "/i-" in key]
    return world


@pytest.mark.parametrize("seed", range(12))
def test_no_living_version_lacks_a_file_and_nothing_is_left(seed: int, tmp_path: Path) -> None:
    assert together(seed, tmp_path, deaths=0).committed


@pytest.mark.parametrize("seed", range(100, 112))
def test_so_it_is_when_writers_and_collectors_die(seed: int, tmp_path: Path) -> None:
    together(seed, tmp_path, deaths=3)


@pytest.mark.parametrize("seed", range(200, 212))
def test_so_it_is_when_puts_time_out_and_land_late(seed: int, tmp_path: Path) -> None:
    together(seed, tmp_path, deaths=1, late=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 2000 if EXHAUSTIVE else 1100))
def test_so_it_is_at_length(seed: int, tmp_path: Path) -> None:
    together(seed, tmp_path, deaths=seed % 4, late=seed % 3 == 0)


def test_the_check_can_fail(tmp_path: Path) -> None:
    world = World(1, tmp_path)
    world.writer("w")(world.store)
    (one, *_) = sorted(named(world.store.objects))
    world.store.delete([one])
    with pytest.raises(AssertionError, match="lacks a file"):
        world.check()
    found: list[Manifest] = [decode_manifest(d, key=k) for k, d in world.store.objects.items() if "/a-" in k]
    assert len(found) == len(living(world.store.objects))
    assert isinstance(world.store, MemoryStore)
