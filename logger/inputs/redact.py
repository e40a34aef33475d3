"""What a run's row keeps of what people pass: walked, redacted, flattened. Pure; the tables are those of `schema`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from ...schema.plain.walk import ROW_LIMITS, Limits, Plain, walk, walk_fields
from ...schema.secrets.names import REDACTED, is_secret_name
from ...schema.secrets.redact import redact_arguments, redact_code, redact_text, redact_tree, redact_value
from ...schema.values import Param, encode_param, params_of, storable

__all__ = [
    "REDACTED",
    "Taken",
    "is_secret_name",
    "redact_arguments",
    "redact_code",
    "redact_params",
    "redact_text",
    "redact_traceback",
    "take_params",
    "take_result",
]


_MARGIN: Final = re.compile(r"^(?: *[|+](?:-[-\d ]*)?)* ?(?=\S|  )")
"""Before each line of an exception group's traceback."""
_FRAMES: Final = ("Traceback (most recent call last)", "Exception Group Traceback (most recent", '  File "')
"""How the lines begin after which source stands."""


@dataclass(slots=True)
class Taken:
    """What was taken of something that somebody passed."""

    params: dict[str, Param]
    """By dotted name."""
    notes: list[str] = field(default_factory=list)
    """A sentence for each thing that was cut, renamed or could not be read."""


def redact_traceback(text: str) -> str:
    """A traceback without secrets: its lines of source as source, its messages as text, where `password=x` is one."""
    out: list[str] = []
    message: list[str] = []
    in_frames = False
    for line in redact_code(text).splitlines(keepends=True):
        inner = _MARGIN.sub("", line)
        in_frames = inner.startswith(_FRAMES) or (in_frames and inner.startswith("  "))
        if not in_frames:
            message.append(line)
            continue
        out += [redact_text("".join(message)), line]
        message.clear()
    return "".join([*out, redact_text("".join(message))])


def redact_params(params: object) -> dict[str, Plain]:
    """A config as plain values, with what lies under secret names, and text of secret shapes, replaced. A copy.

    Looks into whatever has fields, and lists, at any depth. What can't be looked into is named instead of raised: a
    config must never stop a training.
    """
    return redact_tree(walk_fields(params, limits=ROW_LIMITS) or {})


def take_params(values: object, *, limits: Limits = ROW_LIMITS) -> Taken:
    """A config, or a part of one, as a run's row keeps it: `walk`, `redact_tree`, then dotted names.

    Args:
        values: a dict, or what else has fields; anything else gives no params.
        limits: what is larger is cut, and noted.
    """
    notes: list[str] = []
    tree = walk_fields(values, limits=limits, notes=notes) or {}
    return Taken(params_of(redact_tree(tree), notes=notes), notes)


def take_result(name: str, value: object) -> Taken:
    """One value of a summary that is no number, as the column `results` keeps it: under its whole name."""
    notes: list[str] = []
    plain = redact_value(name, walk(value, limits=ROW_LIMITS, notes=notes, what=f"summary {name!r}"))
    return Taken({storable(name): encode_param(plain)}, notes)
