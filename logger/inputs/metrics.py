"""What `log()` was given and the straight way refused: what of it is a number, and what to say of the rest.

Nothing here raises, whatever foreign objects do; nothing is changed without a word.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ...schema.errors import InvalidName, InvalidValue
from ...schema.names import check_metric, without_label
from ...schema.plain.contents import fields_of, is_array, is_complex
from ...schema.values import brief, flatten_metrics, metric_value, only_item

Complain = Callable[[str, str | None], None]
"""Tells the person a message, once for each thing that it is about (second; None: the message itself)."""

PLAIN: Final = frozenset({float, int, bool})
"""Types of values that the straight way takes without a look."""
_INT64: Final = range(-(2**63), 2**63)
_EARLIEST: Final = -62_135_596_800.0
_LATEST: Final = 253_402_300_799.0
"""The years 1 and 9999: what every reader of the lake can show."""
_ENDINGS: Final = (".min", ".max", ".mean")
"""What frames put behind a metric's name."""


def are_plain(metrics: Mapping[Any, object]) -> bool:
    """Whether all values are Python's own numbers."""
    try:
        return PLAIN.issuperset(map(type, metrics.values()))
    except Exception:  # noqa: BLE001 - a mapping of foreign code
        return False


def are_real(values: Iterable[object], known: set[type]) -> bool:
    """Whether `float()` of each value keeps all of it: none is a complex number, nor an array.

    NumPy drops imaginary parts with a warning that is often off.

    Args:
        values: of one call.
        known: types of which this is known; types without a dtype, and NumPy's scalars, are added.
    """
    for value in values:
        kind = type(value)
        if kind in known:
            continue
        try:
            if is_complex(value) or getattr(value, "shape", ()) != ():
                return False
            if not is_array(value) or any(base.__name__ == "generic" for base in kind.__mro__):
                known.add(kind)
        except Exception:  # noqa: BLE001 - foreign code
            return False
    return True


def read_metrics(metrics: Any, complain: Complain) -> tuple[dict[str, float], int]:
    """The numbers of a call by their whole name, and how many values could not be kept.

    Each value, and each name, that can't be kept is told and costs itself.
    """
    try:
        if not isinstance(metrics, Mapping) and fields_of(metrics) is None:
            complain(f'log() takes a dict such as {{"loss": 0.1}}, got {brief(metrics)}', None)
            return {}, 1
        flat = flatten_metrics(metrics, warn=lambda said: complain(said, None))
    except Exception as bad:  # noqa: BLE001 - a mapping of foreign code; training goes on
        complain(f"log() could not look into {type(metrics).__name__} ({_said(bad)})", None)
        return {}, 1
    clean: dict[str, float] = {}
    for given, value in flat.items():
        name = _unlabelled(given, flat, clean, complain)
        if name is None:
            continue
        try:
            clean[check_metric(name)] = metric_value(name, value)
        except (InvalidName, InvalidValue) as bad:
            complain(str(bad), f"metric {name} {type(value).__name__}")
        except Exception as bad:  # noqa: BLE001 - a value's own __float__ may raise anything; training goes on
            text = f"metric {name!r} could not be read as a number ({_said(bad)})"
            complain(text, f"metric {name} {type(value).__name__}")
    return clean, len(flat) - len(clean)


def read_step(step: Any, largest: int, complain: Complain) -> int:
    """The step of a call: `step` if it is a whole number of 64 bits; else the one after `largest`, which is told."""
    following = min(largest + 1, _INT64[-1])
    if step is None:
        if following == largest:
            complain(f"steps have reached {following}, the largest there is; further points stay at it", None)
        return following
    try:
        step = only_item(step)
        number = int(step)
        whole = number in _INT64 and not isinstance(step, (str, bytes))
    except Exception:  # noqa: BLE001 - any object may stand here; training goes on
        whole = False
    if not whole:
        complain(f"step {brief(step)} is not a 64-bit integer; the next step is used", f"step {type(step).__name__}")
        return following
    if not _is_same(number, step):
        complain(
            f"step {brief(step)} is not a whole number: such points are kept at the next step, here {following}. "
            'Log it as a metric for the x-axis: run.define_metric("*", step_metric="epoch"), then '
            'run.log({"loss": ..., "epoch": 0.25})',
            "step with a fraction",
        )
        return following
    return number


def read_moment(timestamp: Any, complain: Complain) -> float | None:
    """Seconds since 1970; None for what is neither a number of them nor a datetime, which is told."""
    try:
        seconds = float(timestamp.timestamp() if hasattr(timestamp, "timestamp") else timestamp)
    except Exception:  # noqa: BLE001 - any object may stand here; training goes on
        seconds = math.nan
    if _EARLIEST <= seconds <= _LATEST and not isinstance(timestamp, (bool, str, bytes)):
        return seconds
    more = "; it looks like milliseconds" if _LATEST < seconds <= 1000 * _LATEST else ""
    complain(
        f"timestamp {brief(timestamp)} is neither a number of seconds since 1970 nor a datetime{more}: "
        "such points are kept with the time of the call",
        f"timestamp {type(timestamp).__name__}",
    )
    return None


def names_of(metrics: Mapping[Any, Any]) -> list[str]:
    """The names of metrics as they are kept; none of what can't be looked into."""
    try:
        return [without_label(str(name)) for name in flatten_metrics(metrics)]
    except Exception:  # noqa: BLE001 - a mapping of foreign code; `read_metrics` tells
        return []


def tell_endings(names: Iterable[str], seen: set[str], complain: Complain) -> None:
    """Say which names are easily taken for one another: they are kept apart, but frames call one of them differently.

    Args:
        names: of metrics that are logged now.
        seen: all of the run so far; these are added.
        complain: takes the messages.
    """
    fresh = [name for name in names if name not in seen]
    seen.update(fresh)
    for name in fresh:
        for ending in _ENDINGS:
            for short, long in ((name[: -len(ending)], name), (name, name + ending)):
                if short + ending == long and short in seen and long in seen:
                    complain(
                        f"metrics {short!r} and {long!r} are kept apart, but {long!r} is what frames call the "
                        f"{ending[1:]} of {short!r}: there, the metric of that name is 'metrics.{long}'",
                        None,
                    )
        bare = name.strip()
        if bare != name and bare in seen:
            complain(f"metrics {bare!r} and {name!r} differ in blanks alone and are kept apart", None)


def _unlabelled(name: str, others: Mapping[str, Any], kept: Mapping[str, float], complain: Complain) -> str | None:
    """The name without what would make it a label; null where another metric of the call has that name."""
    plain = without_label(name)
    if plain == name:
        return name
    if plain in others or plain in kept:
        complain(f"metric {name!r} can't be told apart from {plain!r} of the same call: left out, rename it", None)
        return None
    complain(f"metric {name!r} is kept as {plain!r}: {name!r} would be its name on a dataset", None)
    return plain


def _is_same(number: int, step: Any) -> bool:
    """Whether `int(step)` changed nothing."""
    try:
        return not is_complex(step) and bool(number == step)
    except Exception:  # noqa: BLE001 - foreign comparison; `__index__` promises that nothing is lost
        return hasattr(type(step), "__index__")


def _said(error: Exception) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - foreign code
        return type(error).__name__
