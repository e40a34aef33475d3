"""Colours: the same run, the same colour; any two told apart by everybody."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lakeboard.dashboard.format.palette import (
    DARK,
    DASHES,
    LIGHT,
    MANY,
    SCALE,
    SCALE_DARK,
    SCALE_LIGHT,
    Mark,
    mark_of,
    marks_of,
    scale_colours,
    shade,
)
from lakeboard.dashboard.server import theme
from lakeboard.query.tables.run_colours import COLOURS, colours_in_order, preferred

Floats = NDArray[np.float64]

# Linear RGB as seen with normal vision and with total lack of one kind of cone (Machado, Oliveira, Fernandes 2009).
_EYES = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_APART = 22.0
"""Least distance of two colours in CIE Lab; 2 can just be seen side by side."""


def linear(colour: str) -> Floats:
    raw = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)


def lab(rgb: Floats) -> Floats:
    xyz = _TO_XYZ @ rgb / _TO_XYZ.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a: str, b: str) -> float:
    low, high = sorted(float(np.dot([0.2126, 0.7152, 0.0722], linear(each))) for each in (a, b))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("eyes", list(_EYES))
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_any_two_colours_can_be_told_apart(colours: tuple[str, ...], eyes: str) -> None:
    seen = [lab(np.clip(_EYES[eyes] @ linear(colour), 0, 1)) for colour in colours]
    closest = min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))
    assert closest >= _APART


@pytest.mark.parametrize(("section", "colours"), [("theme.light", LIGHT), ("theme.dark", DARK)])
def test_every_colour_stands_out_from_its_page(section: str, colours: tuple[str, ...]) -> None:
    page = str(theme.SETTINGS[section]["backgroundColor"])
    assert min(contrast(colour, page) for colour in colours) >= 3.0


@pytest.mark.parametrize("section", ["theme.light", "theme.dark"])
def test_words_can_be_read(section: str) -> None:
    colours = theme.SETTINGS[section]
    for surface in ("backgroundColor", "secondaryBackgroundColor"):
        for ink in ("textColor", "linkColor", "grayColor", "redColor", "greenColor", "orangeColor"):
            assert contrast(str(colours[ink]), str(colours[surface])) >= 4.5, (ink, surface)


def test_both_sets_are_of_one_size() -> None:
    assert COLOURS == len(LIGHT) == len(DARK) == len({*LIGHT}) == len({*DARK})


def test_a_run_keeps_its_colour_whoever_is_beside_it() -> None:
    colours = {"r1": 7}
    assert all(marks_of(["r1", f"x{n}"], colours)["r1"].slot == 7 == mark_of("r1", colours).slot for n in range(50))
    assert mark_of("elsewhere", colours) == Mark(preferred("elsewhere"))


@given(st.lists(st.text(min_size=1, max_size=8), max_size=40, unique=True))
def test_marks_differ_while_there_are_dashes_left(run_ids: list[str]) -> None:
    marks = marks_of(run_ids, {})
    assert marks == marks_of(run_ids[::-1], {})
    by_slot: dict[int, list[Mark]] = {}
    for mark in marks.values():
        by_slot.setdefault(mark.slot, []).append(mark)
    for alike in by_slot.values():
        if len(marks) <= MANY and len(alike) <= len(DASHES):
            assert len(set(alike)) == len(alike)


@pytest.mark.parametrize("colour", SCALE)
@pytest.mark.parametrize(
    "page", [str(theme.SETTINGS[f"theme.{mode}"]["backgroundColor"]) for mode in ("light", "dark")]
)
def test_the_scale_stands_out_from_every_page(colour: str, page: str) -> None:
    assert contrast(colour, page) >= 3


@pytest.mark.parametrize("eyes", list(_EYES))
def test_the_ends_of_the_scale_are_far_apart_for_everybody(eyes: str) -> None:
    less, more = (lab(np.clip(_EYES[eyes] @ linear(colour), 0, 1)) for colour in (SCALE[0], SCALE[-1]))
    assert float(np.linalg.norm(less - more)) >= 2 * _APART


def test_the_scale_as_plotly_takes_it() -> None:
    assert [place for place, _ in scale_colours()] == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize("eyes", list(_EYES))
@pytest.mark.parametrize("stops", [SCALE_LIGHT, SCALE_DARK], ids=["light", "dark"])
def test_the_scale_grows_darker_or_lighter_evenly_for_everybody(stops: tuple[str, ...], eyes: str) -> None:
    lightness = [float(lab(np.clip(_EYES[eyes] @ linear(colour), 0, 1))[0]) for colour in stops]
    steps = np.diff(lightness)
    assert (steps > 6).all() or (steps < -6).all(), lightness


def test_every_place_on_the_scale_can_be_seen_on_the_page() -> None:
    for place in np.linspace(0, 1, 11):
        light, dark = shade(float(place))
        assert contrast(light, "#ffffff") >= 1.7
        assert contrast(dark, "#10151b") >= 1.7
    assert shade(0.0) == (SCALE_LIGHT[0], SCALE_DARK[0])
    assert shade(2.0) == (SCALE_LIGHT[-1], SCALE_DARK[-1])


def test_ten_runs_of_any_project_are_ten_pairs_of_colour_and_dash() -> None:
    colours, pairs = [], []
    for project in range(200):
        run_ids = [f"r{project:03}{n:04}" for n in range(10)]
        marks = marks_of(run_ids, dict(zip(run_ids, colours_in_order(run_ids), strict=True)))
        colours.append(len({mark.slot for mark in marks.values()}))
        pairs.append(len({(mark.slot, mark.dash) for mark in marks.values()}))
    assert min(pairs) == 10
    # Dashes are the exception: of ten runs in a row nearly nine differ in their colour alone.
    assert sum(colours) / len(colours) > 8.4


def test_of_many_runs_none_is_dashed() -> None:
    assert {mark.dash for mark in marks_of((f"r{n}" for n in range(MANY + 1)), {}).values()} == {"solid"}
