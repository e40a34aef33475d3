"""Rows of media: what one item of a list that was logged says, and their columns."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from .kinds import MediaKind

if TYPE_CHECKING:
    import pyarrow as pa

INLINE_BYTES: Final = 1_000_000
"""An item of up to this size stands in its row; a larger one is an object of its own, which the row names."""
FILE_BYTES: Final = 64 * 2**20
"""An item is no larger than this."""
BATCH_BYTES: Final = 8_000_000
"""An object of media is closed at this size, or with the next flush."""
GROUP_BYTES: Final = 1_000_000
"""Its row groups are closed at this size of data, so that a gallery is read without the rest."""
THUMB_PIXELS: Final = 96
"""A thumb is at most so wide and so high; a picture that is no larger has none."""


@dataclass(frozen=True, slots=True)
class MediaRow:
    """One item: a picture, a table, or what else a run logged under a key at a step."""

    key: str
    """What it was logged as, such as `val/samples`."""
    step: int
    index: int
    """Its place in the list that was logged; 0 alone."""
    timestamp: int
    """When it was logged, milliseconds since 1970, UTC."""
    seq: int
    """Its number among its writer's media, dense from 0; points have their own."""
    kind: MediaKind
    media_type: str
    """Of its bytes, such as `image/png`."""
    dataset: str | None = None
    """What it was made of, where that is not the run's own dataset."""
    caption: str | None = None
    width: int | None = None
    """Pixels; None where it has none, or they could not be told."""
    height: int | None = None
    size: int = 0
    """Bytes of the item itself, wherever they stand; the column is called `bytes`."""
    sha256: str = ""
    """Of these bytes, hex."""
    layers: int | None = None
    """How many boxes and masks lie over it; `text` has them."""
    file: str | None = None
    """The key of the object that has its bytes, where they are more than a megabyte."""
    text: str | None = None
    """Of texts, tables, histograms, JSON and Plotly figures what they are; of pictures their boxes and masks (JSON)."""
    thumb: bytes | None = None
    """A JPEG or WebP picture of it, at most 96 pixels wide and high."""
    data: bytes | None = None
    """Its bytes, where they stand neither in `text` nor in a file."""

    @property
    def held(self) -> int:
        """Bytes that it takes, nearly."""
        return 200 + len(self.text or "") + len(self.thumb or b"") + len(self.data or b"")


@cache
def media_schema() -> pa.Schema:
    """`media/`: one row per item. Meanings are those of `MediaRow`; `writer` and `attempt` as in points."""
    import pyarrow as pa

    text, integer, small = pa.string(), pa.int64(), pa.int32()
    return pa.schema(
        [
            pa.field("key", text, nullable=False),
            pa.field("step", integer, nullable=False),
            pa.field("index", small, nullable=False),
            pa.field("timestamp", pa.timestamp("ms", tz="UTC"), nullable=False),
            pa.field("seq", integer, nullable=False),
            pa.field("writer", text, nullable=False),
            pa.field("attempt", small, nullable=False),
            pa.field("kind", text, nullable=False),
            pa.field("media_type", text, nullable=False),
            pa.field("dataset", text),
            pa.field("caption", text),
            pa.field("width", small),
            pa.field("height", small),
            pa.field("bytes", integer, nullable=False),
            pa.field("sha256", text, nullable=False),
            pa.field("layers", small),
            # From here on what a list of media does without: one range of bytes has all before it.
            pa.field("file", text),
            pa.field("text", text),
            pa.field("thumb", pa.binary()),
            pa.field("data", pa.binary()),
        ]
    )


FIELDS: Final = tuple(field.name for field in fields(MediaRow))
COLUMNS: Final = {name: "bytes" if name == "size" else name for name in FIELDS}
"""What the column of a field is called."""


def plain_of(row: MediaRow) -> dict[str, Any]:
    """All that is small in a row, for JSON: everything but its thumb and data."""
    return {
        name: value for name in FIELDS if name not in ("thumb", "data") if (value := getattr(row, name)) is not None
    }
