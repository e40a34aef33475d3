"""Numbers on their way to the browser: as small as the picture allows, with the error bounded. Pure."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]
Floats: TypeAlias = Sequence[float] | Numbers
Packed: TypeAlias = Mapping[str, Any]
_LEVELS: Final = 65_534
"""The highest level; one above stands for NaN."""
_COARSE: Final = 32.0
"""Levels serve while the range is at most so many times the span of the middle 80 %."""
_LEAST: Final = 64
"""Shorter arrays are sent as they are."""
_SINGLE: Final = (1e-37, 3e38)
"""Magnitudes that single precision holds."""
_LARGEST: Final = 2**53


def packed(values: Floats) -> dict[str, Any]:
    """Numbers as Plotly's typed arrays: exact, NaN and infinities included, and half the size of text."""
    array = np.ascontiguousarray(values, dtype="<f8")
    return {"dtype": "f8", "bdata": _text(array)}


def _text(array: NDArray[np.generic]) -> str:
    return base64.b64encode(array.tobytes()).decode()


def packed_values(values: Floats, *, log: bool = False) -> dict[str, Any]:
    """Values of a curve in a quarter of the bytes: 65,535 levels of their range.

    Off by at most a 65,535th of the range, and by a 2,000th of the span of the middle 80 %; where outliers would
    make levels coarser than that, single precision instead. Infinities become NaN: neither is drawn.

    Args:
        values: of the y axis.
        log: the axis is logarithmic, so levels are of the logarithm; all values are above zero or not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if len(array) < _LEAST:
        return packed(array)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = np.log10(array) if log else array
    real = np.isfinite(scaled)
    if not real.any():
        return packed(array)
    low, high = float(scaled[real].min()), float(scaled[real].max())
    inner = np.percentile(scaled[real], (10, 90))
    if not 0 < high - low <= _COARSE * float(inner[1] - inner[0]):
        sizes = np.abs(array[np.isfinite(array) & (array != 0)])
        if len(sizes) and (sizes.max() > _SINGLE[1] or sizes.min() < _SINGLE[0]):
            return packed(array)
        return {"dtype": "f4", "bdata": _text(array.astype("<f4"))}
    by = (high - low) / _LEVELS
    levels = np.where(real, np.rint((np.where(real, scaled, low) - low) / by), _LEVELS + 1).astype("<u2")
    return {"pack": "levels", "from": low, "by": by, "log": log, "bdata": _text(levels)}


def packed_places(places: Floats) -> dict[str, Any]:
    """Sorted x: whole numbers exactly, as gaps of one or two bytes each; milliseconds too; the rest as it is."""
    array = np.asarray(places, dtype=np.float64)
    if len(array) < _LEAST:
        return packed(array)
    for by in (1.0, 0.001):
        units = np.rint(array / by)
        if np.abs(units).max() < _LARGEST and np.abs(units * by - array).max() <= 1e-9 * max(1.0, by):
            return {"pack": "gaps", "from": int(units[0]), "by": by, "n": len(array), "bdata": _gaps(units)}
    return packed(array)


def _gaps(units: NDArray[np.float64]) -> str:
    """Differences in seven bits a byte, lowest first, the eighth bit set where more follow."""
    gaps = np.diff(units).astype(np.uint64)
    size = np.ones(len(gaps), dtype=np.int64)
    for shift in range(7, 64, 7):
        size += gaps >= np.uint64(1 << shift)
    ends = np.cumsum(size)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    for place in range(int(size.max(initial=0))):
        here = size > place
        bits = (gaps[here] >> np.uint64(7 * place)) & np.uint64(127)
        out[(ends - size)[here] + place] = bits.astype(np.uint8) | np.where(size[here] > place + 1, 128, 0).astype(
            np.uint8
        )
    return _text(out)


def unpacked(sent: Packed) -> list[float]:
    """What the browser makes of it."""
    data = base64.b64decode(sent["bdata"])
    if sent.get("pack") == "levels":
        levels = np.frombuffer(data, "<u2").astype(np.float64)
        values = np.where(levels > _LEVELS, np.nan, sent["from"] + levels * sent["by"])
        return list(map(float, 10.0**values if sent["log"] else values))
    if sent.get("pack") == "gaps":
        units, gap, shift = [sent["from"]], 0, 0
        for byte in data:
            gap |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                units.append(units[-1] + gap)
                gap = shift = 0
        return [unit * sent["by"] for unit in units]
    return list(map(float, np.frombuffer(data, f"<{sent['dtype']}")))
