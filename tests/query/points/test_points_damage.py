"""Points whose objects are damaged, short or gone: what is intact is read, what is not is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lakeboard.query.objects.retry import RELISTS
from lakeboard.schema.parquet import encode_points
from lakeboard.store.testing import CountingStore
from tests.query.lakes import Writer, loss, points_table
from tests.query.points.test_points import quiet, seqs, truth


@pytest.fixture
def store(either_store: CountingStore) -> CountingStore:
    return either_store


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[: len(data) // 2],
    "zero bytes": lambda data: b"",
    "foreign": lambda data: b"not Parquet at all, but long enough to have a footer",
    "lying length": lambda data: b"PAR1" + b"\xff\xff\xff\x7fPAR1",
    "garbled pages": lambda data: data[:4] + bytes(b ^ 0x5A for b in data[4:200]) + data[200:],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_file_costs_its_own_rows_alone(store: CountingStore, damage: Callable[[bytes], bytes]) -> None:
    others = [Writer(store, run_id=f"r{i}").start().log(loss(7)) for i in range(4)]
    for other in others:
        other.finish()
    w = Writer(store, run_id="hurt").start().log(loss(10))
    w.seal()
    bad = w.log(loss(10, first=10)).seal()
    w.log(loss(10, first=20)).finish()
    store.put(bad, damage(store.get(bad)))
    lake, waits = quiet(store)
    found = seqs(lake.metrics("digits"))
    assert found.pop(("hurt", w.writer)) == [*range(10), *range(20, 30)]
    assert found == truth(*others)
    assert {p.kind for p in lake.problems("digits")} <= {"damaged", "incomplete"}
    assert {p.key for p in lake.problems("digits")} == {bad}
    assert waits == [], "damage is no reason to wait"


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_rows_of_a_damaged_file_are_taken_from_another(store: CountingStore, damage: Callable[[bytes], bytes]) -> None:
    w = Writer(store).start().log(loss(20))
    # A recovery's files beside the owner's.
    w.seal(0, 8, forget=True)
    w.seal(8, 20, forget=True)
    bad = w.seal(0, 20)
    w.finish()
    store.put(bad, damage(store.get(bad)))
    lake, _ = quiet(store)
    assert seqs(lake.metrics("digits")) == truth(w)
    assert [p.kind for p in lake.problems("digits")] == ["damaged"]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_tail_gives_way_to_what_overlaps_it(store: CountingStore, damage: Callable[[bytes], bytes]) -> None:
    w = Writer(store).start().log(loss(6))
    w.flush()
    bad = w.log(loss(4, first=6)).flush()
    store.put(bad, damage(store.get(bad)))
    lake, waits = quiet(store)
    assert seqs(lake.metrics("digits")) == {("r1", w.writer): list(range(6))}
    assert {p.kind for p in lake.problems("digits")} == {"damaged", "incomplete"}
    waits.clear()
    lake.metrics("digits")
    assert waits == [], "what was waited for in vain is not waited for again"
    w.seal(0, 10, forget=True)
    assert seqs(lake.metrics("digits")) == truth(w)


def test_file_with_fewer_rows_than_its_name_promises(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(10))
    bad = w.seal()
    w.finish()
    store.put(bad, encode_points(points_table(w.points[:9], 0, w.writer)))
    lake, _ = quiet(store)
    frame = lake.metrics("digits").collect()
    if store.is_local:
        # Polars reads it without counting; the rows that are there are right.
        assert frame.height == 9
    else:
        assert {p.kind for p in lake.problems("digits")} == {"damaged", "incomplete"}


def test_missing_file_is_waited_for_and_then_said(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(10))
    gone = w.seal()
    w.log(loss(5, first=10)).finish()
    lake, waits = quiet(store)
    lazy = lake.metrics("digits")
    store.delete([gone])
    assert seqs(lazy) == {("r1", w.writer): list(range(10, 15))}
    assert len(waits) == RELISTS
    assert [(p.key, p.kind) for p in lake.problems("digits")] == [(gone, "incomplete")]


def test_missing_file_that_another_replaces(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(10))
    gone = w.seal()
    w.finish()
    lake, waits = quiet(store)
    lazy = lake.metrics("digits")
    w.seal(0, 4, forget=True)
    w.seal(3, 10, forget=True)
    store.delete([gone])
    assert seqs(lazy) == truth(w)
    assert lake.problems("digits") == ()
    assert waits == []


def test_hole_is_waited_for_once(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(10))
    gone = w.seal(0, 5)
    w.finish()
    store.delete([gone])
    w.files.clear()
    lake, waits = quiet(store)
    assert seqs(lake.metrics("digits")) == {("r1", w.writer): list(range(5, 10))}
    (problem,) = lake.problems("digits")
    assert problem.kind == "incomplete"
    assert "rows 0 to 4" in problem.message
    assert len(waits) == RELISTS
    lake.metrics("digits").collect()
    assert len(waits) == RELISTS
