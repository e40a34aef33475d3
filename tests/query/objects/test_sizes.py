"""How many bytes values take: nearly, and without looking at everything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from lakeboard.query.objects.sizes import bytes_of


@dataclass(frozen=True, slots=True)
class Pair:
    left: object
    right: object


def test_frames_and_arrays_count_their_buffers() -> None:
    frame = pl.DataFrame({"x": np.zeros(100_000)})
    assert 800_000 <= bytes_of(frame) <= 802_000
    assert 800_000 <= bytes_of(np.zeros(100_000)) <= 801_000
    assert bytes_of(np.zeros(100_000)[:10]) < 1_000, "a slice holds what somebody else counts"


def test_what_is_held_twice_counts_once() -> None:
    frame = pl.DataFrame({"x": np.zeros(100_000)})
    assert bytes_of(Pair(frame, [frame, (frame,)])) < 810_000


def test_large_containers_count_by_a_sample() -> None:
    some = {f"run{n:06d}": n for n in range(100_000)}
    assert 100_000 * 150 < bytes_of(some) < 100_000 * 300
    assert bytes_of(list(range(1_000))) > 16_000


def test_types_that_others_count_do_not() -> None:
    big = pl.DataFrame({"x": np.zeros(100_000)})
    assert bytes_of(Pair(Pair(big, None), 1), without=(pl.DataFrame,)) < 1_000


def test_what_holds_itself_ends() -> None:
    round_trip: list[object] = []
    round_trip.append(round_trip)
    assert bytes_of(round_trip) < 1_000
