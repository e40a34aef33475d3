"""Labels of runs from a template such as `{name} lr={lr} {val/acc}`. Names are looked up, nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from ...schema.errors import InvalidSetting
from ...schema.text.nearest import did_you_mean, nearest
from ..names.columns import find_column, short_name

_LONGEST: Final = 300
_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_OWN: Final = {"name": "name", "id": "run_id", "run_id": "run_id"}
"""The run's own, whatever params it may have."""
_NONE: Final = "\N{EN DASH}"
_PLAIN: Final = (1e-4, 1e7)
_EXPONENT: Final = re.compile(r"e(-?)\+?0*(\d+)$")
"""As `1e-5` and not `1e-05`: the way numbers are written on all pages."""


@dataclass(frozen=True, slots=True)
class Field:
    """A name in braces."""

    name: str
    position: int


def parse_template(text: str) -> tuple[str | Field, ...]:
    """Plain text and fields in order; `{{` and `}}` stand for braces.

    Raises:
        InvalidSetting: a brace without its other half, nothing in braces, or more than 300 characters.
    """
    if len(text) > _LONGEST:
        raise InvalidSetting(f"the legend has {len(text)} characters; use at most {_LONGEST}")
    parts: list[str | Field] = []
    end = 0
    for found in _TOKEN.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        token = found[0]
        if token in ("{{", "}}"):
            parts.append(token[0])
        elif found[1] is None:
            raise InvalidSetting(
                f"the brace at place {found.start() + 1} of the legend has no other half; write {{name}}"
            )
        elif not found[1].strip():
            raise InvalidSetting(f"the braces at place {found.start() + 1} of the legend are empty; write {{name}}")
        else:
            parts.append(Field(found[1].strip(), found.start() + 1))
    parts.append(text[end:])
    return tuple(part for part in parts if part)


def render_labels(text: str, runs: pl.DataFrame) -> dict[str, str]:
    """By run id the label of each run.

    `{name}` is the run's name (its id where it has none), `{id}` its id; other names mean what they mean in filters:
    a param, else the last value of a metric, else a column of the run. What a run lacks is a dash; numbers have four
    significant digits.

    Args:
        text: of the template.
        runs: one row per run, of `Lake.runs`.

    Raises:
        InvalidSetting: no template, or a name that no run has.
    """
    parts = parse_template(text)
    columns = {part.name: _column(part, runs.schema) for part in parts if isinstance(part, Field)}
    names = runs.select(pl.coalesce("name", "run_id")).to_series().to_list()
    out = {}
    values = {name: names if column == "name" else runs[column].to_list() for name, column in columns.items()}
    for row, run_id in enumerate(runs["run_id"].to_list()):
        out[run_id] = "".join(part if isinstance(part, str) else value_text(values[part.name][row]) for part in parts)
    return out


def _column(field: Field, schema: Mapping[str, pl.DataType]) -> str:
    column = _OWN.get(field.name) or find_column(field.name, schema)
    if column is None:
        near = nearest(field.name, [short_name(each, schema) for each in schema], limit=1)
        hint = did_you_mean(near, show="{{{}}}".format)
        raise InvalidSetting(f"no run has {{{field.name}}}, at place {field.position} of the legend{hint}")
    return column


def value_text(value: object) -> str:
    """A param or metric as a label says it."""
    match value:
        case None:
            return _NONE
        case bool():
            return "true" if value else "false"
        case float():
            plain = value != value or value == 0 or _PLAIN[0] <= abs(value) < _PLAIN[1]
            text = f"{value:.4g}" if not plain or abs(value) < 1e4 else f"{value:.0f}"
            return _EXPONENT.sub(r"e\1\2", text)
        case datetime():
            return value.isoformat(sep=" ", timespec="minutes")
        case list():
            return ", ".join(str(each) for each in value)
    return str(value)
