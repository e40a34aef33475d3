"""Arrays as pixels: which axis is what, and any range of numbers as the 0 to 255 of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...schema.errors import InvalidValue
from .arrays import Array

MAX_PIXELS: Final = 50_000_000
_MODES: Final = {1: "L", 3: "RGB", 4: "RGBA"}
_CHANNELS: Final = {mode: count for count, mode in _MODES.items()}


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture, row by row, channels together."""

    data: bytes | bytearray
    width: int
    height: int
    mode: str
    """`L` (grey), `RGB` or `RGBA`."""
    notes: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        """Bytes of a pixel."""
        return _CHANNELS[self.mode]


def pixels_of(array: Array, *, mode: str | None, channels_first: bool) -> Pixels:
    """An array as a picture: HxW, HxWxC or CxHxW with one, three or four channels.

    Where both ends of a shape could be channels, `mode` decides, then what the array's library does.
    Floats up to 1 are taken as 0 to 1, others as 0 to 255; NaN is black.

    Raises:
        InvalidValue: no such shape, no pixel, or too many.
    """
    height, width, channels, first = _axes(array.shape, mode, channels_first)
    if not height * width:
        raise InvalidValue(f"is an array of shape {array.shape}, which has no pixel")
    if height * width > MAX_PIXELS:
        raise InvalidValue(
            f"has {width:,} x {height:,} pixels; at most {MAX_PIXELS:,} are kept: make it smaller, or log a part of it"
        )
    data, notes = _bytes(array)
    if first and channels > 1:
        planes, size = data, height * width
        together = bytearray(len(planes))
        for channel in range(channels):
            together[channel::channels] = planes[channel * size : (channel + 1) * size]
        data = bytes(together)
    return Pixels(data, width, height, _MODES[channels], notes)


def _axes(shape: tuple[int, ...], mode: str | None, channels_first: bool) -> tuple[int, int, int, bool]:
    """(height, width, channels, whether channels come first)."""
    if mode is not None and mode not in _CHANNELS:
        raise InvalidValue(f'has mode={mode!r}; use "L", "RGB" or "RGBA", or leave it out')
    wanted = _MODES.keys() if mode is None else {_CHANNELS[mode]}
    if len(shape) == 2 and 1 in wanted:
        return (*shape, 1, False)
    if len(shape) == 3:
        ends = [(shape[2], (shape[0], shape[1]), False), (shape[0], (shape[1], shape[2]), True)]
        for channels, (height, width), first in reversed(ends) if channels_first else ends:
            if channels in wanted:
                return height, width, channels, first
    several = "; log a batch as a list, [Image(x) for x in batch]" if len(shape) == 4 else ""
    asked = "" if mode is None else f" and mode={mode!r}"
    raise InvalidValue(
        f"is an array of shape {shape}{asked}; a picture is height x width, with 1, 3 or 4 channels{several}"
    )


def _bytes(array: Array) -> tuple[bytes | bytearray, tuple[str, ...]]:
    """The numbers as 0 to 255, and what to say where that changed some."""
    if array.code == "B":
        return array.data, ()
    if array.code == "?":
        return array.data.translate(bytes([0, *[255] * 255])), ()
    import pyarrow as pa
    import pyarrow.compute as pc

    from ...schema.arrays import scalar

    numbers = array.numbers()
    notes = []
    values = numbers.cast(pa.float64(), safe=False)
    if array.is_float:
        wrong = pc.invert(pc.is_finite(values))
        count = pc.sum(wrong).as_py()
        if count:
            values = pc.if_else(wrong, scalar(0.0, pa.float64()), values)
            notes.append(f"{count:,} of its values are NaN or infinite and are shown black")
    ends = pc.min_max(values).as_py()
    if array.is_float and ends["max"] <= 1:
        values = pc.multiply(values, scalar(255.0, pa.float64()))
        ends = {name: 255 * value for name, value in ends.items()}
    if ends["min"] < 0 or ends["max"] > 255:
        notes.append(
            f"its values reach from {ends['min']:g} to {ends['max']:g} and are cut at 0 and 255; "
            "scale them to 0..255 (or floats to 0..1) before"
        )
        values = pc.if_else(pc.less(values, scalar(0.0, pa.float64())), scalar(0.0, pa.float64()), values)
        values = pc.if_else(pc.greater(values, scalar(255.0, pa.float64())), scalar(255.0, pa.float64()), values)
    small = pc.round(values).cast(pa.uint8())
    return small.buffers()[1].to_pybytes()[: len(small)], tuple(notes)
