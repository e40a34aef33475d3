"""Pictures: arrays of any library, Pillow's pictures, files, bytes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias

from ...schema.errors import InvalidValue
from ...schema.media.kinds import SVG, UNKNOWN, MediaKind, sniff
from ...schema.values import brief
from .arrays import Array, is_array, is_channels_first, take_array
from .headers import size_of
from .item import Encoded, Held, Media
from .layers import layers_json, take_boxes, take_masks
from .pictures import chosen_format, encode_foreign, encode_pixels, thumb_of
from .pixels import MAX_PIXELS, pixels_of
from .sources import take_bytes

_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", SVG})


@dataclass(frozen=True, slots=True)
class _Copied:
    """An array, and where its library puts channels."""

    array: Array
    channels_first: bool


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A picture of Pillow's."""

    picture: Any

    @property
    def nbytes(self) -> int:
        return int(self.picture.width * self.picture.height * max(1, len(self.picture.getbands())))


_Source: TypeAlias = _Copied | _Foreign | bytes


class Image(Media):
    """A picture.

    The array is copied in the call; it is encoded in the background. A file is kept byte by byte as it is.

    Args:
        data_or_path: an array of height x width, with 1, 3 or 4 channels behind (before, for torch); a picture of
            Pillow's; a path; the bytes of a PNG, JPEG, WebP, GIF or SVG file. Floats are 0 to 1 or 0 to 255.
        caption: shown below it.
        mode: "L", "RGB" or "RGBA", where a shape leaves open which axis has the channels.
        format: "png" or "webp" where every pixel counts, "jpeg"; default JPEG of quality 92, and PNG for small pictures
            and those with alpha.
        boxes: by layer, `[{"box": [x0, y0, x1, y1], "label": "cat", "score": 0.9}]` in pixels, or as W&B takes them.
        masks: by layer, an array of classes as high and wide as the picture, or as W&B takes them.
    """

    kind: ClassVar[MediaKind] = "image"

    def __init__(
        self,
        data_or_path: Any,
        caption: str | None = None,
        *,
        mode: str | None = None,
        format: str | None = None,  # noqa: A002 - W&B's word
        boxes: Any = None,
        masks: Any = None,
    ) -> None:
        super().__init__(caption)
        self._mode = mode
        self._format = format
        self._source: Held[_Source] = Held(lambda: _taken(data_or_path))
        self._boxes = Held(lambda: take_boxes(boxes))
        self._masks = Held(lambda: take_masks(masks))

    @property
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded."""
        masks = 0 if self._masks.broken else sum(len(array.data) for array, _ in self._masks.get().values())
        if self._source.broken:
            return masks
        source = self._source.get()
        if isinstance(source, bytes):
            return masks + len(source)
        return masks + (len(source.array.data) if isinstance(source, _Copied) else source.nbytes)

    def _layer_count(self) -> int:
        return sum(map(len, self._boxes.get().values())) + len(self._masks.get())

    def encode(self) -> Encoded:
        """As a file, with its thumb."""
        wanted, source = chosen_format(self._format), self._source.get()
        notes: tuple[str, ...] = ()
        if isinstance(source, _Copied):
            pixels = pixels_of(source.array, mode=self._mode, channels_first=source.channels_first)
            data, media_type, notes = encode_pixels(pixels, wanted)
            notes = (*pixels.notes, *notes)
            size: tuple[int, int] | None = (pixels.width, pixels.height)
        elif isinstance(source, _Foreign):
            data, media_type = encode_foreign(source.picture, wanted)
            size = source.picture.size
        else:
            data, media_type = source, sniff(source)
            if media_type not in _PICTURES:
                raise InvalidValue(
                    f"is a file of {'an unknown type' if media_type == UNKNOWN else media_type}, which browsers don't "
                    "show as a picture: make it PNG, JPEG, WebP, GIF or SVG, or pass PIL.Image.open(path)"
                )
            size = size_of(data, media_type)
        if size is not None and size[0] * size[1] > MAX_PIXELS:
            raise InvalidValue(
                f"has {size[0]:,} x {size[1]:,} pixels; at most {MAX_PIXELS:,} are kept: make it smaller"
            )
        try:
            layers = layers_json(self._boxes.get(), self._masks.get(), size)
        except InvalidValue as bad:
            # The picture itself is kept.
            layers, notes = None, (*notes, f"{bad}; the picture is kept without")
        width, height = size or (None, None)
        return Encoded(
            self.kind,
            media_type,
            data=data,
            width=width,
            height=height,
            thumb=thumb_of(data, media_type),
            layers=layers,
            layer_count=None if layers is None else self._layer_count(),
            notes=notes,
        )


def is_pillow(value: object) -> bool:
    """Whether it is a picture of Pillow's."""
    return any(base.__module__ == "PIL.Image" and base.__name__ == "Image" for base in type(value).__mro__)


def _taken(source: Any) -> _Source:
    if isinstance(source, (str, os.PathLike, bytes, bytearray)):
        return take_bytes(source, "a picture")
    if is_pillow(source):
        pixels = source.width * source.height
        if pixels > MAX_PIXELS:
            raise InvalidValue(
                f"has {source.width:,} x {source.height:,} pixels; at most {MAX_PIXELS:,} are kept: make it smaller"
            )
        if not pixels:
            raise InvalidValue("is a picture without a pixel")
        # Also read to its end here, where it is a file that was only opened.
        return _Foreign(source.copy())
    if is_array(source):
        return _Copied(take_array(source), is_channels_first(source))
    raise InvalidValue(f"is {brief(source)}; pass an array, a picture of Pillow's, a path or bytes")
