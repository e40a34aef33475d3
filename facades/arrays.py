"""Pictures and numbers of NumPy, torch and whatever else has their methods, without importing either."""

from __future__ import annotations

from typing import Any, Final

_AXES: Final = {"CHW": (1, 2, 0), "HWC": (0, 1, 2), "HW": (0, 1), "WH": (1, 0), "WHC": (1, 0, 2), "CWH": (2, 1, 0)}


def plain(values: Any) -> Any:
    """An array as NumPy has it, of a tensor that may need gradients or be on another device; others as they are."""
    for method in ("detach", "cpu", "numpy"):
        found = getattr(values, method, None)
        if callable(found):
            values = found()
    return values


def upright(picture: Any, dataformats: str) -> Any:
    """A picture as height x width x channels.

    Args:
        picture: an array.
        dataformats: what its axes are, such as `CHW`.

    Raises:
        ValueError: an order that is unknown, or another number of axes.
    """
    axes = _AXES.get(dataformats.upper())
    if axes is None:
        raise ValueError(f"dataformats={dataformats!r} is unknown; one of {', '.join(_AXES)}")
    array = plain(picture)
    shape = tuple(getattr(array, "shape", ()))
    if len(shape) != len(axes):
        raise ValueError(f"a picture of shape {shape} is no {dataformats}")
    return array.transpose(axes)


def pictures(batch: Any, dataformats: str) -> list[Any]:
    """The pictures of a batch, each as height x width x channels.

    Raises:
        ValueError: as `upright`, or the first axis is not the batch's.
    """
    order = dataformats.upper()
    if not order.startswith("N"):
        raise ValueError(f"dataformats={dataformats!r} must begin with N, for the pictures of the batch")
    return [upright(each, order[1:]) for each in plain(batch)]
