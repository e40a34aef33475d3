from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lakeboard import Image
from lakeboard.logger.media.pool import COPIES, LEAST_BYTES, Pool

LARGE: Any = np.arange(LEAST_BYTES, dtype=np.uint8)


def test_memory_is_used_again_by_copies_of_the_same_size() -> None:
    pool = Pool()
    first = pool.copied(memoryview(LARGE))
    assert bytes(first) == LARGE.tobytes()
    pool.give_back(first)
    assert pool.kept == LEAST_BYTES
    second = pool.copied(memoryview(LARGE[::-1].copy()))
    assert second is first
    assert bytes(second) == LARGE[::-1].tobytes()
    assert pool.kept == 0


def test_no_more_is_kept_than_it_may() -> None:
    pool = Pool(most=LEAST_BYTES)
    copies = [pool.copied(memoryview(LARGE)) for _ in range(3)]
    for each in copies:
        pool.give_back(each)
    assert pool.kept == LEAST_BYTES


@given(st.integers(1, 40), st.booleans())
def test_what_lies_out_of_order_or_is_small_is_copied_in_order(n: int, turned: bool) -> None:
    values: Any = np.arange(n * 3000, dtype=np.float32).reshape(n, 3000)
    values = values.T if turned else values
    assert bytes(Pool().copied(memoryview(values))) == values.tobytes()


def test_a_picture_that_is_logged_twice_keeps_its_own_memory() -> None:
    first, second = (Image(np.full((256, 256), n, np.uint8), format="png") for n in (1, 2))
    before = first.encode().data
    assert second.encode().data != before
    assert first.encode().data == before
    del second
    again = Image(np.full((256, 256), 3, np.uint8), format="png")
    assert first.encode().data == before
    assert again.encode().data != before
    assert COPIES.kept >= 0
