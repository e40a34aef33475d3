"""Numbers, spans and sizes as they are read. Pure; the exact value is for the tooltip."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

NONE: Final = "\N{EN DASH}"
"""What stands where there is nothing."""
SIGNIFICANT: Final = 4
"""Digits by which values differ that are spread over their column's range."""
_MOST_DECIMALS: Final = 8
_SMALL: Final = 0.01
_PLAIN: Final = (1e-4, 1e7)
"""Magnitudes written without an exponent; `browser/shared/numbers.js` has the same rule."""
_EXPONENT: Final = re.compile(r"e(-?)\+?0*(\d+)$")


def decimals_for(values: Iterable[float | None], significant: int = SIGNIFICANT) -> int | None:
    """Decimals that a column of numbers needs, so that its spread shows in `significant` digits.

    Null when magnitudes differ so much (or are so extreme) that each number is better written on its own. Whole
    numbers need none.
    """
    finite = [v for v in values if v is not None and math.isfinite(v)]
    if not finite or all(v == int(v) and abs(v) < _PLAIN[1] for v in finite):
        return 0
    sizes = [abs(v) for v in finite if v]
    top, bottom = max(sizes), min(sizes)
    if top >= _PLAIN[1] or top < _PLAIN[0] or top / bottom > 10.0**SIGNIFICANT:
        return None
    spread = max(finite) - min(finite)
    reach = max(spread, top / 100) if spread else top
    places = significant - 1 - math.floor(math.log10(reach))
    # A value near one with a small spread, such as an accuracy, still reads well with four decimals; a rate of 0.00012
    # needs more to differ from its neighbours.
    own = significant - 1 - math.floor(math.log10(top))
    return max(0, min(places, _MOST_DECIMALS, _MOST_DECIMALS if top > 10 else own if top < _SMALL else significant))


def number(value: float | None, decimals: int | None = None, significant: int = SIGNIFICANT) -> str:
    """A number with so many decimals, or on its own with `significant` digits; a dash for null.

    Whole numbers of any type are written without decimals unless asked for. NaN and infinities read `NaN`, `∞`, `-∞`.
    """
    if value is None:
        return NONE
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if decimals is not None and (not value or abs(value) >= 0.5 * 10.0**-decimals):
        return _signed(f"{value:,.{decimals}f}")
    if value == int(value) and abs(value) < _PLAIN[1]:
        return f"{int(value):,}"
    if _PLAIN[0] <= abs(value) < _PLAIN[1]:
        places = max(0, significant - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:,.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{value:.{significant - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def _signed(text: str) -> str:
    """`-0.00` says nothing that `0.00` does not."""
    return text.removeprefix("-") if not text.strip("-0.,") else text


def exact(value: object) -> str:
    """Every digit, for tooltips; exponents as `number` writes them, `1e-5` and not `1e-05`."""
    return _EXPONENT.sub(r"e\1\2", repr(value)) if isinstance(value, float) else str(value)


def span(seconds: float | None) -> str:
    """A length of time in its two largest units: `850 ms`, `12.3 s`, `4 min 10 s`, `3 h 5 min`, `2 d 4 h`."""
    if seconds is None:
        return NONE
    if seconds < 0.9995:
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, below, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"


def count(n: int, thing: str, things: str | None = None) -> str:
    """`1 run`, `1,234 runs`."""
    return f"{n:,} {thing if n == 1 else things or thing + 's'}"
