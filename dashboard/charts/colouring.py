"""Runs coloured by what they are: a param, their user, their group. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ...query.names.columns import column_kind
from ...query.tables.label_templates import value_text
from ..format.palette import DASHES, LIGHT, NONE, Mark, marks_of
from .model import without_columns

_DECADES = 2.0
"""Numbers above zero that span more than so many powers of ten are spread by their logarithm."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one colour means."""

    text: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Colouring:
    """The runs of a view with their marks, and what these mean."""

    marks: Mapping[str, Mark]
    title: str = ""
    """What colours stand for; empty for the runs themselves."""
    keys: tuple[Key, ...] = ()
    """Of categories: each colour; of numbers: five along the scale."""
    scale: bool = False
    """Whether the keys are places on a scale."""


def by_run(run_ids: Sequence[str], colours: Mapping[str, int]) -> Colouring:
    """Each run in its own colour, which `run_colours.colours_of` tells."""
    return Colouring(marks_of(run_ids, colours))


def by_column(runs: pl.DataFrame, column: str) -> Colouring:
    """Runs by the value of a column: numbers on a scale, anything else by category; without a value grey.

    The most frequent categories, one for each colour, get colours in order of their names; the rest is grey and called
    `other`.
    """
    title = column.removeprefix("params.").removeprefix("metrics.")
    ids, values = runs["run_id"].to_list(), runs[column].to_list()
    if column_kind(runs.schema[column]) == "number":
        return _by_number(ids, [None if v is None or not math.isfinite(v) else float(v) for v in values], title)
    texts = [None if value is None else value_text(value) for value in values]
    counts: dict[str, int] = {}
    for text in texts:
        if text is not None:
            counts[text] = counts.get(text, 0) + 1
    frequent = sorted(sorted(counts, key=lambda text: (-counts[text], text))[: len(LIGHT)])
    slots = {text: Mark(slot) for slot, text in enumerate(frequent)}
    marks = {
        run_id: slots.get(text or "", Mark(NONE)) if text is not None else Mark(NONE)
        for run_id, text in zip(ids, texts, strict=True)
    }
    keys = [Key(text, mark) for text, mark in slots.items()]
    if len(counts) > len(slots):
        keys.append(Key(f"{len(counts) - len(slots)} other", Mark(NONE)))
    if None in texts:
        keys.append(Key("none", Mark(NONE)))
    return Colouring(marks, title, tuple(keys))


def by_group(groups: Mapping[str, str], title: str) -> Colouring:
    """Runs by the group they belong to, groups in order; beyond twelve groups dashes distinguish them."""
    names = list(dict.fromkeys(groups.values()))
    marks = {
        name: Mark(place % len(LIGHT), DASHES[place // len(LIGHT) % len(DASHES)]) for place, name in enumerate(names)
    }
    sizes: dict[str, int] = {}
    for name in groups.values():
        sizes[name] = sizes.get(name, 0) + 1
    labels = dict(zip(names, names, strict=True))
    # The title names the columns, where it lists them.
    if all(name.count("=") == len(title.split(", ")) for name in names):
        labels = dict(zip(names, without_columns(names), strict=True))
    keys = tuple(Key(f"{labels[name]} (n = {sizes[name]})", mark) for name, mark in marks.items())
    return Colouring({run_id: marks[name] for run_id, name in groups.items()}, title, keys)


def _by_number(ids: Sequence[str], values: Sequence[float | None], title: str) -> Colouring:
    known = [value for value in values if value is not None]
    if not known:
        return Colouring(dict.fromkeys(ids, Mark(NONE)), title, (Key("none", Mark(NONE)),))
    low, high = min(known), max(known)
    logarithmic = low > 0 and high / low >= 10**_DECADES

    def place(value: float) -> float:
        if low == high:
            return 0.5
        if logarithmic:
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    marks = {
        run_id: Mark(0, shade=place(value)) if value is not None else Mark(NONE)
        for run_id, value in zip(ids, values, strict=True)
    }
    steps = [0.0] if low == high else [0.0, 0.25, 0.5, 0.75, 1.0]
    at = [low * (high / low) ** step if logarithmic else low + (high - low) * step for step in steps]
    keys = [Key(value_text(value), Mark(0, shade=place(value))) for value in at]
    if len(known) < len(values):
        keys.append(Key("none", Mark(NONE)))
    return Colouring(marks, title, tuple(keys), scale=True)
