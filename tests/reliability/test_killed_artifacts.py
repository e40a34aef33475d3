"""Four writers of artifacts and two collectors in processes of their own, killed at random moments, 50 times."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from lakeboard.schema.artifacts.keys import FileKey
from lakeboard.schema.keys import parse_key
from lakeboard.store.base import Store
from lakeboard.store.opening import open_store
from lakeboard.upkeep.artifacts.collect import ABANDONED, collect
from lakeboard.upkeep.artifacts.download import verify
from lakeboard.upkeep.artifacts.versions import look, read_manifest
from lakeboard.upkeep.clock import store_now
from tests.upkeep.worlds import P

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.timeout(900)]

_NURSERY = """
import os, random, secrets, signal, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
import pyarrow as pa
import pyarrow.parquet
from lakeboard.store.opening import open_store
from lakeboard.upkeep.artifacts.acts import put_act
from lakeboard.upkeep.artifacts.collect import collect
from lakeboard.upkeep.artifacts.commit import commit
from lakeboard.upkeep.artifacts.draft import Draft
from lakeboard.upkeep.artifacts.versions import look


def now_ms():
    return time.time_ns() // 1_000_000


def write(store, folder, chance):
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        draft = Draft(artifact=chance.choice(["digits", "letters"]))
        # Few contents, so that versions share many; some as a bundle.
        for n in range(chance.randint(1, 4)):
            file = folder / str(n)
            file.write_bytes(bytes([chance.randint(65, 70)]) * chance.choice([0, 10, 100_000]))
            draft.add_file(file)
        if chance.random() < 0.2:
            for n in range(20):
                file = folder / f"small{n}"
                file.write_bytes(bytes([chance.randint(65, 66), n]))
                draft.add_file(file)
        commit(store, "p", draft, now_ms=now_ms(), new_rand=lambda: secrets.token_hex(4))
        if chance.random() < 0.4:
            shelf = look(store, "p")
            keys = [key for key, _ in (*shelf.listing.manifests, *shelf.listing.intents)]
            key = chance.choice(keys)
            put_act(
                store, "p", "purge", key.artifact, key.version,
                now_ms=now_ms(), seen=shelf.acts.newest, rand=secrets.token_hex(4),
            )


def gather(store):
    while True:
        rand, grace = secrets.token_hex(4), timedelta(days=-1)
        done = collect(store, "p", now=datetime.now(UTC), now_ms=now_ms(), rand=rand, grace=grace)
        assert not done.problems, done.problems


# What is imported at the first table and the first request to a bucket is imported here, once.
pa.Table.from_pylist([{"a": 1}])
if sys.argv[1].startswith("s3://"):
    import aiobotocore.session, s3fs
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    name, url, folder, seed = line.split()
    pid = os.fork()
    if not pid:
        store = open_store(url)
        if name.startswith("w"):
            write(store, Path(folder, name), random.Random(int(seed)))
        gather(store)
    print(pid, flush=True)
"""


class Crowd:
    """Processes that are started again whenever they are killed: forks of one that has read all modules."""

    def __init__(self, url: str, folder: Path, chance: random.Random) -> None:
        self._url = url
        self._folder = folder
        self._chance = chance
        self._log = (folder / "errors.txt").open("w+")
        self._nursery = subprocess.Popen(
            [sys.executable, "-c", _NURSERY, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.running = {name: self._start(name) for name in ("w1", "w2", "w3", "w4", "c1", "c2")}

    def _start(self, name: str) -> int:
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{name} {self._url} {self._folder} {self._chance.randrange(10**9)}\n")
        self._nursery.stdin.flush()
        return int(self._nursery.stdout.readline())

    def kill_one(self) -> None:
        """Kill any of them at any moment, and start it again."""
        time.sleep(self._chance.random() * 0.8)
        name = self._chance.choice(sorted(self.running))
        os.kill(self.running[name], signal.SIGKILL)
        self.running[name] = self._start(name)

    def stop(self) -> None:
        """Kill them all."""
        for pid in self.running.values():
            os.kill(pid, signal.SIGKILL)
        self._nursery.kill()
        self._nursery.communicate()
        self._log.close()

    def errors(self) -> str:
        """What any of them said before it ended by itself."""
        return (self._folder / "errors.txt").read_text()[-3000:]


def every_version_is_whole(store: Store) -> int:
    """How many versions live; each byte of each is read."""
    shelf = look(store, P)
    decided = shelf.decided
    living = [k for k, _ in shelf.listing.manifests if not decided.is_purged(k.artifact, k.version)]
    for key in living:
        assert list(verify(store, read_manifest(store, key))) == []
    return len(living)


def killed_fifty_times(url: str, folder: Path, seed: int) -> None:
    store = open_store(url)
    crowd = Crowd(url, folder, random.Random(seed))
    try:
        for _ in range(50):
            crowd.kill_one()
    finally:
        crowd.stop()
    assert crowd.errors() == "", "somebody ended by itself"
    lived = every_version_is_whole(store)
    assert lived > 10
    for n in range(3):
        later = store_now(store, rand=f"{n:016x}") + ABANDONED + timedelta(hours=1)
        collect(store, P, now=later, now_ms=time.time_ns() // 1_000_000, rand=f"{n:08x}", grace=timedelta(days=-30))
    assert every_version_is_whole(store) == lived
    shelf = look(store, P)
    assert shelf.listing.intents == ()
    rows = [row for key, _ in shelf.listing.manifests for row in read_manifest(store, key).files]
    left = {i.key for i in store.list("files/") if isinstance(parse_key(i.key), FileKey)}
    assert left == {row.object for row in rows}, "bytes that nobody names were left"


def test_on_disk(tmp_path: Path) -> None:
    killed_fifty_times(str(tmp_path / "lake"), tmp_path, 1)


@pytest.mark.s3
def test_on_a_real_s3_server(s3_lake: str, tmp_path: Path) -> None:
    killed_fifty_times(s3_lake, tmp_path, 2)
