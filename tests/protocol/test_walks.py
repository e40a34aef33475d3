"""Random walks where no search comes to an end: larger worlds, everybody at work, nothing lost or doubled."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from tests.protocol.blobs import BlobModel
from tests.protocol.blobs import Fault as BlobFault
from tests.protocol.checker import wander
from tests.protocol.lake import Bounds, Rules
from tests.protocol.packs import PackModel
from tests.protocol.ranks import Fault, ranks
from tests.protocol.tail import TailModel

LARGE = Bounds(
    rows=5,
    flushes=6,
    seals=4,
    doubt=4,
    hidden=True,
    crash=True,
    torn=True,
    closers=("recovery", "janitor", "janitor"),
    deaths=3,
    stale=2,
    relists=2,
)
FAULTS = {
    "seal_forgets": Rules(seal_forgets=True),
    "delete_before_row": Rules(delete_before_row=True),
    "recovery_spool_only": Rules(recovery_spool_only=True),
    "deletes_unread": Rules(deletes_unread=True),
    "by_number": Rules(by_number=True),
    "final_hides_live": Rules(final_hides_live=True),
}


def walk(rules: Rules, bounds: Bounds, walks: int, seed: int) -> str | None:
    return wander(TailModel(rules, bounds), walks=walks, steps=120, seed=seed).kind


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_large_worlds_hold(seed: int) -> None:
    found = wander(TailModel(Rules(), LARGE), walks=4_000, steps=120, seed=seed)
    assert found.kind is None, found.story()
    for verb in ("done", "finish", "recovery promises", "janitor promises", "janitor sweeps", "lands late", "deletes"):
        assert found.fired[verb], f"never tried: {verb}"


def test_a_large_world_holds_for_a_moment() -> None:
    found = wander(TailModel(Rules(), LARGE), walks=200, steps=120, seed=9)
    assert found.kind is None, found.story()
    assert found.states > 5_000


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_walks_find_planted_faults(fault: str) -> None:
    assert any(walk(FAULTS[fault], bounds, 6_000, seed=1) for bounds in (LARGE, replace(LARGE, closers=())))


@pytest.mark.slow
def test_many_packers_of_many_runs_hold() -> None:
    model = PackModel(versions=(3, 2, 2, 1), packers=3, doubt=3)
    found = wander(model, walks=4_000, steps=120, seed=1)
    assert found.kind is None, found.story()
    broken = replace(model, tombstones="dropped")
    assert wander(broken, walks=4_000, steps=120, seed=1).kind == "RESURRECTED"


RANK = Bounds(rows=4, flushes=4, seals=3, crash=True, torn=True, closers=("recovery", "janitor"))


@pytest.mark.parametrize("walks", [pytest.param(1_500, marks=pytest.mark.slow), 150])
def test_two_writers_in_a_large_world_hold(walks: int) -> None:
    found = wander(ranks(RANK, doubt=3, deaths=2, paged=True), walks=walks, steps=160, seed=walks)
    assert found.kind is None, found.story()
    if walks > 1_000:
        for verb in ("done", "finish", "recovery promises", "janitor promises", "janitor sweeps", "lands late"):
            assert found.fired[verb], f"never tried: {verb}"


@pytest.mark.parametrize("fault", [f for f in get_args(Fault) if f])
def test_walks_of_two_writers_find_planted_faults(fault: Fault) -> None:
    assert wander(ranks(RANK, doubt=1, fault=fault), walks=1_000, steps=160, seed=1).kind


CROWD = BlobModel(standing=1, writers=3, collectors=2, runs=3, purges=3, doubt=1)


@pytest.mark.parametrize("walks", [pytest.param(6_000, marks=pytest.mark.slow), 150])
def test_three_writers_beside_two_collectors_hold(walks: int) -> None:
    found = wander(CROWD, walks=walks, steps=120, seed=walks)
    assert found.kind is None, found.story()
    if walks > 1_000:
        for verb in ("deletes", "refers", "looks, in vain", "begins anew", "drops a manifest", "lands late"):
            assert found.fired[verb], f"never tried: {verb}"


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["no intent", "reuse of what exists", "manifests before files", "intents unread"])
def test_walks_of_two_writers_and_collectors_find_planted_faults(fault: BlobFault) -> None:
    broken = replace(CROWD, writers=2, fine=False, doubt=0, fault=fault)
    assert wander(broken, walks=6_000, steps=60, seed=1).kind == "DANGLING"
