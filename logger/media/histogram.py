"""Histograms of many numbers, counted in the background."""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from ...schema.errors import InvalidValue
from ...schema.media.kinds import JSON, MediaKind
from ...schema.values import brief, dump_plain
from .arrays import Array, is_array, take_array
from .item import Encoded, Held, Media

MAX_BINS: Final = 4_096


class Histogram(Media):
    """How often values fall into each of some bins of equal width; or counts that somebody has made already.

    NaN and infinities are counted beside the bins. The numbers are copied in the call and counted in the background.

    Args:
        values: an array of any shape and library, or a sequence of numbers.
        bins: how many, 1 to 4,096.
        edges: where bins end, one more than `counts`; instead of `values`.
        counts: how many values are in each.
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "histogram"

    def __init__(
        self,
        values: Any = None,
        *,
        bins: int = 64,
        edges: Sequence[float] | None = None,
        counts: Sequence[float] | None = None,
        caption: str | None = None,
    ) -> None:
        super().__init__(caption)
        self._bins = bins
        self._made: Held[Array | tuple[list[float], list[float]]] = Held(
            lambda: _numbers(values) if values is not None else _counted(edges, counts)
        )

    @property
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded."""
        if self._made.broken:
            return 0
        made = self._made.get()
        return len(made.data) if isinstance(made, Array) else 16 * len(made[0])

    def encode(self) -> Encoded:
        """As JSON: `{"edges": [...], "counts": [...]}`, with `not_finite` where there were such values."""
        if isinstance(self._bins, bool) or not isinstance(self._bins, int) or not 1 <= self._bins <= MAX_BINS:
            raise InvalidValue(f"has bins={brief(self._bins)}; use 1 to {MAX_BINS:,}")
        made = self._made.get()
        if not isinstance(made, Array):
            return Encoded(self.kind, JSON, text=dump_plain({"edges": made[0], "counts": made[1]}))
        edges, counts, odd = count(made, self._bins)
        said: dict[str, Any] = {"edges": edges, "counts": counts}
        if odd:
            said["not_finite"] = odd
        return Encoded(self.kind, JSON, text=dump_plain(said))


def count(numbers: Array, bins: int) -> tuple[list[float], list[int], int]:
    """(edges, counts, how many are not finite) of bins of equal width from the least to the greatest value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from ...schema.arrays import scalar

    values = numbers.numbers().cast(pa.float64(), safe=False)
    finite = values.filter(pc.is_finite(values))
    odd = len(values) - len(finite)
    if not len(finite):
        raise InvalidValue(f"has {len(values):,} values, none of them finite; there is nothing to count")
    ends = pc.min_max(finite).as_py()
    low, high = ends["min"], ends["max"]
    if low == high:
        # As NumPy has it: one half to each side.
        low, high = low - 0.5, high + 0.5
    width = high / bins - low / bins
    if not width > 0 or not math.isfinite(high - low):
        raise InvalidValue(
            f"has values from {low:g} to {high:g}, between which no {bins} bins fit; use fewer, or scale"
        )
    place = pc.floor(pc.divide(pc.subtract(finite, scalar(low, pa.float64())), scalar(width, pa.float64())))
    place = pc.cast(place, pa.int64(), safe=False)
    place = pc.min_element_wise(place, scalar(bins - 1, pa.int64()))
    counts = [0] * bins
    for each in pc.value_counts(place):
        counts[max(0, each["values"].as_py())] += each["counts"].as_py()
    return [*(low + width * n for n in range(bins)), high], counts, odd


def _numbers(values: Any) -> Array:
    if is_array(values):
        return take_array(values)
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        raise InvalidValue(f"is {brief(values)}; pass an array or a sequence of numbers")
    try:
        numbers = array("d", (float(value) for value in values))
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"holds what is no number ({error}); pass an array or a sequence of numbers") from error
    return Array(numbers.tobytes(), "d", (len(numbers),))


def _counted(edges: Any, counts: Any) -> tuple[list[float], list[float]]:
    if edges is None or counts is None:
        raise InvalidValue("has neither values nor both edges and counts; pass Histogram(values)")
    try:
        ends, found = [float(each) for each in edges], [float(each) for each in counts]
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"has edges or counts that are no numbers ({error})") from error
    rising = all(a < b for a, b in itertools.pairwise(ends))
    if len(ends) != len(found) + 1 or not 1 <= len(found) <= MAX_BINS or not rising or not all(c >= 0 for c in found):
        raise InvalidValue(
            f"has {len(ends)} edges and {len(found)} counts; pass rising edges, one more than counts of 0 or more "
            "(numpy.histogram gives counts first, then edges)"
        )
    return ends, [int(each) if each.is_integer() else each for each in found]
