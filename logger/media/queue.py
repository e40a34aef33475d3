"""Media between `log()` and the spool: taken on the training thread, encoded in the background."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ...schema.errors import InvalidName, InvalidValue
from ...schema.media.kinds import TEXT
from ...schema.media.rows import FILE_BYTES, INLINE_BYTES, MediaRow
from ...schema.names import MAX_TEXT_CHARS, check_metric, without_label
from ...schema.values import storable
from ..native import RLock
from .item import Encoded, Media, said
from .sources import too_large

WAITING_BYTES: Final = 256 * 2**20
"""So much may wait for its encoding; further items are refused, counted and told."""
SLICE_SECONDS: Final = 0.2
"""Encoding stops after so long, for what is done to be spooled."""
MAX_CAPTION_CHARS: Final = MAX_TEXT_CHARS
_OWN_BYTES: Final = 500


@dataclass(frozen=True, slots=True)
class _Logged:
    """One item and where it belongs."""

    key: str
    step: int
    index: int
    timestamp: int
    dataset: str | None
    item: Media
    nbytes: int


class MediaQueue:
    """Items on their way to bytes. Safe for any number of threads; `encode` is called by one at a time.

    Args:
        complain: told (message, what it is about) of what can't be kept; the same thing comes once.
        now: seconds since 1970.
    """

    def __init__(self, complain: Callable[[str, str], None], *, now: Callable[[], float] = time.time) -> None:
        self._complain = complain
        self._now = now
        # A signal's handler may log while a call is under way in this thread.
        self._lock = RLock()
        self._waiting: deque[_Logged] = deque()
        self._encoded: list[MediaRow] = []
        self._bytes = 0
        self._full = ""
        self.refused = 0
        """Items that could not be kept."""

    @property
    def waits(self) -> bool:
        """Whether anything is to be encoded."""
        return bool(self._waiting)

    @property
    def left(self) -> int:
        """Items that are in no spool yet."""
        return len(self._waiting) + len(self._encoded)

    def put(
        self, media: Mapping[str, list[Media]], *, step: int, dataset: str | None, when: float | None = None
    ) -> None:
        """Take what was logged under each key at a step. Microseconds, whatever its size; never raises."""
        at = int((self._now() if when is None else when) * 1000)
        for given, items in media.items():
            key = self._key(given)
            if key is None:
                self.refused += len(items)
                continue
            for index, item in enumerate(items):
                size = item.nbytes + _OWN_BYTES
                full = self._full or (self._bytes + size > WAITING_BYTES and _CROWDED)
                if full:
                    self.refused += len(items) - index
                    self._complain(f"media {key!r}: {full}", "media are refused")
                    break
                with self._lock:
                    self._bytes += size
                    self._waiting.append(_Logged(key, step, index, at, dataset, item, size))

    def refuse(self, why: str) -> None:
        """Refuse items from now on, saying why; with an empty text take them again."""
        self._full = why

    def encode(self, seconds: float = SLICE_SECONDS) -> None:
        """Encode what waits, for about so long; an item that can't be costs itself and a warning. Raises nothing."""
        end = time.monotonic() + seconds
        while self._waiting:
            with self._lock:
                logged = self._waiting[0]
            row = self._row(logged)
            with self._lock:
                self._waiting.popleft()
                self._bytes -= logged.nbytes
                if row is not None:
                    self._encoded.append(row)
            if time.monotonic() >= end:
                return

    def take(self) -> list[MediaRow]:
        """What was encoded since the last call, in the order in which it was logged; not numbered yet."""
        with self._lock:
            rows, self._encoded = self._encoded, []
        return rows

    def drop(self) -> int:
        """Give up what is not encoded, since there is no more time; how many items that is."""
        with self._lock:
            count = len(self._waiting)
            self._waiting.clear()
            self._bytes = 0
        self.refused += count
        return count

    def _key(self, given: str) -> str | None:
        key = without_label(given)
        try:
            return check_metric(key, what="media")
        except InvalidName as bad:
            self._complain(str(bad), f"media {key}")
            return None

    def _row(self, logged: _Logged) -> MediaRow | None:
        key = logged.key
        try:
            encoded = logged.item.encode()
            caption = self._caption(key, logged.item.caption)
            row = _row_of(logged, encoded, caption)
        except InvalidValue as bad:
            self._lost(key, logged, f"{bad}; it is left out")
            return None
        except Exception as error:  # noqa: BLE001 - foreign objects raise anything; the training goes on
            self._lost(key, logged, f"could not be encoded ({said(error)}); it is left out")
            return None
        for note in encoded.notes:
            self._complain(f"media {key!r}: {_name(logged.item)} {note}", f"media {key} {note[:12]}")
        return row

    def _lost(self, key: str, logged: _Logged, why: str) -> None:
        self.refused += 1
        self._complain(
            f"media {key!r}: {_name(logged.item)} {why}", f"media {key} {type(logged.item).__name__} {why[:12]}"
        )

    def _caption(self, key: str, caption: str | None) -> str | None:
        if caption is None or len(caption) <= MAX_CAPTION_CHARS:
            return None if caption is None else storable(caption)
        self._complain(
            f"media {key!r}: a caption of {len(caption):,} characters is cut at {MAX_CAPTION_CHARS:,}; "
            "log longer texts as lakeboard.Text",
            f"media {key} caption",
        )
        return storable(caption[: MAX_CAPTION_CHARS - 1] + "…")


_CROWDED: Final = (
    f"more than {WAITING_BYTES / 2**20:.0f} MiB of media wait to be encoded; further ones are dropped and counted "
    "until that is done: log fewer of them, or smaller ones"
)


def _name(item: Media) -> str:
    name = type(item).__name__
    return "an item" if name == "Unknown" else f"the {name}"


def _row_of(logged: _Logged, encoded: Encoded, caption: str | None) -> MediaRow:
    text, data = encoded.text, encoded.data
    if text is not None:
        raw = text.encode("utf-8", "backslashreplace")
        if len(raw) > INLINE_BYTES:
            text, data = None, raw
    else:
        raw = data or b""
    if len(raw) > FILE_BYTES:
        raise too_large(len(raw), "an item")
    return MediaRow(
        key=logged.key,
        step=logged.step,
        index=logged.index,
        timestamp=logged.timestamp,
        seq=-1,
        kind=encoded.kind,
        media_type=encoded.media_type or TEXT,
        dataset=logged.dataset,
        caption=caption,
        width=encoded.width,
        height=encoded.height,
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        text=encoded.layers if encoded.layers is not None else text,
        layers=encoded.layer_count,
        thumb=encoded.thumb,
        data=data,
    )
