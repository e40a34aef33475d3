"""What Python and the browser both do, they do alike: numbers in writing, unseen characters, arrays on their way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.dashboard.format.invisible import visible
from lakeboard.dashboard.format.numbers import number
from lakeboard.dashboard.format.packed import Packed, packed, packed_places, packed_values, unpacked
from tests.dashboard.components.node import Browser, answering

# Values that tie, and those at the ends of what is written without an exponent, are rare among all.
TIES = st.builds(lambda n, power: n / 2**power, st.integers(-(10**7), 10**7), st.integers(0, 20))
ENDS = st.builds(lambda end, part: end * (1 + part), st.sampled_from([1e-4, 1e7, 1.0]), st.floats(-1e-3, 1e-3))
VALUES = st.one_of(st.floats(), TIES, ENDS, st.integers(-(2**60), 2**60).map(float))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The scripts' functions, in one process for all tests."""
    with answering() as found:
        yield found


@settings(deadline=None)
@given(values=st.lists(VALUES, min_size=20, max_size=60), digits=st.integers(1, 8))
def test_numbers_are_written_alike(browser: Browser, values: list[float], digits: int) -> None:
    written = browser.ask("numbers", [repr(value) for value in values], digits)
    assert written == [number(value, significant=digits) for value in values]


@settings(deadline=None)
@given(st.text())
def test_unseen_characters_are_shown_alike(browser: Browser, text: str) -> None:
    assert browser.ask("visible", text) == visible(text)


@settings(deadline=None)
@given(st.lists(st.floats(), max_size=80), st.booleans())
def test_arrays_arrive_as_they_were_sent(browser: Browser, values: list[float], log: bool) -> None:
    sent: list[Packed] = [packed(values), packed_values([abs(v) or 1.0 for v in values] if log else values, log=log)]
    sent += [packed_places(np.cumsum(np.arange(len(values), dtype=float)))] if values else []
    for each in sent:
        arrived = [float(text.replace("Infinity", "inf")) for text in browser.ask("unpacked", each)]
        # Powers are the machine's own, and may differ in the last digit.
        np.testing.assert_allclose(arrived, unpacked(each), rtol=1e-14 if log else 0)
