"""What lies over a picture: boxes and masks, in W&B's words or shorter ones, as JSON that a browser draws."""

from __future__ import annotations

import base64
import colorsys
import struct
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from ...schema.errors import InvalidValue
from ...schema.values import brief, dump_plain, json_safe
from .arrays import Array, take_array

_FORMS: Final = (
    '{"predictions": [{"box": [x0, y0, x1, y1], "label": "cat", "score": .9}]} in pixels, or as W&B takes them '
    '({"predictions": {"box_data": [...], "class_labels": {...}}})'
)
_ALPHA: Final = 110
"""How much of a mask's colour covers the picture, of 255."""


def take_masks(masks: object) -> dict[str, tuple[Array, dict[str, str]]]:
    """Copies of masks by name, each with the names of its classes.

    Raises:
        InvalidValue: a mask that is no array of class numbers.
    """
    if masks is None:
        return {}
    if not isinstance(masks, Mapping):
        masks = {"mask": masks}
    out = {}
    for name, given in masks.items():
        labels: Mapping[Any, Any] = {}
        if isinstance(given, Mapping):
            labels = given.get("class_labels") or {}
            given = given.get("mask_data")
        try:
            array = take_array(given)
        except InvalidValue as bad:
            raise InvalidValue(f"has masks[{name!r}], which {bad}") from bad
        shape = tuple(n for n in array.shape if n != 1) if len(array.shape) == 3 else array.shape
        if len(shape) != 2 or array.is_float or not all(shape):
            raise InvalidValue(
                f"has masks[{name!r}] of shape {array.shape} and type {array.code!r}; a mask is height x width of "
                "whole numbers, each a class of 0 to 255 (0: none)"
            )
        out[str(name)] = (Array(array.data, array.code, shape), {str(k): str(v) for k, v in labels.items()})
    return out


def take_boxes(boxes: object) -> dict[str, list[dict[str, Any]]]:
    """Boxes by the name of their layer, each with `box` (its corners), `unit`, and perhaps `label` and `score`.

    Raises:
        InvalidValue: what is no box.
    """
    if boxes is None:
        return {}
    layers = boxes if isinstance(boxes, Mapping) else {"boxes": boxes}
    out = {}
    for name, given in layers.items():
        labels: Mapping[Any, Any] = {}
        if isinstance(given, Mapping):
            labels = given.get("class_labels") or {}
            given = given.get("box_data")
        if not isinstance(given, Sequence) or isinstance(given, (str, bytes)):
            raise InvalidValue(f"has boxes[{name!r}]={brief(given)}; use {_FORMS}")
        out[str(name)] = [_box(str(name), each, labels) for each in given]
    return out


def layers_json(
    boxes: Mapping[str, Sequence[Mapping[str, Any]]],
    masks: Mapping[str, tuple[Array, Mapping[str, str]]],
    size: tuple[int, int] | None,
) -> str | None:
    """All that lies over a picture of this size, as JSON; None where nothing does.

    `{"boxes": {layer: [{"box": [x0, y0, x1, y1] as parts of 1, "label", "score"}]}, "masks": {layer: {"png": base64,
    "labels": {class: [name, colour]}}}}`. A mask's PNG has the classes as indices of its palette.

    Raises:
        InvalidValue: boxes in pixels of a picture whose size is not known; a class outside of 0 to 255.
    """
    if not boxes and not masks:
        return None
    return dump_plain(
        {
            "boxes": {name: [_parts(each, size) for each in layer] for name, layer in boxes.items()},
            "masks": {name: _mask(name, *mask) for name, mask in masks.items()},
        }
    )


def _box(layer: str, given: object, labels: Mapping[Any, Any]) -> dict[str, Any]:
    try:
        if not isinstance(given, Mapping):
            given = {"box": given}
        place = given.get("position", given.get("box"))
        unit = "pixel" if "box" in given or given.get("domain") == "pixel" else "part"
        if isinstance(place, Mapping) and "middle" in place:
            (x, y), width, height = place["middle"], float(place["width"]), float(place["height"])
            corners = [float(x) - width / 2, float(y) - height / 2, float(x) + width / 2, float(y) + height / 2]
        elif isinstance(place, Mapping):
            corners = [float(place[name]) for name in ("minX", "minY", "maxX", "maxY")]
        else:
            corners = [float(each) for each in place]  # type: ignore[union-attr]
            if len(corners) != 4:
                raise ValueError("not four numbers")
        number = given.get("class_id")
        label = given.get("box_caption", given.get("label", labels.get(number, number)))
        scores = given.get("scores")
        score = given.get("score", next(iter(scores.values()), None) if isinstance(scores, Mapping) else None)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidValue(
            f"has a box {brief(given)} in boxes[{layer!r}] that can't be read ({error}); use {_FORMS}"
        ) from error
    told = {"box": corners, "unit": unit, "label": None if label is None else str(label), "score": score}
    return {name: json_safe(value) for name, value in told.items() if value is not None}


def _parts(box: Mapping[str, Any], size: tuple[int, int] | None) -> dict[str, Any]:
    corners = box["box"]
    if box["unit"] == "pixel":
        if size is None:
            raise InvalidValue("has boxes in pixels, and a size that can't be told; give them as parts of 1")
        corners = [corner / side for corner, side in zip(corners, (*size, *size), strict=True)]
    return {"box": corners, **{name: box[name] for name in ("label", "score") if name in box}}


def _mask(name: str, array: Array, labels: Mapping[str, str]) -> dict[str, Any]:
    classes = _classes(name, array)
    height, width = array.shape
    colours = palette()
    present = sorted(set(classes) - {0})
    shown = {str(n): [labels.get(str(n), str(n)), "#" + colours[3 * n : 3 * n + 3].hex()] for n in present}
    return {"png": base64.b64encode(_indexed_png(classes, width, height)).decode(), "labels": shown}


def _classes(name: str, array: Array) -> bytes | bytearray:
    if array.code in "B?":
        return array.data
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = array.numbers()
    ends = pc.min_max(numbers).as_py()
    if ends["min"] < 0 or ends["max"] > 255:
        raise InvalidValue(f"has masks[{name!r}] with classes {ends['min']} to {ends['max']}; number them 0 to 255")
    small = numbers.cast(pa.uint8())
    return bytes(small.buffers()[1].to_pybytes()[: len(small)])


@cache
def palette() -> bytes:
    """The colours of 256 classes, three bytes each, next ones far apart; the first is that of nothing."""
    out = [0, 0, 0]
    for number in range(1, 256):
        hue = number * 0.6180339887 % 1
        out += [round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.5 + 0.12 * (number % 3 - 1), 0.75)]
    return bytes(out)


def _indexed_png(classes: bytes | bytearray, width: int, height: int) -> bytes:
    lines = b"".join(b"\0" + classes[at : at + width] for at in range(0, width * height, width))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette()),
        (b"tRNS", bytes([0, *[_ALPHA] * 255])),
        (b"IDAT", zlib.compress(lines, 6)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
