"""Colours that stay with a run: the same on every page, in every session and for every viewer. Pure.

Twelve colours, one set for light and one for dark pages. In each set any two differ to the eye with normal vision and
with each of the three kinds of colour blindness, and every colour stands out from the page (tests check both). More
colours would come so close that only a trained eye saw them differ; instead, runs that follow each other differ
(`query.colours`), and others of one colour in one view get different dashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ...query.tables.run_colours import preferred

Dash: TypeAlias = Literal["solid", "dot", "dash", "longdash", "dashdot"]

LIGHT: Final = (
    "#0068ff", "#cf8100", "#006c45", "#ff0086", "#6800b8", "#5d1005",
    "#0da3a5", "#b81304", "#9e9554", "#17347e", "#c073da", "#302936",
)  # fmt: skip
"""On a white page."""
DARK: Final = (
    "#9dc4ff", "#e9c200", "#11bb4e", "#f350ae", "#a541f5", "#a64442",
    "#6af6e5", "#dd3d00", "#d1ea95", "#6f56bb", "#b9ac97", "#006e77",
)  # fmt: skip
"""On a dark page; the n-th belongs to the n-th of `LIGHT`."""
DASHES: Final[tuple[Dash, ...]] = ("solid", "dash", "dot", "longdash", "dashdot")
NONE: Final = -1
"""The slot of runs without a value to be coloured by."""
INK: Final = -2
"""The slot of the run that others are compared with."""
SCALE_LIGHT: Final = ("#8ed0c5", "#42a5b8", "#2676a8", "#294c8e", "#2b1d63")
"""Numbers from low to high on a white page: even steps of lightness, away from the page."""
SCALE_DARK: Final = ("#5a4f9e", "#4f7cbd", "#49a5bf", "#6fcdb4", "#e6f2a3")
"""The same on a dark page."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a run is drawn."""

    slot: int
    """Which colour: an index into `LIGHT` and `DARK`; `NONE` for grey, `INK` for that of text."""
    dash: Dash = "solid"
    shade: float | None = None
    """Instead of the slot's colour: a place on the scale for numbers, 0 to 1."""

    @property
    def colour(self) -> int | list[str]:
        """As the browser's side takes it: a slot, or a colour for light and one for dark pages."""
        return self.slot if self.shade is None else list(shade(self.shade))


def shade(place: float) -> tuple[str, str]:
    """The colour of a place on the scale, 0 to 1, on light and on dark pages."""
    return _between(SCALE_LIGHT, place), _between(SCALE_DARK, place)


def _between(stops: tuple[str, ...], place: float) -> str:
    at = min(max(place, 0.0), 1.0) * (len(stops) - 1)
    low = min(int(at), len(stops) - 2)
    ends = [[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in stops[low : low + 2]]
    return "#" + "".join(f"{round(a + (b - a) * (at - low)):02x}" for a, b in zip(*ends, strict=True))


MANY: Final = 16
"""Beyond so many runs dashes only make a picture restless: colour alone, and hovering, distinguish them."""


def mark_of(run_id: str, colours: Mapping[str, int]) -> Mark:
    """The mark of a run where none is dashed.

    Args:
        run_id: or a row's id.
        colours: of the project's runs, as `run_colours.colours_of` gives them; a run that is not there has the colour
            of its id.
    """
    return Mark(colours[run_id] if run_id in colours else preferred(run_id))


def marks_of(run_ids: Iterable[str], colours: Mapping[str, int]) -> dict[str, Mark]:
    """A mark for each run of a view: its own colour, and a dash that tells it from others of that colour.

    Dashes go by order of the ids, so the same runs always look the same, in whatever order they come. Beyond five
    runs of one colour dashes repeat; of more than `MANY` runs none is dashed.

    Args:
        run_ids: or ids of rows.
        colours: as for `mark_of`.
    """
    run_ids = set(run_ids)
    if len(run_ids) > MANY:
        return {run_id: mark_of(run_id, colours) for run_id in sorted(run_ids)}
    used = [0] * len(LIGHT)
    marks = {}
    for run_id in sorted(run_ids):
        slot = mark_of(run_id, colours).slot
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
