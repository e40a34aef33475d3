"""Sounds and films."""

from __future__ import annotations

import io
import os
import wave
from typing import Any, ClassVar, Final

from ...schema.errors import InvalidValue
from ...schema.media.kinds import MediaKind, sniff
from ...schema.values import brief
from .arrays import Array, is_array, is_channels_first, take_array
from .item import Encoded, Held, Media
from .sources import take_bytes

_SOUNDS: Final = frozenset({"audio/wav", "audio/mpeg", "audio/ogg", "audio/flac"})
_FILMS: Final = frozenset({"video/mp4", "video/webm", "image/gif"})
_MOST_CHANNELS: Final = 8
_LARGEST: Final = 32_767.0


class Audio(Media):
    """A sound.

    Args:
        data_or_path: an array of samples, of samples x channels (channels x samples for torch), floats -1 to 1 or
            16-bit integers; a path or the bytes of a WAV, MP3, OGG or FLAC file, kept as it is.
        sample_rate: samples a second; needed for arrays.
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "audio"

    def __init__(self, data_or_path: Any, sample_rate: int | None = None, caption: str | None = None) -> None:
        super().__init__(caption)
        self._rate = sample_rate
        self._turned = is_channels_first(data_or_path)
        self._source: Held[Array | bytes] = Held(lambda: _taken(data_or_path))

    @property
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded."""
        if self._source.broken:
            return 0
        source = self._source.get()
        return len(source.data) if isinstance(source, Array) else len(source)

    def encode(self) -> Encoded:
        """A file as it is; samples as WAV of 16 bits."""
        source = self._source.get()
        if isinstance(source, Array):
            data, notes = encode_wav(source, self._rate, channels_first=self._turned)
            return Encoded(self.kind, "audio/wav", data=data, notes=notes)
        media_type = sniff(source)
        if media_type not in _SOUNDS:
            raise InvalidValue("is a file that is no WAV, MP3, OGG or FLAC; browsers play no others")
        return Encoded(self.kind, media_type, data=source)


class Video(Media):
    """A film, kept byte by byte as it is.

    Args:
        path: of an MP4, WebM or GIF file, or its bytes.
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "video"

    def __init__(self, path: Any, caption: str | None = None) -> None:
        super().__init__(caption)
        self._source = Held(lambda: _film(path))

    @property
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded."""
        return 0 if self._source.broken else len(self._source.get())

    def encode(self) -> Encoded:
        """As it is."""
        data = self._source.get()
        media_type = sniff(data)
        if media_type not in _FILMS:
            raise InvalidValue("is a file that is no MP4, WebM or GIF; browsers play no others")
        return Encoded(self.kind, media_type, data=data)


def encode_wav(samples: Array, rate: object, *, channels_first: bool) -> tuple[bytes, tuple[str, ...]]:
    """Samples as a WAV file of 16 bits, and what to say of it.

    Raises:
        InvalidValue: no rate, no such shape.
    """
    if isinstance(rate, bool) or not isinstance(rate, int) or not 0 < rate < 2**31:
        raise InvalidValue(f"has sample_rate={brief(rate)}; pass samples a second, such as sample_rate=16_000")
    shape = samples.shape if len(samples.shape) == 2 else (*samples.shape, 1)
    turned = len(samples.shape) == 2 and channels_first
    count, channels = (shape[1], shape[0]) if turned else shape[:2]
    if len(samples.shape) not in (1, 2) or not count or not 1 <= channels <= _MOST_CHANNELS:
        raise InvalidValue(
            f"is an array of shape {samples.shape}; samples are one axis, or samples x channels with at most "
            f"{_MOST_CHANNELS} channels"
        )
    data, notes = _sixteen(samples)
    if turned and channels > 1:
        words, together = memoryview(data).cast("h"), memoryview(bytearray(len(data))).cast("h")
        for channel in range(channels):
            together[channel::channels] = words[channel * count : (channel + 1) * count]
        data = together.tobytes()
    sink = io.BytesIO()
    with wave.open(sink, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(data)
    return sink.getvalue(), notes


def _sixteen(samples: Array) -> tuple[bytes | bytearray, tuple[str, ...]]:
    if samples.code == "h":
        return samples.data, ()
    import pyarrow as pa
    import pyarrow.compute as pc

    from ...schema.arrays import scalar

    values = samples.numbers().cast(pa.float64(), safe=False)
    if not samples.is_float:
        raise InvalidValue(f"has samples of type {samples.code!r}; pass floats of -1 to 1, or 16-bit integers")
    values = pc.if_else(pc.is_finite(values), values, scalar(0.0, pa.float64()))
    ends = pc.min_max(values).as_py()
    notes: tuple[str, ...] = ()
    if ends["min"] < -1 or ends["max"] > 1:
        notes = (f"has samples from {ends['min']:g} to {ends['max']:g}, cut at -1 and 1; divide them by their largest",)
        values = pc.min_element_wise(values, scalar(1.0, pa.float64()))
        values = pc.max_element_wise(values, scalar(-1.0, pa.float64()))
    words = pc.round(pc.multiply(values, scalar(_LARGEST, pa.float64()))).cast(pa.int16())
    return words.buffers()[1].to_pybytes()[: 2 * len(words)], notes


def _taken(source: Any) -> Array | bytes:
    if isinstance(source, (str, os.PathLike, bytes, bytearray, io.IOBase)):
        return take_bytes(source, "a sound")
    if is_array(source):
        return take_array(source)
    raise InvalidValue(f"is {brief(source)}; pass an array of samples with sample_rate=, a path or bytes")


def _film(source: Any) -> bytes:
    if is_array(source):
        raise InvalidValue(
            "is an array; write it to an MP4 file first (imageio.mimwrite(path, frames, fps=10)) and pass the path"
        )
    return take_bytes(source, "a film")
