"""Documents as acts: each version sets some fields, and of each field the last one wins. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .version import Version


@dataclass(frozen=True, slots=True)
class Setting:
    """What a field is set to, and by which act."""

    value: Any
    act: Version[Mapping[str, Any]]


def fold_acts(acts: Iterable[Version[Mapping[str, Any]]]) -> dict[str, Setting]:
    """Of each field what the last act that names it said; in order of names.

    The order of `acts` does not matter, nor does one that comes twice. A field that an act sets to None is taken back
    by it: it is in the result with None, so that it is known who did. Deleted acts say nothing.
    """
    out: dict[str, Setting] = {}
    for act in sorted((each for each in acts if not each.deleted), key=lambda act: (act.id, act.slug)):
        out |= {field: Setting(value, act) for field, value in act.content.items()}
    return dict(sorted(out.items()))
