"""Colours that stay with a run: the same on every page, in every session and for every viewer.

Eight colours, one set for light and one for dark pages. In each set any two can be told apart with normal vision and
with each of the three kinds of colour blindness, and every colour stands out from the page (tests check both). Runs
of one colour in one view get different dashes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Dash: TypeAlias = Literal["solid", "dot", "dash", "longdash", "dashdot"]

LIGHT: Final = ("#288dff", "#d4800a", "#005a36", "#ec1b69", "#4d2fc8", "#6c5a0d", "#878fb8", "#302238")
"""On a white page."""
DARK: Final = ("#68adf6", "#facb33", "#a5e4aa", "#e74666", "#7e77fc", "#b87729", "#51f5ff", "#a9abb0")
"""On a dark page; the n-th belongs to the n-th of `LIGHT`."""
DASHES: Final[tuple[Dash, ...]] = ("solid", "dash", "dot", "longdash", "dashdot")


@dataclass(frozen=True, slots=True)
class Mark:
    """How a run is drawn."""

    slot: int
    """Which colour: an index into `LIGHT` and `DARK`."""
    dash: Dash = "solid"


def slot_of(run_id: str) -> int:
    """The colour of a run, from its id alone."""
    return zlib.crc32(run_id.encode()) % len(LIGHT)


def marks_of(run_ids: Iterable[str]) -> dict[str, Mark]:
    """A mark for each run of a view: its own colour, and a dash that tells it from others of that colour.

    Dashes go by order of the ids, so the same runs always look the same, in whatever order they come. Beyond five
    runs of one colour dashes repeat.
    """
    used = [0] * len(LIGHT)
    marks = {}
    for run_id in sorted(set(run_ids)):
        slot = slot_of(run_id)
        marks[run_id] = Mark(slot, DASHES[used[slot] % len(DASHES)])
        used[slot] += 1
    return marks


def both() -> dict[str, list[str]]:
    """Both sets, as the browser's side takes them."""
    return {"light": list(LIGHT), "dark": list(DARK)}


SCALE: Final = ("#2f6fe0", "#8064b5", "#b45f87", "#d3653f", "#d97a0c")
"""From less to more of a number. Each stands out from light and dark pages alike (a test checks), and the ends stay
apart with each kind of colour blindness."""


def scale_colours() -> list[list[object]]:
    """The scale as Plotly takes it."""
    return [[i / (len(SCALE) - 1), colour] for i, colour in enumerate(SCALE)]
