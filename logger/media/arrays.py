"""Arrays of any library as plain buffers: copied in the training's call, worked on later by Arrow, without NumPy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ...schema.errors import InvalidValue
from .pool import COPIES

if TYPE_CHECKING:
    import pyarrow as pa

MAX_ARRAY_BYTES: Final = 256 * 2**20
_ARROW: Final = {
    "?": "uint8", "B": "uint8", "b": "int8", "H": "uint16", "h": "int16", "I": "uint32", "i": "int32",
    "L": "uint64", "l": "int64", "Q": "uint64", "q": "int64", "e": "float16", "f": "float32", "d": "float64",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Array:
    """Numbers in C order, copied, with the letter that `struct` has for their type.

    Its memory is used again once it is gone, so nothing that is made of it may share it and outlive it.
    """

    data: bytes | bytearray
    code: str
    shape: tuple[int, ...]

    def __del__(self) -> None:
        COPIES.give_back(self.data)

    @property
    def is_float(self) -> bool:
        """Whether they have fractions."""
        return self.code in "efd"

    def numbers(self) -> pa.Array:
        """All of them in a row; float16 as float32."""
        import pyarrow as pa

        kind = getattr(pa, _ARROW[self.code])()
        column = pa.Array.from_buffers(kind, math.prod(self.shape), [None, pa.py_buffer(self.data)])
        return column.cast(pa.float32()) if self.code == "e" else column


def is_array(value: object) -> bool:
    """Whether `take_array` can look into it: NumPy, torch, JAX, TensorFlow, `array.array`, `memoryview`."""
    if isinstance(value, (str, bytes, bytearray)):
        return False
    kind = type(value)
    return hasattr(kind, "__array_interface__") or hasattr(kind, "__array__") or _is_buffer(value)


def is_channels_first(value: object) -> bool:
    """Whether it is of a library that puts channels before height and width (torch)."""
    return hasattr(value, "detach") and hasattr(value, "cpu")


def take_array(value: Any) -> Array:
    """A copy of an array, at memory's speed where it lies in order.

    Raises:
        InvalidValue: of a type that is no number, or too large.
    """
    if is_channels_first(value):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
        value = value.numpy()
    elif not _is_buffer(value) and hasattr(value, "__array__"):
        value = value.__array__()
    try:
        view = memoryview(value)
    except (TypeError, ValueError, BufferError) as error:
        raise InvalidValue(f"is an array that can't be read ({error}); pass a NumPy array of numbers") from error
    code = view.format.lstrip("@=<") if view.format else "B"
    if code not in _ARROW:
        raise InvalidValue(f"is an array of type {getattr(value, 'dtype', view.format)}; pass numbers of up to 64 bits")
    if view.nbytes > MAX_ARRAY_BYTES:
        raise InvalidValue(
            f"is an array of {view.nbytes / 1e6:,.0f} MB; at most {MAX_ARRAY_BYTES / 1e6:,.0f} MB are taken: "
            "make it smaller first"
        )
    return Array(COPIES.copied(view), code, tuple(view.shape or ()))


def _is_buffer(value: object) -> bool:
    try:
        memoryview(value).release()  # type: ignore[arg-type]
    except (TypeError, ValueError, BufferError):
        return False
    return True
